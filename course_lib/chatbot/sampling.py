"""Choosing the next token from its logits: greedy, or by chance with temperature, top-k, top-p and a penalty."""

from dataclasses import dataclass
from numbers import Real

import numpy as np


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn.

    The order is that of `transformers`: penalty, temperature, top-k, top-p.

    Attributes
    ----------
    temperature : float
        The logits are divided by it; 0 takes the most likely token (greedy).
    top_k : int, optional
        Keep the k most likely tokens. Fan, Lewis & Dauphin, ACL 2018.
    top_p : float, optional
        Keep the fewest tokens whose probabilities sum to at least p. Holtzman et al., ICLR 2020.
    repetition_penalty : float
        Logits of tokens seen before are divided by it if positive, multiplied if negative. Keskar et al., 2019.
    seed : int
        The same seed gives the same text.
    """

    temperature: float = 0.0
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float = 1.0
    seed: int = 0

    def __post_init__(self):
        _number("temperature", self.temperature, lambda t: 0 <= t < np.inf, "of at least 0")
        _number("repetition_penalty", self.repetition_penalty, lambda r: 0 < r < np.inf, "above 0")
        if self.top_k is not None and (type(self.top_k) is not int or self.top_k < 1):
            raise ValueError(f"Sampling: top_k must be a whole number of at least 1, got {self.top_k!r}")
        if self.top_p is not None:
            _number("top_p", self.top_p, lambda p: 0 < p <= 1, "in (0, 1]")
        if type(self.seed) is not int or self.seed < 0:
            raise ValueError(f"Sampling: seed must be a whole number of at least 0, got {self.seed!r}")


def _number(name, value, fine, allowed):
    if not isinstance(value, Real) or isinstance(value, bool) or not fine(value):
        raise ValueError(f"Sampling: {name} must be a number {allowed}, got {value!r}")


def penalise(logits: np.ndarray, seen, penalty: float) -> np.ndarray:
    """Logits (V,) with those of the tokens `seen` moved down: x / penalty if x > 0, else x · penalty."""
    seen = np.unique(np.asarray(seen, dtype=np.int64))
    logits = logits.copy()
    logits[seen] = np.where(logits[seen] > 0, logits[seen] / penalty, logits[seen] * penalty)
    return logits


def distribution(logits: np.ndarray, sampling: Sampling, seen=()) -> np.ndarray:
    """Probabilities (V,) from which the next token is drawn, float64. Tokens that are left out have 0.

    Parameters
    ----------
    logits : array, (V,)
    sampling : Sampling
    seen : sequence of int
        Tokens so far, for the repetition penalty.

    Raises
    ------
    ValueError
        If the largest logit is infinite or NaN: then there is no distribution.
    """
    logits = np.asarray(logits, dtype=np.float64)
    if logits.ndim != 1 or not len(logits):
        raise ValueError(f"distribution: logits must be (V,), got shape {logits.shape}")
    with np.errstate(over="ignore"):  # -∞ is right for what is far below the best
        if sampling.repetition_penalty != 1 and len(seen):
            logits = penalise(logits, seen, sampling.repetition_penalty)
        best = _best(logits)
        if sampling.temperature == 0:
            return np.eye(1, len(logits), best)[0]
        p = _softmax((logits - logits[best]) / sampling.temperature)
    return top_p(top_k(p, sampling.top_k), sampling.top_p)


def top_k(p: np.ndarray, k: int | None) -> np.ndarray:
    """Probabilities with only the k largest kept, summing to 1 again; of equals the lower ids."""
    if k is None or k >= len(p):
        return p
    return _keep(p, np.argsort(-p, kind="stable")[:k])


def top_p(p: np.ndarray, share: float | None) -> np.ndarray:
    """Probabilities with only the largest kept, as few as reach `share` together, summing to 1 again."""
    if share is None or share == 1:
        return p
    order = np.argsort(-p, kind="stable")
    before = np.cumsum(p[order]) - p[order]  # a token stays if those above it do not yet reach the share
    return _keep(p, order[before < share])


def draw(logits: np.ndarray, sampling: Sampling, rng: np.random.Generator, seen=()) -> int:
    """Draw a token id from the `distribution`."""
    if sampling.temperature == 0 and sampling.repetition_penalty == 1:
        return _best(logits)
    p = distribution(logits, sampling, seen)
    return int(min(np.searchsorted(np.cumsum(p), rng.random() * p.sum(), side="right"), np.flatnonzero(p)[-1]))


def _best(logits):
    """Id of the largest logit, which must be a number: NaN counts as the largest here."""
    best = int(logits.argmax())
    if not np.isfinite(logits[best]):
        raise ValueError(f"distribution: the logit of token {best} is {logits[best]}: model or penalty overflow")
    return best


def _keep(p, ids):
    kept = np.zeros_like(p)
    kept[ids] = p[ids]
    return kept / kept.sum()


def _softmax(x):
    e = np.exp(x)
    return e / e.sum()
