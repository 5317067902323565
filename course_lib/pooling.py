"""Pooling: each window of an image becomes one number, channel by channel."""

import numpy as np

from course_lib.conv import _pair, _Window
from course_lib.op import Array, op


@op
def max_pool2d(input: Array, kernel_size: int | tuple, stride: int | tuple | None = None, padding: int | tuple = 0):
    """The largest value of each window; the gradient goes to it, to the first of equals (as in PyTorch).

    Parameters
    ----------
    input : array, (N, C, H, W) or (C, H, W)
    kernel_size : int or (height, width)
    stride : int or (vertical, horizontal), optional
        The kernel's size by default: windows side by side.
    padding : int or (vertical, horizontal)
        Rows and columns of -inf on each side, at most half the kernel.

    Returns
    -------
    array, (N, C, H_out, W_out) or (C, H_out, W_out)
        H_out = ⌊(H + 2p - k) / s⌋ + 1.
    """
    window, points = _windows("max_pool2d", input, kernel_size, stride, padding)
    x = window.pad(input, -np.inf)
    y = x[points[0]].copy()
    for point in points[1:]:
        np.maximum(y, x[point], out=y)

    def dx(g):
        out, free = np.zeros_like(x), np.ones(y.shape, bool)  # free: windows whose maximum has not been met yet
        for point in points:
            hit = (x[point] == y) & free
            out[point] += g * hit
            free ^= hit
        return window.crop(out, input.shape[-2:])

    return y, (dx,)


@op
def avg_pool2d(
    input: Array,
    kernel_size: int | tuple,
    stride: int | tuple | None = None,
    padding: int | tuple = 0,
    count_include_pad: bool = True,
):
    """The mean of each window; the gradient is shared out evenly. Shapes as in `max_pool2d`.

    `count_include_pad` says whether the padding's zeros count as values. PyTorch has `ceil_mode` before it: pass it by
    name.
    """
    window, points = _windows("avg_pool2d", input, kernel_size, stride, padding)
    count = len(points)
    if not count_include_pad:
        inside = window.pad(np.ones(input.shape[-2:], input.dtype))
        count = _total(inside, points)  # (H_out, W_out): how many points of each window lie in the image
    x = window.pad(input)

    def dx(g):
        out, share = np.zeros_like(x), g / count
        for point in points:
            out[point] += share
        return window.crop(out, input.shape[-2:])

    return _total(x, points) / count, (dx,)


@op
def adaptive_avg_pool2d(input: Array, output_size: int | tuple):
    """Means over an even grid of `output_size` cells, which overlap where it does not divide the image; 1: global mean.

    Along an axis of length n, cell i of m covers ⌊i·n/m⌋ to ⌈(i + 1)n/m⌉. Input (N, C, H, W) or (C, H, W).
    """
    name = "adaptive_avg_pool2d"
    _check_ndim(name, input)
    sizes = zip(input.shape[-2:], _pair(name, "output_size", output_size, 1), strict=True)
    rows, columns = ([slice(i * n // m, -(-(i + 1) * n // m)) for i in range(m)] for n, m in sizes)
    y = np.stack([input[..., cell, :].mean(-2) for cell in rows], -2)  # (..., H_out, W)
    y = np.stack([y[..., cell].mean(-1) for cell in columns], -1)

    def dx(g):
        wide = np.zeros((*g.shape[:-1], input.shape[-1]), g.dtype)
        for j, cell in enumerate(columns):
            wide[..., cell] += g[..., [j]] / (cell.stop - cell.start)
        out = np.zeros_like(input)
        for i, cell in enumerate(rows):
            out[..., cell, :] += wide[..., [i], :] / (cell.stop - cell.start)
        return out

    return y, (dx,)


def _windows(name, input, kernel_size, stride, padding):
    """The window, and for each of its points the index of the padded values that it meets."""
    _check_ndim(name, input)
    window = _Window.of(name, kernel_size, kernel_size if stride is None else stride, padding)
    if any(2 * p > k for p, k in zip(window.padding, window.kernel, strict=True)):
        raise ValueError(f"{name}: padding must be at most half of kernel_size {window.kernel}, got {window.padding}")
    height, width = window.places(name, input.shape[-2:])
    rows = [window.steps(0, i, height) for i in range(window.kernel[0])]
    return window, [(..., row, window.steps(1, j, width)) for row in rows for j in range(window.kernel[1])]


def _total(x, points):
    """Sum over the points of each window."""
    y = x[points[0]].copy()
    for point in points[1:]:
        y += x[point]
    return y


def _check_ndim(name, input):
    if input.ndim not in (3, 4) or 0 in input.shape[-2:]:
        raise ValueError(f"{name}: input must have shape (N, C, H, W) or (C, H, W) with H and W above 0, "
                         f"got {input.shape}")
