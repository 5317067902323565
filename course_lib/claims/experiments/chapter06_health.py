"""Diagnosis: what an accuracy leaves out."""

import numpy as np

from course_lib import metrics
from course_lib.claims.evidence import Evidence
from course_lib.topics import diagnosis


def tumours():
    """Ten splits of the breast-cancer table: accuracy, who is missed, and whether 90 % means 90 %."""
    runs = [diagnosis.diagnose(seed) for seed in range(10)]
    overfit = [diagnosis.diagnose(seed, strength=1e4) for seed in range(10)]
    accuracy = np.array([((r.p_test >= 0.5) == r.y_test).mean() for r in runs])
    sensitivity, specificity = np.array([diagnosis.sensitivity_specificity(r.p_test, r.y_test) for r in runs]).T
    small = [_of_small(r) for r in runs]
    missed_small = 1 - np.concatenate(small).mean()
    missed = 1 - sensitivity.mean()
    error = [np.mean([metrics.expected_calibration_error(np.c_[1 - r.p_test, r.p_test], r.y_test) for r in some])
             for some in (runs, overfit)]  # fmt: skip
    majority = 1 - runs[0].y_test.mean()
    return Evidence(
        f"accuracy {accuracy.mean():.2f} (ten splits, {accuracy.min():.2f} to {accuracy.max():.2f}; everybody healthy: "
        f"{majority:.2f}), but {missed:.0%} of the tumours are missed, of the small ones {missed_small:.0%}; without "
        f"regularisation the calibration error grows from {error[0]:.2f} to {error[1]:.2f}.",
        said={"the model beats the trivial answer": accuracy.min() > majority + 0.2},
        gap={
            "one number hides that tumours are missed more often than the healthy are alarmed": missed > 1 -
            specificity.mean(),
            "and that small ones are missed most": missed_small > 2 * missed,
        },
        right={
            "probabilities must be checked as such: the calibration differs where accuracy hardly does":
            error[1] > 1.3 * error[0],
            "the splits differ by several points: one test set proves little": np.ptp(accuracy) > 0.015,
        },
        numbers={"accuracy": np.round(accuracy, 3), "missed": round(float(missed), 2),
                 "missed, small": round(float(missed_small), 2)},
    )  # fmt: skip


def _of_small(run):
    """Whether each ill person with a tumour below the median radius is found."""
    ill = (run.y_test == 1) & (run.x_test[:, 0] < np.median(run.x_test[:, 0]))
    return run.p_test[ill] >= 0.5
