"""Baselines agree with scikit-learn; normalising and leaks by hand."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from course_lib.topics import judging


def test_majority_is_scikit_learns_dummy():
    rng = np.random.default_rng(0)
    for _ in range(20):
        train, test = rng.integers(0, 4, 12), rng.integers(0, 4, 30)
        dummy = DummyClassifier(strategy="most_frequent").fit(train[:, None], train)
        assert judging.majority_accuracy(train, test) == pytest.approx(dummy.score(test[:, None], test))


@pytest.mark.parametrize(("answer", "accepted", "same"), [
    ("The Eiffel Tower!", ["eiffel tower"], True), ("theatre", ["atre"], False), ("Paris, France", ["Paris"], False),
    ("42", ["41", "42."], True), ("", [], False),
])  # fmt: skip
def test_exact_match(answer, accepted, same):
    assert judging.exact_match(answer, accepted) is same


def test_leaking_counts_samples_with_relatives_elsewhere():
    assert judging.leaking([0, 0, 1, 1], [0, 0, 1, 1]) == 0
    assert judging.leaking([0, 0, 0, 1], [0, 0, 1, 1]) == 3
    with pytest.raises(ValueError, match=r"\(N,\)"):
        judging.leaking([0, 1], [0])


def test_the_best_guesser_is_no_better_on_fresh_rows():
    runs = np.array([judging.best_of_guessers(200, 50, np.random.default_rng(seed)) for seed in range(300)])
    assert runs[:, 0].mean() > 0.65
    assert abs(runs[:, 1].mean() - 0.5) < 0.02
