"""Splits share no row, lose none, and keep the mix of labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.data.splitting import random_split, stratified_split

FRACTIONS = st.sampled_from([(0.8, 0.2), (0.6, 0.2, 0.2), (0.5, 0.5), (0.1, 0.2, 0.3, 0.4), (1.0,)])


@given(counts=st.lists(st.integers(4, 60), min_size=1, max_size=5), fractions=FRACTIONS, seed=st.integers(0, 2**32))
def test_disjoint_complete_and_stratified(counts, fractions, seed):
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    parts = stratified_split(labels, fractions, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - fraction * len(labels)) <= 1
        for label, count in enumerate(counts):
            assert abs((labels[part] == label).sum() - fraction * count) < 2
    again = stratified_split(labels, fractions, seed)
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))


@given(n=st.integers(0, 200), fractions=FRACTIONS)
def test_random_split(n, fractions):
    parts = random_split(n, fractions)
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    assert all(abs(len(part) - fraction * n) <= 1 for part, fraction in zip(parts, fractions, strict=True))


def test_every_row_is_as_likely_in_every_part():
    labels = np.repeat(["a", "b"], [30, 10])
    counts = sum(np.isin(np.arange(40), stratified_split(labels, (0.75, 0.25), seed)[1]) for seed in range(2000))
    assert np.abs(counts / 2000 - 0.25).max() < 0.05


def test_seeds_differ():
    assert not np.array_equal(random_split(100, seed=0)[0], random_split(100, seed=1)[0])


@pytest.mark.parametrize(
    ("labels", "fractions", "message"),
    [
        ([0, 1] * 9, (0.5, 0.6), r"add up to 1, got \(0.5, 0.6\)"),
        ([0, 1] * 9, (1.2, -0.2), "positive"),
        (["a"] * 9 + ["b"], (0.8, 0.2), "label 'b' has 1 rows for 2 parts"),
        ([[0], [1]], (0.5, 0.5), r"one per row, got shape \(2, 1\)"),
    ],
)
def test_errors(labels, fractions, message):
    with pytest.raises(ValueError, match=message):
        stratified_split(labels, fractions)
