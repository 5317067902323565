"""Loss functions: a single number to make small, and its gradient. Names, order and defaults are PyTorch's.

Every loss takes ``reduction="mean" | "sum" | "none"``. The mean is over samples; the articles' formulas that average
over classes, or drop half of the terms, are in `course_lib.claims` (S4-4.1-cross-entropy, S0-4.2.1-cross-entropy).
"""

import numpy as np

from course_lib.activations import _log_softmax, _sigmoid
from course_lib.op import Array, Labels, op


@op
def mse_loss(input: Array, target: Array, reduction: str = "mean"):
    """(ŷ - y)²; gradient 2(ŷ - y), over n for the mean (claim S2-4.1.1-mse)."""
    difference = _difference("mse_loss", input, target)
    return _reduce("mse_loss", difference**2, reduction, lambda: 2 * difference, both=True)


@op
def l1_loss(input: Array, target: Array, reduction: str = "mean"):
    """|ŷ - y|; gradient sign(ŷ - y), 0 where they are equal."""
    difference = _difference("l1_loss", input, target)
    return _reduce("l1_loss", np.abs(difference), reduction, lambda: np.sign(difference), both=True)


@op
def huber_loss(input: Array, target: Array, reduction: str = "mean", delta: float = 1.0):
    """½d² where |d| ≤ δ, else δ(|d| - ½δ), with d = ŷ - y: squared near 0, linear for outliers. Huber, 1964."""
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be above 0, got {delta}")
    d = _difference("huber_loss", input, target)
    size = np.abs(d)
    loss = np.where(size <= delta, 0.5 * d * d, delta * (size - 0.5 * delta))
    return _reduce("huber_loss", loss, reduction, lambda: np.clip(d, -delta, delta), both=True)


@op
def cross_entropy(
    input: Array,
    target: Labels,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
):
    """-Σ_c q_c log softmax(input)_c for each sample, from logits; gradient softmax - q.

    Parameters
    ----------
    input : array, (C,), (N, C) or (N, C, d1, ...)
        Logits: any real numbers.
    target : array
        Class indices, without the class axis, or probabilities in the input's shape.
    weight : array, (C,), optional
        Weight of each class; the mean is then a weighted mean.
    ignore_index : int
        Samples with this class index count for nothing.
    reduction : {"mean", "sum", "none"}
    label_smoothing : float in [0, 1]
        q = (1 - ε)·target + ε/C.
    """
    name = "cross_entropy"
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{name}: label_smoothing must lie in [0, 1], got {label_smoothing}")
    log_p = _log_softmax(_class_last(name, input), -1)  # (..., C)
    hard = target.shape != input.shape or target.dtype.kind in "iub"
    if not hard or label_smoothing:
        return _soft_cross_entropy(log_p, input, target, hard, weight, ignore_index, reduction, label_smoothing)
    index, w, count = _classes(name, log_p, target, weight, ignore_index)
    rows = np.arange(index.size)

    def gradient(scale):
        g = np.exp(log_p).reshape(-1, log_p.shape[-1])  # softmax
        g[rows, index] -= 1
        g *= (w * np.ravel(scale))[:, None]
        return _class_second(g.reshape(log_p.shape), input)

    loss = (-w * log_p.reshape(-1, log_p.shape[-1])[rows, index]).reshape(target.shape)
    return _reduce_weighted(name, loss, reduction, count, gradient)


def _soft_cross_entropy(log_p, input, target, hard, weight, ignore_index, reduction, smoothing):
    """Cross-entropy against a distribution q over the classes, for each sample."""
    name, classes, count = "cross_entropy", log_p.shape[-1], None
    if hard:
        index, w, count = _classes(name, log_p, target, weight, ignore_index)
        kept = (w != 0) if weight is None else (target != ignore_index).ravel()
        q = (np.eye(classes, dtype=log_p.dtype)[index] * np.reshape(kept, (-1, 1))).reshape(log_p.shape)
        uniform = np.reshape(kept * np.ones(index.size), (*target.shape, 1)) / classes
    else:
        q, uniform = (np.moveaxis(target, 1, -1) if input.ndim > 1 else target), 1 / classes
    q = (1 - smoothing) * q + smoothing * uniform
    q = (q if weight is None else q * weight).astype(log_p.dtype, copy=False)
    loss = -np.multiply(q, log_p, out=np.zeros_like(log_p), where=q != 0).sum(-1)  # 0 · log 0 is 0

    def gradient(scale):
        g = np.exp(log_p) * q.sum(-1, keepdims=True) - q
        return _class_second(g * np.reshape(scale, (*np.shape(scale), 1)), input)

    return _reduce_weighted(name, loss, reduction, loss.size if count is None else count, gradient)


@op
def nll_loss(
    input: Array, target: Labels, weight: Array | None = None, ignore_index: int = -100, reduction: str = "mean"
):
    """-input[target]: the negative log-likelihood of the true class, from log-probabilities (see `cross_entropy`)."""
    log_p = _class_last("nll_loss", input)
    index, w, count = _classes("nll_loss", log_p, target, weight, ignore_index)
    rows = np.arange(index.size)

    def gradient(scale):
        g = np.zeros((index.size, log_p.shape[-1]), log_p.dtype)
        g[rows, index] = -w * np.ravel(scale)
        return _class_second(g.reshape(log_p.shape), input)

    loss = (-w * log_p.reshape(-1, log_p.shape[-1])[rows, index]).reshape(target.shape)
    return _reduce_weighted("nll_loss", loss, reduction, count, gradient)


@op
def binary_cross_entropy(input: Array, target: Array, weight: Array | None = None, reduction: str = "mean"):
    """-(y log p + (1 - y) log(1 - p)) from probabilities; both logarithms are cut at -100, as in PyTorch.

    Prefer `binary_cross_entropy_with_logits`: a probability that has rounded to 0 or 1 has lost its gradient
    (claims S2-4.1.3-log-loss, S4-4.1-cross-entropy).
    """
    name = "binary_cross_entropy"
    _difference(name, input, target)
    if input.size and not (np.nanmin(input) >= 0 and np.nanmax(input) <= 1):
        raise ValueError(f"{name}: input must hold probabilities in [0, 1], got values "
                         f"from {np.nanmin(input):g} to {np.nanmax(input):g}; for logits use {name}_with_logits")
    with np.errstate(divide="ignore"):
        log_p, log_q = np.maximum(np.log(input), -100), np.maximum(np.log1p(-input), -100)
    w = 1 if weight is None else weight
    loss = -w * (target * log_p + (1 - target) * log_q)
    value, (scaled,) = _reduce(
        name, loss, reduction, lambda: w * (input - target) / np.maximum(input * (1 - input), 1e-12)
    )
    _, (to_target,) = _reduce(name, loss, reduction, lambda: w * (log_q - log_p))
    return value, (scaled, to_target)


@op
def binary_cross_entropy_with_logits(
    input: Array,
    target: Array,
    weight: Array | None = None,
    reduction: str = "mean",
    pos_weight: Array | None = None,
):
    """max(z, 0) - zy + log(1 + e^-|z|), the log loss of σ(z) without computing σ(z); gradient σ(z) - y.

    `pos_weight` multiplies the loss of the positive class.
    """
    name = "binary_cross_entropy_with_logits"
    _difference(name, input, target)
    w = 1 if weight is None else weight
    positive = 1 if pos_weight is None else pos_weight
    tail = np.log1p(np.exp(-np.abs(input)))
    minus_log_p, minus_log_q = np.maximum(-input, 0) + tail, np.maximum(input, 0) + tail  # -log σ(z), -log σ(-z)
    loss = w * (positive * target * minus_log_p + (1 - target) * minus_log_q)
    s = _sigmoid(input)
    value, (to_input,) = _reduce(name, loss, reduction, lambda: w * ((1 - target) * s - positive * target * (1 - s)))
    _, (to_target,) = _reduce(name, loss, reduction, lambda: w * (positive * minus_log_p - minus_log_q))
    return value, (to_input, to_target)


@op
def kl_div(input: Array, target: Array, reduction: str = "mean", log_target: bool = False):
    """Kullback-Leibler divergence t·(log t - input), with the input given as log-probabilities; 0·log 0 is 0.

    ``reduction="batchmean"`` divides by the number of rows, which is the divergence as defined; "mean" divides by the
    number of elements (PyTorch's default).
    """
    _difference("kl_div", input, target)
    t = np.exp(target) if log_target else target
    with np.errstate(divide="ignore", invalid="ignore"):
        log_t = target if log_target else np.log(target)
        loss = np.where(t > 0, t * (log_t - input), 0).astype(input.dtype)
    rows = input.shape[0] if input.ndim else 1
    if reduction == "batchmean":
        return loss.sum() / max(rows, 1), (lambda g: -t * (g / max(rows, 1)),)
    return _reduce("kl_div", loss, reduction, lambda: -t)


def _difference(name, input, target):
    """Return input - target, and insist on equal shapes: (N,) against (N, 1) would silently compare all with all."""
    if input.shape != target.shape:
        raise ValueError(f"{name}: input and target must have the same shape, got {input.shape} and {target.shape}")
    return input - target


def _reduce(name, loss, reduction, gradient, both=False):
    """Reduce an element-wise loss; `gradient()` is d(loss)/d(input) before the reduction."""
    value, scale = _reduced(name, loss, reduction, loss.size)
    first = lambda g: gradient() * (g * scale)  # noqa: E731
    return value, (first, lambda g: -first(g)) if both else (first,)


def _reduce_weighted(name, loss, reduction, count, gradient):
    """As `_reduce`, for a mean over `count` (a sum of weights); `gradient(scale)` scales each sample."""
    value, scale = _reduced(name, loss, reduction, count)
    return value, (lambda g: gradient(g * scale),)


def _reduced(name, loss, reduction, count):
    if reduction == "none":
        return loss, 1
    if reduction == "sum":
        return loss.sum(), 1
    if reduction == "mean":
        scale = loss.dtype.type(1 / count if count else 0)
        return loss.sum() * scale if count else np.full_like(scale, np.nan), scale  # the mean of nothing is nan
    raise ValueError(f'{name}: reduction must be "mean", "sum" or "none", got {reduction!r}')


def _class_last(name, input):
    if input.ndim == 0:
        raise ValueError(f"{name}: input needs a class axis, got a single number")
    return np.moveaxis(input, 1, -1) if input.ndim > 2 else input  # (C,), (N, C) or (N, d1, ..., C)


def _class_second(g, input):
    return np.moveaxis(g, -1, 1) if input.ndim > 2 else g


def _classes(name, scores, target, weight, ignore_index):
    """Check the class indices; return them flat (M,), with each sample's weight (or 1 for all) and the weights' sum."""
    classes = scores.shape[-1]
    if target.dtype.kind not in "iub":
        raise ValueError(f"{name}: class indices must be integers, got {target.dtype} of shape {target.shape} "
                         f"for scores of shape {scores.shape}")
    if target.shape != scores.shape[:-1]:
        raise ValueError(f"{name}: expected targets of shape {scores.shape[:-1]}, got {target.shape}")
    index, w = target.ravel(), 1
    index = index.astype(int) if index.dtype == bool else index  # Booleans would select instead of count
    if 0 <= ignore_index < classes or (index.size and index.astype(np.uint64).max() >= classes):  # negative: huge
        kept = index != ignore_index
        index, w = np.where(kept, index, 0), kept.astype(scores.dtype)
        if index.min(initial=0) < 0 or index.max(initial=0) >= classes:
            raise ValueError(f"{name}: class indices must lie in 0..{classes - 1}, got {index.min()}..{index.max()}")
    if weight is not None:
        w = w * weight[index]
    return index, w, float(index.size if np.ndim(w) == 0 else w.sum())
