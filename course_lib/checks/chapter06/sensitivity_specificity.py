"""6.6 Sensitivity and specificity."""

import numpy as np

from course_lib.topics import diagnosis

from ..spec import Exercise, Mistake


def sensitivity_specificity(p, y, threshold):
    """(share of the ill, y = 1, with p ≥ threshold; share of the healthy, y = 0, with p < threshold)."""
    called = p >= threshold
    ill = y == 1
    return called[ill].mean(), (~called[~ill]).mean()


def cases(rng):
    """Both kinds are always there, seldom equally many; the threshold is one of the probabilities."""
    for n in (3, 4, 5, 7, 9, 12):
        y = rng.permutation(np.arange(n) % 3 == 0).astype(int)
        p = rng.integers(1, 10, n) / 10
        yield p, y, float(rng.choice(p))
        yield p, 1 - y, 0.5


CALLED, SENS, SPEC = "p >= threshold", "called[ill].mean()", "(~called[~ill]).mean()"

EXERCISE = Exercise(
    id="6.6",
    title="Sensitivity and specificity",
    answer=sensitivity_specificity,
    reference=diagnosis.sensitivity_specificity,
    cases=cases,
    edges=(
        (np.array([0.9, 0.1]), np.array([1, 0]), 0.5),
        (np.array([0.5, 0.1]), np.array([1, 0]), 0.5),
        (np.array([0.9, 0.5, 0.2]), np.array([1, 0, 0]), 0.5),
        (np.array([0.9, 0.4, 0.6, 0.2, 0.3]), np.array([1, 1, 0, 0, 0]), 0.5),
        (np.array([0.9, 0.4, 0.6, 0.2, 0.3, 0.8]), np.array([1, 1, 1, 0, 0, 0]), -1e4),
        (np.array([0.9, 0.4, 0.6, 0.2, 0.3, 0.8, 0.1]), np.array([1, 1, 1, 0, 0, 0, 0]), 1e4),
    ),
    mistakes=(
        Mistake("strict", {CALLED: "p > threshold"}, "A probability exactly at the threshold counts as ill: use ≥."),
        Mistake("other-side", {CALLED: "p < threshold"}, "It calls those ill whose probability "
                "is *small* (or both shares are those of the wrong calls)."),
        Mistake("precision-instead", {SENS: "_share(ill[called])"},
                "The first number is precision: of those called ill, how many are. Sensitivity asks: of the ill, how "
                "many are called."),
        Mistake("negative-precision", {SPEC: "_share(~ill[~called])"},
                "The second number is the share of healthy ones among those called healthy. Specificity divides by the "
                "healthy."),
        Mistake("false-alarms", {SPEC: "called[~ill].mean()"},
                "The second number is the false-alarm rate, 1 - specificity."),
        Mistake("misses", {SENS: "(~called[ill]).mean()"}, "The first number is the share missed, 1 - sensitivity."),
        Mistake("of-all-positive", {SENS: "(called & ill).mean()"},
                "The first number is divided by all people; divide by the ill."),
        Mistake("of-all-negative", {SPEC: "(~called & ~ill).mean()"},
                "The second number is divided by all people; divide by the healthy."),
        Mistake("accuracy", {SPEC: "(called == ill).mean()"},
                "The second number is accuracy, over ill and healthy together."),
        Mistake("threshold-ignored", {CALLED: "p >= 0.5"}, "The threshold is 0.5 whatever was asked for."),
        Mistake("wrong-order", lambda p, y, t: ((p < t)[y == 0].mean(), (p >= t)[y == 1].mean())),
    ),
    right=(
        lambda p, y, t: (((p >= t) * y).sum() / y.sum(), ((p < t) * (1 - y)).sum() / (1 - y).sum()),
        lambda p, y, t: [float(np.mean([a >= t for a, b in zip(p, y, strict=True) if b])),
                         float(np.mean([a < t for a, b in zip(p, y, strict=True) if not b]))],
    ),
    hints=(
        "Two groups, two questions: look at the ill alone, then at the healthy alone.",
        "called = p >= threshold is a mask; the mean of a mask is a share.",
        "called[y == 1].mean() and (~called[y == 0]).mean().",
    ),
    minutes=8,
    difficulty=1,
    claims=("S0-6.6-healthcare", "S1-6.4-health"),
    returns=("sensitivity", "specificity"),
)


def _share(mask):
    """Mean of a mask, 0 for none."""
    return mask.mean() if mask.size else 0.0
