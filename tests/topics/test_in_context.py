"""Ridge agrees with scikit-learn; the layer with a sum written out; the error falls with examples."""

import numpy as np
from sklearn.linear_model import Ridge

from course_lib.topics import in_context

RNG = np.random.default_rng(0)


def test_ridge_is_scikit_learns():
    x, y, query, _ = in_context.tasks(3, 6, 2, RNG, 0.3)
    found = in_context.ridge(x, y, query, 0.7)
    right = [Ridge(alpha=0.7, fit_intercept=False).fit(a, b).predict(q[None])[0]
             for a, b, q in zip(x, y, query, strict=True)]
    np.testing.assert_allclose(found, right, rtol=1e-4)


def test_the_layer_is_a_weighted_sum_of_answers():
    x, y, query, _ = in_context.tasks(3, 5, 2, RNG)
    model = in_context.LinearAttention(2, rng=RNG)
    scores = np.einsum("bd,de,bne->bn", query, model.match.data, x)
    np.testing.assert_allclose(model(x, y, query).data, (scores * y).sum(1) / (5 + 1), rtol=1e-4, atol=1e-6)


def test_without_examples_the_answer_is_zero():
    x, y, query, _ = in_context.tasks(3, 0, 2, RNG)
    assert (in_context.LinearAttention(2, rng=RNG)(x, y, query).data == 0).all()


def test_the_answer_belongs_to_the_task():
    x, y, query, answer = in_context.tasks(4, 3, 2, RNG)
    w = np.linalg.lstsq(x[0], y[0], rcond=None)[0]
    np.testing.assert_allclose(query[0] @ w, answer[0], rtol=1e-3)


def test_more_examples_less_error():
    model = in_context.train(3, 1, steps=200)
    errors = [in_context.error(model, n, 3, np.random.default_rng(2)) for n in (0, 4, 16)]
    assert errors[0] > errors[1] > errors[2]
