"""Attributions against finite differences, exact sums and scikit-learn."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression

from course_lib import nn
from course_lib.topics import explain

rng = np.random.default_rng(0)
NET = nn.Sequential(nn.Linear(4, 5, rng=rng, dtype=np.float64), nn.Tanh(), nn.Linear(5, 3, rng=rng, dtype=np.float64))
X, TARGET = rng.normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 2])


def chosen(x):
    return explain.logits_of(NET, x)[np.arange(len(x)), TARGET]


def test_input_gradient_is_the_slope_of_the_chosen_logit():
    found, h = explain.input_gradient(NET, X, TARGET), 1e-6
    slopes = [(chosen(X + h * e) - chosen(X - h * e)) / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(found, np.transpose(slopes), rtol=1e-6, atol=1e-8)


def test_integrated_gradients_add_up():
    baseline = np.full(4, 0.3)
    found = explain.integrated_gradients(lambda a: explain.input_gradient(NET, a, TARGET), X, baseline, 300)
    np.testing.assert_allclose(found.sum(1), chosen(X) - chosen(np.tile(baseline, (6, 1))), atol=1e-4)


def test_integrated_gradients_of_a_linear_function_need_one_step():
    w = np.array([1.0, -2.0, 3.0, 0.0])
    found = explain.integrated_gradients(lambda a: np.tile(w, (len(a), 1)), X, 0.0, 1)
    np.testing.assert_allclose(found, w * X)


def test_occlusion_of_a_sum_is_the_patch_sum():
    image = rng.random((5, 6))
    found = explain.occlusion(lambda a: a.sum((1, 2)), image, 2)
    right = [[image[i : i + 2, j : j + 2].sum() for j in range(5)] for i in range(4)]
    np.testing.assert_allclose(found, right)


def test_permutation_importance_agrees_with_scikit_learn():
    x = rng.normal(size=(400, 3))
    y = x @ [2.0, 0.5, 0.0] + 0.1 * rng.normal(size=400)
    model = LinearRegression().fit(x, y)
    ours = explain.permutation_importance(model.score, x, y, np.random.default_rng(1), 40)
    theirs = permutation_importance(model, x, y, n_repeats=40, random_state=0)
    np.testing.assert_allclose(ours.mean(1), theirs.importances_mean, rtol=0.05, atol=0.002)


def test_best_temperature_is_the_minimum():
    logits, y = 4 * rng.normal(size=(200, 3)), rng.integers(0, 3, 200)
    logits[np.arange(200), y] += 3
    loss = lambda t: explain.negative_log_likelihood(logits, y, t)  # noqa: E731
    right = minimize_scalar(loss, bounds=(0.2, 20), method="bounded").x
    assert abs(explain.best_temperature(logits, y, np.linspace(0.2, 20, 400)) - right) < 0.05


@pytest.mark.parametrize(("call", "message"), [
    (lambda: explain.integrated_gradients(lambda a: a, X, 0.0, 0), "steps must be at least 1"),
    (lambda: explain.occlusion(lambda a: a, np.zeros((3, 3)), 4), r"1\.\.3"),
    (lambda: explain.permutation_importance(lambda a, b: 0, X, TARGET, rng, 0), "repeats must be"),
    (lambda: explain.negative_log_likelihood(X, TARGET, 0), "temperature must be above 0"),
    (lambda: explain.best_temperature(X, TARGET, []), "grid is empty"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
