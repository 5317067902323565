"""How good predictions are, as plain numbers. Predictions come first, the truth second, as in `course_lib.losses`.

The mean of nothing is nan: that is the answer to empty input everywhere here (per class: an array without entries).
"""

from course_lib.metrics.calibration import calibration_curve, expected_calibration_error
from course_lib.metrics.classification import accuracy, confusion_matrix, f1, precision, recall
from course_lib.metrics.intervals import bootstrap_interval, share_interval, wilson_interval
from course_lib.metrics.ranking import hit_rate, ndcg
from course_lib.metrics.scores import perplexity, roc_auc
from course_lib.metrics.text import bleu, chrf

__all__ = [
    "accuracy", "bleu", "bootstrap_interval", "calibration_curve", "chrf", "confusion_matrix",
    "expected_calibration_error", "f1", "hit_rate", "ndcg", "perplexity", "precision", "recall", "roc_auc",
    "share_interval", "wilson_interval",
]  # fmt: skip
