"""Fair by which criterion? A calibrated score for two groups with different base rates."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.topics import fairness


def conflict():
    """The same threshold, then thresholds with equal true positive rates, on scores calibrated within each group."""
    score, y, group = fairness.calibrated_groups(20_000, (0.3, 0.6), np.random.default_rng(0))
    bins = np.digitize(score, np.linspace(0, 1, 6)[1:-1])
    error = max(abs(y[(bins == b) & (group == g)].mean() - score[(bins == b) & (group == g)].mean())
                for b in range(5) for g in (0, 1))  # fmt: skip
    same = fairness.group_rates(score > 0.5, y, group)
    cut = fairness.equal_opportunity_thresholds(score, y, group, 0.7)
    equal = fairness.group_rates(score >= np.where(group == 0, cut[0], cut[1]), y, group)
    return Evidence(
        f"one threshold: false positive rates {same[0]['fpr']:.2f} and {same[1]['fpr']:.2f}; thresholds {cut[0]:.2f} "
        "and "
        f"{cut[1]:.2f} give equal true positive rates, and precisions of {equal[0]['ppv']:.2f} and "
        f"{equal[1]['ppv']:.2f}.",
        said={"by one criterion the score treats the groups alike: it is calibrated": error < 0.05},
        gap={"by another it does not: false positive rates differ": same[1]["fpr"] - same[0]["fpr"] > 0.1},
        right={
            "equal true positive rates are possible": abs(equal[0]["tpr"] - equal[1]["tpr"]) < 0.01,
            "but then the same score means different thresholds": abs(cut[0] - cut[1]) > 0.1,
        },
        numbers={"fpr": [round(same[g]["fpr"], 2) for g in (0, 1)], "ppv": [round(equal[g]["ppv"], 2) for g in (0, 1)]},
    )
