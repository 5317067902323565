"""Intervals cover what they promise, and say no to what cannot be."""

import math

import numpy as np
import pytest

from course_lib import metrics


@pytest.mark.parametrize(("correct", "n"), [(3, 2), (-1, 2), (0, 0)])
def test_an_impossible_count_is_refused(correct, n):
    with pytest.raises(ValueError, match=f"got {correct} and {n}"):
        metrics.wilson_interval(correct, n)


def test_wilson_covers_19_times_in_20():
    seen = np.random.default_rng(0).binomial(50, 0.9, 4000)
    low, high = np.transpose([metrics.wilson_interval(int(k), 50) for k in seen])
    assert 0.93 < np.mean((low < 0.9) & (high > 0.9)) < 0.98


def test_the_bootstrap_covers_a_known_mean():
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(100):
        low, high = metrics.bootstrap_interval(np.mean, rng.normal(3, 1, 40), n=300, seed=seed)
        inside += low <= 3 <= high
    assert 85 <= inside <= 100


def test_nothing_has_no_interval():
    assert all(map(math.isnan, metrics.share_interval([])))
    assert all(map(math.isnan, metrics.bootstrap_interval(np.mean, [])))
