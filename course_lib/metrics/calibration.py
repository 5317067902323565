"""Does a model that says 80 % have it right 8 times out of 10? Reliability bins and the expected calibration error."""

import numpy as np


def calibration_curve(input, target, bins: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reliability diagram: for each bin of confidence, what was claimed and what came true.

    A prediction is the class of largest probability, its confidence that probability. Bin m of M holds confidences in
    ((m-1)/M, m/M]; the first holds 0 too. Guo et al., ICML 2017.

    Parameters
    ----------
    input : array, (N, C)
        Probabilities: rows sum to 1.
    target : array, (N,)
        Class indices.
    bins : int

    Returns
    -------
    confidence, accuracy : array, (bins,)
        Means within each bin; nan in an empty one.
    count : array, (bins,)
    """
    return _curve("calibration_curve", input, target, bins)


def expected_calibration_error(input, target, bins: int = 10) -> float:
    """Σ_m (n_m/N)·|accuracy_m - confidence_m| over the bins of `calibration_curve`. Guo et al., ICML 2017, eq. 3."""
    confidence, accuracy, count = _curve("expected_calibration_error", input, target, bins)
    used = count > 0
    return float(np.average(np.abs(accuracy - confidence)[used], weights=count[used])) if used.any() else float("nan")


def _curve(name, input, target, bins):
    confidence, correct = _judged(name, input, target, bins)
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    count = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, weights, bins) for weights in (confidence, correct)]
    claimed, true = (np.divide(s, count, out=np.full(bins, np.nan), where=count > 0) for s in sums)
    return claimed, true, count


def _judged(name, input, target, bins):
    """Confidence and correctness of each prediction: two arrays (N,)."""
    p, target = np.asarray(input, np.float64), np.asarray(target)
    if bins < 1:
        raise ValueError(f"{name}: bins must be at least 1, got {bins}")
    if p.ndim != 2 or p.shape[1] < 1 or p.shape[:1] != target.shape:
        raise ValueError(f"{name}: expected probabilities (N, C) and targets (N,), got {p.shape} and {target.shape}")
    if not ((p >= 0).all() and np.allclose(p.sum(1), 1, atol=1e-3)):
        raise ValueError(f"{name}: input must hold probabilities whose rows sum to 1; apply softmax to logits first")
    return np.minimum(p.max(1), 1), p.argmax(1) == target
