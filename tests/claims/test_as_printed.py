"""The printed formulas print what the articles print, carry their claims' ids, and cannot be changed by accident."""

import re

import numpy as np
import pytest

from course_lib import claims, nn, optim
from course_lib.claims import as_printed

SOURCE = as_printed.__spec__.loader.get_source(as_printed.__name__)


def test_ids_are_in_the_ledger():
    ids = set(re.findall(r"\bS\d-4[\w.-]*\w", SOURCE))
    assert len(ids) > 15
    assert ids <= {c.id for c in claims.load(4)}


def test_every_function_names_its_claim():
    functions = [f for f in vars(as_printed).values() if getattr(f, "__module__", "") == as_printed.__name__]
    for f in functions:
        assert f.__name__.startswith("_") or re.search(r"S\d-4\.", f.__doc__), f.__name__


def test_adam_takes_the_printed_path():
    w, m, v = (np.zeros(1) for _ in range(3))
    path = []
    for t, g in enumerate((1.0, -2.0, 3.0), 1):
        w, m, v = as_printed.adam_update(w, np.array([g]), m, v, t, lr=0.1)
        path.append(w[0])
    np.testing.assert_allclose(path, [-0.316228, -0.153049, -0.318889], atol=5e-7)


def test_the_optimizer_applies_the_printed_rule():
    p = nn.Parameter(np.array([1.0, -2.0]))
    p.grad = np.array([0.5, -4.0])
    as_printed.Adam([p], lr=0.1).step()
    np.testing.assert_allclose(p.data, [1 - 0.1 * 10**0.5, -2 + 0.1 * 10**0.5], rtol=1e-6)
    assert issubclass(as_printed.Adam, optim.Adam)


@pytest.mark.parametrize("example", ["EXAMPLE_2X2", "LOGISTIC_REGRESSION", "NETWORK_342"])
def test_examples_are_read_only(example):
    for value in vars(getattr(as_printed, example)).values():
        if isinstance(value, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                value[0] = 1


def test_a_zero_label_costs_nothing_even_at_probability_zero():
    assert as_printed.cross_entropy_sum([0.0, 1.0], [0, 1]) == 0
    assert as_printed.cross_entropy_sum([0.0, 1.0], [1, 0]) == np.inf


def test_a_square_layer_hides_the_transposed_update():
    w = as_printed.weight_update(np.zeros((2, 2)), [1.0, 2], [3.0, 4], 1.0)
    np.testing.assert_array_equal(w, -np.outer([1, 2], [3, 4]))
    with pytest.raises(ValueError, match="broadcast"):
        as_printed.weight_update(np.zeros((2, 4)), np.ones(4), np.ones(2), 0.1)
