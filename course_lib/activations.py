"""Activation functions: NumPy forward and derivative, stable at any finite input."""

import numpy as np

from course_lib.op import Array, op

_SQRT_2 = np.sqrt(2.0)
_SQRT_2_OVER_PI = np.sqrt(2.0 / np.pi)


@op
def relu(x: Array):
    """max(0, x); the derivative is 1 for x > 0 and 0 elsewhere, at 0 too (claim S0-4.1.1-relu)."""
    return np.maximum(x, 0), (lambda g: g * (x > 0),)


@op
def leaky_relu(x: Array, negative_slope: float = 0.01):
    """x for x > 0, else slope·x."""
    slope = np.where(x > 0, 1.0, negative_slope).astype(x.dtype)
    return x * slope, (lambda g: g * slope,)


@op
def elu(x: Array, alpha: float = 1.0):
    """x for x > 0, else α(eˣ - 1). Clevert, Unterthiner & Hochreiter, ICLR 2016, eq. 15."""
    negative = alpha * np.expm1(np.minimum(x, 0))  # the minimum keeps exp from overflowing where it is not used
    y = np.where(x > 0, x, negative)
    return y, (lambda g: g * np.where(x > 0, 1, negative + alpha).astype(x.dtype),)


@op
def sigmoid(x: Array):
    """σ(x) = 1 / (1 + e⁻ˣ), computed from e^-|x| so that nothing overflows; σ' = σ(1 - σ) (claim S3-4.1-sigmoid)."""
    s = _sigmoid(x)
    return s, (lambda g: g * s * (1 - s),)


@op
def tanh(x: Array):
    """tanh x = 2σ(2x) - 1; derivative 1 - tanh²x (claims S3-4.1-tanh, S4-4.2-tanh-identity)."""
    y = np.tanh(x)
    return y, (lambda g: g * (1 - y * y),)


@op
def gelu(x: Array, approximate: str = "none"):
    """x·Φ(x) with Φ the normal distribution function, or its tanh form. Hendrycks & Gimpel, 2016, arXiv:1606.08415.

    Parameters
    ----------
    x : array
    approximate : {"none", "tanh"}
        "tanh": x/2 · (1 + tanh(√(2/π)(x + 0.044715x³))).
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'gelu: approximate must be "none" or "tanh", got {approximate!r}')
    phi, dphi = _normal_cdf(x) if approximate == "none" else _normal_cdf_tanh(x)
    return x * phi, (lambda g: g * (phi + x * dphi),)


@op
def silu(x: Array):
    """x·σ(x), also called swish; derivative σ(x)(1 + x(1 - σ(x)))."""
    s = _sigmoid(x)
    return x * s, (lambda g: g * s * (1 + x * (1 - s)),)


@op
def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0):
    """log(1 + e^(βx)) / β, a smooth relu with derivative σ(βx); x itself where βx > threshold, as in PyTorch."""
    bx = beta * x
    smooth = (np.maximum(bx, 0) + np.log1p(np.exp(-np.abs(bx)))) / beta
    linear = bx > threshold
    slope = np.where(linear, 1, _sigmoid(bx)).astype(x.dtype)
    return np.where(linear, x, smooth), (lambda g: g * slope,)


@op
def softmax(x: Array, dim: int = -1):
    """eˣⁱ / Σⱼ eˣʲ along `dim`; the maximum is subtracted first. Gradient: p ⊙ (g - Σ g ⊙ p)."""
    p = np.exp(_log_softmax(x, dim))
    return p, (lambda g: p * (g - (g * p).sum(dim, keepdims=True)),)


@op
def log_softmax(x: Array, dim: int = -1):
    """x - log Σⱼ eˣʲ along `dim`, without taking the logarithm of a rounded-off zero. Gradient: g - p Σ g."""
    log_p = _log_softmax(x, dim)
    return log_p, (lambda g: g - np.exp(log_p) * g.sum(dim, keepdims=True),)


def _sigmoid(x):
    e = np.exp(-np.abs(x))  # in (0, 1]
    return np.where(x >= 0, 1, e) / (1 + e)


def _log_softmax(x, dim):
    if x.ndim == 0 or not -x.ndim <= dim < x.ndim:
        raise ValueError(f"softmax: dim {dim} is not an axis of an input of shape {x.shape}")
    if x.shape[dim] == 0:
        return x
    z = x - x.max(dim, keepdims=True)  # a row of nothing but -inf becomes nan, as in PyTorch
    z -= np.log(np.exp(z).sum(dim, keepdims=True))
    return z


def _normal_cdf(x):
    from scipy.special import erf  # NumPy has no error function

    return 0.5 * (1 + erf(x / _SQRT_2)).astype(x.dtype), np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi).astype(x.dtype)


def _normal_cdf_tanh(x):
    bounded = np.clip(x, -100, 100)  # tanh is 1 long before; x³ must not overflow
    inner = _SQRT_2_OVER_PI.astype(x.dtype) * (bounded + 0.044715 * bounded**3)
    t = np.tanh(inner)
    slope = _SQRT_2_OVER_PI.astype(x.dtype) * (1 + 3 * 0.044715 * bounded**2)
    return 0.5 * (1 + t), 0.5 * (1 - t * t) * slope
