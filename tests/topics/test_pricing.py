"""Prices by hand, and what a heavy tail does to them."""

import numpy as np
import pytest

from course_lib.topics import pricing


def test_a_request_by_hand():
    assert pricing.request_cost(1500, 500, 0.5, 1.5) == pytest.approx(0.0015)
    with pytest.raises(ValueError, match="negative"):
        pricing.request_cost(-1, 0, 1, 1)


def test_the_median_user_is_as_asked_and_the_mean_is_far_above():
    requests = pricing.heavy_users(50_000, np.random.default_rng(0))
    assert np.median(requests) == pytest.approx(100, rel=0.03)
    assert requests.mean() == pytest.approx(100 * np.exp(1.5**2 / 2), rel=0.1)


def test_margins_by_hand():
    flat, metered = pricing.margins([10, 1000], cost=0.01, fee=1.0, price=0.02)
    np.testing.assert_allclose(flat, [0.9, -9])
    np.testing.assert_allclose(metered, [0.1, 10])
