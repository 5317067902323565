"""Normalisation and dropout as layers. The formulas are in `course_lib.normalization`."""

import numpy as np

from course_lib import normalization
from course_lib.nn.module import Module, Parameter


class _BatchNorm(Module):
    """What `BatchNorm1d` and `BatchNorm2d` share."""

    dims = ()  # numbers of dimensions that the input may have
    shapes = ""  # in words

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, *,
                 dtype=np.float32):
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = Parameter(np.ones(num_features, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_features, dtype)) if affine else None
        self.running_mean = np.zeros(num_features, dtype) if track_running_stats else None
        self.running_var = np.ones(num_features, dtype) if track_running_stats else None
        self.num_batches_tracked = np.array(0)
        self.buffers = ("running_mean", "running_var", "num_batches_tracked") if track_running_stats else ()

    def forward(self, x):
        """Normalise each channel: by the batch in training, by the running statistics in evaluation."""
        if x.ndim not in self.dims:
            raise ValueError(f"{type(self).__name__}: input must have shape {self.shapes}, got {x.shape}")
        by_batch = self.training or self.running_mean is None
        if self.training:
            self.num_batches_tracked += 1
        momentum = 1 / max(int(self.num_batches_tracked), 1) if self.momentum is None else self.momentum
        return normalization.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, by_batch, momentum, self.eps
        )

    def extra_repr(self):
        """Show the sizes."""
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


class BatchNorm1d(_BatchNorm):
    """`batch_norm` of (N, C) or (N, C, L).

    Parameters
    ----------
    num_features : int
        C.
    eps : float
    momentum : float or None
        Weight of the newest batch in the running statistics; None: all batches count the same.
    affine : bool
        Learn a weight and a bias (C,) per channel.
    track_running_stats : bool
        False: use the batch's own statistics in evaluation too.
    dtype : numpy dtype
    """

    dims, shapes = (2, 3), "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """`batch_norm` of (N, C, H, W). Parameters as in `BatchNorm1d`."""

    dims, shapes = (4,), "(N, C, H, W)"


class LayerNorm(Module):
    """`layer_norm` over the last axes, with a learned weight and bias.

    Parameters
    ----------
    normalized_shape : int or tuple
        Sizes of the last axes.
    eps : float
    elementwise_affine, bias : bool
        Learn a weight, and a bias too.
    dtype : numpy dtype
    """

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, *, dtype=np.float32):
        self.normalized_shape, self.eps = normalized_shape, eps
        self.weight = Parameter(np.ones(normalized_shape, dtype)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(normalized_shape, dtype)) if elementwise_affine and bias else None

    def forward(self, x):
        """Normalise each sample."""
        return normalization.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        """Show the sizes."""
        return f"{self.normalized_shape}, eps={self.eps}"


class RMSNorm(Module):
    """`rms_norm` over the last axes, with a learned weight. Parameters as in `LayerNorm`; eps None: machine epsilon."""

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, *, dtype=np.float32):
        self.normalized_shape, self.eps = normalized_shape, eps
        self.weight = Parameter(np.ones(normalized_shape, dtype)) if elementwise_affine else None

    def forward(self, x):
        """Scale each sample."""
        return normalization.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        """Show the sizes."""
        return f"{self.normalized_shape}, eps={self.eps}"


class Dropout(Module):
    """`dropout` in training, nothing in evaluation. Masks are drawn from `rng`, or the library's generator."""

    def __init__(self, p=0.5, *, rng=None):
        if not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: p must lie in [0, 1], got {p}")
        self.p, self.rng = p, rng

    def forward(self, x):
        """Set some elements to 0."""
        return normalization.dropout(x, self.p, self.training, self.rng)

    def extra_repr(self):
        """Show the probability."""
        return f"p={self.p}"


class VariationalDropout(Dropout):
    """`variational_dropout` of sequences (T, N, D), or (N, T, D) with `batch_first`: one mask for all time steps."""

    def __init__(self, p=0.5, batch_first=False, *, rng=None):
        super().__init__(p, rng=rng)
        self.batch_first = batch_first

    def forward(self, x):
        """Set some features of each sequence to 0."""
        return normalization.variational_dropout(x, self.p, self.training, self.batch_first, self.rng)
