"""What a learner calls in a chapter: check, hint, reveal, progress."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from . import record
from .assignment import closed, exercises, find
from .grading import Grade, grade
from .learner import is_stub, leans_on_library, source_of
from .outcome import run
from .show import indent, show
from .spec import Exercise


@dataclass(frozen=True)
class CheckResult(Grade):
    """A `Grade`, with what the practice adds to it. Notebooks show the printed text, not this object."""

    note: str = ""

    def _ipython_display_(self) -> None:
        """Nothing more to show: `check` has printed it."""

    def __bool__(self) -> bool:
        return self.passed


def check(exercise: str | Exercise, function) -> CheckResult:
    """Check an answer, say what is wrong with it, and write it into your record.

    Parameters
    ----------
    exercise : str
        Its id, such as "4.6".
    function : callable
        Your function itself, without parentheses.
    """
    exercise = find(exercise)
    result = _checked(exercise, function)
    print(text_of(exercise, result))
    return result


def _checked(exercise: Exercise, function) -> CheckResult:
    """`check` without the printing: grade and record."""
    problem = _not_a_candidate(exercise, function)
    if problem:
        return CheckResult(exercise.id, False, *problem)
    verdict = grade(exercise, lambda args: run(function, args))
    if verdict.diagnosis == "not-attempted":
        return CheckResult(**vars(verdict))
    leans = leans_on_library(function, exercise)
    attempt = {"source": source_of(function), "passed": verdict.passed, "diagnosis": verdict.diagnosis}
    attempt["library"] = leans
    record.add_attempt(exercise.id, exercise.signature, attempt)
    note = "This calls course_lib's own function. It counts, but try it yourself." if leans and verdict.passed else ""
    return CheckResult(**vars(verdict), note=note)


def _not_a_candidate(exercise: Exercise, function) -> tuple[str, str] | None:
    """(diagnosis, message) for what cannot be graded at all."""
    if function is ... or is_stub(function):
        return "not-attempted", ""
    if not callable(function):
        call = f'check("{exercise.id}", {exercise.name})'
        return "not-a-function", f"Pass the function itself, without parentheses: {call}."
    try:
        inspect.signature(function).bind(*exercise.parameters)
    except TypeError:
        return "wrong-signature", f"The function should take {', '.join(exercise.parameters)}: {exercise.signature}"
    except BaseException:  # no signature to be had: let the call decide
        return None
    return None


def text_of(exercise: Exercise, result: CheckResult) -> str:
    """What `check` prints."""
    title = f"{exercise.id} {exercise.name}"
    if result.diagnosis == "not-attempted":
        return f"{title}: not attempted yet." + _waiting(exercise)
    if result.passed:
        return f"{title}: right, on all {result.total} inputs." + (f"\n  {result.note}" if result.note else "")
    lines = [f"{title}: not right yet.", indent(result.message, "  ")]
    if result.input is not None:
        lines += ["  Smallest input that shows it:", indent(_arguments(exercise, result.input))]
        lines += _side_by_side(result.expected, result.got)
    return "\n".join(lines if _no_hints(exercise) else [*lines, f'  hint("{exercise.id}") opens a hint.'])


def _no_hints(exercise: Exercise) -> bool:
    return closed("hints", exercise.id) or not exercise.hints


def _waiting(exercise: Exercise) -> str:
    entry = record.load()["exercises"].get(exercise.id)
    return f" Your recorded answer comes back with restore({exercise.chapter})." if entry and record.best(entry) else ""


def _arguments(exercise: Exercise, args: tuple) -> str:
    pairs = zip(exercise.parameters, args, strict=False)
    return "\n".join(f"{name} = " + show(arg).replace("\n", "\n" + " " * (len(name) + 3)) for name, arg in pairs)


def _side_by_side(expected, got) -> list[str]:
    digits = 6 if show(expected) != show(got) else 16
    pairs = [("expected", expected), ("you gave", got)][: 1 if got is None else 2]
    return [f"  {label}: " + show(value, digits).replace("\n", "\n" + " " * 12) for label, value in pairs]


def hint(exercise: str) -> None:
    """Open the next hint; there are three."""
    exercise = find(exercise)
    if _no_hints(exercise):
        print(f"{exercise.id}: hints are closed in this assignment.")
        return

    def open_next(data):
        entry = record.exercise(data, exercise.id)
        entry["hints"] = max(1, min(entry["hints"] + 1, len(exercise.hints)))

    record.update(open_next)
    shown = record.load()["exercises"][exercise.id]["hints"]
    print(f"Hint {shown} of {len(exercise.hints)}: {exercise.hints[shown - 1]}")
    if shown == len(exercise.hints) and not _no_answer(exercise):
        print(f'reveal("{exercise.id}") shows an answer.')


def reveal(exercise: str) -> None:
    """Show a model answer. That you looked is recorded, for you."""
    exercise = find(exercise)
    if _no_answer(exercise):
        print(f"{exercise.id}: the model answer is closed in this assignment.")
        return
    record.update(lambda data: record.exercise(data, exercise.id).update(revealed=True))
    print(f"One way to write {exercise.id} {exercise.title}:\n\n{exercise.source}")


def _no_answer(exercise: Exercise) -> bool:
    return closed("references", exercise.id) or not exercise.right  # a variant's is not in this package


def progress(chapter: int | None = None) -> None:
    """A table of the exercises, all or a chapter's, and where you stand."""
    entries = record.load()["exercises"]
    chosen = [exercise for exercise in exercises().values() if chapter in (None, exercise.chapter)]
    rows = [_row(exercise, entries.get(exercise.id)) for exercise in chosen]
    done = sum(row[2].startswith("right") for row in rows)
    print(f"{done} of {len(rows)} exercises right.\n")
    for id, title, state, hints, minutes in [("", "exercise", "state", "hints", "min"), *rows]:
        print(f"{id:<6}{title:<52}{state:<24}{hints:>5}{minutes:>5}")


def _row(exercise: Exercise, entry: dict | None) -> tuple[str, ...]:
    attempts = entry["attempts"] if entry else []
    if any(attempt["passed"] for attempt in attempts):
        state = "right" if any(a["passed"] and not a["library"] for a in attempts) else "right (the library's)"
        state += " (answer seen)" if entry["revealed"] else ""
    else:
        state = f"tried: {attempts[-1]['diagnosis']}" if attempts else "-"
    return exercise.id, exercise.title, state, str(entry["hints"]) if entry else "0", str(exercise.minutes)
