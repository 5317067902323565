"""8.6 A gap between two groups."""

import numpy as np

from course_lib.topics import fairness

from ..spec import Exercise, Mistake


def equalized_odds_gap(decision, y, group):
    """The larger of |TPR₀ - TPR₁| and |FPR₀ - FPR₁|; three arrays (N,) of 0 and 1, each group with both kinds of y."""
    gaps = []
    for truth in (1, 0):  # among y = 1 the share of decisions is the TPR, among y = 0 the FPR
        rates = [decision[(y == truth) & (group == g)].mean() for g in (0, 1)]
        gaps.append(abs(rates[0] - rates[1]))
    return float(max(gaps))


def reference(decision, y, group):
    """The library's."""
    return fairness.equalized_odds_gap(decision, y, group)


def cases(rng):
    """Every group has both outcomes."""
    for n in (4, 6, 8, 12, 20, 40):
        y, group = np.tile([0, 1], n // 2), np.repeat([0, 1], [2, n - 2])
        order = rng.permutation(n)
        yield rng.integers(0, 2, n), y[order], group[order]


LOOP, RATE = "for truth in (1, 0)", "decision[(y == truth) & (group == g)].mean()"

EXERCISE = Exercise(
    id="8.6",
    title="A gap between two groups",
    answer=equalized_odds_gap,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1, 0, 0, 0]), np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1])),
        (np.array([1, 1, 1, 0]), np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1])),
        (np.array([1, 0, 1, 0]), np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1])),
        (np.array([1, 1, 0, 0, 1, 0, 1, 0, 0]), np.array([1, 1, 0, 0, 1, 1, 0, 0, 0]),
         np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])),
        (np.array([1, 0, 0, 1, 1, 1, 0, 0]), np.array([1, 1, 0, 0, 1, 0, 0, 0]), np.array([0, 0, 0, 0, 1, 1, 1, 1])),
        (np.array([1, 0, 1, 0, 0, 1, 1, 1]), np.array([1, 1, 1, 0, 0, 0, 1, 1]), np.array([0, 1, 1, 0, 1, 1, 0, 0])),
    ),
    mistakes=(
        Mistake("selection-rates", lambda d, y, g: float(abs(d[g == 0].mean() - d[g == 1].mean())),
                "This is the gap in selection rates (demographic parity). Equalised odds look at people with y = 1 and "
                "at people with y = 0 separately."),
        Mistake("tpr-only", {LOOP: "for truth in (1,)"},
                "Only true positive rates are compared (equal opportunity). The false positive rates count too."),
        Mistake("fpr-only", {LOOP: "for truth in (0,)"},
                "Only false positive rates are compared. The true positive rates count too."),
        Mistake("accuracy", lambda d, y, g: float(abs((d == y)[g == 0].mean() - (d == y)[g == 1].mean())),
                "It compares accuracies. Two groups can have equal accuracy and quite different errors."),
        Mistake("mean-of-gaps", {"max(gaps)": "sum(gaps) / 2"},
                "It averages the two gaps. The larger of them counts."),
        Mistake("sum-of-gaps", {"max(gaps)": "sum(gaps)"}, "It adds the two gaps up. The larger of them counts."),
        Mistake("smaller-gap", {"max(gaps)": "min(gaps)"}, "It returns the smaller gap."),
        Mistake("signed", {"abs(rates[0] - rates[1])": "rates[0] - rates[1]"},
                "The differences keep their sign, so a gap in group 1's favour counts as none. Take absolute values."),
        Mistake("condition-swapped", lambda d, y, g: float(max(abs(np.diff([
                    y[(d == v) & (g == k)].mean() if ((d == v) & (g == k)).any() else 0.0 for k in (0, 1)]))[0]
                    for v in (1, 0))),
                "Condition and outcome have changed places: among y = 1, how many are chosen? Not among the chosen, "
                "how "
                "many have y = 1."),
        Mistake("shares-of-group", {RATE: "((decision == 1) & (y == truth) & (group == g)).sum() / (group == g).sum()"},
                "It divides by the whole group. The true positive rate divides by those of the group with y = 1."),
        Mistake("shares-of-all", {RATE: "((decision == 1) & (y == truth) & (group == g)).mean()"},
                "It divides by everybody. Divide by those of the group with that y."),
    ),
    right=(
        lambda d, y, g: float(max(abs(np.mean(d[(y == t) & (g == 0)]) - np.mean(d[(y == t) & (g == 1)]))
                                  for t in (0, 1))),
        lambda d, y, g: max(abs((d * (y == t) * (g == 0)).sum() / ((y == t) * (g == 0)).sum()
                                - (d * (y == t) * (g == 1)).sum() / ((y == t) * (g == 1)).sum()) for t in (0, 1)),
    ),
    hints=(
        "The true positive rate of group g: among those with y = 1 in g, the share with decision 1.",
        "decision[(y == 1) & (group == g)].mean(); for false positives, y == 0.",
        "Two absolute differences; return the larger one.",
    ),
    minutes=12,
    difficulty=3,
    claims=("S3-8.2-fairness",),
)  # fmt: skip
