"""Normalisation (batch, layer, RMS) and dropout."""

import numpy as np

from course_lib.op import Array, Labels, once, op
from course_lib.random import generator


@op
def batch_norm(
    input: Array,
    running_mean: Labels | None,
    running_var: Labels | None,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
):
    """y = w·x̂ + b with x̂ = (x - μ) / √(σ² + ε), for each channel by itself. Ioffe & Szegedy, ICML 2015.

    In training μ and σ² are the batch's own (σ² with divisor m), and the gradient flows through them too:
    dx = w / √(σ² + ε) · (g - mean g - x̂ · mean(g x̂)). In evaluation they are the running ones, constants.

    Parameters
    ----------
    input : array, (N, C) or (N, C, d1, ...)
    running_mean, running_var : array, (C,), or None
        In training, changed in place: running = (1 - momentum)·running + momentum·batch, where the batch's variance
        has divisor m - 1. May be None in training.
    weight, bias : array, (C,), optional
    training : bool
    momentum : float
        Weight of the newest batch.
    eps : float
        Keeps the root away from 0.
    """
    _check_batch_norm(input, running_mean, running_var, weight, bias, training)
    axes = (0, *range(2, input.ndim))
    per_channel = (1, -1, *(1,) * (input.ndim - 2))  # (C,) → (1, C, 1, ...)
    if training:
        centred, var = _centred(input, axes)
        if running_mean is not None:
            m = input.size // input.shape[1]
            _move(running_mean, input.mean(axes), momentum)
            _move(running_var, var.ravel() * (m / (m - 1)), momentum)
    else:
        mean, var = (v.reshape(per_channel).astype(input.dtype, copy=False) for v in (running_mean, running_var))
        centred = input - mean
    w, b = (None if v is None else v.reshape(per_channel) for v in (weight, bias))
    y, (dx, dw, db) = _normalise(centred, var, eps, w, b, axes if training else None, axes)
    return y, (dx, None, None, dw, db)


@op
def layer_norm(
    input: Array,
    normalized_shape: int | tuple,
    weight: Array | None = None,
    bias: Array | None = None,
    eps: float = 1e-5,
):
    """y = w ⊙ x̂ + b with x̂ = (x - μ) / √(σ² + ε) over the last axes, for each sample by itself.

    Needs no batch and no running statistics; the gradient is that of `batch_norm` with the axes exchanged. Ba, Kiros &
    Hinton, 2016, arXiv:1607.06450.

    Parameters
    ----------
    input : array, (..., *normalized_shape)
    normalized_shape : int or tuple
    weight, bias : array, normalized_shape, optional
    eps : float
    """
    axes = _last_axes("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    y, (dx, dw, db) = _normalise(*_centred(input, axes), eps, weight, bias, axes, tuple(range(input.ndim - len(axes))))
    return y, (dx, None, dw, db)


@op
def rms_norm(
    input: Array, normalized_shape: int | tuple, weight: Array | None = None, eps: float | None = None
):
    """y = w ⊙ x / √(mean x² + ε) over the last axes: `layer_norm` without the mean. Zhang & Sennrich, NeurIPS 2019.

    `eps` None is the dtype's machine epsilon, as in PyTorch.
    """
    axes = _last_axes("rms_norm", input, normalized_shape, weight=weight)
    eps = np.finfo(input.dtype).eps if eps is None else eps
    scale = 1 / np.sqrt(np.square(input).mean(axes, keepdims=True) + input.dtype.type(eps))
    x_hat = input * scale

    def dx(g):
        g = g if weight is None else g * weight
        return scale * (g - x_hat * (g * x_hat).mean(axes, keepdims=True))

    outer = tuple(range(input.ndim - len(axes)))
    return x_hat if weight is None else x_hat * weight, (dx, None, lambda g: (g * x_hat).sum(outer))


def _centred(x, axes):
    """x - μ and σ², over these axes."""
    centred = x - x.mean(axes, keepdims=True)
    return centred, np.square(centred).mean(axes, keepdims=True)


def _normalise(centred, var, eps, weight, bias, through, shared):
    """y = w·(x - μ)/√(σ² + ε) + b and its vjps, for weight and bias that broadcast against x, or None.

    The gradients of weight and bias are sums over the axes `shared`. `through` are the axes over which μ and σ² were
    taken from x itself, None if they were not.
    """
    scale = 1 / np.sqrt(var + var.dtype.type(eps))
    x_hat = centred * scale
    y = x_hat if weight is None else x_hat * weight
    y = y if bias is None else y + bias
    product = once(lambda g: g * x_hat)

    def dx(g):
        h, h_x = (g, product(g)) if weight is None else (g * weight, product(g) * weight)
        if through is not None:
            h = h - h.mean(through, keepdims=True) - x_hat * h_x.mean(through, keepdims=True)
        return h * scale

    return y, (dx, lambda g: product(g).sum(shared), lambda g: g.sum(shared))


@op
def dropout(input: Array, p: float = 0.5, training: bool = True, rng: np.random.Generator | None = None):
    """x ⊙ m / (1 - p), each m being 0 with probability p, else 1: the mean stays x. Outside training, x itself.

    Srivastava et al., JMLR 15 (2014); dividing here instead of multiplying by 1 - p later is "inverted" dropout.
    """
    return _drop("dropout", input, input.shape, p, training, rng)


@op
def variational_dropout(
    input: Array,
    p: float = 0.5,
    training: bool = True,
    batch_first: bool = False,
    rng: np.random.Generator | None = None,
):
    """`dropout` of sequences with one mask for all time steps. Gal & Ghahramani, NeurIPS 2016.

    Shapes: input (T, N, D), or (N, T, D) with `batch_first`; the mask is (1, N, D) or (N, 1, D).
    """
    if input.ndim != 3:
        raise ValueError(f"variational_dropout: input must have shape (T, N, D) or (N, T, D), got {input.shape}")
    n, m, d = input.shape
    return _drop("variational_dropout", input, (n, 1, d) if batch_first else (1, m, d), p, training, rng)


def _drop(name, x, shape, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: p must lie in [0, 1], got {p}")
    if not training or p == 0:
        return x, (lambda g: g,)
    kept = generator(rng).random(shape, np.float32) >= p
    mask = kept.astype(x.dtype) * x.dtype.type(1 / (1 - p) if p < 1 else 0)
    return x * mask, (lambda g: g * mask,)


def _move(running, new, momentum):
    """running ← (1 - momentum)·running + momentum·new, in place."""
    running *= 1 - momentum
    running += momentum * new


def _last_axes(name, input, normalized_shape, **parameters):
    """The axes to normalise over; insist that they have the stated sizes."""
    shape = (normalized_shape,) if isinstance(normalized_shape, (int, np.integer)) else tuple(normalized_shape)
    if not shape:
        raise ValueError(f"{name}: normalized_shape must name at least one axis, got {normalized_shape!r}")
    if input.shape[-len(shape) :] != shape:
        raise ValueError(f"{name}: expected an input of shape (..., {', '.join(map(str, shape))}), got {input.shape}")
    for key, value in parameters.items():
        if value is not None and value.shape != shape:
            raise ValueError(f"{name}: {key} must have shape {shape}, got {value.shape}")
    return tuple(range(-len(shape), 0))


def _check_batch_norm(input, running_mean, running_var, weight, bias, training):
    if input.ndim < 2:
        raise ValueError(f"batch_norm: input must have shape (N, C) or (N, C, d1, ...), got {input.shape}")
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for key, value in given.items():
        if value is not None and value.shape != input.shape[1:2]:
            raise ValueError(f"batch_norm: {key} must have shape ({input.shape[1]},), got {value.shape}")
    if (running_mean is None or running_var is None) and not (training and running_mean is running_var):
        raise ValueError("batch_norm: running_mean and running_var may be None only in training, and only both")
    if training and input.size < 2 * input.shape[1]:
        raise ValueError(f"batch_norm: training needs at least 2 values per channel, got input shape {input.shape}")
