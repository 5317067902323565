"""From logits to a drawn token, stage by stage, with the course's sampling or a learner's. Knows nothing of widgets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.chatbot import sampling
from course_lib.chatbot.sampling import Sampling

from .learners import numbers

LEAST = float(np.nextafter(0, 1))  # stands for top-p = 0: the limit, which is the most probable token alone


@dataclass(frozen=True)
class Stages:
    """Logits (V,) on their way: penalised, divided by T, softmax, and the probabilities from which one draws.

    ``plain`` is the softmax before the cut; ``kept`` says what can be drawn.
    """

    logits: np.ndarray
    scaled: np.ndarray
    plain: np.ndarray
    p: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        return self.p > 0


def rules(temperature, k, p, penalty, seed, size) -> Sampling:
    """The sliders' settings as a `Sampling`; k at its end and p = 1 mean no limit."""
    return Sampling(temperature, None if k >= size else int(k), None if p >= 1 else max(p, LEAST), penalty, int(seed))


def stages(logits, rule: Sampling, seen=(), distribution=None) -> Stages:
    """Every stage of `sampling.distribution`, or of a learner's ``distribution(logits, sampling, seen)``.

    Raises
    ------
    ValueError
        If there is no distribution, or the learner's is none: not (V,), negative, not finite, or not summing to 1.
    """
    x = np.asarray(logits, np.float64)
    if rule.repetition_penalty != 1 and len(seen):
        x = sampling.penalise(x, seen, rule.repetition_penalty)
    warm = Sampling(rule.temperature, repetition_penalty=rule.repetition_penalty)
    plain = sampling.distribution(logits, warm, seen)
    p = plain if distribution is None else checked(distribution(logits, rule, seen), len(x))
    if distribution is None:
        p = sampling.distribution(logits, rule, seen)
    with np.errstate(over="ignore", invalid="ignore"):
        gap = x - x.max()
        scaled = gap / rule.temperature if rule.temperature else np.where(plain > 0, 0, -np.inf)
    return Stages(x, scaled, plain, p)


def checked(p, size: int) -> np.ndarray:
    """The learner's probabilities, if they are some."""
    p = numbers("distribution", p)
    if p.shape != (size,):
        raise ValueError(f"distribution: expected probabilities of shape ({size},), got {p.shape}")
    if not np.isfinite(p).all() or (p < 0).any():
        raise ValueError("distribution: a probability is negative or not finite")
    if abs(p.sum() - 1) > 1e-6:
        raise ValueError(f"distribution: the probabilities sum to {p.sum():.6g}, not to 1")
    return p


def draws(p: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Token ids, the same that n calls of `sampling.draw` with this generator give: (n,)."""
    ids = np.searchsorted(np.cumsum(p), rng.random(n) * p.sum(), side="right")
    return np.minimum(ids, np.flatnonzero(p)[-1])


def deviation(counts: np.ndarray, p: np.ndarray) -> float:
    """The largest distance of a count from n p, in standard deviations √(n p (1 - p)); infinite if it cannot be."""
    n = counts.sum()
    spread = np.sqrt(n * p * (1 - p))
    off = np.abs(counts - n * p)
    far = np.divide(off, spread, out=np.where(off > 1e-6 * max(n, 1), np.inf, 0.0), where=spread > 0)
    return float(far.max(initial=0))
