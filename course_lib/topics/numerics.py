"""Arithmetic that computers do with rounding: derivatives from differences, and sums."""

import numpy as np


def central_gradient(f, w, h: float = 1e-5) -> np.ndarray:
    """∂f/∂wᵢ ≈ (f(w + h·eᵢ) - f(w - h·eᵢ)) / 2h, wrong by O(h²) plus rounding of order ε/h.

    Parameters
    ----------
    f : callable
        Array → number.
    w : array_like
        Any shape; it is not written to.
    """
    w = np.array(w, float)
    out = np.empty_like(w)
    for i in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        out[i] = (float(f(up)) - float(f(down))) / (2 * h)
    return out


def squared_loss(x, y, w) -> float:
    """Mean of (x w - y)²; x (N, D), y (N,), w (D,)."""
    return float(np.mean((np.asarray(x) @ np.asarray(w, float) - np.asarray(y)) ** 2))


def squared_loss_gradient(x, y, w, h: float) -> np.ndarray:
    """Gradient of `squared_loss` with respect to w, by central differences."""
    return central_gradient(lambda v: squared_loss(x, y, v), w, h)


def mean_squared_error(pred, target) -> float:
    """Mean of (pred - target)², number against number: (N,) and (N, 1) are taken for the same N numbers.

    Raises
    ------
    ValueError
        If there are not equally many numbers.
    """
    pred, target = np.ravel(pred), np.ravel(target)
    if pred.size != target.size:
        raise ValueError(f"mean_squared_error: pred has {pred.size} numbers, target {target.size}")
    return float(np.mean((pred - target) ** 2))


def compensated_sum(values) -> float:
    """Sum of floats that carries along what rounding cut off.

    Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54 (1974).
    """
    total, lost = 0.0, 0.0
    for x in map(float, values):
        new = total + x
        lost += (total - new) + x if abs(total) >= abs(x) else (x - new) + total
        total = new
    return total + lost


def sum_in_order(values, order) -> float:
    """One number added after the other, in float32, in the given order."""
    return float(np.cumsum(np.asarray(values, np.float32)[order])[-1])


def amdahl(parallel: float, workers: float) -> float:
    """Speed-up 1 / ((1 - p) + p/n) when the share p of the work is made n times faster.

    Amdahl, Validity of the Single Processor Approach to Achieving Large Scale Computing Capabilities, AFIPS (1967).
    """
    return 1 / ((1 - parallel) + parallel / workers)
