"""Convolutions."""

import numpy as np

from course_lib import conv as ours
from course_lib.autograd import Tensor
from course_lib.verify.sampling import case, close, edge, floats, holds, normal, seeds
from course_lib.verify.spec import Spec
from course_lib.verify.tools import torch

F = torch.nn.functional


def numbers(rng, low, high, count=2):
    """Random integers from low to high, both included, as a tuple."""
    return tuple(int(n) for n in rng.integers(low, high + 1, count))


def geometry(rng):
    """Groups, channels in and out (each a multiple), kernel, stride, padding, dilation, and an image that fits."""
    groups = int(rng.integers(1, 4))
    channels, filters = (groups * n for n in numbers(rng, 1, 2))
    kernel, stride, padding, dilation = numbers(rng, 1, 3), numbers(rng, 1, 3), numbers(rng, 0, 2), numbers(rng, 1, 2)
    reach = [d * (k - 1) + 1 - 2 * p for k, p, d in zip(kernel, padding, dilation, strict=True)]
    size = tuple(max(r, 1) + int(rng.integers(0, 4)) for r in reach)
    return groups, channels, filters, kernel, stride, padding, dilation, size


def leading(rng):
    """A batch, or none."""
    return (int(rng.integers(1, 4)),) if rng.integers(4) else ()


def conv2d_cases(rng):
    for i in range(24):
        groups, c, f, kernel, stride, padding, dilation, size = geometry(rng)
        x, w = normal(rng, (*leading(rng), c, *size)), normal(rng, (f, c // groups, *kernel))
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        yield case(x, w, normal(rng, (f,)), **options) if i % 2 else case(x, w, **options)
    for options in ({}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}):
        yield case(normal(rng, (2, 4, 6, 7)), normal(rng, (6, 4 // options.get("groups", 1), 3, 2)), **options)


def conv1d_cases(rng):
    for i in range(20):
        groups, c, f, (k, _), (s, _), (p, _), (d, _), (length, _) = geometry(rng)
        x, w = normal(rng, (*leading(rng), c, length)), normal(rng, (f, c // groups, k))
        options = {"stride": s, "padding": p, "dilation": d, "groups": groups}
        yield case(x, w, normal(rng, (f,)), **options) if i % 2 else case(x, w, **options)


def transposed_cases(rng):
    for i in range(24):
        groups, c, f, kernel, stride, padding, dilation, _ = geometry(rng)
        extra = tuple(int(rng.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True))
        per_axis = zip(kernel, stride, padding, dilation, extra, strict=True)
        least = [-(-(2 * p - d * (k - 1) - e) // s) + 1 for k, s, p, d, e in per_axis]  # lest the output be empty
        size = tuple(max(n, 1) + int(rng.integers(0, 3)) for n in least)
        x, w = normal(rng, (*leading(rng), c, *size)), normal(rng, (c, f // groups, *kernel))
        options = {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation}
        yield case(x, w, normal(rng, (f,)), groups=groups, **options) if i % 2 else case(x, w, groups=groups, **options)


def edges_of(shape, weight):
    """Edges for an input and a weight of these shapes."""

    def edges(rng):
        big, huge = np.ones(shape), np.ones(shape)
        big.flat[::2], huge.flat[0], huge.flat[-1] = np.nan, 1e4, -1e4
        yield edge("±1e4", huge, np.ones(weight) * 1e4)
        yield edge("0", np.zeros(shape), np.zeros(weight))
        yield edge("NaN", big, np.ones(weight))
        yield edge("empty", np.zeros((0, *shape[1:])), np.ones(weight))

    return edges


@holds(rng=seeds(), a=floats(), b=floats())
def linear_in_the_image_and_in_the_kernel(rng, a, b):
    x, y, v, w = rng.normal(size=(2, 3, 5, 5)), rng.normal(size=(2, 3, 5, 5)), *rng.normal(size=(2, 4, 3, 3, 3))
    assert close(ours.conv2d(a * x + b * y, w), a * ours.conv2d(x, w) + b * ours.conv2d(y, w), 1e-11)
    assert close(ours.conv2d(x, a * v + b * w), a * ours.conv2d(x, v) + b * ours.conv2d(x, w), 1e-11)


@holds(rng=seeds(), rows=..., columns=...)
def moving_the_image_moves_the_result(rng, rows: bool, columns: bool):
    x, w = np.zeros((1, 2, 9, 9)), rng.normal(size=(3, 2, 3, 3))
    x[..., 2:6, 2:6] = rng.normal(size=(1, 2, 4, 4))
    shift = (int(rows), int(columns))
    moved = ours.conv2d(np.roll(x, shift, (2, 3)), w, padding=1)
    assert close(moved, np.roll(ours.conv2d(x, w, padding=1), shift, (2, 3)))


@holds(rng=seeds())
def a_kernel_that_is_1_in_one_place_picks_that_neighbour(rng):
    x, w, (i, j) = rng.normal(size=(2, 1, 6, 6)), np.zeros((1, 1, 3, 3)), rng.integers(0, 3, 2)
    w[0, 0, i, j] = 1
    assert np.array_equal(ours.conv2d(x, w), x[:, :, i : i + 4, j : j + 4])


@holds(rng=seeds())
def is_cross_correlation_so_the_textbook_convolution_with_the_turned_kernel(rng):
    from scipy.signal import convolve2d, correlate2d

    x, w = rng.normal(size=(6, 7)), rng.normal(size=(3, 2))
    y = ours.conv2d(x[None, None], w[None, None])[0, 0]
    assert close(y, correlate2d(x, w, "valid"))
    assert close(y, convolve2d(x, w[::-1, ::-1], "valid"))


@holds(rng=seeds())
def a_1x1_kernel_is_a_linear_layer_at_every_pixel(rng):
    x, w, b = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(6, 3)), rng.normal(size=6)
    expected = np.moveaxis(np.moveaxis(x, 1, -1) @ w.T + b, -1, 1)
    assert close(ours.conv2d(x, w[..., None, None], b), expected)


@holds(rng=seeds())
def groups_are_convolutions_side_by_side(rng):
    x, w = rng.normal(size=(2, 4, 5, 5)), rng.normal(size=(6, 2, 3, 3))
    halves = [ours.conv2d(x[:, :2], w[:3]), ours.conv2d(x[:, 2:], w[3:])]
    assert close(ours.conv2d(x, w, groups=2), np.concatenate(halves, 1))


@holds(rng=seeds())
def a_sequence_and_its_kernel_reversed_give_the_result_reversed(rng):
    x, w = rng.normal(size=(2, 3, 8)), rng.normal(size=(4, 3, 3))
    assert close(ours.conv1d(x[..., ::-1], w[..., ::-1]), ours.conv1d(x, w)[..., ::-1])


@holds(rng=seeds(), stride=..., padding=...)
def is_the_adjoint_of_conv2d(rng, stride: bool, padding: bool):
    s, p = 1 + stride, int(padding)
    x, w = rng.normal(size=(2, 3, 7, 7)), rng.normal(size=(4, 3, 3, 3))
    y = ours.conv2d(x, w, None, s, p)
    g = rng.normal(size=y.shape)
    assert close((y * g).sum(), (x * ours.conv_transpose2d(g, w, None, s, p)).sum(), 1e-11)


@holds(rng=seeds())
def is_the_input_gradient_of_conv2d(rng):
    x, w = Tensor(rng.normal(size=(2, 3, 6, 6)), requires_grad=True), rng.normal(size=(4, 3, 3, 3))
    y = ours.conv2d(x, w)
    g = rng.normal(size=y.shape)
    y.backward(g)
    assert close(ours.conv_transpose2d(g, w), x.grad)


@holds(rng=seeds(), v=floats(-3, 3))
def one_value_paints_its_multiple_of_the_kernel(rng, v):
    w = rng.normal(size=(1, 2, 3, 3))
    assert close(ours.conv_transpose2d(np.full((1, 1, 1, 1), v), w), v * w)


SPECS = (
    Spec(
        "conv.conv2d", conv2d_cases, F.conv2d, edges=edges_of((2, 2, 5, 4), (3, 2, 3, 2)),
        properties=(
            linear_in_the_image_and_in_the_kernel, moving_the_image_moves_the_result,
            a_kernel_that_is_1_in_one_place_picks_that_neighbour,
            is_cross_correlation_so_the_textbook_convolution_with_the_turned_kernel,
            a_1x1_kernel_is_a_linear_layer_at_every_pixel, groups_are_convolutions_side_by_side,
        ),
    ),
    Spec(
        "conv.conv1d", conv1d_cases, F.conv1d, edges=edges_of((2, 2, 5), (3, 2, 3)),
        properties=(a_sequence_and_its_kernel_reversed_give_the_result_reversed,),
    ),
    Spec(
        "conv.conv_transpose2d", transposed_cases, F.conv_transpose2d, edges=edges_of((2, 2, 3, 4), (2, 3, 2, 2)),
        properties=(
            is_the_adjoint_of_conv2d, is_the_input_gradient_of_conv2d, one_value_paints_its_multiple_of_the_kernel,
        ),
    ),
)  # fmt: skip
