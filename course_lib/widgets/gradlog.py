"""What `GradFlow` keeps of a training step: per weight, the histogram of its gradients and how far it moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .learners import loss_of, output

LOW, HIGH, BINS = -14.0, 2.0, 64  # of log10|gradient|: quarter decades
EDGES = np.linspace(LOW, HIGH, BINS + 1)
WEIGHT_BINS = 41


@dataclass
class Record:
    """One step. Arrays have a row per weight, first layer first."""

    loss: float
    medians: np.ndarray  # (L,) median of |g|, exact zeros left out
    shares: np.ndarray  # (L, BINS) share of the gradients in each bin of log10|g|; exact zeros are in none
    zeros: np.ndarray  # (L,) share of gradients that are exactly zero
    ratios: np.ndarray  # (L,) size of the update over size of the weights
    weights: np.ndarray  # (L, WEIGHT_BINS) histogram of the weights, between -spans and spans
    spans: np.ndarray  # (L,)


def gradient_stats(grads) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return medians (of what is not zero), histogram shares and shares of zeros, a row per array in ``grads``.

    A relu that is off passes an exact zero; with the zeros in, the median of a sparse layer would say nothing.
    """
    medians, shares, zeros = [], [], []
    for grad in grads:
        size = np.abs(np.asarray(grad, np.float64)).ravel()
        if not np.isfinite(size).all():
            raise FloatingPointError("a gradient is not a finite number")
        found = size[size > 0]
        index = np.clip(((np.log10(found) - LOW) / (HIGH - LOW) * BINS).astype(int), 0, BINS - 1)
        shares.append(np.bincount(index, minlength=BINS) / max(1, size.size))
        medians.append(np.median(found) if found.size else 0.0)
        zeros.append(1 - found.size / max(1, size.size))
    return np.array(medians), np.array(shares), np.array(zeros)


def weight_stats(weights) -> tuple[np.ndarray, np.ndarray]:
    """Return histograms of the weights (shares) and the range ±span that each covers."""
    shares, spans = [], []
    for w in weights:
        span = float(np.abs(w).max()) or 1.0
        index = np.clip(((w.ravel() / span + 1) / 2 * WEIGHT_BINS).astype(int), 0, WEIGHT_BINS - 1)
        shares.append(np.bincount(index, minlength=WEIGHT_BINS) / w.size)
        spans.append(span)
    return np.array(shares), np.array(spans)


def size(array) -> float:
    """Return the root mean square of an array."""
    return float(np.sqrt(np.mean(np.square(array, dtype=np.float64))))


def observe(model, batch, loss_fn, optimizer) -> Record:
    """Take one training step (forward, backward, update) and record it."""
    x, y = batch
    optimizer.zero_grad()
    loss = loss_of(loss_fn, output(model, x), y)
    loss.backward()
    params = [p for _, p in weights_of(model) if p.grad is not None]
    medians, shares, zeros = gradient_stats([p.grad for p in params])
    before = [p.data.copy() for p in params]
    histograms, spans = weight_stats(before)
    optimizer.step()
    moves = [size(p.data - old) / (size(old) or 1.0) for p, old in zip(params, before, strict=True)]
    return Record(loss.item(), medians, shares, zeros, np.array(moves), histograms, spans)


def weights_of(model) -> list:
    """Return (name, parameter) for every weight of two or more dimensions: what a layer multiplies with."""
    return [(name, p) for name, p in model.named_parameters() if p.ndim > 1]
