"""Costs by hand, and against published estimates."""

import math

import pytest

from course_lib.topics import cost


def test_gpt3_as_published():
    """Brown et al., 2020, table D.1: 3.14e23 FLOPs; at 28 TFLOP/s that is the well-known 355 V100-years."""
    assert cost.train_flops(175e9, 300e9) == pytest.approx(3.14e23, rel=0.005)
    years = cost.gpu_hours(3.14e23, cost.V100.peak, 28 / 125) / cost.HOURS_PER_YEAR
    assert years == pytest.approx(355, abs=1)
    assert years * cost.HOURS_PER_YEAR * cost.V100.usd_per_hour == pytest.approx(4.67e6, rel=0.002)


def test_chinchilla_as_published():
    """Hoffmann et al., 2022: 70 billion parameters, 1.4 trillion tokens, 5.76e23 FLOPs."""
    assert cost.compute_optimal_tokens(70e9) == 1.4e12
    assert cost.train_flops(70e9, 1.4e12) == pytest.approx(5.76e23, rel=0.03)


def test_one_hour_by_hand():
    assert cost.gpu_hours(3600e12, 1e12, 1.0) == 1
    assert cost.gpu_hours(3600e12, 1e12, 0.25) == 4
    gpu = cost.GPU("test", 1e12, 16e9, 3.0)
    assert cost.train_cost(600, 1e12, gpu, 0.5) == pytest.approx(6.0)  # 3.6e15 FLOPs at 5e11: two hours at 3 dollars


def test_using_takes_a_third_of_training():
    assert 3 * cost.inference_flops(7.0, 11.0) == cost.train_flops(7.0, 11.0)


@pytest.mark.parametrize(("width", "optimizer", "each"), [
    (2, "adam", 16), (4, "adam", 16), (2, "sgd", 8), (4, "sgd", 8), (4, "momentum", 12), (2, "momentum", 12),
    (8, "sgd", 16), (1, "adam", 14),
])  # fmt: skip
def test_bytes_for_each_parameter(width, optimizer, each):
    """Rajbhandari et al., 2020: 2 + 2 + 12 bytes with 16-bit weights and Adam."""
    assert cost.training_bytes(1000, width, optimizer) == 1000 * each


def test_cache_of_gpt3():
    """96 layers, keys and values of 12,288 numbers in 2 bytes: 4.7 MB a token."""
    assert cost.kv_cache_bytes(96, 12288, 1) == 4_718_592
    assert cost.kv_cache_bytes(96, 12288, 10, width=4) == 20 * 4_718_592


def test_a_million_tokens():
    gpu = cost.GPU("test", 1e12, 16e9, 3.6)
    assert cost.usd_per_million_tokens(0.5e9, gpu, 0.5) == pytest.approx(2.0)  # 1e15 FLOPs take 2,000 s at 0.1 cent


def test_margin_by_hand():
    assert cost.margin_per_request(0.01, 1500, 2.0, 0.002) == pytest.approx(0.005)
    assert cost.margin_per_request(0.01, 6000, 2.0, 0.002) == pytest.approx(-0.004)


def test_at_break_even_both_cost_the_same():
    many = cost.break_even_requests(60_000, 0.001, 0.004)
    assert 60_000 + 0.001 * many == pytest.approx(0.004 * many)
    assert cost.break_even_requests(0, 1, 2) == 0
    assert cost.break_even_requests(1, 2, 2) == cost.break_even_requests(1, 3, 2) == math.inf


@pytest.mark.parametrize(("call", "message"), [
    (lambda: cost.gpu_hours(1, 1, 0), r"utilisation must be in \(0, 1\], got 0"),
    (lambda: cost.gpu_hours(1, 1, 1.1), r"utilisation must be in \(0, 1\]"),
    (lambda: cost.gpu_hours(1, 0, 0.5), "peak must be positive"),
    (lambda: cost.training_bytes(1, 2, "lion"), "optimizer must be one of sgd, momentum, adam, got 'lion'"),
    (lambda: cost.break_even_requests(1, -1, 2), "own must not be negative, got -1"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
