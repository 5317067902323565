"""Arithmetic with broadcasting, and the functions of one array. Reductions and shapes are in `shapes`."""

import numpy as np

from course_lib import arithmetic as ours
from course_lib.verify.sampling import (
    arrays,
    both,
    case,
    close,
    edge,
    elementwise,
    extremes,
    floats,
    holds,
    normal,
    off,
    seeds,
)
from course_lib.verify.spec import Spec
from course_lib.verify.tools import torch

BROADCAST = (
    ((), ()),
    ((3,), ()),
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((3, 1), (1, 4)),
    ((2, 1, 3), (4, 1)),
    ((1,), (5,)),
)
PRODUCTS = (
    ((3, 4), (4, 5)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (4,)), ((1, 1), (1, 1)), ((2, 3, 4), (4, 5)),
    ((2, 3, 4), (2, 4, 5)), ((1, 3, 4), (6, 4, 5)), ((3, 4), (6, 4, 5)), ((4,), (6, 4, 5)), ((6, 3, 4), (4,)),
    ((2, 1, 3, 4), (3, 4, 2)),
)  # fmt: skip


def pairs(*avoid):
    """Two arrays for each way of broadcasting; the second keeps off `avoid`."""

    def cases(rng):
        for a, b in BROADCAST:
            yield case(normal(rng, a), off(normal(rng, b), *avoid, gap=0.4))

    return cases


def pair_edges(rng):
    yield edge("empty", np.zeros((0, 3)), np.ones(3))
    yield edge("0", np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    yield edge("±1e4", np.array([-1e4, 1e4, 1e4]), np.array([1e4, -1e4, 1e-4]))
    yield edge("NaN", np.array([np.nan, 1.0]), np.array([1.0, np.nan]))
    yield edge("±∞", np.array([np.inf, -np.inf, np.inf]), np.array([1.0, np.inf, np.inf]))


def quotient_edges(rng):
    yield from (e for e in pair_edges(rng) if e.label != "0")
    yield edge("0", np.array([0.0, 0.0]), np.array([2.0, -2.0]))
    yield edge("division by 0", np.array([1.0, -1.0, 0.0]), np.array([0.0, 0.0, np.nan]))


def powers(rng):
    for exponent in (2.0, 3, 1, 0, -1, 0.5, -1.5):
        for shape in ((), (3, 4), (1, 3)):
            yield case(np.abs(off(normal(rng, shape), 0.0, gap=0.4)), exponent=exponent)
    yield case(-np.abs(off(normal(rng, (3,)), 0.0, gap=0.4)), exponent=3)


def power_edges(rng):
    for exponent in (0, 1, 2, 3):
        yield edge("0", np.array([0.0, 2.0]), exponent=exponent)
    yield from extremes(skip=("0", "±∞"))(rng)
    yield edge("root of a negative number is nan", np.array([-1.0, np.nan]), exponent=0.5)


def bounds(rng):
    for options in ({"min": -1.0, "max": 1.0}, {"min": 0.5}, {"max": 0.5}):
        for shape in ((), (3, 4), (2, 1, 3)):
            yield case(off(normal(rng, shape), -1.0, 0.5, 1.0), **options)


def products(rng):
    for a, b in PRODUCTS:
        yield case(normal(rng, a), normal(rng, b))


def product_edges(rng):
    for a, b in (((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3), (3, 0)), ((0, 2, 3), (3, 2))):
        yield edge("empty", np.ones(a), np.ones(b))
    yield edge("±1e4", np.array([[1e4, -1e4]]), np.array([[1e4], [1e4]]))
    yield edge("NaN", np.array([[np.nan, 1.0], [1.0, 1.0]]), np.ones((2, 2)))


def affine(rng):
    for rows in ((), (1,), (5,), (2, 3), (2, 1, 2)):
        yield case(normal(rng, (*rows, 4)), normal(rng, (3, 4)), normal(rng, (3,)))
    yield case(normal(rng, (2, 4)), normal(rng, (1, 4)))


def affine_edges(rng):
    yield edge("empty", np.zeros((0, 4)), np.ones((3, 4)), np.ones(3))
    yield edge("±1e4", np.array([[1e4, -1e4]]), np.array([[1e4, 1e-4], [1e4, 1e4]]), np.zeros(2))
    yield edge("NaN", np.array([[np.nan, 1.0], [1.0, 2.0]]), np.ones((1, 2)), np.zeros(1))


@holds(rng=seeds())
def commutes_and_associates(rng):
    a, b, c = (rng.normal(size=s) for s in ((2, 3), (3,), (2, 1)))
    for f in (ours.add, ours.mul):
        assert np.array_equal(f(a, b), f(b, a))
        assert close(f(f(a, b), c), f(a, f(b, c)))


@holds(x=arrays(), y=floats())
def is_adding_the_negative(x, y):
    assert np.array_equal(ours.sub(x, y), ours.add(x, ours.neg(y)))


@holds(x=arrays())
def twice_is_nothing(x):
    assert np.array_equal(ours.neg(ours.neg(x)), x)


@holds(rng=seeds())
def distributes_over_addition(rng):
    a, b, c = (rng.normal(size=s) for s in ((2, 3), (3,), (2, 3)))
    assert close(ours.mul(a, ours.add(b, c)), ours.add(ours.mul(a, b), ours.mul(a, c)))
    square = rng.normal(size=(3, 3))
    assert close(ours.matmul(a, ours.add(square, 1)), a @ square + a.sum(1, keepdims=True))


@holds(x=arrays(), y=floats(0.1, 10))
def undoes_multiplication(x, y):
    assert close(ours.div(ours.mul(x, y), y), x)


@holds(x=arrays(0.1, 3), m=floats(-2, 2), n=floats(-2, 2))
def exponents_add(x, m, n):
    assert close(ours.pow(x, m) * ours.pow(x, n), ours.pow(x, m + n), 1e-11)


@holds(x=arrays(-5, 5), y=floats(-5, 5))
def turns_sums_into_products(x, y):
    assert close(ours.exp(x + y), ours.exp(x) * ours.exp(y))


@holds(x=arrays(-5, 5))
def undoes_exp(x):
    assert close(ours.log(ours.exp(x)), x)


@holds(x=arrays(0.1, 10), y=floats(0.1, 10))
def turns_products_into_sums(x, y):
    assert close(ours.log(x * y), ours.log(x) + ours.log(y))


@holds(x=arrays())
def of_a_square_is_the_absolute_value(x):
    assert close(ours.sqrt(x * x), ours.abs(x))


@holds(x=arrays(), y=floats())
def obeys_the_triangle_inequality(x, y):
    assert (ours.abs(x + y) <= ours.abs(x) + ours.abs(y) + 1e-12).all()


@holds(x=arrays(), low=floats(-5, 0), high=floats(0, 5))
def idempotent_and_within_the_bounds(x, low, high):
    y = ours.clip(x, low, high)
    assert ((y >= low) & (y <= high)).all()
    assert np.array_equal(ours.clip(y, low, high), y)


@holds(rng=seeds())
def associative(rng):
    a, b, c = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    assert close(ours.matmul(ours.matmul(a, b), c), ours.matmul(a, ours.matmul(b, c)))


@holds(rng=seeds())
def transpose_of_a_product_swaps_the_factors(rng):
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    assert close(ours.matmul(a, b).T, ours.matmul(b.T, a.T))


@holds(rng=seeds(), t=floats())
def maps_lines_to_lines(rng, t):
    x, y, w, b = (rng.normal(size=s) for s in ((2, 3), (2, 3), (4, 3), (4,)))
    middle = ours.linear(t * x + (1 - t) * y, w, b)
    assert close(middle, t * ours.linear(x, w, b) + (1 - t) * ours.linear(y, w, b))


SPECS = (
    Spec("arithmetic.add", pairs(), torch.add, edges=pair_edges, properties=(commutes_and_associates,)),
    Spec("arithmetic.sub", pairs(), torch.sub, edges=pair_edges, properties=(is_adding_the_negative,)),
    Spec("arithmetic.mul", pairs(), torch.mul, edges=pair_edges,
         properties=(commutes_and_associates, distributes_over_addition)),
    Spec("arithmetic.div", pairs(0.0), torch.div, edges=quotient_edges, properties=(undoes_multiplication,)),
    Spec("arithmetic.pow", powers, lambda a, exponent=2.0: torch.pow(a, exponent), edges=power_edges,
        properties=(exponents_add,)),
    Spec("arithmetic.neg", elementwise(), torch.neg, edges=extremes(), properties=(twice_is_nothing,)),
    Spec("arithmetic.exp", elementwise(), torch.exp, edges=extremes(skip=("±1e4",)),
         properties=(turns_sums_into_products,)),
    Spec("arithmetic.log", elementwise(low=0.2, high=5), torch.log, edges=extremes(),
         properties=(undoes_exp, turns_products_into_sums)),
    Spec("arithmetic.sqrt", elementwise(low=0.2, high=5), torch.sqrt, edges=extremes(),
         properties=(of_a_square_is_the_absolute_value,)),
    Spec("arithmetic.abs", elementwise(0), torch.abs, edges=extremes(0), properties=(obeys_the_triangle_inequality,)),
    Spec("arithmetic.clip", bounds, torch.clamp,
         edges=both(extremes(-1.0, 1.0, min=-1.0, max=1.0), extremes(1.0, max=1.0)),
         properties=(idempotent_and_within_the_bounds,)),
    Spec("arithmetic.matmul", products, torch.matmul, edges=product_edges,
         properties=(associative, transpose_of_a_product_swaps_the_factors, distributes_over_addition)),
    Spec("arithmetic.linear", affine, torch.nn.functional.linear, edges=affine_edges,
        properties=(maps_lines_to_lines,)),
)  # fmt: skip
