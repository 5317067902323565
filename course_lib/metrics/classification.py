"""Metrics of predicted classes: accuracy, confusion matrix, precision, recall, F1.

Predictions are class indices (N,) or scores (N, C), whose largest is the prediction; targets are class indices (N,).
"""

import numpy as np

AVERAGES = ("binary", "micro", "macro", None)


def accuracy(input, target) -> float:
    """Share of samples whose predicted class is the target.

    Parameters
    ----------
    input : array or Tensor, (N,) class indices or (N, C) scores, whose largest is the prediction
    target : array, (N,) class indices
    """
    predicted, target = _pair("accuracy", input, target)
    return float((predicted == target).mean()) if target.size else float("nan")


def confusion_matrix(input, target, classes: int | None = None) -> np.ndarray:
    """Counts (C, C): row = true class, column = predicted class."""
    predicted, target = _pair("confusion_matrix", input, target)
    both = np.concatenate([predicted.ravel(), target.ravel()])
    n = int(both.max(initial=-1)) + 1 if classes is None else classes
    if both.min(initial=0) < 0 or both.max(initial=-1) >= n:
        raise ValueError(f"confusion_matrix: class indices must lie in 0..{n - 1}, got {both.min()}..{both.max()}")
    return np.bincount(target.ravel() * n + predicted.ravel(), minlength=n * n).reshape(n, n)


def precision(input, target, average: str | None = "binary", zero_division: float = 0.0):
    """TP / (TP + FP): how many of those called positive are. See `f1` for the parameters."""
    tp, predicted, _ = _counts("precision", input, target, average)
    return _averaged(tp, predicted, average, zero_division)


def recall(input, target, average: str | None = "binary", zero_division: float = 0.0):
    """TP / (TP + FN): how many of the positive are found. See `f1` for the parameters."""
    tp, _, true = _counts("recall", input, target, average)
    return _averaged(tp, true, average, zero_division)


def f1(input, target, average: str | None = "binary", zero_division: float = 0.0):
    """2·TP / (2·TP + FP + FN): the harmonic mean of precision and recall. Van Rijsbergen, Information Retrieval, 1979.

    Parameters
    ----------
    input : array or Tensor, (N,) class indices or (N, C) scores
    target : array, (N,) class indices
    average : {"binary", "micro", "macro", None}
        "binary": of class 1, where classes are 0 and 1. "micro": from the counts of all classes together. "macro": the
        plain mean over the classes that occur in predictions or targets. None: one value for each of those, in order.
    zero_division : float
        The value where the denominator is 0 (scikit-learn's choice without its warning). A class whose value is nan is
        left out of the macro mean.

    Returns
    -------
    float, or an array for ``average=None``
    """
    tp, predicted, true = _counts("f1", input, target, average)
    return _averaged(2 * tp, predicted + true, average, zero_division)


def _classes(scores):
    scores = np.asarray(scores)
    return scores.argmax(-1) if scores.ndim > 1 else scores


def _pair(name, input, target):
    """Predicted and true classes, of one shape."""
    predicted, target = _classes(input), np.asarray(target)
    if predicted.shape != target.shape:
        raise ValueError(f"{name}: predictions have shape {predicted.shape}, targets {target.shape}")
    return predicted, target


def _counts(name, input, target, average):
    """Count, for each class that occurs, true positives, predictions and samples: three arrays (C,)."""
    if average not in AVERAGES:
        raise ValueError(f"{name}: average must be one of {', '.join(map(repr, AVERAGES))}, got {average!r}")
    predicted, target = _pair(name, input, target)
    for what, values in (("predictions", predicted), ("targets", target)):
        if values.size and values.dtype.kind not in "iub":
            raise TypeError(f"{name}: {what} must be class indices, got {values.dtype} of shape {values.shape}")
    classes, index = np.unique(np.concatenate([predicted.ravel(), target.ravel()]).astype(int), return_inverse=True)
    predicted, target = index.reshape(2, -1)
    counts = [np.bincount(i, minlength=len(classes)) for i in (target[predicted == target], predicted, target)]
    return _of_class_1(name, classes, counts) if average == "binary" and target.size else counts


def _of_class_1(name, classes, counts):
    if not set(classes.tolist()) <= {0, 1}:
        shown = ", ".join(map(str, classes[:8])) + (", ..." if len(classes) > 8 else "")
        raise ValueError(f'{name}: average="binary" needs classes 0 and 1, got {shown}; '
                         'choose average="micro", "macro" or None')
    return [c[classes == 1] if 1 in classes else np.zeros(1, int) for c in counts]


def _averaged(numerator, denominator, average, zero_division):
    if average == "micro":
        numerator, denominator = numerator.sum(keepdims=True), denominator.sum(keepdims=True)
        if not denominator:
            return float("nan")
    values = np.full(len(numerator), float(zero_division))
    np.divide(numerator, denominator, out=values, where=denominator != 0)
    if average is None:
        return values
    values = values[~np.isnan(values)]
    return float(values.mean()) if values.size else float("nan")
