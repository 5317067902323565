"""Pooling."""

import numpy as np

from course_lib import pooling as ours
from course_lib.verify.sampling import both, case, close, edge, floats, holds, normal, seeds
from course_lib.verify.spec import Spec
from course_lib.verify.specs.conv import leading, numbers
from course_lib.verify.tools import torch

F = torch.nn.functional


def apart(rng, shape):
    """Values in random order that differ by at least 0.1: no maximum is near a tie."""
    return (rng.permutation(int(np.prod(shape))).reshape(shape) - 7.0) / 10


def pool_cases(draw, **options):
    """Random kernels, strides and paddings."""

    def cases(rng):
        for i in range(18):
            kernel, stride = numbers(rng, 1, 3), numbers(rng, 1, 3)
            padding = tuple(int(rng.integers(0, k // 2 + 1)) for k in kernel)
            x = draw(rng, (*leading(rng), 2, *(k + int(rng.integers(0, 4)) for k in kernel)))
            yield case(x, kernel_size=kernel, stride=stride if i % 3 else None, padding=padding, **options)
        yield case(draw(rng, (2, 3, 5, 4)), kernel_size=2, **options)

    return cases


def adaptive_cases(rng):
    for _ in range(15):
        yield case(normal(rng, (*leading(rng), 2, *numbers(rng, 1, 7))), output_size=numbers(rng, 1, 5))
    yield case(normal(rng, (2, 3, 5, 4)), output_size=1)


def edges_with(**options):
    """Ties, ±1e4, no images, nan."""

    def edges(rng):
        x = np.array([-1e4, 1e4, 0.0, -0.0] * 4).reshape(1, 1, 4, 4)
        yield edge("±1e4", x, **options)
        yield edge("equal", np.ones((2, 1, 4, 4)), **options)
        yield edge("empty", np.zeros((0, 2, 4, 4)), **options)
        x[0, 0, 0, 1] = np.nan
        yield edge("NaN", x, **options)

    return edges


@holds(rng=seeds(), c=floats())
def leaves_a_constant_image_constant(rng, c):
    x = np.full((2, 3, 6, 6), c)
    assert np.array_equal(ours.max_pool2d(x, 3, 1, 1), x)
    assert close(ours.avg_pool2d(x, 3, 1, 1, count_include_pad=False), x)
    assert close(ours.adaptive_avg_pool2d(x, (4, 5)), np.full((2, 3, 4, 5), c))


@holds(rng=seeds())
def commutes_with_growing_functions(rng):
    x = rng.normal(size=(2, 3, 6, 6))
    assert np.array_equal(ours.max_pool2d(np.exp(x), 2), np.exp(ours.max_pool2d(x, 2)))


@holds(rng=seeds())
def two_pools_of_2_are_one_of_4(rng):
    x = rng.normal(size=(2, 3, 8, 8))
    for pool in (ours.max_pool2d, ours.avg_pool2d):
        assert close(pool(pool(x, 2), 2), pool(x, 4))


@holds(rng=seeds())
def lies_between_smallest_and_largest_value(rng):
    x = rng.normal(size=(2, 3, 6, 6))
    for y in (ours.avg_pool2d(x, 3, 2), ours.adaptive_avg_pool2d(x, 4)):
        assert x.min() <= y.min() <= y.max() <= x.max()


@holds(rng=seeds(), a=floats())
def is_linear(rng, a):
    x, y = rng.normal(size=(2, 1, 2, 5, 5))
    for pool in (lambda z: ours.avg_pool2d(z, 2, 1, 1), lambda z: ours.adaptive_avg_pool2d(z, 3)):
        assert close(pool(a * x + y), a * pool(x) + pool(y))


@holds(rng=seeds())
def to_size_1_is_the_mean(rng):
    x = rng.normal(size=(2, 3, 4, 5))
    assert close(ours.adaptive_avg_pool2d(x, 1)[..., 0, 0], x.mean((2, 3)))


SPECS = (
    Spec(
        "pooling.max_pool2d", pool_cases(apart), F.max_pool2d, edges=edges_with(kernel_size=2, stride=1, padding=1),
        properties=(leaves_a_constant_image_constant, commutes_with_growing_functions, two_pools_of_2_are_one_of_4),
    ),
    Spec(
        "pooling.avg_pool2d", both(pool_cases(normal), pool_cases(normal, count_include_pad=False)), F.avg_pool2d,
        edges=edges_with(kernel_size=2, stride=1, padding=1),
        properties=(is_linear, lies_between_smallest_and_largest_value, two_pools_of_2_are_one_of_4),
    ),
    Spec(
        "pooling.adaptive_avg_pool2d", adaptive_cases, F.adaptive_avg_pool2d, edges=edges_with(output_size=3),
        properties=(to_size_1_is_the_mean, is_linear, lies_between_smallest_and_largest_value),
    ),
)  # fmt: skip
