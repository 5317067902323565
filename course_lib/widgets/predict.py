"""Predict first: a question asked before the picture is shown. It can be skipped; the answer is kept and compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Predict:
    """A question with choices, or (``choices=None``) one that asks for a number.

    Parameters
    ----------
    question : str
    choices : sequence of str, optional
    outcome : callable, optional
        ``outcome(lab)`` returns what really happens: one of the choices, or a number.
    tolerance : float
        A number counts as right within this relative distance.
    """

    question: str
    choices: tuple[str, ...] | None = None
    outcome: Callable | None = None
    tolerance: float = 0.1

    def check(self, answer):
        """Return the answer if it is one, else raise ValueError. ``None`` means skipped."""
        if answer is None:
            return None
        if self.choices:
            if answer not in self.choices:
                raise ValueError(f"predict: expected one of {', '.join(self.choices)}, got {answer!r}")
            return answer
        number = float(answer)
        if not math.isfinite(number):
            raise ValueError(f"predict: expected a finite number, got {answer!r}")
        return number

    def right(self, answer, outcome):
        """Return whether the answer was right; None if skipped or if there is no outcome."""
        if answer is None or outcome is None:
            return None
        if self.choices:
            return answer == outcome
        return math.isclose(answer, outcome, rel_tol=self.tolerance)

    def spec(self) -> dict:
        """Return the question as a plain dict for the browser."""
        return {"question": self.question, "choices": list(self.choices or ())}


def as_question(predict, default: Predict | None) -> Predict | None:
    """Turn what the caller passed as ``predict=`` (False, True, text, `Predict`) into a question or None."""
    if predict is True:
        return default
    if isinstance(predict, str):
        return Predict(predict, default.choices if default else None, default.outcome if default else None)
    return predict or None
