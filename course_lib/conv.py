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

_BLOCK = 2**16  # numbers that are worked on at a time


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
    window = _Window.of(name, weight.shape[2:], stride, padding, dilation)
    size = window.transposed_size(name, input.shape[-2:], _pair(name, "output_padding", output_padding, 0))
    filters = weight.shape[1] * groups
    _check_channels(name, input, len(weight), len(weight), groups, bias, filters)
    products = _Products(weight, window, groups, input.shape[-2:])
    x = input if input.ndim == 4 else input[None]
    y = products.spread(x, size)  # (N, F, *size)
    if bias is not None:
        y += bias[:, None, None]
    shape = y.shape
    return y.reshape(*input.shape[:-3], filters, *size), (
        lambda g: products.correlate(g.reshape(shape)).reshape(input.shape),
        lambda g: products.gradient(g.reshape(shape), x),
        lambda g: g.reshape(shape).sum((2, 3)).sum(0),
    )


def _conv(name, input, weight, bias, stride, padding, dilation, groups):
    """The rule behind `conv1d` and `conv2d`."""
    _check_ndim(name, input, weight, "H, W", "kh, kw")
    window = _Window.of(name, weight.shape[2:], stride, padding, dilation)
    filters, size, places = len(weight), input.shape[-2:], window.places(name, input.shape[-2:])
    _check_channels(name, input, weight.shape[1] * groups, filters, groups, bias, filters)
    products = _Products(weight, window, groups, places)
    x = input if input.ndim == 4 else input[None]
    y = products.correlate(x)  # (N, F, H_out, W_out)
    if bias is not None:
        y += bias[:, None, None]
    shape = y.shape
    return y.reshape(*input.shape[:-3], filters, *places), (
        lambda g: products.spread(g.reshape(shape), size).reshape(input.shape),
        lambda g: products.gradient(x, g.reshape(shape)),
        lambda g: g.reshape(shape).sum((2, 3)).sum(0),
    )


class _Window(NamedTuple):
    """A window that slides over an image; every field is a pair (vertical, horizontal)."""

    kernel: tuple
    stride: tuple
    padding: tuple
    dilation: tuple = (1, 1)

    @classmethod
    def of(cls, name, kernel, stride, padding, dilation=1):
        """Make a window from the numbers or pairs that `name` was given."""
        lowest = {"kernel_size": (kernel, 1), "stride": (stride, 1), "padding": (padding, 0), "dilation": (dilation, 1)}
        return cls(*(_pair(name, key, value, least) for key, (value, least) in lowest.items()))

    def places(self, name, size):
        """How many places the window has, vertically and horizontally, on an image of this size."""
        reach = [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]
        room = self.padded(size)
        if reach[0] > room[0] or reach[1] > room[1]:
            raise ValueError(f"{name}: the kernel reaches over {reach[0]}×{reach[1]} points, more than the image has "
                             f"with its padding ({room[0]}×{room[1]}, without: {size[0]}×{size[1]})")
        return tuple((n - r) // s + 1 for n, r, s in zip(room, reach, self.stride, strict=True))

    def transposed_size(self, name, size, extra):
        """The size of the image on which the window has `size` places, and `extra` more rows and columns."""
        numbers = zip(size, *self, extra, strict=True)  # per axis
        out = tuple((n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, k, s, p, d, e in numbers)
        if any(e >= max(s, d) for e, s, d in zip(extra, self.stride, self.dilation, strict=True)):
            raise ValueError(f"{name}: output_padding must be below the stride or the dilation, got {extra} "
                             f"for stride {self.stride} and dilation {self.dilation}")
        if min(out) < 1:
            raise ValueError(f"{name}: padding {self.padding} leaves nothing of the output: its size would be {out}")
        return out

    def padded(self, size):
        """The size of an image with its padding."""
        return size[0] + 2 * self.padding[0], size[1] + 2 * self.padding[1]

    def pad(self, x, value=0.0):
        """Surround the last two axes with `value`."""
        if self.padding == (0, 0):
            return x
        padded = np.full((*x.shape[:-2], *self.padded(x.shape[-2:])), value, x.dtype)
        self.crop(padded, x.shape[-2:])[...] = x
        return padded

    def crop(self, x, size):
        """Take the padding off again: a view."""
        top, left = self.padding
        return x[..., top : top + size[0], left : left + size[1]]

    def steps(self, axis, position, count):
        """The slice of padded coordinates that one point of the kernel visits along an axis."""
        start, stride = position * self.dilation[axis], self.stride[axis]
        return slice(start, start + stride * (count - 1) + 1, stride)


class _Products:
    """The matrix products of a convolution. Sizes: K = C / groups · kw; L = H_out · W_out; F filters."""

    def __init__(self, weight, window, groups, places):
        self.shape, self.window, self.groups, self.places = weight.shape, window, groups, places
        f, c, kh, kw = weight.shape
        self.rows = [weight[:, :, i].reshape(groups, f // groups, c * kw) for i in range(kh)]  # (groups, F / groups, K)

    def correlate(self, x):
        """Y = Σᵢ Wᵢ Xᵢ: (N, C, H, W) → (N, F, H_out, W_out)."""
        f, dtype = self.shape[0], np.result_type(x, self.rows[0])
        y = self._flat(np.zeros((len(x), f, *self.places), dtype))
        for part in self._parts(x.shape):
            columns = self._columns(x[part])
            for i, row in enumerate(self.rows):
                y[part] += row @ self._row(columns, i)
        return y.reshape(len(x), f, *self.places)

    def gradient(self, x, g):
        """dWᵢ = Σₙ G Xᵢᵀ, from x (N, C, H, W) and the output's gradient G (N, F, H_out, W_out): the weight's shape."""
        (f, c, kh, kw), g = self.shape, self._flat(g).swapaxes(2, 3)  # Gᵀ: (N, groups, L, F / groups)
        dw = np.zeros((kh, self.groups, c * kw, f // self.groups), np.result_type(x, g))  # dWᵢᵀ = Σₙ Xᵢ Gᵀ
        for part in self._parts(x.shape):
            columns, g_part = self._columns(x[part]), np.ascontiguousarray(g[part])  # twice as fast as it lies
            for i in range(kh):
                dw[i] += (self._row(columns, i) @ g_part).sum(0)
        return dw.reshape(kh, self.groups, c, kw, f // self.groups).transpose(1, 4, 2, 0, 3).reshape(self.shape)

    def spread(self, g, size):
        """dXᵢ = Wᵢᵀ G, added up where the windows overlap: (N, F, H_out, W_out) → (N, C, *size)."""
        x = np.empty((len(g), self.shape[1] * self.groups, *size), np.result_type(g, self.rows[0]))
        g = self._flat(g)
        for part in self._parts(x.shape):
            padded = np.zeros((*x[part].shape[:2], *self.window.padded(size)), x.dtype)
            columns = np.zeros((*padded.shape[:2], self.shape[3], padded.shape[2], self.places[1]), x.dtype)
            for i, row in enumerate(self.rows):
                met = self._met(columns, i)
                met += (row.swapaxes(1, 2) @ g[part]).reshape(met.shape)
            for j in range(self.shape[3]):
                padded[..., self.window.steps(1, j, self.places[1])] += columns[:, :, j]
            x[part] = self.window.crop(padded, size)
        return x

    def _parts(self, shape):
        """Slices of the batch, few enough images each for their columns to stay in the processor's cache."""
        numbers = shape[1] * self.shape[3] * self.window.padded(shape[2:])[0] * self.places[1]  # of one image
        step = max(1, _BLOCK // max(1, numbers))
        return [slice(n, n + step) for n in range(0, shape[0], step)]

    def _columns(self, x):
        """The padded images (N, C, H, W) once for each kernel column: (N, C, kw, H + 2p, W_out)."""
        x = self.window.pad(x)
        return np.stack([x[..., self.window.steps(1, j, self.places[1])] for j in range(self.shape[3])], 2)

    def _met(self, columns, i):
        """What row i of the kernel meets, a view: (N, C, kw, H_out, W_out)."""
        return columns[:, :, :, self.window.steps(0, i, self.places[0])]

    def _row(self, columns, i):
        """The same as matrices (N, groups, K, L): still a view where the stride is 1."""
        met = self._met(columns, i)
        return met.reshape(len(met), *self.rows[0].shape[::2], met.shape[3] * met.shape[4])

    def _flat(self, g):
        """(N, F, H_out, W_out) → (N, groups, F / groups, L)."""
        return g.reshape(len(g), self.groups, self.shape[0] // self.groups, self.places[0] * self.places[1])


def _pair(name, key, value, least):
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


def _check_channels(name, input, channels, divisible, groups, bias, filters):
    if groups < 1 or divisible % groups:
        raise ValueError(f"{name}: groups must divide the {divisible} channels of the weight, got {groups}")
    if input.shape[-3] != channels:
        raise ValueError(f"{name}: expected {channels} input channels (weight and groups={groups} say so), "
                         f"got {input.shape[-3]} (input shape {input.shape})")
    if bias is not None and bias.shape != (filters,):
        raise ValueError(f"{name}: bias must have shape ({filters},), got {bias.shape}")
