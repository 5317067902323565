"""Text as numbers, a model that learns, and power laws against SciPy's curve_fit."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from course_lib import losses
from course_lib.autograd import Tensor
from course_lib.topics import scaling

SIZES = np.array([700.0, 950.0, 1500.0, 2500.0, 4600.0])
TEXT = "the cat sat on the mat, and the dog sat on the log.\n" * 20


def test_there_and_back():
    assert scaling.decode(scaling.encode("Yes, 3 cats\n猫 sat!")) == "yes,  cats\n sat!"
    assert scaling.encode("").shape == (0,)


def test_windows_by_hand():
    x, y = scaling.windows(np.arange(5), context=3)
    assert x.tolist() == [[0, 1, 2], [1, 2, 3]]
    assert y.tolist() == [3, 4]
    x, y = scaling.windows(np.arange(20), starts=[4, 0], context=2)
    assert (x.tolist(), y.tolist()) == ([[4, 5], [0, 1]], [6, 2])


def test_the_models_size():
    model, k = scaling.next_character_model(16, width=12), len(scaling.ALPHABET)
    assert sum(p.size for p in model.parameters()) == 12 * k + (8 * 12 + 1) * 16 + 17 * k
    assert model(Tensor(np.zeros((3, scaling.CONTEXT), int))).shape == (3, k)


def test_training_beats_the_frequencies_and_repeats_itself():
    ids = scaling.encode(TEXT)
    x, y = scaling.windows(ids)
    share = np.bincount(ids) / len(ids)
    found = []
    for _ in range(2):
        model = scaling.next_character_model(16, seed=3)
        trainer = scaling.next_character_trainer(model, ids, steps=60, batch_size=32, seed=3)
        trainer.run(1)
        found.append(losses.cross_entropy(model(Tensor(x)), y).item())
    assert found[0] == found[1]
    assert found[0] < 0.5 * -np.log(share[y]).mean()
    assert trainer.step_count == 60
    assert trainer.optimizer.lr < 1e-4  # the cosine has come down


def test_a_line_is_found_again_and_agrees_with_scipy():
    a, b = scaling.fit_line(SIZES, scaling.power_law(SIZES, 5.0, 0.1))
    assert (a, b) == pytest.approx((5.0, 0.1))
    noisy = scaling.power_law(SIZES, 5.0, 0.1) * np.random.default_rng(0).uniform(0.95, 1.05, 5)
    (log_a, slope), _ = curve_fit(lambda x, u, v: u - v * x, np.log(SIZES), np.log(noisy))
    assert scaling.fit_line(SIZES, noisy) == pytest.approx((np.exp(log_a), slope), rel=1e-5)


@pytest.mark.parametrize("true", [(100.0, 0.8, 2.4), (20.0, 0.4, 1.5)])
def test_a_power_law_with_a_floor_is_found_again(true):
    fit = scaling.fit_power_law(SIZES, scaling.power_law(SIZES, *true))
    assert fit[1:] == pytest.approx(true[1:], rel=0.01)
    at = scaling.power_law(9000, *fit)
    assert at == pytest.approx(scaling.power_law(9000, *true), abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_never_worse_than_scipy(seed):
    loss = scaling.power_law(SIZES, 100.0, 0.8, 2.4) + np.random.default_rng(seed).normal(0, 0.005, 5)
    ours = scaling.fit_power_law(SIZES, loss)
    theirs, _ = curve_fit(lambda n, a, b, c: a * (n / 1000) ** -b + c, SIZES, loss, p0=(0.4, 0.8, 2.4),
                          bounds=([0, 1e-4, 0], [np.inf, 3, np.inf]), max_nfev=20_000)  # fmt: skip
    error = np.sum((scaling.power_law(SIZES, *ours) - loss) ** 2)
    other = np.sum((scaling.power_law(SIZES / 1000, *theirs) - loss) ** 2)
    assert error <= other * 1.001 + 1e-9


def test_a_floor_is_never_negative():
    a, _, c = scaling.fit_power_law(SIZES, 10 - np.log(SIZES))
    assert a >= 0
    assert c >= 0


def test_the_bootstrap_covers_and_narrows():
    rng, truth = np.random.default_rng(0), scaling.power_law(9000, 100.0, 0.8, 2.4)
    width = {}
    for noise in (0.002, 0.02):
        table = scaling.power_law(SIZES, 100.0, 0.8, 2.4)[:, None] + rng.normal(0, noise, (5, 6))
        draws = scaling.bootstrap_power_law(SIZES, table, 9000, 60, rng)
        low, high = np.percentile(draws, [1, 99])
        assert low - noise <= truth <= high + noise
        width[noise] = high - low
    assert width[0.002] < width[0.02] / 3


@pytest.mark.parametrize(("call", "message"), [
    (lambda: scaling.windows(np.arange(8)), "the text has 8 characters, a window needs 9"),
    (lambda: scaling.fit_line([1, 2], [1, 2, 3]), "as many losses as sizes"),
    (lambda: scaling.fit_line([1], [1]), "at least 2"),
    (lambda: scaling.fit_power_law([1, 2], [1, 2]), "at least 3"),
    (lambda: scaling.fit_line([1, 2], [1, -1]), "must be positive"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
