"""How good predictions are, as plain numbers."""

import numpy as np


def accuracy(input, target) -> float:
    """Share of samples whose predicted class is the target.

    Parameters
    ----------
    input : array or Tensor, (N,) class indices or (N, C) scores, whose largest is the prediction
    target : array, (N,) class indices
    """
    predicted, target = _classes(input), np.asarray(target)
    if predicted.shape != target.shape:
        raise ValueError(f"accuracy: predictions have shape {predicted.shape}, targets {target.shape}")
    return float((predicted == target).mean()) if target.size else float("nan")


def confusion_matrix(input, target, classes: int | None = None) -> np.ndarray:
    """Counts (C, C): row = true class, column = predicted class."""
    predicted, target = _classes(input), np.asarray(target)
    if predicted.shape != target.shape:
        raise ValueError(f"confusion_matrix: predictions have shape {predicted.shape}, targets {target.shape}")
    n = classes or int(max(predicted.max(initial=-1), target.max(initial=-1))) + 1
    return np.bincount(target.ravel() * n + predicted.ravel(), minlength=n * n).reshape(n, n)


def _classes(scores):
    scores = np.asarray(scores)
    return scores.argmax(-1) if scores.ndim > 1 else scores
