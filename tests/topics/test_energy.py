"""Counts by hand, the published estimate, Amdahl's limits, and queueing theory."""

import numpy as np
import pytest

from course_lib import nn
from course_lib.topics import energy


def test_operations_of_two_layers():
    rng = np.random.default_rng(0)
    net = nn.Sequential(nn.Linear(64, 32, rng=rng), nn.Linear(32, 10, rng=rng))
    assert energy.forward_flops(net.state_dict()) == 2 * (64 * 32 + 32 * 10)


def test_gpt3_as_published():
    """Patterson et al., 2021, table 4: 1,287 MWh for 3.14e23 operations at 24.6 TFLOP/s and 330 W, PUE 1.1."""
    assert abs(energy.energy_kwh(3.14e23, 125e12, 24.6 / 125, 330, 1.1) / 1.287e6 - 1) < 0.01


def test_one_kilowatt_hour():
    assert energy.energy_kwh(3600e12, 1e12, 1.0, 1000, 1.0) == pytest.approx(1)


def test_amdahl():
    assert energy.speed_up(1, 0.3) == 1
    assert energy.speed_up(8, 0.0) == 8
    assert energy.speed_up(10**12, 0.05) == pytest.approx(20)
    assert energy.speed_up(64, 0.05) == pytest.approx(15.42, abs=0.01)


def test_margin():
    assert energy.margin_per_request(1.0, 1000, 3600.0, 1000, 0.5) == pytest.approx(1 - 2)


def test_response_times_follow_the_recursion_and_the_theory():
    found = energy.response_times(0.7, 10.0, 200, np.random.default_rng(3))
    gaps, wait = np.random.default_rng(3).exponential(10 / 0.7, 200), 0.0
    for gap, time in zip(gaps, found, strict=True):
        wait = max(0.0, wait + 10 - gap)
        assert time == pytest.approx(wait + 10)
    long = energy.response_times(0.7, 10.0, 400_000, np.random.default_rng(0))
    assert abs(long.mean() / (10 + 10 * 0.7 / (2 * 0.3)) - 1) < 0.03  # Pollaczek-Khinchine


@pytest.mark.parametrize(("call", "message"), [
    (lambda: energy.energy_kwh(1, 1, 0, 1), r"utilisation must lie in \(0, 1\]"),
    (lambda: energy.speed_up(0, 0.1), "workers must be at least 1"),
    (lambda: energy.margin_per_request(1, 1, 1, 1, 0), r"busy must lie in \(0, 1\]"),
    (lambda: energy.response_times(1.0, 1.0, 5, np.random.default_rng(0)), r"load must lie in \(0, 1\)"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
