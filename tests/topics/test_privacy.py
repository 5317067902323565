"""Noise of the right size, clipped gradients equal to the tape's, the accountant, and what leaks."""

import numpy as np
import pytest

from course_lib import losses, nn
from course_lib.autograd import Tensor
from course_lib.topics import attacks, canary, privacy

rng = np.random.default_rng(0)
X, Y, W = rng.normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 2]), rng.normal(size=(3, 4))


def test_laplace_noise_has_the_scale_of_the_theory():
    values = np.full(100, 0.5)
    error = [privacy.laplace_mean(values, 0.5, rng) - 0.5 for _ in range(20_000)]
    assert abs(np.mean(np.abs(error)) / (1 / (100 * 0.5)) - 1) < 0.03
    assert abs(np.mean(error)) < 0.001


def test_values_are_clipped_before_the_mean():
    values = np.array([0.0, 1e9])
    assert abs(np.median([privacy.laplace_mean(values, 100, rng) for _ in range(500)]) - 0.5) < 0.01


def test_per_sample_gradients_are_the_tapes():
    for x, y, row in zip(X, Y, privacy.softmax_gradients(W, X, Y), strict=True):
        weight = Tensor(W, requires_grad=True)
        losses.cross_entropy(Tensor(x[None]) @ weight.T, y[None]).backward()
        np.testing.assert_allclose(row.reshape(3, 4), weight.grad, rtol=1e-10)


def test_clipping_keeps_direction_and_short_gradients():
    gradients = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    np.testing.assert_allclose(privacy.clip_per_sample(gradients, 1.0), [[0.6, 0.8], [0.3, 0.4], [0, 0]])


def test_dp_sgd_without_noise_and_with_all_samples_is_clipped_gradient_descent():
    weight = np.zeros((3, 4))
    for _ in range(3):
        step = privacy.clip_per_sample(privacy.softmax_gradients(weight, X, Y), 0.5).sum(0)
        weight = weight - 0.5 * step.reshape(3, 4) / 6
    found = privacy.dp_sgd(X, Y, 3, rng, noise=0, bound=0.5, rate=1.0, steps=3, lr=0.5)
    np.testing.assert_allclose(found, weight, rtol=1e-12)


def test_dp_sgd_adds_noise_of_size_noise_times_bound():
    steps = [privacy.dp_sgd(X, Y, 3, np.random.default_rng(s), noise=50, bound=0.5, rate=1.0, steps=1, lr=6)
             for s in range(300)]  # fmt: skip
    assert abs(np.std(steps) / (50 * 0.5) - 1) < 0.05  # lr / N = 1


def test_the_accountant():
    """The whole data set in one step: the Gaussian mechanism's Rényi bound, minimised over the orders by hand."""
    pytest.importorskip("dp_accounting")
    orders, delta = np.arange(2, 129), 1e-5
    rough = (orders / (2 * 4.0**2) + np.log(1 / delta) / (orders - 1)).min()
    found = privacy.spent_epsilon(4.0, 1.0, 1, delta)
    assert 0.7 * rough < found <= rough
    assert privacy.spent_epsilon(2.0, 0.05, 200, 1e-4) < privacy.spent_epsilon(1.0, 0.05, 200, 1e-4)
    assert privacy.spent_epsilon(2.0, 0.05, 200, 1e-4) < privacy.spent_epsilon(2.0, 0.05, 400, 1e-4)


def test_without_the_accountant_it_says_how_to_get_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    with pytest.raises(ImportError, match="pip install dp-accounting"):
        privacy.spent_epsilon(1.0, 0.1, 10, 1e-5)


def test_exposure_of_first_and_last():
    assert privacy.exposure(np.arange(16.0), 0) == 4
    assert privacy.exposure(np.arange(16.0), 15) == 0


def test_exposure_by_chance_is_small():
    assert np.mean([privacy.exposure(rng.random(1000), 7) for _ in range(2000)]) < 1.6


def test_secret_losses_are_sums_of_log_probabilities():
    model = canary.char_model(np.random.default_rng(0))
    found = canary.secret_losses(model, digits=3)
    text = canary.encode(canary.SENTENCE.format("407"))
    start, total = len("my pin is "), 0.0
    for i in range(3):
        log_p = nn.Sequential(*model)(Tensor(text[None, start + i - canary.CONTEXT : start + i])).data
        total -= (log_p - np.log(np.exp(log_p).sum()))[0, text[start + i]]
    assert found.shape == (1000,)
    np.testing.assert_allclose(found[407], total, rtol=1e-5)


def test_the_canary_is_inserted_as_often_as_said():
    text = canary.insert("one two three four " * 50, "4071", 7, rng)
    assert text.count("my pin is 4071.") == 7


NET = nn.Sequential(nn.Linear(4, 8, rng=rng), nn.ReLU(), nn.Linear(8, 3, rng=rng))
INSIDE = rng.random((6, 4)).astype(np.float32)


def test_fgsm_moves_by_epsilon_and_raises_the_loss():
    moved = attacks.fgsm(NET, INSIDE, Y, 0.05)
    assert np.abs(moved - INSIDE).max() <= 0.05 + 1e-6
    assert moved.min() >= 0
    assert moved.max() <= 1
    before, after = (losses.cross_entropy(NET(Tensor(x)), Y).item() for x in (INSIDE, moved))
    assert after > before


def test_one_gradient_gives_the_input_back():
    NET.zero_grad()
    losses.cross_entropy(NET(Tensor(INSIDE[:1])), Y[:1]).backward()
    np.testing.assert_allclose(attacks.invert_linear(NET[0].weight.grad, NET[0].bias.grad), INSIDE[0], rtol=1e-4)


def test_sample_losses_average_to_the_loss():
    logits = rng.normal(size=(6, 3))
    np.testing.assert_allclose(attacks.sample_losses(logits, Y).mean(), losses.cross_entropy(logits, Y), rtol=1e-12)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: privacy.laplace_mean([0.5], 0, rng), "epsilon must be above 0"),
    (lambda: privacy.laplace_mean([], 1, rng), "0 values"),
    (lambda: privacy.clip_per_sample(X, 0), "bound must be above 0"),
    (lambda: privacy.dp_sgd(X, Y, 3, rng, noise=-1), "noise must be at least 0"),
    (lambda: attacks.fgsm(NET, INSIDE, Y, -0.1), "epsilon must be at least 0"),
    (lambda: attacks.invert_linear(np.ones((2, 3)), np.zeros(2)), "all bias gradients are 0"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
