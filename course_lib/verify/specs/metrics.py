"""Metrics of classes, scores and probabilities beside scikit-learn's; second references are loops."""

import math
import warnings
from itertools import product

import numpy as np
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from course_lib import metrics as ours
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import floats, holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch

AVERAGES = ("binary", "micro", "macro", None)
ZEROS = (0.0, 1.0, np.nan)


def worst(pairs) -> float:
    """Largest relative error over pairs (ours, theirs); nan equals nan and nothing else."""
    errors = [0.0]
    for a, b in pairs:
        a, b = np.asarray(a, float), np.asarray(b, float)
        assert a.shape == b.shape
        assert np.array_equal(np.isnan(a), np.isnan(b)), (a, b)
        errors.append(relative(np.nan_to_num(a), np.nan_to_num(b)))
    return max(errors)


def answers(classes):
    """Return predictions and targets of many sizes, some with classes that never occur on one side."""
    rng = np.random.default_rng(classes)
    for n in (1, 2, 5, 60):
        for low in (0, classes - 1):
            yield rng.integers(low, classes, n), rng.integers(0, classes, n)
            yield rng.integers(0, classes, n), rng.integers(low, classes, n)


def precision_error(name):
    """Compare with scikit-learn for every average and every value of a zero division."""

    def run(dtype):
        twin, pairs = getattr(reference, f"{name}_score"), []
        for average, zero in product(AVERAGES, ZEROS):
            for predicted, target in answers(2 if average == "binary" else 5):
                scores = np.eye(5, dtype=dtype)[predicted]
                a = getattr(ours, name)(scores, target, average, zero)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # the mean of nothing
                    pairs.append((a, twin(target, predicted, average=average, zero_division=zero)))
        return worst(pairs)

    return run


def counted(name):
    """Count true and false positives and false negatives of each class in a loop."""

    def score(predicted, target, c):
        tp = sum(p == c and t == c for p, t in zip(predicted, target, strict=True))
        fp = sum(p == c and t != c for p, t in zip(predicted, target, strict=True))
        fn = sum(p != c and t == c for p, t in zip(predicted, target, strict=True))
        top, below = {"precision": (tp, tp + fp), "recall": (tp, tp + fn), "f1": (2 * tp, 2 * tp + fp + fn)}[name]
        return top / below if below else 0.0

    def run(dtype):
        each = [(p, t, sorted({*p.tolist(), *t.tolist()})) for p, t in answers(4)]
        return worst((getattr(ours, name)(p, t, None), [score(p, t, c) for c in seen]) for p, t, seen in each)

    return run


def scored(dtype=np.float64):
    """Scores with many ties, and two classes."""
    rng = np.random.default_rng(1)
    for n in (2, 5, 60, 1000):
        target = np.r_[0, 1, rng.integers(0, 2, n - 2)]
        for decimals in (0, 1, 9):
            yield np.round(rng.normal(size=n) + 0.5 * target, decimals).astype(dtype), target


def auc_by_pairs(score, target):
    """Count, over all pairs of a positive and a negative, how often the positive wins."""
    gaps = [p - n for p in score[target == 1] for n in score[target == 0]]
    return sum((g > 0) + (g == 0) / 2 for g in gaps) / len(gaps)


def tokens(dtype):
    rng = np.random.default_rng(2)
    for shape, classes in (((7,), 3), ((2, 5), 11), ((1,), 2), ((4, 3, 2), 50)):
        yield rng.normal(0, 2, (*shape, classes)).astype(dtype), rng.integers(0, classes, shape)


def log_loss_error(dtype):
    pairs = []
    for logits, target in tokens(dtype):
        p = torch.softmax(torch.tensor(logits.astype(float)), -1).numpy().reshape(-1, logits.shape[-1])
        log_loss = reference.log_loss(target.ravel(), p, labels=range(p.shape[1]))
        pairs.append((ours.perplexity(logits, target), math.exp(log_loss)))
    return worst(pairs)


def torch_perplexity_error(dtype):
    def twin(logits, target):
        flat = torch.tensor(logits.astype(float)).reshape(-1, logits.shape[-1])
        return torch.exp(torch.nn.functional.cross_entropy(flat, torch.tensor(target.ravel()), ignore_index=1)).item()

    return worst((ours.perplexity(x, y, ignore_index=1), twin(x, y)) for x, y in tokens(dtype) if not (y == 1).all())


def believed(dtype=np.float64):
    rng = np.random.default_rng(3)
    on_edges = [[0.5, 0.5, 0], [0.45, 0.3, 0.25], [0.55, 0.45, 0], [1, 0, 0]]
    yield np.array(on_edges, dtype), np.array([1, 0, 1, 0])
    for n, classes in ((1, 2), (30, 3), (2000, 10)):
        logits = rng.normal(0, 3, (n, classes))
        p = torch.softmax(torch.tensor(logits), 1).numpy().astype(dtype)
        yield p, np.where(rng.random(n) < 0.5, p.argmax(1), rng.integers(0, classes, n))


def curve_error(dtype):
    """scikit-learn's curve of "is the prediction right" against the confidence; it drops empty bins."""
    pairs = []
    for (p, target), bins in product(believed(dtype), (1, 10, 15)):
        p = np.array(p, float)
        confidence, accuracy, count = ours.calibration_curve(p, target, bins)
        true, claimed = calibration_curve(p.argmax(1) == target, p.max(1), n_bins=bins)
        pairs += [(accuracy[count > 0], true), (confidence[count > 0], claimed)]
    return worst(pairs)


def bins_by_hand(p, target, bins):
    """Sort every prediction into its bin in a loop; return (n, confidence, accuracy) of the bins used."""
    members = [[] for _ in range(bins)]
    for row, t in zip(p.astype(float), target, strict=True):
        m = max(math.ceil(min(row.max(), 1) * bins) - 1, 0)
        members[m].append((row.max(), row.argmax() == t))
    return [(len(m), *np.mean(m, 0)) for m in members if m]


def curve_by_hand_error(dtype):
    pairs = []
    for p, target in believed():
        confidence, accuracy, count = ours.calibration_curve(p, target, 16)
        rows = np.column_stack([count, confidence, accuracy])[count > 0]
        pairs.append((rows, np.array(bins_by_hand(p, target, 16))))
    return worst(pairs)


def error_by_hand_error(dtype):
    def twin(p, target):
        return sum(n * abs(a - c) for n, c, a in bins_by_hand(p, target, 8)) / len(p)

    return worst((ours.expected_calibration_error(p, y, 8), twin(p, y)) for p, y in believed(dtype))


def error_of_curve_error(dtype):
    def twin(p, target):
        right, confidence = p.argmax(1) == target, p.max(1)
        true, claimed = calibration_curve(right, confidence, n_bins=10)
        n = np.bincount(np.searchsorted(np.linspace(0, 1, 11)[1:-1], confidence), minlength=10)  # sklearn's bins
        return np.abs(true - claimed) @ n[n > 0] / len(p)

    return worst((ours.expected_calibration_error(p.astype(float), y), twin(p.astype(float), y))
                 for p, y in believed(dtype))  # fmt: skip


@holds(rng=seeds())
def f1_is_the_harmonic_mean_of_precision_and_recall(rng):
    predicted, target = rng.integers(0, 4, (2, 30))
    p, r, f = (m(predicted, target, None) for m in (ours.precision, ours.recall, ours.f1))
    assert np.allclose(f * (p + r), 2 * p * r, atol=1e-12)


@holds(rng=seeds())
def swapping_prediction_and_truth_swaps_it_with_recall(rng):
    predicted, target = rng.integers(0, 4, (2, 30))
    for average in ("micro", "macro"):
        assert ours.precision(predicted, target, average) == ours.recall(target, predicted, average)


@holds(rng=seeds())
def swapping_prediction_and_truth_swaps_it_with_precision(rng):
    predicted, target = rng.integers(0, 2, (2, 30))
    assert ours.recall(predicted, target) == ours.precision(target, predicted)


@holds(rng=seeds())
def micro_average_is_the_accuracy(rng):
    predicted, target = rng.integers(0, 4, (2, 30))
    for metric in (ours.precision, ours.recall, ours.f1):
        assert np.isclose(metric(predicted, target, "micro"), ours.accuracy(predicted, target))


@holds(rng=seeds(), a=floats(0.1, 5), b=floats())
def only_the_order_of_the_scores_counts(rng, a, b):
    score, target = rng.normal(size=20).round(1), np.r_[0, 1, rng.integers(0, 2, 18)]
    assert ours.roc_auc(np.exp(score) * a + b, target) == ours.roc_auc(score, target)


@holds(rng=seeds())
def of_the_negative_scores_is_1_less_of_the_scores(rng):
    score, target = rng.normal(size=20).round(1), np.r_[0, 1, rng.integers(0, 2, 18)]
    assert np.isclose(ours.roc_auc(-score, target), 1 - ours.roc_auc(score, target))


@holds(classes=st.integers(1, 50), rng=seeds())
def of_a_uniform_guess_is_the_number_of_classes(classes, rng):
    assert np.isclose(ours.perplexity(np.full((5, classes), rng.normal()), rng.integers(0, classes, 5)), classes)


@holds(rng=seeds())
def is_never_below_1(rng):
    assert ours.perplexity(rng.normal(0, 50, (6, 4)), rng.integers(0, 4, 6)) >= 1


@holds(rng=seeds())
def bins_together_give_accuracy_and_mean_confidence(rng):
    p, target = rng.dirichlet(np.ones(4), 50), rng.integers(0, 4, 50)
    confidence, accuracy, count = ours.calibration_curve(p, target)
    assert count.sum() == 50
    assert np.isclose(np.nansum(accuracy * count) / 50, ours.accuracy(p, target))
    assert np.isclose(np.nansum(confidence * count) / 50, p.max(1).mean())


@holds(n=st.integers(1, 20))
def is_0_for_certainty_that_is_right_and_1_for_certainty_that_is_wrong(n):
    p = np.tile([1.0, 0.0], (n, 1))
    assert ours.expected_calibration_error(p, np.zeros(n, int)) == 0
    assert ours.expected_calibration_error(p, np.ones(n, int)) == 1


@holds(rng=seeds())
def more_bins_see_no_less_error_when_each_divides_the_last(rng):
    p, target = rng.dirichlet(np.ones(3), 40), rng.integers(0, 3, 40)
    assert ours.expected_calibration_error(p, target, 5) <= ours.expected_calibration_error(p, target, 10) + 1e-12


def classification(name, *properties):
    return Spec(f"metrics.{name}", properties=properties,
                parity=Measured(f"sklearn.metrics.{name}_score", precision_error(name)),
                second=Measured("counts in a loop", counted(name)))  # fmt: skip


AUC = [lambda t: worst((ours.roc_auc(s, y), reference.roc_auc_score(y, s)) for s, y in scored(t)),
       lambda t: worst((ours.roc_auc(s, y), auc_by_pairs(s, y)) for s, y in scored(t) if len(s) < 100)]  # fmt: skip

SPECS = (
    classification("precision", swapping_prediction_and_truth_swaps_it_with_recall, micro_average_is_the_accuracy),
    classification("recall", swapping_prediction_and_truth_swaps_it_with_precision, micro_average_is_the_accuracy),
    classification("f1", f1_is_the_harmonic_mean_of_precision_and_recall, micro_average_is_the_accuracy),
    Spec("metrics.roc_auc", parity=Measured("sklearn.metrics.roc_auc_score", AUC[0]),
         second=Measured("all pairs compared in a loop", AUC[1]),
         properties=(only_the_order_of_the_scores_counts, of_the_negative_scores_is_1_less_of_the_scores)),
    Spec("metrics.perplexity", parity=Measured("exp of sklearn.metrics.log_loss", log_loss_error),
         second=Measured("exp of PyTorch's cross_entropy", torch_perplexity_error),
         properties=(of_a_uniform_guess_is_the_number_of_classes, is_never_below_1)),
    Spec("metrics.calibration_curve", parity=Measured("sklearn.calibration.calibration_curve", curve_error),
         second=Measured("bins filled in a loop", curve_by_hand_error),
         properties=(bins_together_give_accuracy_and_mean_confidence,)),
    Spec("metrics.expected_calibration_error",
         parity=Measured("sum over sklearn's calibration_curve", error_of_curve_error),
         second=Measured("bins filled in a loop", error_by_hand_error),
         properties=(is_0_for_certainty_that_is_right_and_1_for_certainty_that_is_wrong,
                     more_bins_see_no_less_error_when_each_divides_the_last)),
)  # fmt: skip
