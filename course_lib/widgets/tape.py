"""What a run leaves on the tape: sizes of gradients, weights and moments, and dead units, at every k-th step."""

from __future__ import annotations

import math

import numpy as np

from .gradlog import weights_of

EVERY, MOST = 10, 200  # a record every tenth step; with more than 200 every second one goes


def quantities(optimizer) -> tuple[str, ...]:
    """Return the names of what is recorded: the optimizer's moments are called as it calls them."""
    return ("gradient", "weight", *optimizer.state_names, "dead units")


def observe(trainer) -> np.ndarray:
    """Return a row per weight: root mean squares of gradient, weight and moments, and the share of dead units.

    A unit is dead for a batch if no gradient at all reaches the weights that lead to it.
    """
    spans, end = {}, 0  # of each parameter in the optimizer's vectors
    for p in trainer.optimizer.params:
        spans[id(p)], end = slice(end, end + p.size), end + p.size
    rows = []
    for _, p in weights_of(trainer.model):
        span, grad = spans.get(id(p)), p.grad
        moments = [size(values[span]) if span else math.nan for values in trainer.optimizer.state.values()]
        rows.append([math.nan if grad is None else size(grad), size(p.data), *moments, dead(grad)])
    return np.array(rows, np.float32)


def size(values) -> float:
    """Return the root mean square."""
    flat = values.ravel()
    return math.sqrt(float(np.dot(flat, flat)) / flat.size)


def dead(grad) -> float:
    """Return the share of rows (output units) that are zero throughout."""
    if grad is None:
        return math.nan
    return 1 - np.count_nonzero(grad.reshape(len(grad), -1).any(1)) / len(grad)


class Tape:
    """Records of a run by step, never more than 200."""

    def __init__(self, records=None, every: int = EVERY):
        self.records, self.every = dict(records or {}), every

    def hear(self, trainer) -> None:
        """Record the step just taken, if it is one of those that are kept."""
        step = trainer.step_count
        if step % self.every or step in self.records:
            return
        self.records[step] = observe(trainer)
        if len(self.records) > MOST:
            self.every *= 2
            self.records = {s: r for s, r in self.records.items() if s % self.every == 0}

    def until(self, step: int) -> Tape:
        """Return the tape up to a step, for a run that goes another way from there."""
        return Tape({s: r for s, r in self.records.items() if s <= step}, self.every)

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps (n,) and the records (n, weights, quantities)."""
        steps = sorted(self.records)
        return np.array(steps, float), np.array([self.records[s] for s in steps])
