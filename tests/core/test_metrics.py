"""Metrics: what empty input gives, and what bad input is told."""

import math

import numpy as np
import pytest

from course_lib import metrics, nn, optim
from course_lib.losses import cross_entropy
from course_lib.training import Trainer

NONE, NO_ROWS = np.zeros(0, int), np.zeros((0, 3))

EMPTY = [
    lambda: metrics.accuracy(NO_ROWS, NONE), lambda: metrics.f1(NO_ROWS, NONE),
    lambda: metrics.recall(NONE, NONE, "micro"),
    lambda: metrics.precision(NONE, NONE, "macro"), lambda: metrics.roc_auc(np.zeros(0), NONE),
    lambda: metrics.roc_auc([0.1, 0.2], [1, 1]), lambda: metrics.perplexity(NO_ROWS, NONE),
    lambda: metrics.perplexity(np.zeros((2, 3)), [-100, -100]),
    lambda: metrics.expected_calibration_error(NO_ROWS, NONE), lambda: metrics.hit_rate(NO_ROWS, NO_ROWS),
    lambda: metrics.ndcg(NO_ROWS, NO_ROWS), lambda: metrics.bleu([], [[]]), lambda: metrics.chrf([], [[]]),
]  # fmt: skip


@pytest.mark.parametrize("call", EMPTY)
def test_the_mean_of_nothing_is_nan(call):
    assert math.isnan(call())


def test_empty_tables_and_curves():
    assert metrics.confusion_matrix(NONE, NONE).shape == (0, 0)
    assert metrics.f1(NONE, NONE, None).shape == (0,)
    assert metrics.calibration_curve(NO_ROWS, NONE)[2].tolist() == [0] * 10


BAD = [
    (lambda: metrics.f1([0, 1, 2], [0, 1]), ValueError, "f1: predictions have shape (3,), targets (2,)"),
    (lambda: metrics.recall([0, 1, 2], [0, 1, 2]), ValueError,
     'recall: average="binary" needs classes 0 and 1, got 0, 1, 2; choose average="micro", "macro" or None'),
    (lambda: metrics.f1([0.2, 0.7], [0, 1]), TypeError,
     "f1: predictions must be class indices, got float64 of shape (2,)"),
    (lambda: metrics.precision([0], [0], "mean"), ValueError,
     "precision: average must be one of 'binary', 'micro', 'macro', None, got 'mean'"),
    (lambda: metrics.confusion_matrix([0, 3], [1, 1], 3), ValueError,
     "confusion_matrix: class indices must lie in 0..2, got 0..3"),
    (lambda: metrics.confusion_matrix([0, -1], [1, 1]), ValueError,
     "confusion_matrix: class indices must lie in 0..1, got -1..1"),
    (lambda: metrics.roc_auc(np.ones((2, 2)), [0, 1]), ValueError,
     "roc_auc: scores and targets must both be (N,), got (2, 2) and (2,)"),
    (lambda: metrics.roc_auc([1.0, 2.0], [1, 2]), ValueError, "roc_auc: targets must be 0 or 1, got [2]"),
    (lambda: metrics.roc_auc([1.0, np.nan], [0, 1]), ValueError, "roc_auc: scores must be ordered, got nan"),
    (lambda: metrics.perplexity(np.ones((2, 5)), [0, 1, 2]), ValueError,
     "perplexity: targets must have the shape of the input without its last "
     "axis, got (3,) for an input of shape (2, 5)"),
    (lambda: metrics.calibration_curve([[2.0, -1.0]], [0]), ValueError,
     "calibration_curve: input must hold probabilities whose rows sum to 1; apply softmax to logits first"),
    (lambda: metrics.expected_calibration_error([0.5], [0]), ValueError,
     "expected_calibration_error: expected probabilities (N, C) and targets (N,), got (1,) and (1,)"),
    (lambda: metrics.calibration_curve([[1.0]], [0], 0), ValueError,
     "calibration_curve: bins must be at least 1, got 0"),
    (lambda: metrics.ndcg([1.0], [1.0]), ValueError,
     "ndcg: scores and relevance must both be (N, items), got (1,) and (1,)"),
    (lambda: metrics.ndcg([[1.0]], [[-1.0]]), ValueError,
     "ndcg: scores must not be nan, and relevance must be 0 or above"),
    (lambda: metrics.hit_rate([[1.0]], [[1.0]], 0), ValueError, "hit_rate: k must be at least 1, got 0"),
    (lambda: metrics.bleu(["a"], ["a"]), TypeError, "bleu: expected a list of hypotheses and a list of reference sets"),
    (lambda: metrics.chrf(["a", "b"], [["a"]]), ValueError,
     "chrf: every reference set must be as long as the 2 hypotheses, got [1]"),
    (lambda: metrics.bleu(["a"], [["a"]], "intl"), ValueError,
     "bleu: tokenize must be one of '13a', 'char', 'none', got 'intl'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), BAD, ids=[m[:40] for _, _, m in BAD])
def test_bad_input_is_named(call, kind, message):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_item_order_cannot_help_a_model_that_scores_all_alike():
    """The relevant item stored first: a ranking by place would count a hit."""
    assert metrics.hit_rate(np.zeros((4, 10)), np.eye(10)[[0, 0, 0, 0]], k=3) == pytest.approx(0.3)


def test_metrics_serve_a_trainer():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    model = nn.Linear(2, 2, rng=rng)
    trainer = Trainer(model, optim.Adam(model.parameters(), 0.1), cross_entropy, (x, y), validation=(x, y),
                      metrics={"f1": metrics.f1, "perplexity": metrics.perplexity})  # fmt: skip
    row = trainer.run(20).epochs[-1]
    assert row["val_f1"] > 0.9
    assert row["val_perplexity"] == pytest.approx(math.exp(row["val_loss"]), rel=1e-5)
