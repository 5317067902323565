"""3.2 Precision, recall and F1 from predictions."""

import numpy as np

from course_lib import metrics

from ..spec import Exercise, Mistake


def precision_recall_f1(guess, target):
    """(precision, recall, F1) of class 1; a ratio whose denominator is 0 counts as 0."""
    found = np.sum((guess == 1) & (target == 1))
    alarms, there = np.sum(guess == 1), np.sum(target == 1)
    precision = found / alarms if found else 0.0
    recall = found / there if found else 0.0
    f1 = 2 * found / (alarms + there) if found else 0.0
    return precision, recall, f1


def reference(guess, target):
    """The library's three."""
    return tuple(float(f(guess, target)) for f in (metrics.precision, metrics.recall, metrics.f1))


def cases(rng):
    """Rare and common positives."""
    for n, share in ((2, 0.5), (4, 0.5), (6, 0.3), (10, 0.2), (12, 0.7), (20, 0.2), (30, 0.1)):
        target = (rng.random(n) < share).astype(int)
        flip = rng.random(n) < 0.3
        yield np.where(flip, 1 - target, target), target
    yield np.repeat([1, 0, 1, 0], [4, 2, 1, 13]), np.repeat([1, 1, 0, 0], [4, 2, 1, 13])


def through_division(guess, target):
    """The harmonic mean of the two, without a guard."""
    p, r, _ = reference(guess, target)
    with np.errstate(all="ignore"):
        return p, r, float(np.float64(2 * p * r) / np.float64(p + r))


def both_sides(guess, target, combine):
    """With another mean for F1."""
    p, r, _ = reference(guess, target)
    return p, r, float(combine(p, r))


P, R = "found / alarms if found else 0.0", "found / there if found else 0.0"

EXERCISE = Exercise(
    id="3.2",
    title="Precision, recall and F1",
    answer=precision_recall_f1,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])),
        (np.array([0, 0, 0]), np.array([1, 0, 0])),  # no alarm
        (np.array([1, 0]), np.array([0, 0])),  # nothing to find
        (np.array([0, 0]), np.array([0, 0])),
        (np.array([1, 1, 1, 0]), np.array([1, 0, 0, 0])),
        (np.array([1, 0, 0, 0, 0]), np.array([1, 1, 1, 0, 0])),
    ),
    mistakes=(
        Mistake("swapped", {"return precision, recall": "return recall, precision"},
                "Precision and recall have changed places. Precision divides by what was called positive, recall by "
                "what is positive."),
        Mistake("accuracy-for-precision", {P: "np.mean(guess == target)"},
                "The first number is the accuracy: the share of right answers of both classes."),
        Mistake("arithmetic-mean", lambda g, t: both_sides(g, t, lambda p, r: (p + r) / 2),
                "F1 is the plain mean of the two. It is their harmonic mean, 2pr / (p + r), which is low when one of "
                "them is."),
        Mistake("geometric-mean", lambda g, t: both_sides(g, t, lambda p, r: (p * r) ** 0.5),
                "F1 is the geometric mean of the two; the harmonic mean is 2pr / (p + r)."),
        Mistake("half-f1", lambda g, t: both_sides(g, t, lambda p, r: p * r / (p + r) if p + r else 0.0),
                "F1 is half as large as it should be: 2pr / (p + r)."),
        Mistake("no-guard", through_division,
                "Where precision and recall are both 0, F1 becomes 0/0. It counts as 0."),
        Mistake("class-zero", lambda g, t: reference(1 - g, 1 - t), "These are the numbers of class 0."),
        Mistake("one-when-empty", {P: "found / alarms if alarms else 1.0"},
                "Without a single alarm precision is set to 1. Here, as in scikit-learn, it counts as 0."),
        Mistake("agreement-as-found", {"(guess == 1) & (target == 1)": "guess == target"},
                "All right answers are counted as found. True positives are those where guess and target are both 1."),
        Mistake("or-for-and", {"(guess == 1) & (target == 1)": "(guess == 1) | (target == 1)"},
                "A true positive needs both, the guess and the target to be 1: & instead of |."),
        Mistake("shares-of-all", {P: "found / len(guess)", R: "found / len(guess)"},
                "Both are divided by the number of all samples. Divide by what was called positive (precision) and by "
                "what is positive (recall)."),
        Mistake("false-positive-rate", {P: "np.sum((guess == 1) & (target == 0)) / alarms if alarms else 0.0"},
                "The first number is the share of false alarms, 1 - precision."),
        Mistake("percent", lambda g, t: tuple(100 * v for v in reference(g, t)),
                "These are percentages; return shares between 0 and 1."),
        Mistake("only-f1", {"return precision, recall, f1": "return f1"},
                "Only F1 is returned: three numbers are asked for."),
    ),
    right=(
        lambda g, t: [float(np.nan_to_num(np.divide(*map(float, pair)) if pair[1] else 0.0)) for pair in (
            ((g * t).sum(), g.sum()), ((g * t).sum(), t.sum()), (2 * (g * t).sum(), g.sum() + t.sum()))],
        lambda g, t: (
            (lambda p, r: (p, r, 2 * p * r / (p + r) if p + r else 0.0))(
                float((t[g == 1] == 1).mean()) if (g == 1).any() else 0.0,
                float((g[t == 1] == 1).mean()) if (t == 1).any() else 0.0,
            )
        ),
    ),
    hints=(
        "Count three things: how many are called 1, how many are 1, and how many are both.",
        "precision = both / called, recall = both / there; a denominator of 0 gives 0.",
        "F1 = 2·both / (called + there), which is the harmonic mean of the two.",
    ),
    minutes=10,
    difficulty=1,
    claims=("S2-3.4-metrics", "S4-3.2-metrics"),
    returns=("precision", "recall", "f1"),
)
