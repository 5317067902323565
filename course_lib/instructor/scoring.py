"""From verdicts to points, by rules short enough to tell a student.

- An answer that is right on every input gets all points; one that is right on at least half of them gets half.
- An answer that was left as it was handed out gets 0. Where nobody can say whether there is an answer, there is no
  score, and no total, until somebody has looked.
- A day begun after the deadline costs the release's share of the points, up to its largest share.
"""

from __future__ import annotations

import math
from datetime import datetime

from ..checks.grading import Grade
from ..checks.show import show
from ..checks.spec import Exercise
from .files import MAX_SHOWN, Case, Item, ItemResult, Release

HALF = 0.5
MAX_MESSAGE = 1000
MAX_WHY = 600
MAX_SOURCE = 20_000


def of_grade(item: Item, exercise: Exercise, grade: Grade, library: bool) -> dict:
    """The fields of an `ItemResult` that follow from the check's verdict."""
    counts = {"right": grade.right, "total": grade.total}
    if grade.passed:
        note = "It calls course_lib's own function." if library else ""
        return {"score": item.points, "status": "right", "diagnosis": "", "message": note, "case": None, **counts}
    if grade.diagnosis == "not-attempted":
        return not_attempted() | counts
    partly = grade.total > 0 and grade.right >= HALF * grade.total
    return {"score": HALF * item.points if partly else 0.0, "status": "partly" if partly else "wrong",
            "diagnosis": grade.diagnosis, "message": grade.message[:MAX_MESSAGE], "case": case(exercise, grade),
            **counts}  # fmt: skip


def not_attempted() -> dict:
    """The fields for an answer that nobody has begun."""
    return {"score": 0.0, "status": "not-attempted", "diagnosis": "not-attempted", "message": "", "case": None}


def by_hand(message: str, diagnosis: str = "") -> dict:
    """The fields where somebody has to look."""
    return {"score": None, "status": "needs-hand", "diagnosis": diagnosis, "message": message[:MAX_MESSAGE],
            "case": None}  # fmt: skip


def broken(message: str, diagnosis: str) -> dict:
    """The fields for an answer that does not run."""
    return {"score": 0.0, "status": "error", "diagnosis": diagnosis, "message": message[:MAX_MESSAGE], "case": None}


def case(exercise: Exercise, grade: Grade) -> Case | None:
    """The smallest input that shows the mistake, as text."""
    if grade.input is None:
        return None
    pairs = zip(exercise.parameters, grade.input, strict=False)
    return Case(*(text[:MAX_SHOWN] for text in (
        "\n".join(f"{name} = {show(value)}" for name, value in pairs), _digits(grade.got, grade.expected),
        _digits(grade.expected, grade.got))))  # fmt: skip


def _digits(value, other) -> str:
    """With so many digits that two values which differ do so in print."""
    return show(value) if show(value) != show(other) else show(value, 16)


def late_days(deadline: str | None, submitted: datetime | None) -> int:
    """Days begun after the deadline."""
    if deadline is None or submitted is None:
        return 0
    return max(0, math.ceil((submitted - datetime.fromisoformat(deadline)).total_seconds() / 86400))


def late_share(release: Release, days: int) -> float:
    """The share of the points that is lost."""
    return min(release.late.per_day * days, release.late.at_most) if release.late else 0.0


def total(items: tuple[ItemResult, ...], share: float) -> tuple[float | None, float]:
    """(total, penalty) of the scores; without a total while one is missing."""
    scores = [item.score for item in items]
    if not scores or None in scores:
        return None, 0.0
    penalty = share * sum(scores)
    return sum(scores) - penalty, penalty


def settled(items: tuple[ItemResult, ...], share: float) -> dict:
    """The fields of a `Result` that follow from its items: graded once every item has a score."""
    waiting = [f"{item.id}: {item.message}" for item in items if item.score is None]
    sum_, penalty = total(items, share)
    return {"status": "needs-hand" if waiting else "graded", "why": "; ".join(waiting)[:MAX_WHY], "total": sum_,
            "penalty": penalty}  # fmt: skip
