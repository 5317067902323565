"""Convolution, as deep learning uses the word: the kernel slides over the image *without being turned round*.

Mathematics calls that cross-correlation; a true convolution flips the kernel first (claim S0-4.4.2-convolution).

How it is computed. The image is copied once per kernel *column* j, shifted and strided, into `columns`
(N, C, kw, H, W_out). Shifting by a kernel *row* i needs no copy: it is a slice of rows. So the sum over the kernel is
kh matrix products, each over C·kw numbers. Forward, input gradient and weight gradient are three products of the same
three arrays, and a transposed convolution is an input gradient used forwards.
"""

from typing import NamedTuple

import numpy as np

from course_lib.op import Array, op


@op
def conv2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | tuple = 1,
    padding: int | tuple = 0,
    dilation: int | tuple = 1,
    groups: int = 1,
):
    """y[f, h, w] = b[f] + Σ_{c,i,j} W[f, c, i, j] · x[c, h·s + i·d - p, w·s + j·d - p], with x = 0 outside the image.

    Parameters
    ----------
    input : array, (N, C, H, W) or (C, H, W)
    weight : array, (F, C / groups, kh, kw)
    bias : array, (F,), optional
    stride, padding, dilation : int or (vertical, horizontal)
        Step s between windows, zeros p on each side, distance d between the points of the kernel.
    groups : int
        The channels are cut into this many groups, each with its own F / groups filters; C of them: depthwise.

    Returns
    -------
    array, (N, F, H_out, W_out) or (F, H_out, W_out)
        H_out = ⌊(H + 2p - d(kh - 1) - 1) / s⌋ + 1.
    """
    return _conv("conv2d", input, weight, bias, stride, padding, dilation, groups)


@op
def conv1d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
):
    """`conv2d` of an image one row high: input (N, C, L) or (C, L), weight (F, C / groups, k) → (N, F, L_out)."""
    _check_ndim("conv1d", input, weight, "L", "k")
    one_row = ((1, stride), (0, padding), (1, dilation))
    y, (dx, dw, db) = _conv("conv1d", input[..., None, :], weight[..., None, :], bias, *one_row, groups)
    return y[..., 0, :], (
        lambda g: dx(g[..., None, :])[..., 0, :],
        lambda g: dw(g[..., None, :])[..., 0, :],
        db,
    )


@op
def conv_transpose2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | tuple = 1,
    padding: int | tuple = 0,
    output_padding: int | tuple = 0,
    groups: int = 1,
    dilation: int | tuple = 1,
):
    """Each input value paints its multiple of the kernel into the output: the input gradient of `conv2d`, forwards.

    Parameters
    ----------
    input : array, (N, C, H, W) or (C, H, W)
    weight : array, (C, F / groups, kh, kw)
        Of the convolution that leads back from F channels to C.
    bias : array, (F,), optional
    stride, padding, dilation, groups
        Of that same convolution.
    output_padding : int or (vertical, horizontal)
        Rows and columns added at the end: with a stride, several sizes lead back to (H, W).

    Returns
    -------
    array, (N, F, H_out, W_out) or (F, H_out, W_out)
        H_out = (H - 1)s - 2p + d(kh - 1) + output_padding + 1.
    """
    name = "conv_transpose2d"
    _check_ndim(name, input, weight, "H, W", "kh, kw")
    window = Window.of(name, weight.shape[2:], stride, padding, dilation)
    size = window.transposed_size(name, input.shape[-2:], pair(name, "output_padding", output_padding, 0))
    channels = weight.shape[1] * groups
    _check_channels(name, input, weight.shape[0], groups, weight.shape[0], bias, channels)
    kernel = _Kernel(weight, window, groups)
    x = input.reshape(-1, *input.shape[-3:])
    y = kernel.spread(x, size)  # (N, F, *size)
    if bias is not None:
        y += bias[:, None, None]

    def columns(g):
        return window.columns(g.reshape(y.shape), x.shape[-2:])

    return y.reshape(*input.shape[:-3], channels, *size), (
        lambda g: kernel.correlate(columns(g)).reshape(input.shape),
        lambda g: kernel.gradient(columns(g), x),
        lambda g: g.reshape(-1, channels, size[0] * size[1]).sum(2).sum(0),
    )


def _conv(name, input, weight, bias, stride, padding, dilation, groups):
    """The rule behind `conv1d` and `conv2d`."""
    _check_ndim(name, input, weight, "H, W", "kh, kw")
    window = Window.of(name, weight.shape[2:], stride, padding, dilation)
    size = window.out_size(name, input.shape[-2:])
    filters = len(weight)
    _check_channels(name, input, weight.shape[1] * groups, groups, filters, bias, filters)
    kernel = _Kernel(weight, window, groups)
    columns = window.columns(input.reshape(-1, *input.shape[-3:]), size)
    y = kernel.correlate(columns)  # (N, F, *size)
    if bias is not None:
        y += bias[:, None, None]
    return y.reshape(*input.shape[:-3], filters, *size), (
        lambda g: kernel.spread(g.reshape(y.shape), input.shape[-2:]).reshape(input.shape),
        lambda g: kernel.gradient(columns, g.reshape(y.shape)),
        lambda g: g.reshape(-1, filters, size[0] * size[1]).sum(2).sum(0),
    )


class Window(NamedTuple):
    """A window that slides over an image; every field is a pair (vertical, horizontal)."""

    kernel: tuple
    stride: tuple
    padding: tuple
    dilation: tuple = (1, 1)

    @classmethod
    def of(cls, name, kernel, stride, padding, dilation=1):
        """Make a window from the numbers or pairs that `name` was given."""
        lowest = {"kernel_size": (kernel, 1), "stride": (stride, 1), "padding": (padding, 0), "dilation": (dilation, 1)}
        return cls(*(pair(name, key, value, least) for key, (value, least) in lowest.items()))

    def out_size(self, name, size):
        """How many places the window has, vertically and horizontally, on an image of this size."""
        reach = [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]
        room = [n + 2 * p for n, p in zip(size, self.padding, strict=True)]
        if reach[0] > room[0] or reach[1] > room[1]:
            raise ValueError(f"{name}: the kernel reaches over {reach[0]}×{reach[1]} points, more than the image has "
                             f"with its padding ({room[0]}×{room[1]}, without: {size[0]}×{size[1]})")
        return tuple((n - r) // s + 1 for n, r, s in zip(room, reach, self.stride, strict=True))

    def transposed_size(self, name, size, extra):
        """The size of the image on which the window has `size` places, and `extra` more rows and columns."""
        out = tuple((n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, k, s, p, d, e in zip(size, *self, extra, strict=True))
        if any(e >= max(s, d) for e, s, d in zip(extra, self.stride, self.dilation, strict=True)):
            raise ValueError(f"{name}: output_padding must be below the stride or the dilation, got {extra} "
                             f"for stride {self.stride} and dilation {self.dilation}")
        if min(out) < 1:
            raise ValueError(f"{name}: padding {self.padding} leaves nothing of the output: its size would be {out}")
        return out

    def steps(self, axis, position, count):
        """The slice of padded coordinates that one point of the kernel visits along an axis."""
        start, stride = position * self.dilation[axis], self.stride[axis]
        return slice(start, start + stride * (count - 1) + 1, stride)

    def columns(self, x, size):
        """The padded image (N, C, H, W) once for each kernel column: (N, C, kw, H + 2p, W_out)."""
        x = pad(x, self.padding)
        columns = np.empty((*x.shape[:2], self.kernel[1], x.shape[2], size[1]), x.dtype)
        for j in range(self.kernel[1]):
            columns[:, :, j] = x[..., self.steps(1, j, size[1])]
        return columns


class _Kernel:
    """The three matrix products of a convolution. K = C / groups · kw; L = H_out · W_out; F filters."""

    def __init__(self, weight, window, groups):
        self.shape, self.window, self.groups = weight.shape, window, groups
        self.rows = [self._split(weight[:, :, i]) for i in range(weight.shape[2])]  # kh × (groups, F / groups, K)

    def _split(self, w):
        return w.reshape(self.groups, len(w) // self.groups, w.shape[1] * w.shape[2])

    def _row(self, columns, i, height):
        """The numbers that row i of the kernel meets: (N, C, kw, H, W_out) → (N, groups, K, L), a view at stride 1."""
        met = columns[:, :, :, self.window.steps(0, i, height)]
        return met.reshape(len(met), self.groups, self.rows[0].shape[2], height * met.shape[4])

    def correlate(self, columns):
        """Y = Σᵢ Wᵢ Xᵢ: (N, F, H_out, W_out)."""
        height = (columns.shape[3] - self.window.dilation[0] * (self.shape[2] - 1) - 1) // self.window.stride[0] + 1
        y = self.rows[0] @ self._row(columns, 0, height)  # (N, groups, F / groups, L)
        for i in range(1, len(self.rows)):
            y += self.rows[i] @ self._row(columns, i, height)
        return y.reshape(len(y), self.shape[0], height, columns.shape[4])

    def gradient(self, columns, g):
        """dWᵢ = Σₙ G Xᵢᵀ, for an output gradient G (N, F, H_out, W_out): (F, C / groups, kh, kw)."""
        height = g.shape[2]
        g = self._flat(g)
        dw = [(g @ self._row(columns, i, height).swapaxes(2, 3)).sum(0) for i in range(self.shape[2])]
        return np.stack([d.reshape(self.shape[0], self.shape[1], self.shape[3]) for d in dw], 2)

    def spread(self, g, size):
        """dXᵢ = Wᵢᵀ G, added up where the windows overlapped: (N, F, H_out, W_out) → (N, C, *size)."""
        (height, width), (ph, pw), kw = g.shape[2:], self.window.padding, self.shape[3]
        n, channels, dtype = len(g), self.shape[1] * self.groups, np.result_type(g, self.rows[0])
        columns = np.zeros((n, channels, kw, size[0] + 2 * ph, width), dtype)
        flat = self._flat(g)
        for i, row in enumerate(self.rows):
            met = row.swapaxes(1, 2) @ flat  # (N, groups, K, L)
            columns[:, :, :, self.window.steps(0, i, height)] += met.reshape(n, channels, kw, height, width)
        image = np.zeros((n, channels, size[0], size[1] + 2 * pw), dtype)
        for j in range(kw):
            image[..., self.window.steps(1, j, width)] += columns[:, :, j, ph : ph + size[0]]
        return image[..., pw : pw + size[1]]

    def _flat(self, g):
        """(N, F, H_out, W_out) → (N, groups, F / groups, L)."""
        return g.reshape(len(g), self.groups, self.shape[0] // self.groups, g.shape[2] * g.shape[3])


def pad(x, padding, value=0.0):
    """Surround the last two axes of an array with `value`."""
    (top, left), (height, width) = padding, x.shape[-2:]
    if not top and not left:
        return x
    padded = np.full((*x.shape[:-2], height + 2 * top, width + 2 * left), value, x.dtype)
    padded[..., top : top + height, left : left + width] = x
    return padded


def pair(name, key, value, least):
    """A number, or a pair of numbers, as a pair of integers that are at least `least`."""
    both = (value, value) if np.ndim(value) == 0 else tuple(value)
    if len(both) != 2 or any(not isinstance(v, (int, np.integer)) or v < least for v in both):
        raise ValueError(f"{name}: {key} must be an integer of at least {least}, or a pair of them, got {value!r}")
    return both


def _check_ndim(name, input, weight, image, kernel):
    dims = 2 + image.count(",") + 1
    if input.ndim not in (dims - 1, dims):
        raise ValueError(f"{name}: input must have shape (N, C, {image}) or (C, {image}), got {input.shape}")
    if weight.ndim != dims:
        raise ValueError(f"{name}: weight must have {dims} dimensions, the last ({kernel}), got shape {weight.shape}")


def _check_channels(name, input, channels, groups, divisible, bias, out):
    if groups < 1 or divisible % groups:
        raise ValueError(f"{name}: groups must divide the {divisible} channels of the weight, got {groups}")
    if input.shape[-3] != channels:
        raise ValueError(f"{name}: expected {channels} input channels (weight and groups={groups} say so), "
                         f"got {input.shape[-3]} (input shape {input.shape})")
    if bias is not None and bias.shape != (out,):
        raise ValueError(f"{name}: bias must have shape ({out},), got {bias.shape}")
