"""Predict before you run, compare afterwards."""

from __future__ import annotations

import math

from . import record
from .plain import NotPlain, plain
from .show import show


def predict(id: str, question: str, choices: tuple | list = (), *, answer=None) -> None:
    """Ask for a prediction and record the answer; without one the notebook runs on.

    Parameters
    ----------
    id : str
        Such as "4-p1".
    question : str
    choices : sequence, optional
        The answers to choose from; without them a number or a few words will do.
    answer : number, str or bool, optional
        Yours. Change it and run the cell again as often as you like.
    """
    print(question)
    for choice in choices:
        print(f"  - {choice}")
    if answer is None:
        earlier = record.load()["predictions"].get(id, {}).get("answer")
        print("No prediction yet: put one in as answer=..." if earlier is None else f"You predicted: {_text(earlier)}")
        return
    answer = _simple(answer)
    if choices and answer not in choices:
        print(f"answer={answer!r} is not among the choices.")
        return
    record.update(lambda data: data["predictions"].setdefault(id, {}).update(question=question, answer=answer))
    print(f"Your prediction: {_text(answer)}")


def compare(id: str, actual) -> None:
    """Show the prediction beside what happened."""
    actual = _simple(actual)
    predicted = record.load()["predictions"].get(id, {}).get("answer")
    if predicted is None:
        print(f"No prediction. What happened: {_text(actual)}")
        return
    record.update(lambda data: data["predictions"].setdefault(id, {}).update(actual=actual))
    print(f"You predicted {_text(predicted)}; what happened: {_text(actual)}. {_remark(predicted, actual)}")


def _remark(predicted, actual) -> str:
    numeric = all(type(value) in (int, float) for value in (predicted, actual))
    if not numeric:
        return "As you said." if predicted == actual else "Not what you said: why?"
    if math.isclose(predicted, actual, rel_tol=1e-9):
        return "Exactly."
    error = abs(predicted - actual)
    if not actual or not math.isfinite(error / actual):
        return f"Off by {show(float(error))}."
    return f"Off by {error / abs(actual):.0%}."


def _text(value) -> str:
    return value if type(value) is str else show(value)


def _simple(value):
    """Something that JSON can hold."""
    try:
        value = plain(value)
    except NotPlain as stranger:
        return stranger.detail
    value = value.tolist() if hasattr(value, "tolist") else value
    return value if type(value) in (bool, int, float, str, list) else str(value)
