"""What a learner sees: the text of a check, hints in turn, predictions, progress; the same each time."""

import numpy as np
import pytest

from course_lib.checks import check, compare, hint, predict, progress, reveal


def adam_step(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    return param - lr * m / (1 - beta1**t) / (np.sqrt(v) + eps), m, v


WRONG = """\
4.6 adam_step: not right yet.
  m̂ is corrected, v̂ is not: at t=1 your step is 31.6 times too long. v̂ = v / (1 - β₂ᵗ).
  Smallest input that shows it:
    param = [1.]
    grad = [0.5]
    m = [0.]
    v = [0.]
    t = 1
  expected: ([0.999], [0.05], [0.00025])
  you gave: ([0.968377], [0.05], [0.00025])
  hint("4.6") opens a hint.
"""


def test_the_text_of_a_wrong_answer(capsys):
    result = check("4.6", adam_step)
    assert capsys.readouterr().out == WRONG
    assert not result
    assert result.diagnosis == "v-not-corrected"
    assert result.input[4] == 1
    assert check("4.6", adam_step).message == result.message
    assert capsys.readouterr().out == WRONG


def test_a_notebook_shows_the_text_once():
    assert check("4.6", adam_step)._ipython_display_() is None


def test_an_error_names_the_learners_line(capsys):
    def sigmoid(x):
        y = 1
        return y / undefined  # noqa: F821

    check("4.1", sigmoid)
    line = "line 3 of sigmoid: return y / undefined"
    assert f"NameError: name 'undefined' is not defined ({line}" in capsys.readouterr().out


@pytest.mark.parametrize(("function", "diagnosis"), [
    (lambda d, z: 3 * d / (2 + 2 * np.cosh(np.clip(z, -700, 700))), "scaled"),
    (lambda d, z: -d / (2 + 2 * np.cosh(np.clip(z, -700, 700))), "sign"),
    (lambda d, z: 0.5 + d / (2 + 2 * np.cosh(np.clip(z, -700, 700))), "shifted"),
    (lambda d, z: d * z * 0.0, "zero"),
    (lambda d, z: (d / (2 + 2 * np.cosh(np.clip(z, -700, 700))))[None], "extra-axes"),
    (lambda d, z: d / (2 + 2 * np.cosh(z)), "overflows"),
    (lambda d, z: np.concatenate([d, z]), "wrong-shape"),
    (lambda d, z: d / (2 + 2 * np.cosh(np.clip(z, 0, 700))), "wrong-below-zero"),
    (lambda d, z: d / (2 + 2 * np.cosh(np.clip(z, -700, 0))), "wrong-above-zero"),
    (lambda d, z: (d / 4, d), "wrong-kind"),
    (lambda d, z: ..., "not-attempted"),
    (lambda d, z: (d, ...), "unfinished"),
    (lambda d, z: np.log(d * 0), "not-finite"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_general_diagnoses(function, diagnosis):
    from dataclasses import replace

    from course_lib.checks import exercises

    assert check(replace(exercises()["4.4"], quiet=True), function).diagnosis == diagnosis


def test_in_a_tuple_the_wrong_thing_is_named(capsys):
    def linear_backward(x, w, g):
        return g @ w, 3 * g.T @ x, g.sum(0)

    result = check("4.5", linear_backward)
    assert result.diagnosis == "scaled"
    assert result.message.startswith("In dw (dx and db right): every number is 3 times")


def test_the_librarys_own_function_counts_but_is_named(capsys):
    from course_lib import activations
    from course_lib.activations import sigmoid as theirs

    assert check("4.1", activations.sigmoid).note
    assert check("4.1", theirs).note
    assert check("4.1", library_call).note
    assert not check("4.1", lambda x: 0.5 * (1 + np.tanh(x / 2))).note
    progress()
    assert "right (the library's)" not in capsys.readouterr().out


def library_call(x):
    from course_lib import activations

    return activations.sigmoid(x)


def test_hints_come_in_turn_and_then_the_answer(capsys):
    for number in (1, 2, 3, 3):
        hint("4.2")
        assert f"Hint {number} of 3" in capsys.readouterr().out
    reveal("4.2")
    assert "def softmax(x, dim=-1):" in capsys.readouterr().out
    progress()
    row = next(line for line in said(capsys) if line.startswith("4.2"))
    assert row.split()[-3:] == ["-", "3", "10"]


def test_progress_of_one_chapter_shows_its_exercises_only(capsys):
    progress(4)
    rows = said(capsys)
    assert rows[0] == "0 of 11 exercises right."
    assert {row.split(".")[0] for row in rows if row[:1].isdigit() and "." in row.split()[0]} == {"4"}


def test_the_model_answer_is_right():
    space = {"np": np}
    from course_lib.checks import exercises

    for exercise in exercises().values():
        exec(exercise.source, space)
        assert check(exercise.id, space[exercise.name]).passed


def said(capsys):
    return capsys.readouterr().out.splitlines()


def test_predictions(capsys):
    predict("4-p1", "How many?")
    compare("4-p1", 10)
    asked = ["How many?", "No prediction yet: put one in as answer=..."]
    assert said(capsys) == [*asked, "No prediction. What happened: 10"]
    predict("4-p1", "How many?", answer=9.5)
    compare("4-p1", np.float64(10))
    assert said(capsys)[-1] == "You predicted 9.5; what happened: 10. Off by 5%."
    predict("4-p1", "How many?")
    assert said(capsys)[-1] == "You predicted: 9.5"  # still there when the cell was reset
    predict("4-p2", "Which?", ["up", "down"], answer="sideways")
    assert said(capsys)[-1] == "answer='sideways' is not among the choices."
    predict("4-p2", "Which?", ["up", "down"], answer="up")
    compare("4-p2", "up")
    assert said(capsys)[-1] == "You predicted up; what happened: up. As you said."
    compare("4-p2", "down")
    assert said(capsys)[-1] == "You predicted up; what happened: down. Not what you said: why?"


@pytest.mark.parametrize("odd", [object(), float("nan"), np.arange(3), None, 1 + 2j, 0, 10**400, ...], ids=range(8))
def test_odd_predictions_do_no_harm(odd):
    predict("4-p3", "?", answer=odd)
    predict("4-p3", "?", ["yes", "no"], answer=odd)
    compare("4-p3", odd)
    compare("4-p3", 1)


def test_an_infinite_expectation_is_matched_by_infinity_alone():
    from course_lib.checks.matching import match

    assert match(np.inf, np.inf)
    assert not match(27.6, np.inf)
    assert not match(np.array([1.0, 2.0]), np.array([1.0, -np.inf]))


def test_an_array_stands_for_a_tuple_of_arrays_with_the_same_content():
    from course_lib.checks.matching import match

    pair = (np.array([[1, 2]]), np.array([[3, 4]]))
    assert match(np.stack(pair), pair)
    assert not match(np.stack(pair)[::-1], pair)
    assert not match(np.stack([*pair, *pair]), pair)


def test_a_wrong_string_is_shown_beside_the_right_one():
    from course_lib.checks.diagnosis import Failure, explain_value

    name, text = explain_value(Failure((), (), "ab", "ba", 1e-9, 1e-12))
    assert (name, text) == ("wrong-value", "It gives 'ba', expected 'ab'.")


def test_two_mistakes_at_once_are_both_named():
    result = check("4.2", lambda x, dim=-1: np.exp(x) / np.exp(x).sum())
    assert result.diagnosis == "no-shift+one-total"
    assert "overflows" in result.message
    assert "whole array" in result.message


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_the_right_things_in_the_wrong_order(order):
    def adam_step(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
        step = lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        return tuple((param - step, m, v)[i] for i in order)

    assert check("4.6", adam_step).diagnosis == "wrong-order"


@pytest.mark.parametrize(("id", "function"), [
    ("4.4", lambda d, z: -d / (2 + 2 * np.cosh(np.clip(d, -700, 700)))),  # on the smallest input the sign is wrong
    ("4.10", lambda image, size: image.max(axis=0)),  # and here the number right, the shape not
    ("4.2", lambda x, dim=-1: np.exp(x - x.max()) * 0 + 1.0),  # and here a factor of 2
])
def test_what_holds_on_the_smallest_input_by_chance_is_not_said(id, function):
    assert check(id, function).diagnosis in ("wrong-value", "wrong-shape")
