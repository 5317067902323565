"""The small language model: reproducible, frozen when asked, and moved by its prompt alone."""

import numpy as np
import pytest

from course_lib.topics import prompt

LINES = 8 * [
    "red apple : topic fruit", "green pear : topic fruit", "fast car : topic vehicle", "slow bus : topic vehicle",
]  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return prompt.train_model(LINES, epochs=30)


def test_it_learns_its_lines(model):
    texts, labels = ["red apple", "fast car"], ["fruit", "vehicle"]
    assert prompt.hits(model, "{text} : topic", texts, labels).tolist() == [True, True]


def test_the_template_decides_and_the_weights_stay(model):
    before = prompt.weights_hash(model)
    assert not prompt.hits(model, "{text}", ["red apple"], ["fruit"]).any()
    assert prompt.hits(model, "{text}", ["red apple"], ["fruit"], ["fruit", "vehicle"]).all()
    assert prompt.weights_hash(model) == before
    model.bag.weight.data[1, 0] += 1e-3
    assert prompt.weights_hash(model) != before
    model.bag.weight.data[1, 0] -= 1e-3


def test_the_same_seed_gives_the_same_weights():
    first, second, other = (prompt.train_model(LINES[:4], 2, seed) for seed in (0, 0, 1))
    assert prompt.weights_hash(first) == prompt.weights_hash(second) != prompt.weights_hash(other)


def test_logits_equal_the_formula(model):
    codes = model.encode("red car")
    words = codes[codes > 0]
    expected = model.bag_out.weight.data @ model.bag.weight.data[words].mean(0) + model.bag_out.bias.data
    expected = expected + model.last_out.weight.data @ model.last.weight.data[words[-1]] + model.last_out.bias.data
    np.testing.assert_allclose(model.scores(["red car"])[0], expected, rtol=1e-4, atol=1e-4)


def test_fill_goes_through_the_template_once():
    assert prompt.fill("{text} {label}", text="{label}", label="x") == "{label} x"
    assert prompt.fill("{text}", text=r"\1{") == r"\1{"
    with pytest.raises(KeyError, match="label"):
        prompt.fill("{label}", text="x")


def test_lines_end_in_three_ways():
    lines = prompt.lines_of(["x"] * 300, ["y"] * 300, np.random.default_rng(0))
    assert {*lines} == {"x", "x : this is about y", "x : topic y"}
