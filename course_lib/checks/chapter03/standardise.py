"""3.1 Standardise with the training rows' statistics."""

import numpy as np

from course_lib.data.preprocess import StandardScaler

from ..spec import Exercise, Mistake, numbers


def standardise(train, test):
    """(train, test), arrays (N, D) and (M, D): each column by the training rows' mean and deviation.

    Subtract their mean and divide by their standard deviation (ddof=0). A column constant there is only shifted.
    """
    mean, sd = train.mean(axis=0), train.std(axis=0)
    sd = np.where(sd == 0, 1.0, sd)
    return (train - mean) / sd, (test - mean) / sd


def reference(train, test):
    """The library's step."""
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def cases(rng):
    """Columns of different scales; some are constant."""
    for n, m, d in ((2, 1, 1), (3, 2, 1), (4, 2, 2), (5, 3, 2), (6, 2, 3)):
        scale = 10.0 ** rng.integers(-1, 3, d)
        yield numbers(rng, n, d) * scale + 5, numbers(rng, m, d) * scale + 7
    constant = numbers(rng, 4, 2)
    constant[:, 0] = 3.0
    yield constant, numbers(rng, 2, 2)


def in_place(train, test):
    """Right, but both arrays are overwritten."""
    mean, sd = train.mean(axis=0), train.std(axis=0)
    sd[sd == 0] = 1
    train -= mean
    train /= sd
    test -= mean
    test /= sd
    return train, test


def twice_scaled(train, test):
    """S4's order: the training rows are scaled first, and what is left of their statistics is used for the test."""
    train = (train - train.mean()) / train.std()
    return train, (test - train.mean()) / train.std()


STATS, GUARD = "train.mean(axis=0), train.std(axis=0)", "sd = np.where(sd == 0, 1.0, sd)"
TEST = "(test - mean) / sd"

EXERCISE = Exercise(
    id="3.1",
    title="Standardise without leaking",
    answer=standardise,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[1.0], [3.0]]), np.array([[5.0]])),
        (np.array([[0.0, 10.0], [2.0, 30.0]]), np.array([[1.0, 20.0], [4.0, 0.0]])),
        (np.array([[2.0, 1.0], [2.0, 5.0]]), np.array([[3.0, 3.0]])),  # a constant column
        (np.array([[-1e4, 1e-3], [1e4, 3e-3]]), np.array([[0.0, 0.0]])),
    ),
    mistakes=(
        Mistake("own-statistics", {TEST: "(test - test.mean(0)) / np.where(test.std(0) == 0, 1, test.std(0))"},
                "The test rows are scaled with their own mean and deviation. In use rows come one by one: take the "
                "training rows' numbers."),
        Mistake("all-rows", {STATS: "np.vstack([train, test]).mean(axis=0), np.vstack([train, test]).std(axis=0)"},
                "Mean and deviation are taken over training and test rows together: the test rows have leaked into "
                "the preparation."),
        Mistake("as-printed", twice_scaled,
                "This is the order of S4's listing. The training rows are already scaled when their mean is taken for "
                "the test rows, so those stay as they were; and one number serves all columns."),
        Mistake("test-raw", {TEST: "test.copy()"}, "The test rows come back as they were: not scaled, or "
                "with mean and deviation of training rows that have been scaled already."),
        Mistake("one-number", {STATS: "np.full(train.shape[1], train.mean()), np.full(train.shape[1], train.std())"},
                "One mean and one deviation for all columns: a column of large numbers drowns the others. Use axis=0."),
        Mistake("by-row", {STATS: "train.mean(axis=1).mean(), train.std(axis=1).mean()"},
                "axis=1 runs along a row. A column's mean runs down the rows: axis=0."),
        Mistake("sample-sd", {"train.std(axis=0)": "train.std(axis=0, ddof=1)"},
                "The deviation is divided by N - 1. scikit-learn and this course divide by N (ddof=0)."),
        Mistake("variance", {"train.std(axis=0)": "train.var(axis=0)"},
                "It divides by the variance; divide by its square root."),
        Mistake("no-guard", {GUARD: "sd = sd * 1.0"},
                "A constant column has deviation 0, and 0/0 is nan. Divide such a column by 1."),
        Mistake("epsilon", {GUARD: "sd = sd + 1e-8"},
                "A small number is added to the deviation. That changes every value a little, and a constant column's "
                "new values hugely. Where the deviation is 0, use 1."),
        Mistake("only-centred", {"(train - mean) / sd": "train - mean", TEST: "test - mean"},
                "The columns are centred, but not divided by their deviation."),
        Mistake("not-centred", {"(train - mean) / sd": "train / sd", TEST: "test / sd"},
                "The columns are divided by their deviation, but not centred first."),
        Mistake("min-max", {STATS: "train.min(axis=0), np.ptp(train, axis=0)"},
                "This is min-max scaling, to the range 0 to 1. Asked for are mean 0 and deviation 1."),
        Mistake("swapped", {"(train - mean) / sd, (test - mean) / sd": "(test - mean) / sd, (train - mean) / sd"},
                "The right two arrays, in the wrong order: training rows first."),
        Mistake("writes-input", in_place),
    ),
    right=(
        lambda train, test: tuple((a - train.mean(0)) / np.where(np.ptp(train, 0) == 0, 1, train.std(0))
                                  for a in (train, test)),
        lambda train, test: [a @ np.diag(1 / np.where(train.std(0) == 0, 1, train.std(0)))
                             - train.mean(0) / np.where(train.std(0) == 0, 1, train.std(0)) for a in (train, test)],
    ),
    hints=(
        "Everything that is learnt from data is learnt from the training rows: here a mean and a deviation per column.",
        "train.mean(axis=0) and train.std(axis=0) have one number per column; broadcasting does the rest.",
        "(train - mean) / sd and (test - mean) / sd, with sd set to 1 where it is 0.",
    ),
    minutes=8,
    difficulty=1,
    claims=("S2-3.1-normalisation", "S3-3.2-data", "S4-3.2-preprocess"),
    returns=("train", "test"),
)
