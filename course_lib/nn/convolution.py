"""Convolution and pooling as layers. The formulas are in `course_lib.conv` and `course_lib.pooling`."""

import math

import numpy as np

from course_lib import conv, init, pooling
from course_lib.nn.module import Module, Parameter


class _Convolution(Module):
    """What the convolution layers share. The first weights are U(-b, b) with b = 1/√fan_in, PyTorch's default."""

    def _create(self, in_channels, out_channels, kernel, groups, bias, rng, dtype, transposed=False):
        for name, value in (("in_channels", in_channels), ("out_channels", out_channels), ("groups", groups)):
            if value < 1 or value % groups:
                raise ValueError(f"{type(self).__name__}: {name} must be at least 1 and a multiple of groups, "
                                 f"got {value} for groups={groups}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        first, second = (in_channels, out_channels) if transposed else (out_channels, in_channels)
        shape = (first, second // groups, *kernel)
        bound = 1 / math.sqrt(init.fans(shape)[0])
        self.weight = init.uniform_(Parameter(np.empty(shape, dtype)), -bound, bound, rng)
        self.bias = init.uniform_(Parameter(np.empty(out_channels, dtype)), -bound, bound, rng) if bias else None

    def extra_repr(self):
        """Show the sizes, and what differs from the defaults."""
        defaults = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1}
        values = {key: getattr(self, key, default) for key, default in defaults.items()}
        changed = [f"{key}={value}" for key, value in values.items() if value != defaults[key]]
        changed += ["bias=False"] if self.bias is None else []
        return ", ".join([f"{self.in_channels}, {self.out_channels}, kernel_size={self.weight.shape[2:]}", *changed])


class Conv2d(_Convolution):
    """`conv2d` with a learned kernel: (N, C, H, W) → (N, F, H_out, W_out).

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, padding, dilation : int or (vertical, horizontal)
    groups : int
        Must divide both numbers of channels.
    bias : bool
    rng : numpy.random.Generator, optional
        Source of the first weights.
    dtype : numpy dtype

    Shapes: weight (out_channels, in_channels / groups, kh, kw), bias (out_channels,).
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, *,
                 rng=None, dtype=np.float32):
        kernel = conv._pair("Conv2d", "kernel_size", kernel_size, 1)
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self._create(in_channels, out_channels, kernel, groups, bias, rng, dtype)

    def forward(self, x):
        """Slide the kernel over the images."""
        return conv.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv1d(_Convolution):
    """`conv1d` with a learned kernel: (N, C, L) → (N, F, L_out). Parameters as in `Conv2d`, all single numbers."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, *,
                 rng=None, dtype=np.float32):
        kernel = conv._pair("Conv1d", "kernel_size", kernel_size, 1)[:1]
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self._create(in_channels, out_channels, kernel, groups, bias, rng, dtype)

    def forward(self, x):
        """Slide the kernel along the sequences."""
        return conv.conv1d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class ConvTranspose2d(_Convolution):
    """`conv_transpose2d` with a learned kernel: it makes images larger. Parameters as in `Conv2d`.

    Shapes: weight (in_channels, out_channels / groups, kh, kw), bias (out_channels,).
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, *, rng=None, dtype=np.float32):
        kernel = conv._pair("ConvTranspose2d", "kernel_size", kernel_size, 1)
        self.stride, self.padding, self.output_padding, self.dilation = stride, padding, output_padding, dilation
        self._create(in_channels, out_channels, kernel, groups, bias, rng, dtype, transposed=True)

    def forward(self, x):
        """Paint each value's multiple of the kernel."""
        options = self.stride, self.padding, self.output_padding, self.groups, self.dilation
        return conv.conv_transpose2d(x, self.weight, self.bias, *options)


class _Pool(Module):
    """A pooling function as a layer; it has options but no parameters."""

    function = None

    def forward(self, x):
        """Pool each channel by itself."""
        return type(self).function(x, *self.options)

    def extra_repr(self):
        """Show the options."""
        return ", ".join(map(str, self.options))


class MaxPool2d(_Pool):
    """`max_pool2d` as a layer."""

    function = staticmethod(pooling.max_pool2d)

    def __init__(self, kernel_size, stride=None, padding=0):
        self.options = (kernel_size, stride, padding)


class AvgPool2d(_Pool):
    """`avg_pool2d` as a layer."""

    function = staticmethod(pooling.avg_pool2d)

    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        self.options = (kernel_size, stride, padding, count_include_pad)


class AdaptiveAvgPool2d(_Pool):
    """`adaptive_avg_pool2d` as a layer; ``AdaptiveAvgPool2d(1)`` is global average pooling, to (N, C, 1, 1)."""

    function = staticmethod(pooling.adaptive_avg_pool2d)

    def __init__(self, output_size):
        self.options = (output_size,)
