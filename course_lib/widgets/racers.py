"""The racers of `OptiRace`: the course's optimizers, and rules of the learner's own, run on a surface."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from course_lib.nn import Parameter
from course_lib.optim import SGD, Adam, RMSprop

from .learners import numbers

FAR = 1e6  # beyond this a racer has diverged
NONE = np.full(2, np.nan)


class UncorrectedAdam(Adam):
    """Adam without bias correction: as if it had run for ever (t = ∞), so that m and v count as settled at once."""

    def rule(self, param, grad, state, t):
        """Apply Adam's rule with corrections of 1."""
        return super().rule(param, grad, state, math.inf)


class OwnStep:
    """A learner's rule ``step(g, s)`` in an optimizer's clothes.

    ``g`` is the gradient (2,); ``s`` is a dict that lives as long as the race, with ``lr`` and ``t`` (1, 2, ...) set
    anew each step. The result is subtracted from the weights. ``s["m"]`` and ``s["v"]``, if set, are shown.
    """

    def __init__(self, param, function, lr):
        self.param, self.function, self.lr = param, function, lr
        self.memory = {}
        self.steps = 0

    def step(self):
        """Move by what the function says."""
        self.steps += 1
        self.memory.update(lr=self.lr, t=self.steps)
        move = numbers("step(g, s)", self.function(self.param.grad.copy(), self.memory))
        if move.shape != self.param.shape:
            raise ValueError(f"step(g, s) must return {self.param.shape[0]} numbers, got shape {move.shape}")
        self.param.data = self.param.data - move

    @property
    def state(self):
        return {k: np.asarray(v, float) for k, v in self.memory.items() if k in ("m", "v")}


@dataclass(frozen=True)
class Racer:
    """A name, its place in the colours, and ``make(param, lr, correction)``, which returns an optimizer."""

    key: str
    name: str
    series: int
    make: object


RACERS = (
    Racer("sgd", "SGD", 0, lambda p, lr, fix: SGD([p], lr)),
    Racer("momentum", "Momentum 0.9", 1, lambda p, lr, fix: SGD([p], lr, 0.9)),
    Racer("rmsprop", "RMSprop", 2, lambda p, lr, fix: RMSprop([p], lr)),
    Racer("adam", "Adam", 3, lambda p, lr, fix: (Adam if fix else UncorrectedAdam)([p], lr)),
)


def own_racer(name: str, function, series: int) -> Racer:
    """Return a racer that moves by ``function(g, s)``, see `OwnStep`."""
    return Racer(f"own{series}", name, series, lambda p, lr, fix: OwnStep(p, function, lr))


def printed_adam(g, s):
    """Adam as the first article prints it (claim S0-4.3.2-adam-moments): differences inside, no bias correction.

    m ← β₁m + (1-β₁)(g - m);  v ← β₂v + (1-β₂)(g - m)², both with the old m in the bracket;  step = α·m/(√v + ε).
    """
    m, v = s.get("m", np.zeros_like(g)), s.get("v", np.zeros_like(g))
    s["m"], s["v"] = 0.9 * m + 0.1 * (g - m), 0.999 * v + 0.001 * ((g - m) ** 2 - v)
    return s["lr"] * s["m"] / (np.sqrt(s["v"]) + 1e-8)


def moments(optimizer) -> tuple[np.ndarray, np.ndarray]:
    """Return (m, v), the running mean and mean square (or velocity), NaN where the optimizer keeps none."""
    state = optimizer.state
    return state.get("m", state.get("velocity", NONE)), state.get("v", state.get("square", NONE))


def race(racer: Racer, surface, start, lr: float, noise: np.ndarray, correction: bool = True) -> dict:
    """Run one racer for T steps; return arrays: path (T+1, 2), loss (T+1,), grad, m, v, mhat, move (T, 2).

    ``noise`` (T, 2) is added to the gradients. After a divergence the rest is NaN.
    """
    param = Parameter(np.array(start, np.float64))
    optimizer = racer.make(param, lr, correction)
    path, rows = np.full((len(noise) + 1, 2), np.nan), np.full((len(noise), 3, 2), np.nan)
    path[0] = x, y = start
    for t, (nx, ny) in enumerate(noise.tolist()):
        gx, gy = surface.gradient(x, y)
        param.grad = np.array((gx + nx, gy + ny))
        optimizer.step()
        x, y = param.data.tolist()
        if not (abs(x) < FAR and abs(y) < FAR):
            break
        path[t + 1] = x, y
        rows[t, 0] = param.grad
        rows[t, 1], rows[t, 2] = moments(optimizer)
    grad, m, v = rows.transpose(1, 0, 2)
    with np.errstate(over="ignore"):
        loss = surface.value(path[:, 0], path[:, 1])
    inner = {"grad": grad, "m": m, "v": v, "mhat": _corrected(optimizer, m), "move": np.diff(path, axis=0)}
    return {"path": path, "loss": loss} | inner


def _corrected(optimizer, m):
    """Return m̂ = m / (1 - β₁ᵗ) for t = 1, 2, ... where the optimizer corrects, else NaN."""
    if not isinstance(optimizer, Adam) or isinstance(optimizer, UncorrectedAdam):
        return np.full_like(m, np.nan)
    return m / (1 - optimizer.betas[0] ** np.arange(1, len(m) + 1))[:, None]
