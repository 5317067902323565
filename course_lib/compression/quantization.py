"""Quantisation: weights as small integers times a scale, after training or during it. Weights only, no activations."""

import numpy as np

from course_lib import nn
from course_lib.op import Array, op


def quantize(x, bits: int = 8, axis: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric quantisation: q = round(x / s) with s = max|x| / (2^(bits-1) - 1); no value is clipped.

    Jacob et al., CVPR 2018, with zero point 0; s = 1 where all are 0.

    Parameters
    ----------
    x : array
        Finite.
    bits : int
        2 to 8. -2^(bits-1) itself is not used, so that the range is symmetric.
    axis : int, optional
        One scale for each index along this axis (0: each row, the output channels); one for all by default.

    Returns
    -------
    values : array of int8
    scale : array
        Of x's dtype, in a shape that broadcasts against the values.
    """
    x, limit = np.asarray(x), _limit("quantize", bits)
    if not np.isfinite(x).all():
        raise ValueError("quantize: x must be finite, got nan or inf")
    others = None if axis is None else tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    scale = np.abs(x).max(axis=others, keepdims=True, initial=0) / limit
    scale = np.where(scale > 0, scale, 1).astype(x.dtype)
    return np.clip(np.rint(x / scale), -limit, limit).astype(np.int8), scale


def dequantize(values, scale) -> np.ndarray:
    """q·s; differs from what was quantised by at most s/2."""
    return values * scale


@op
def fake_quantize(x: Array, bits: int = 8, axis: int | None = None):
    """dequantize(quantize(x)), with the gradient of x itself: the straight-through estimator.

    Rounding has slope 0 almost everywhere and would stop all learning; its slope from step to step is 1. Bengio,
    Léonard & Courville, 2013, arXiv:1308.3432.
    """
    return dequantize(*quantize(x, bits, axis)), (lambda g: g,)


class QuantizationAware(nn.Module):
    """A layer that computes with its quantised weights and trains the full ones. Jacob et al., CVPR 2018.

    Parameters
    ----------
    layer : Module
        With a `weight`: Linear, Conv2d, ... It is shared, so its weights are the trained ones afterwards.
    bits, axis
        As for `quantize`.
    """

    def __init__(self, layer, bits=8, axis=0):
        if not isinstance(getattr(layer, "weight", None), nn.Parameter):
            raise TypeError(f"QuantizationAware: layer must have a weight, got {type(layer).__name__}")
        _limit("QuantizationAware", bits)
        self.layer, self.bits, self.axis = layer, bits, axis

    def forward(self, x):
        """Lend the layer its quantised weight for one call."""
        weight = self.layer.weight
        self.layer.weight = fake_quantize(weight, self.bits, self.axis)
        try:
            return self.layer(x)
        finally:
            self.layer.weight = weight

    def extra_repr(self):
        """Show the bits."""
        return f"bits={self.bits}, axis={self.axis}"


def _limit(name, bits):
    if bits not in range(2, 9):
        raise ValueError(f"{name}: bits must lie in 2..8, got {bits}")
    return 2 ** (bits - 1) - 1
