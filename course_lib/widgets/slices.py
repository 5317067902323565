"""A plane through a model's parameters: `LossLab`'s landscape for a network.

Li, Xu, Taylor, Studer & Goldstein, "Visualizing the loss landscape of neural nets", NeurIPS 2018: random directions,
each layer's part as long as the layer's weights.
"""

from __future__ import annotations

import copy

import numpy as np

from course_lib.autograd import Tensor, no_grad

from .learners import loss_of, output
from .linefit import over

DIRECTIONS = ("gradient and random", "two random")


class Slice:
    """L(θ + a·u + b·v) with u and v orthonormal, on a copy of the model in evaluation mode.

    Parameters
    ----------
    model : course_lib.nn.Module
    batch : (x, y)
    loss_fn : callable
        (output Tensor, y) → Tensor holding one number.
    directions : str
        One of `DIRECTIONS`.
    reach : float
        How far the plane goes to each side, in lengths of θ.
    seed : int
    """

    names = ("a", "b")

    def __init__(self, model, batch, loss_fn, directions: str, reach: float, seed: int):
        self.x, self.y = batch
        self.loss_fn = loss_fn
        self.model = copy.deepcopy(model).eval()
        self.params = self.model.parameters()
        self.base = _flat([p.data for p in self.params])
        self.u, self.v = self._directions(directions, np.random.default_rng(seed))
        self.reach = reach * (np.linalg.norm(self.base) or 1.0)

    def _directions(self, directions, rng):
        first = self._full_gradient() if directions == DIRECTIONS[0] else self._random(rng)
        u = first / (np.linalg.norm(first) or 1.0) if first.any() else _unit(self._random(rng))
        second = self._random(rng)
        return u, _unit(second - (second @ u) * u)

    def _random(self, rng):
        """A random direction; each parameter's part is as long as the parameter."""
        parts = [rng.standard_normal(p.shape) for p in self.params]
        return _flat([d * (np.linalg.norm(p.data) / (np.linalg.norm(d) or 1.0))
                      for d, p in zip(parts, self.params, strict=True)])  # fmt: skip

    def _place(self, theta):
        """Put the copy's parameters at (a, b)."""
        moved, start = self.base + theta[0] * self.u + theta[1] * self.v, 0
        for p in self.params:
            p.data = moved[start : start + p.size].reshape(p.shape).astype(p.dtype)
            start += p.size

    def _full_gradient(self):
        self.model.zero_grad()
        loss_of(self.loss_fn, output(self.model, self.x), self.y).backward()
        return _flat([np.zeros_like(p.data) if p.grad is None else p.grad for p in self.params])

    def bounds(self) -> tuple[float, float, float, float]:
        """Return (a0, a1, b0, b1)."""
        return (-self.reach, self.reach, -self.reach, self.reach)

    def loss(self, theta) -> np.ndarray:
        """Return the loss at every (..., 2) place in the plane."""
        theta = np.asarray(theta, np.float64)
        found = [self._one(place) for place in theta.reshape(-1, 2)]
        return np.array(found).reshape(theta.shape[:-1])

    def _one(self, place):
        self._place(place)
        with no_grad():
            return float(loss_of(self.loss_fn, output(self.model, self.x), self.y).item())

    def per_sample(self, theta) -> np.ndarray:
        """Return the samples' losses (n,) at one place."""
        self._place(theta)
        with no_grad():
            out = output(self.model, self.x)
            rows = [slice(i, i + 1) for i in range(len(self.y))]
            return np.array([loss_of(self.loss_fn, Tensor(out.data[row]), self.y[row]).item() for row in rows])

    def gradient(self, theta) -> np.ndarray:
        """Return dL/d(a, b): the tape's gradient, projected onto the plane."""
        self._place(theta)
        full = self._full_gradient()
        return np.array([full @ self.u, full @ self.v])

    def cut(self, theta, gradient, points: int = 41) -> tuple[np.ndarray, np.ndarray]:
        """Return distances along -∇ within the plane, and the loss there."""
        along = -np.asarray(gradient) / (np.linalg.norm(gradient) or 1.0)
        far = np.linspace(0, self.reach, points)
        return far, self.loss(np.asarray(theta) + far[:, None] * along)

    def grid(self, columns: int = 21, rows: int = 21) -> np.ndarray:
        """Return the loss (rows, columns) over the plane: 441 forward passes."""
        return over(self.loss, self.bounds(), columns, rows)


def _flat(arrays) -> np.ndarray:
    return np.concatenate([np.asarray(a, np.float64).ravel() for a in arrays])


def _unit(direction):
    return direction / (np.linalg.norm(direction) or 1.0)
