"""Landscapes for `OptiRace`: functions of two variables with their gradients, each with its lowest value at 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Surface:
    """``value(x, y)`` works on arrays; ``gradient(x, y)`` returns (df/dx, df/dy). ``bounds`` = (x0, x1, y0, y1)."""

    value: Callable
    gradient: Callable
    bounds: tuple[float, float, float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    formula: str

    def grid(self, columns: int, rows: int) -> np.ndarray:
        """Return the values (rows, columns) at cell corners from (x0, y0) to (x1, y1)."""
        x0, x1, y0, y1 = self.bounds
        x, y = np.meshgrid(np.linspace(x0, x1, columns), np.linspace(y0, y1, rows))
        return self.value(x, y)


def _plateau(x, y):
    q = x * x + y * y
    return q / (1 + q)


def _plateau_gradient(x, y):
    d = 2 / (1 + x * x + y * y) ** 2
    return d * x, d * y


SURFACES = {
    "ravine": Surface(
        lambda x, y: 0.5 * (x * x + 30 * y * y),
        lambda x, y: (x, 30 * y),
        (-3.0, 3.0, -2.0, 2.0), (-2.5, 1.2), ((0.0, 0.0),), "½(x² + 30y²)",
    ),
    "banana": Surface(
        lambda x, y: (1 - x) ** 2 + 5 * (y - x * x) ** 2,
        lambda x, y: (-2 * (1 - x) - 20 * x * (y - x * x), 10 * (y - x * x)),
        (-2.0, 2.0, -1.0, 3.0), (-1.5, 2.2), ((1.0, 1.0),), "(1 − x)² + 5(y − x²)²",
    ),
    "saddle": Surface(
        lambda x, y: 0.5 * x * x + 0.25 * (y * y - 1) ** 2,
        lambda x, y: (x, y * (y * y - 1)),
        (-2.0, 2.0, -1.8, 1.8), (-1.6, 0.02), ((0.0, 1.0), (0.0, -1.0)), "½x² + ¼(y² − 1)²",
    ),
    "plateau": Surface(
        _plateau, _plateau_gradient, (-4.0, 4.0, -3.0, 3.0), (-3.4, 2.2), ((0.0, 0.0),), "r² / (1 + r²)",
    ),
}  # fmt: skip
