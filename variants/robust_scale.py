"""3.1v A variant of 3.1: scale with the training rows' median and quartiles."""

import numpy as np

from course_lib.checks.spec import Exercise, Mistake, numbers


def robust_scale(train, test):
    """(train, test), arrays (N, D) and (M, D): each column minus the training rows' median, over their gap.

    The gap is the 75 % quantile minus the 25 % quantile (np.quantile) of the column's training rows. A column
    whose gap is 0 is only shifted.
    """
    middle = np.median(train, axis=0)
    gap = np.quantile(train, 0.75, axis=0) - np.quantile(train, 0.25, axis=0)
    gap = np.where(gap == 0, 1.0, gap)
    return (train - middle) / gap, (test - middle) / gap


def reference(train, test):
    """Column by column, each quantile from the sorted values."""
    scaled = [np.empty(np.shape(part)) for part in (train, test)]
    for column in range(train.shape[1]):
        low, middle, high = (quantile(np.sort(train[:, column]), share) for share in (0.25, 0.5, 0.75))
        for part, out in zip((train, test), scaled, strict=True):
            out[:, column] = (part[:, column] - middle) / (high - low if high > low else 1.0)
    return tuple(scaled)


def quantile(ordered, share):
    """Between two neighbours, in proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def cases(rng):
    """Columns of different scales, skewed so that mean and median differ."""
    for n, m, d in ((3, 1, 1), (4, 2, 1), (5, 2, 2), (7, 3, 2), (8, 2, 3)):
        scale = 10.0 ** rng.integers(-1, 3, d)
        yield numbers(rng, n, d) ** 2 * scale + 5, numbers(rng, m, d) * scale + 7
    steady = numbers(rng, 6, 2) ** 2
    steady[1:5, 0] = 3.0  # the quartiles agree, though the column is not constant
    yield steady, numbers(rng, 2, 2)


def in_place(train, test):
    """Right, but the training rows are overwritten."""
    middle, gap = np.median(train, axis=0), np.subtract(*np.quantile(train, [0.75, 0.25], axis=0))
    gap = np.where(gap == 0, 1.0, gap)
    train -= middle
    train /= gap
    return train, (test - middle) / gap


MIDDLE = "np.median(train, axis=0)"
HIGH, LOW = "np.quantile(train, 0.75, axis=0)", "np.quantile(train, 0.25, axis=0)"
GAP, GUARD = f"{HIGH} - {LOW}", "np.where(gap == 0, 1.0, gap)"
TRAIN, TEST = "(train - middle) / gap", "(test - middle) / gap"

EXERCISE = Exercise(
    id="3.1v",
    title="Scale by median and quartiles",
    answer=robust_scale,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[1.0], [3.0], [9.0]]), np.array([[5.0]])),
        (np.array([[0.0, 10.0], [2.0, 30.0], [7.0, 90.0]]), np.array([[1.0, 20.0], [4.0, 0.0]])),
        (np.array([[2.0, 1.0], [2.0, 5.0], [2.0, 6.0]]), np.array([[3.0, 3.0]])),  # a constant column
        (np.array([[4.0], [4.0], [4.0], [4.0], [400.0]]), np.array([[5.0]])),  # constant but for one value
    ),
    mistakes=(
        Mistake("standardised", {MIDDLE: "train.mean(axis=0)", GAP: "train.std(axis=0)"},
                "This is the practised exercise: mean and standard deviation. Asked for are the median and the gap "
                "between the quartiles, which one large value hardly moves."),
        Mistake("mean", {MIDDLE: "train.mean(axis=0)"},
                "The mean is subtracted. Asked for is the median."),
        Mistake("deviation", {GAP: "train.std(axis=0)"},
                "It divides by the standard deviation. Asked for is the gap between the quartiles."),
        Mistake("range", {GAP: "np.ptp(train, axis=0)"},
                "It divides by the whole range, which one large value decides. Asked for is the gap between the "
                "quartiles."),
        Mistake("half-the-gap", {HIGH: MIDDLE},
                "The gap reaches from the lower quartile to the median only. It goes on to the upper quartile."),
        Mistake("all-rows", lambda a, b: tuple(np.split(robust_scale(np.vstack([a, b]), b)[0], [len(a)])),
                "Median and quartiles are taken over training and test rows together: the test rows have leaked into "
                "the preparation."),
        Mistake("own-statistics", lambda a, b: (robust_scale(a, b)[0], robust_scale(b, b)[0]),
                "The test rows are scaled with their own median and quartiles. Take the training rows' numbers."),
        Mistake("one-number", {MIDDLE: "np.median(train)", GAP: "np.quantile(train, 0.75) - np.quantile(train, 0.25)"},
                "One median and one gap for all columns. Use axis=0."),
        Mistake("no-guard", {GUARD: "gap"},
                "A column whose quartiles agree has the gap 0, and dividing by it gives nan or inf. Divide by 1."),
        Mistake("test-raw", {TEST: "test.copy()"}, "The test rows are not scaled at all."),
        Mistake("only-centred", {TRAIN: "train - middle", TEST: "test - middle"},
                "The columns are shifted, but not divided by the gap."),
        Mistake("not-centred", {TRAIN: "train / gap", TEST: "test / gap"},
                "The columns are divided by the gap, but the median is not subtracted first."),
        Mistake("swapped", lambda a, b: robust_scale(a, b)[::-1],
                "The right two arrays, in the wrong order: training rows first."),
        Mistake("writes-input", in_place),
    ),
    right=(
        lambda a, b: tuple((x - np.quantile(a, 0.5, axis=0)) / np.where(
            np.percentile(a, 75, axis=0) == np.percentile(a, 25, axis=0), 1,
            np.percentile(a, 75, axis=0) - np.percentile(a, 25, axis=0)) for x in (a, b)),
        lambda a, b: [np.stack([(x[:, j] - np.median(a[:, j])) / (np.subtract(*np.quantile(a[:, j], [0.75, 0.25])) or 1)
                                for j in range(a.shape[1])], axis=1) for x in (a, b)],
    ),
    hints=(
        "Exercise 3.1 with other statistics: everything that is learnt is learnt from the training rows.",
        "np.median(train, axis=0) and np.quantile(train, 0.75, axis=0) have one number per column.",
        "(train - middle) / gap and (test - middle) / gap, with the gap set to 1 where it is 0.",
    ),
    minutes=10,
    difficulty=2,
    returns=("train", "test"),
)
