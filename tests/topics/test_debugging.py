"""The first bad operation is named, and the debugger answers from a script."""

import numpy as np
import pytest

from course_lib.autograd import Tensor, tensor
from course_lib.topics import debugging


def test_first_bad():
    fine, bad = np.ones(2), np.array([1.0, np.inf])
    assert debugging.first_bad([fine, bad, bad]) == 1
    assert debugging.first_bad([fine, fine]) == -1
    assert debugging.first_bad([]) == -1


def test_operations_come_in_the_order_of_computing_each_once():
    x = tensor(2.0, dtype=float, requires_grad=True)
    a = x * 3
    y = a.exp() + a
    assert [node._op.__name__ for node in debugging.operations(y)] == ["mul", "exp", "add"]
    assert debugging.operations(Tensor(np.ones(2))) == []


def test_the_first_bad_operation_is_named_with_its_input():
    x = tensor(np.array([0.0, 800.0]), requires_grad=True)
    with np.errstate(all="ignore"):
        loss = (x.exp() / x.exp().sum()).log().mean()
        named = debugging.first_bad_operation(loss)
    assert named.startswith("exp: 1 of 2 results not finite; its input went from 0 to 800")
    assert debugging.first_bad_operation((x * 2).sum()) == ""


def fails(values):
    total = sum(values)
    return total / len(values)


def test_the_debugger_stands_where_it_failed():
    assert debugging.ask_debugger(fails, ["p total", "p values", "p 1 + 1"], []) == ["0", "[]", "2"]


def test_no_error_no_questions():
    assert debugging.ask_debugger(fails, ["p total"], [1.0]) == []


def test_an_interrupt_is_not_swallowed():
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        debugging.ask_debugger(stop, ["p 1"])
