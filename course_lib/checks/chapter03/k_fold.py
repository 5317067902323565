"""3.3 The folds of a cross-validation."""

import numpy as np

from course_lib.model_selection import k_fold as library

from ..spec import Exercise, Mistake


def k_fold(n, k):
    """List of k pairs (train, test) of ascending row numbers.

    The test parts are runs of neighbours from 0 to n - 1; their sizes differ by at most 1, the larger ones first.
    """
    rows, start, pairs = np.arange(n), 0, []
    for i in range(k):
        stop = start + n // k + (i < n % k)
        test = rows[start:stop]
        pairs.append((np.setdiff1d(rows, test), test))
        start = stop
    return pairs


def reference(n, k):
    """The library's, without shuffling; as lists, so that lists are as welcome as arrays."""
    return [(train.tolist(), test.tolist()) for train, test in library(n, k)]


def cases(rng):
    """Sizes that k divides and sizes that it does not."""
    for n, k in ((2, 2), (4, 2), (6, 3), (5, 2), (7, 3), (10, 5), (11, 4)):
        yield n, k
    for k in rng.permutation([3, 4, 5]).tolist():
        yield int(k * rng.integers(4, 8) + rng.integers(1, k)), k


def same_every_time(n, k):
    """The first fold again and again."""
    return list(library(n, k))[:1] * k


def floor_only(n, k):
    """The rows that are left over are tested by nobody."""
    rows, size = np.arange(n), n // k
    return [(np.setdiff1d(rows, rows[i * size : (i + 1) * size]), rows[i * size : (i + 1) * size]) for i in range(k)]


def rest_at_the_end(n, k):
    """The rows that are left over all go into the last fold."""
    rows, size = np.arange(n), n // k
    tests = [rows[i * size : (i + 1) * size if i < k - 1 else n] for i in range(k)]
    return [(np.setdiff1d(rows, test), test) for test in tests]


def ceiling(n, k):
    """Folds of the rounded-up size, and a short last one."""
    rows, size = np.arange(n), -(-n // k)
    tests = [rows[i * size : (i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(rows, test), test) for test in tests]


def every_kth(n, k):
    """Every k-th row."""
    rows = np.arange(n)
    return [(rows[rows % k != i], rows[rows % k == i]) for i in range(k)]


SIZE, PAIR = "start + n // k + (i < n % k)", "(np.setdiff1d(rows, test), test)"

EXERCISE = Exercise(
    id="3.3",
    title="The folds of a cross-validation",
    answer=k_fold,
    reference=reference,
    cases=cases,
    edges=((2, 2), (3, 2), (5, 5), (8, 3), (20, 7)),
    mistakes=(
        Mistake("tests-swapped", {PAIR: "(test, np.setdiff1d(rows, test))"},
                "Train and test have changed places: of k parts one is for testing."),
        Mistake("leaks", {PAIR: "(rows, test)"},
                "Every model is trained on all rows, its test part included. Leave the test part out."),
        Mistake("same-fold", same_every_time, "All k test parts are the same rows. Each row must be tested once."),
        Mistake("rows-lost", floor_only,
                "n // k rows in each test part leave some rows that are never tested. Give the first n % k parts one "
                "more."),
        Mistake("rest-at-the-end", rest_at_the_end,
                "All rows that are left over go into the last test part. Sizes may differ by 1 only: the first n % k "
                "parts get one more."),
        Mistake("rounded-up", ceiling,
                "The parts have the rounded-up size, so the last is short or empty. The first n % k parts get one more "
                "than n // k."),
        Mistake("every-kth", every_kth,
                "The test parts are every k-th row. That is a fine way to do it; asked for are runs of neighbours."),
        Mistake("larger-last", {"(i < n % k)": "(i >= k - n % k)"},
                "The larger parts come last; here they come first, as in scikit-learn."),
        Mistake("tests-only", {PAIR: "test"}, "Only the test parts are returned; a fold is a pair (train, test)."),
        Mistake("one-fold-less", {"range(k)": "range(k - 1)"}, "The last fold is missing: there are k of them."),
        Mistake("starts-at-one", {"np.arange(n), 0, []": "np.arange(1, n + 1), 0, []"},
                "Row numbers begin at 0 and end at n - 1."),
        Mistake("no-step", {"start = stop": "start = stop - 1"},
                "The test parts overlap by a row: the next begins where this one stopped."),
    ),
    right=(
        lambda n, k: [(np.setdiff1d(np.arange(n), part), part) for part in np.array_split(np.arange(n), k)],
        lambda n, k: [[np.array([j for j in range(n) if j not in part]), part]
                      for part in np.array_split(np.arange(n), k)],
    ),
    hints=(
        "Which sizes do the k test parts have, if n is not a multiple of k?",
        "n // k rows each, and one more for the first n % k of them. The training rows are all the others.",
        "np.array_split(np.arange(n), k) makes exactly these test parts; np.setdiff1d(rows, test) gives the others.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S2-3.4-cross-validation",),
)
