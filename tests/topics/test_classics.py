"""The classic results hold where they must."""

import numpy as np
import pytest

from course_lib.topics import classics


def test_more_units_fit_better():
    errors = [classics.worst_error(width) for width in (2, 8, 24)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-3


def test_the_perceptron_finds_a_separating_plane_within_novikoffs_bound():
    x = np.array([[1.0, 2.0], [2.0, 1.0], [-1.0, -1.5], [-2.0, -1.0]])
    y = np.array([1, 1, -1, -1])
    counts = classics.mistakes(x, y)
    direction = np.ones(2) / np.sqrt(2)
    bound = ((x**2).sum(1).max()) / (np.abs(x @ direction).min() ** 2)
    assert counts[-1] == 0
    assert sum(counts) <= bound


def test_the_perceptron_never_settles_on_xor():
    x = np.array([[1.0, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])
    assert min(classics.mistakes(x, np.array([-1, 1, 1, -1]), epochs=30)) > 0


@pytest.mark.parametrize("degree", [1, 3, 6])
def test_the_parts_of_the_error_add_up_and_the_variance_is_the_theory_s(degree):
    bias, variance, noise, error = classics.bias_variance(degree)
    assert bias + variance + noise == pytest.approx(error, rel=0.05)
    assert variance == pytest.approx(noise * (degree + 1) / 30, rel=0.35)  # σ² p / n on the training points


def test_a_shift_by_one_pixel_hurts():
    still, moved = classics.shift_scores(0)
    assert still > 0.9
    assert moved < still - 0.2
