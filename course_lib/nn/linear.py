"""The fully connected layer, and the two that only pass their input on."""

import math

import numpy as np

from course_lib import arithmetic, init
from course_lib.nn.module import Module, Parameter


class Linear(Module):
    """y = x Wᵀ + b.

    Parameters
    ----------
    in_features, out_features : int
    bias : bool
    rng : numpy.random.Generator, optional
        Source of the first weights: U(-1/√in, 1/√in), PyTorch's default; `course_lib.init` has better ones for relu.
    dtype : numpy dtype

    Shapes: x (..., in_features) → (..., out_features); weight (out, in); bias (out,). Claims S0-4.1.2-weighted-sum,
    S1-4.2-layer.
    """

    def __init__(self, in_features, out_features, bias=True, *, rng=None, dtype=np.float32):
        for name, value in (("in_features", in_features), ("out_features", out_features)):
            if value < 1:
                raise ValueError(f"Linear: {name} must be at least 1, got {value}")
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features)
        self.weight = init.uniform_(Parameter(np.empty((out_features, in_features), dtype)), -bound, bound, rng)
        self.bias = init.uniform_(Parameter(np.empty(out_features, dtype)), -bound, bound, rng) if bias else None

    def forward(self, x):
        """Apply the affine map to the last axis."""
        return arithmetic.linear(x, self.weight, self.bias)

    def extra_repr(self):
        """Show the sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Identity(Module):
    """Returns its input."""

    def forward(self, x):
        """Return x itself."""
        return x


class Flatten(Module):
    """(N, d1, d2, ...) → (N, d1·d2·...); a reshape, no parameters (claim S0-4.4.2-fully-connected)."""

    def forward(self, x):
        """Keep the first axis, join the others."""
        return x.reshape(x.shape[0], -1) if x.shape[0] else x.reshape(0, math.prod(x.shape[1:]))
