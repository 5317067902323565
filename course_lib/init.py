"""Initial weights. Each function fills a tensor in place and returns it, as `torch.nn.init` does.

A layer keeps the size of its signal if Var(w) = 1/fan_in; relu, which drops half of it, needs twice that.
"""

import math

import numpy as np

from course_lib.random import generator

_GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2.0)}


def calculate_gain(nonlinearity: str, param: float = 0.01) -> float:
    """The factor by which weights must grow to make up for what the activation takes away."""
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1 + param**2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"calculate_gain: unknown nonlinearity {nonlinearity!r}; known: {[*_GAINS, 'leaky_relu']}")
    return _GAINS[nonlinearity]


def fans(shape: tuple) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight of shape (out, in) or (out, in, kernel...)."""
    if len(shape) < 2:
        raise ValueError(f"fans: a weight needs at least two dimensions, got shape {shape}")
    receptive = math.prod(shape[2:])
    return shape[1] * receptive, shape[0] * receptive


def uniform_(tensor, a: float = 0.0, b: float = 1.0, rng=None):
    """Fill with draws from U(a, b)."""
    return _fill(tensor, generator(rng).uniform(a, b, tensor.shape))


def normal_(tensor, mean: float = 0.0, std: float = 1.0, rng=None):
    """Fill with draws from N(mean, std²)."""
    return _fill(tensor, generator(rng).normal(mean, std, tensor.shape))


def zeros_(tensor):
    """Fill with zeros."""
    return _fill(tensor, 0.0)


def xavier_uniform_(tensor, gain: float = 1.0, rng=None):
    """U(-a, a) with a = gain·√(6 / (fan_in + fan_out)). Glorot & Bengio, AISTATS 2010, eq. 16."""
    bound = gain * math.sqrt(6.0 / sum(fans(tensor.shape)))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor, gain: float = 1.0, rng=None):
    """N(0, s²) with s = gain·√(2 / (fan_in + fan_out)). Glorot & Bengio, AISTATS 2010, eq. 12."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor.shape))), rng)


def kaiming_uniform_(tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng=None):
    """U(-b, b) with b = gain·√(3 / fan). He et al., ICCV 2015, eq. 10 (`a` is the slope of a leaky relu)."""
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3.0 / _fan(tensor, mode))
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng=None):
    """N(0, s²) with s = gain / √fan. He et al., ICCV 2015, eq. 10."""
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode)), rng)


def _fan(tensor, mode):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode must be "fan_in" or "fan_out", got {mode!r}')
    return fans(tensor.shape)[mode == "fan_out"]


def _fill(tensor, values):
    tensor.data[...] = np.asarray(values, tensor.data.dtype)
    return tensor
