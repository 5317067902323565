"""The benchmark tool measures in turns and reports the ratio of the same turn; the peers compute the same thing."""

import numpy as np

from benchmarks import scalars, timing
from course_lib.data import digits


def test_ratio_is_taken_within_a_round():
    assert timing.ratio({"ours": [1.0, 30.0, 3.0], "peer": [2.0, 60.0, 6.0]}, "ours", "peer") == 0.5


def test_rounds_interleave_and_missing_packages_are_left_out():
    calls = []

    def missing():
        raise ImportError("no such peer")

    setups = {"a": lambda: lambda: calls.append("a"), "b": lambda: lambda: calls.append("b"), "c": missing}
    times = timing.measure(timing.Row("x", setups, {"b": 1.0}, rounds=3, ours="a"))
    assert calls[2:] == ["a", "b"] * 3  # after one warm-up each
    assert set(times) == {"a", "b"}
    assert [len(t) for t in times.values()] == [3, 3]


def test_scalar_engine_has_the_right_gradient():
    a, b = scalars.Value(0.7), scalars.Value(-1.3)
    ((a * b + a).exp() + a.relu()).log().backward()
    w = np.array([0.7, -1.3])
    h = 1e-6
    f = lambda a, b: np.log(np.exp(a * b + a) + max(a, 0))  # noqa: E731
    assert abs(a.grad - (f(w[0] + h, w[1]) - f(w[0] - h, w[1])) / (2 * h)) < 1e-8
    assert abs(b.grad - (f(w[0], w[1] + h) - f(w[0], w[1] - h)) / (2 * h)) < 1e-8


def test_scalar_step_trains():
    step = scalars.scalar_step(digits(), (64, 4, 10))
    values = [step() for _ in range(50)]
    assert abs(values[0] - np.log(10)) < 1  # about uniform at first
    assert values[-1] < values[0]
