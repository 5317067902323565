"""A line (or a logistic curve) through points, as a loss over its two parameters: `LossLab`'s landscape."""

from __future__ import annotations

import numpy as np

from course_lib import losses
from course_lib.activations import sigmoid
from course_lib.autograd import Tensor

from .learners import numbers

CE = "cross-entropy"
MOST = 300  # points
LOSSES = {
    "MSE": losses.mse_loss,
    "MAE": losses.l1_loss,
    "Huber": losses.huber_loss,
    CE: losses.binary_cross_entropy_with_logits,
}


def example(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return 14 points near y = 0.8x + 0.5."""
    x = np.linspace(-2, 2, 14)
    return x, (0.8 * x + 0.5 + np.random.default_rng(seed).normal(0, 0.35, x.size)).round(3)


def checked(x, y) -> np.ndarray:
    """Return the points (n, 2), or say what is wrong with x or y."""
    x, y = numbers("LossLab: x", x), numbers("LossLab: y", y)
    if x.ndim != 1 or x.shape != y.shape or not x.size:
        raise ValueError(f"LossLab: x and y must be one number per sample, got shapes {x.shape} and {y.shape}")
    if x.size > MOST:
        raise ValueError(f"LossLab: at most {MOST} points can be drawn and dragged, got {x.size}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("LossLab: x and y must be finite numbers")
    return np.stack([x, y], axis=1)


class LineFit:
    """ŷ = wx + b on points; with cross-entropy, the logit of the class y ≥ ``middle``.

    Parameters
    ----------
    points : array, (n, 2)
    name : str
        A key of `LOSSES` or of ``own``.
    own : dict of name → callable
        ``f(prediction, target)`` of two arrays of one shape; returns each sample's loss. Its gradient is a finite
        difference.
    """

    names = ("w", "b")

    def __init__(self, points, name: str, own: dict):
        self.points, self.name = np.asarray(points, np.float64), name
        self.own = own.get(name)
        y = self.points[:, 1]
        self.middle = float((y.min() + y.max()) / 2)

    def moved(self, points, name: str, own: dict) -> LineFit:
        """Return a landscape for other points or another loss; what counts as class 1 stays."""
        new = LineFit(points, name, own)
        new.middle = self.middle
        return new

    @property
    def x(self) -> np.ndarray:
        """Inputs (n,)."""
        return self.points[:, 0]

    @property
    def target(self) -> np.ndarray:
        """What is to be predicted (n,): y, or for cross-entropy the class 0 or 1."""
        y = self.points[:, 1]
        return (y >= self.middle).astype(float) if self.name == CE else y

    def bounds(self) -> tuple[float, float, float, float]:
        """Return (w0, w1, b0, b1) around the least-squares line; for logits of labels 0 and 1 around 0."""
        x, y = self.points.T
        sx, sy = x.std() or 1.0, y.std() or 1.0
        if self.name == CE or (self.own is not None and np.isin(y, (0, 1)).all()):
            w, b, half = 0.0, 0.0, (6 / sx, 6 + 6 * abs(x.mean()) / sx)
        else:
            w, b = np.linalg.lstsq(np.stack([x, np.ones_like(x)], 1), y, rcond=None)[0]
            half = (2.5 * sy / sx, 2.5 * sy + 2.5 * sy / sx * abs(x.mean()))
        if max(half) < 3 * min(half):  # like sizes: equal axes, so that the gradient stands upright on the contour
            half = (max(half),) * 2
        return (w - half[0], w + half[0], b - half[1], b + half[1])

    def per_sample(self, theta) -> np.ndarray:
        """Return the samples' losses (..., n) at parameters (..., 2)."""
        theta = np.asarray(theta, np.float64)
        prediction = theta[..., :1] * self.x + theta[..., 1:]
        target = np.broadcast_to(self.target, prediction.shape)
        if self.own is None:
            return LOSSES[self.name](prediction, target, reduction="none")
        found = numbers(f"{self.name}(prediction, target)", self.own(prediction, target.copy()))
        if found.shape != prediction.shape:
            raise ValueError(f"{self.name}(prediction, target): expected an array of shape {prediction.shape}, "
                             f"one loss per element; got {found.shape}")
        return found

    def loss(self, theta) -> np.ndarray:
        """Return the mean loss at parameters (..., 2)."""
        return self.per_sample(theta).mean(-1)

    def gradient(self, theta) -> np.ndarray:
        """Return dL/d(w, b): the tape's, or for an own loss the finite difference."""
        if self.own is not None:
            return difference(self.loss, theta)
        theta = Tensor(np.asarray(theta, np.float64), requires_grad=True)
        LOSSES[self.name](theta[0] * self.x + theta[1], self.target).backward()
        return theta.grad

    def fit(self, theta, x) -> np.ndarray:
        """Return the prediction on a grid of x: the line, or the probability of class 1."""
        z = theta[0] * np.asarray(x) + theta[1]
        return sigmoid(z) if self.name == CE else z

    def grid(self, columns: int = 61, rows: int = 61) -> np.ndarray:
        """Return the loss (rows, columns) over the bounds."""
        return over(self.loss, self.bounds(), columns, rows)


def difference(loss, theta, h: float = 1e-6) -> np.ndarray:
    """Return the central finite difference of ``loss`` at ``theta`` (2,); the step is h·max(1, |θ|)."""
    theta = np.asarray(theta, np.float64)
    steps = np.diag(h * np.maximum(1.0, np.abs(theta)))
    return np.array([(loss(theta + s) - loss(theta - s)) / (2 * s.sum()) for s in steps])


def over(loss, bounds, columns: int, rows: int) -> np.ndarray:
    """Return ``loss`` of (rows, columns, 2) parameters that span ``bounds``."""
    a0, a1, b0, b1 = bounds
    a, b = np.meshgrid(np.linspace(a0, a1, columns), np.linspace(b0, b1, rows))
    with np.errstate(all="ignore"):
        return loss(np.stack([a, b], axis=-1))


def shaded(grid) -> np.ndarray:
    """Return log10 of the height above the lowest point: its bands show a valley's floor and its walls."""
    low, high = np.nanmin(grid), np.nanmax(np.where(np.isfinite(grid), grid, np.nan))
    rise = np.where(np.isfinite(grid), grid, high) - low
    return np.log10(rise + 0.01 * (np.median(rise) or 1.0))
