"""Reductions, and operations that move numbers without changing them."""

import math

import numpy as np

from course_lib import arithmetic as ours
from course_lib.autograd import Tensor
from course_lib.verify.sampling import arrays, case, close, edge, floats, holds, normal, seeds
from course_lib.verify.spec import Spec
from course_lib.verify.tools import torch

TAKE = (
    1, -1, slice(1, 3), slice(None, None, 2), (slice(None), 0), (0, slice(1, None)), (Ellipsis, 1), (slice(None), None),
    np.array([0, 2, 0, 0]), np.array([[0, 1], [-1, 0]]), np.array([True, False, True]),
)  # fmt: skip


def over_axes(rng):
    for shape in ((), (1,), (4,), (3, 4), (1, 3), (2, 1, 3)):
        for dim in (None, *range(-len(shape), len(shape)), *([(0, 2), (-1, 0)] if len(shape) == 3 else [])):
            for keepdim in (False, True):
                yield case(spread(rng, shape), dim=dim, keepdim=keepdim)


def spread(rng, shape):
    """Distinct values, at least 0.1 apart: a maximum is then smooth."""
    x = (rng.permutation(math.prod(shape)) * 0.5 + rng.uniform(0, 0.1)).reshape(shape) - 1.0
    return np.asfortranarray(x) if x.ndim and rng.integers(2) else x


def reduction_edges(rng):
    yield edge("empty", np.zeros((0,)), dim=None)
    yield edge("empty", np.zeros((2, 0)), dim=1)
    yield edge("empty", np.zeros((2, 0)), dim=0)
    yield from filled_edges(rng)


def filled_edges(rng):
    yield edge("0", np.zeros((2, 3)), dim=0)
    yield edge("±1e4", np.array([[1e4, -1e4], [1e4, 1e4]]), dim=1)
    yield edge("NaN", np.array([[np.nan, 1.0], [1.0, 2.0]]), dim=1)
    yield edge("±∞", np.array([[np.inf, 1.0], [-np.inf, 1.0]]), dim=1)


def maximum_edges(rng):
    yield edge("empty", np.zeros((2, 0)), dim=0)
    yield edge("ties", np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]]), dim=1)
    yield from filled_edges(rng)


def reshapes(rng):
    for before, after in (((6,), (2, 3)), ((2, 3), (3, 2)), ((2, 3), (-1,)), ((1,), ()), ((2, 2, 3), (4, -1))):
        yield case(normal(rng, before), shape=after)


def orders(rng):
    for shape, dims in (((3,), (0,)), ((2, 3), (1, 0)), ((2, 1, 3), (2, 0, 1)), ((2, 3, 1, 2), (3, 1, 0, 2))):
        yield case(normal(rng, shape), dims=dims)
    yield case(normal(rng, (2, 3, 4)), dims=(-1, 0, 1))


def takes(rng):
    for index in TAKE:
        yield case(normal(rng, (3, 4)), index=index)
    yield case(normal(rng, (3, 4)), index=normal(rng, (3, 4)) > 0)


def choices(rng):
    for c, a, b in (((3,), (3,), (3,)), ((3, 1), (3, 4), (4,)), ((), (2, 3), (2, 3)), ((4,), (1,), ())):
        yield case(np.asarray(rng.random(c) < 0.5), normal(rng, a), normal(rng, b))


def choice_edges(rng):
    yield edge("empty", np.zeros((0,), bool), np.zeros((0,)), np.zeros((0,)))
    yield edge("±1e4", np.array([True, False]), np.array([1e4, -1e4]), np.array([-1e4, 1e4]))
    yield edge("NaN", np.array([True, False]), np.array([np.nan, 1.0]), np.array([1.0, np.nan]))


@holds(rng=seeds())
def order_does_not_matter(rng):
    x = rng.normal(size=(4, 5))
    y = rng.permuted(x.ravel()).reshape(4, 5)
    for f in (ours.sum, ours.mean, ours.amax):
        assert close(f(x), f(y))


@holds(x=arrays(min_dims=2, max_dims=3))
def one_axis_after_the_other_is_all_at_once(x):
    for f in (ours.sum, ours.mean, ours.amax):
        assert close(f(f(x, 0), 0), f(x, (0, 1)))


@holds(x=arrays(), c=floats())
def adding_a_constant_adds_it_to_the_result(x, c):
    assert close(ours.mean(x + c), ours.mean(x) + c)
    assert close(ours.amax(x + c), ours.amax(x) + c)


@holds(x=arrays())
def an_upper_bound_that_is_reached(x):
    y = ours.amax(x)
    assert (x <= y).all()
    assert (x == y).any()


@holds(x=arrays())
def there_and_back_is_the_same_array(x):
    assert np.array_equal(ours.reshape(ours.reshape(x, (-1,)), x.shape), x)
    dims = tuple(range(x.ndim))[::-1]
    assert np.array_equal(ours.permute(ours.permute(x, dims), dims), x)


@holds(rng=seeds())
def equals_the_transpose_for_matrices(rng):
    x = rng.normal(size=(2, 3))
    assert np.array_equal(ours.permute(x, (1, 0)), x.T)


@holds(x=arrays(), at=floats(0, 1))
def parts_join_to_the_whole(x, at):
    k = round(at * len(x))
    assert np.array_equal(np.concatenate([ours.getitem(x, slice(None, k)), ours.getitem(x, slice(k, None))]), x)


@holds(rng=seeds())
def gradient_counts_how_often_an_element_was_taken(rng):
    index = rng.integers(0, 5, size=12)
    x = Tensor(rng.normal(size=5), requires_grad=True)
    x[index].sum().backward()
    assert np.array_equal(x.grad, np.bincount(index, minlength=5))


@holds(rng=seeds())
def equals_the_mixture_by_a_mask(rng):
    c, a, b = rng.random((3, 1)) < 0.5, rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    assert np.array_equal(ours.where(c, a, b), c * a + (1 - c) * b)
    assert np.array_equal(ours.where(c, a, b), ours.where(~c, b, a))


def axes(function):
    """Call torch's reduction the way ours is called: None is all axes."""
    return lambda a, dim=None, keepdim=False: function(a, tuple(range(a.ndim)) if dim is None else dim, keepdim=keepdim)


def empty(**options):
    return lambda rng: [edge("empty", np.zeros((0, 3)), **options)]


SPECS = (
    Spec("arithmetic.sum", over_axes, axes(torch.sum), edges=reduction_edges,
         properties=(order_does_not_matter, one_axis_after_the_other_is_all_at_once)),
    Spec("arithmetic.mean", over_axes, axes(torch.mean), edges=reduction_edges,
         properties=(order_does_not_matter, one_axis_after_the_other_is_all_at_once,
                     adding_a_constant_adds_it_to_the_result)),
    Spec("arithmetic.amax", over_axes, axes(torch.amax), edges=maximum_edges,
         properties=(an_upper_bound_that_is_reached, order_does_not_matter, adding_a_constant_adds_it_to_the_result)),
    Spec("arithmetic.reshape", reshapes, torch.reshape, edges=empty(shape=(3, 0)),
         properties=(there_and_back_is_the_same_array,)),
    Spec("arithmetic.permute", orders, torch.permute, edges=empty(dims=(1, 0)),
         properties=(there_and_back_is_the_same_array, equals_the_transpose_for_matrices)),
    Spec("arithmetic.getitem", takes, lambda a, index: a[index], edges=empty(index=slice(0, 0)),
         properties=(parts_join_to_the_whole, gradient_counts_how_often_an_element_was_taken)),
    Spec("arithmetic.where", choices, torch.where, edges=choice_edges, properties=(equals_the_mixture_by_a_mask,)),
)  # fmt: skip
