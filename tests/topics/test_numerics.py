"""Derivatives from differences, and sums, against exact arithmetic and SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from course_lib.topics import numerics

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(1,), (4,), (2, 3)])
def test_central_gradient_of_a_smooth_function(shape):
    w = RNG.normal(size=shape)
    assert np.allclose(numerics.central_gradient(lambda v: np.sin(v).sum(), w), np.cos(w), atol=1e-9)


def test_central_gradient_leaves_its_argument_and_takes_integers():
    w = np.array([1, 2])
    assert np.allclose(numerics.central_gradient(lambda v: (v**2).sum(), w), [2, 4])
    assert w.tolist() == [1, 2]


def test_the_loss_and_its_gradient_against_scipy():
    x, y, w = RNG.normal(size=(6, 3)), RNG.normal(size=6), RNG.normal(size=3)
    theirs = approx_fprime(w, lambda v: numerics.squared_loss(x, y, v), 1e-7)
    assert np.allclose(numerics.squared_loss_gradient(x, y, w, 0.1), theirs, atol=1e-5)
    assert np.allclose(numerics.squared_loss_gradient(x, y, w, 0.1), 2 * x.T @ (x @ w - y) / 6, atol=1e-12)


def test_mean_squared_error_never_broadcasts():
    a, b = RNG.normal(size=5), RNG.normal(size=5)
    right = np.mean((a - b) ** 2)
    for p in (a, a[:, None]):
        for t in (b, b[:, None]):
            assert numerics.mean_squared_error(p, t) == pytest.approx(right, rel=1e-15)
    with pytest.raises(ValueError, match="pred has 5 numbers, target 4"):
        numerics.mean_squared_error(a, b[:4])


@given(st.lists(st.floats(-1e15, 1e15), max_size=30))
def test_compensated_sum_is_close_to_the_exact_sum(values):
    exact, size = math.fsum(values), math.fsum(map(abs, values))
    assert abs(numerics.compensated_sum(values) - exact) <= 2.3e-16 * abs(exact) + 1e-28 * size  # an ulp: 2 · 2⁻⁵³


def test_compensated_sum_where_the_plain_sum_and_kahans_fail():
    assert numerics.compensated_sum([1.0, 1e100, 1.0, -1e100]) == 2.0
    assert numerics.compensated_sum([]) == 0.0


def test_sum_in_order_depends_on_the_order():
    values = np.array([1e8, 1.0, -1e8], np.float32)
    assert numerics.sum_in_order(values, [0, 1, 2]) == 0.0
    assert numerics.sum_in_order(values, [0, 2, 1]) == 1.0


def test_amdahl():
    assert numerics.amdahl(0.0, 100) == 1.0
    assert numerics.amdahl(1.0, 8) == 8.0
    assert numerics.amdahl(0.9, 1e12) == pytest.approx(10)
