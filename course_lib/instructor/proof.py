"""Is an exercise fit to mark students? The proof that every exercise of the course passes, for a file of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from traceback import extract_tb

from ..checks.diagnosis import GENERAL
from ..checks.grading import TOTAL_SECONDS
from ..checks.learner import is_stub
from ..checks.mutation import SEEDS, graded, measure, mutants
from ..checks.outcome import Outcome, run
from ..checks.plain import identical
from ..checks.show import show
from ..checks.spec import Exercise
from .exercises import ExerciseProblem, file_of, load_file
from .limits import DEFAULT

TODO, QUOTES = "TODO", "\",'"
MISTAKES, RIGHT = 5, 2
MAX_TITLE = 60
LONGEST = 5.0  # seconds that a function of the exercise itself is waited for


def faults(path: str | Path) -> list[str]:
    """What keeps the exercise in a file from being used; empty if nothing does. Each line says what to do.

    The same proof as the course's own exercises: complete, every mistake caught with its own diagnosis on several sets
    of inputs, every right answer accepted, and the model answer with one operator or number changed is rejected.
    """
    try:
        exercise = load_file(path)
    except ExerciseProblem as problem:
        return [str(problem)]
    except OSError as error:
        return [f"{Path(path).name}: {error.strerror}"]
    todo = [f"{Path(path).name}, line {number}: still to do: {line.partition(TODO)[2].strip(' :').rstrip(QUOTES)}"
            for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1) if TODO in line]
    return todo or prove(exercise)


def prove(exercise: Exercise, seeds: tuple[int, ...] = SEEDS) -> list[str]:
    """The faults of an exercise, without a look at its file's text."""
    try:
        return list(_incomplete(exercise)) or _unusable(exercise, seeds) or [
            *measure(exercise, seeds).faults, *_survivors(exercise)]  # fmt: skip
    except Exception as error:  # a case maker or a mistake that fails
        return [f"{exercise.id}: the proof stopped with {type(error).__name__}: {error}{_line(exercise, error)}"]


def _line(exercise: Exercise, error: Exception) -> str:
    """Where in the exercise's own file."""
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(file_of(exercise))]
    return f" (line {lines[-1]} of {file_of(exercise).name})" if lines else ""


def _incomplete(exercise: Exercise) -> Iterator[str]:
    names = [mistake.name for mistake in exercise.mistakes]
    if len(set(names)) < max(len(names), MISTAKES):
        yield f"{exercise.id}: {len(set(names))} different mistakes, at least {MISTAKES} are needed"
    if len(exercise.right) < RIGHT:
        yield f"{exercise.id}: {len(exercise.right)} right answers written differently, at least {RIGHT} are needed"
    if len(set(exercise.hints)) != 3 or not all(exercise.hints):
        yield f"{exercise.id}: three different hints are needed"
    if not exercise.answer.__doc__:
        yield f"{exercise.id}: {exercise.name} needs a docstring: it is the task's text"
    for mistake in exercise.mistakes:
        if mistake.diagnosis and mistake.name in GENERAL:
            yield (f"{exercise.id}: mistake {mistake.name} has the name of a general diagnosis, which has its text: "
                   "take another name, or leave the text out")  # fmt: skip
        elif not mistake.diagnosis and mistake.name not in GENERAL:
            yield f"{exercise.id}: mistake {mistake.name} has no text to tell the student"
    if not (exercise.title.isprintable() and 0 < len(exercise.title.strip()) <= MAX_TITLE):
        yield f"{exercise.id}: the title must be one line of 1 to {MAX_TITLE} characters"
    if is_stub(exercise.answer):
        yield f"{exercise.id}: the model answer is still the unsolved cell, ..."
    if not exercise.inputs(0):
        yield f"{exercise.id}: there are no inputs, neither edges nor cases"
    elif identical(exercise.inputs(0), exercise.inputs(1)):
        yield f"{exercise.id}: cases(rng) gives the same inputs for every seed: use rng"


def _unusable(exercise: Exercise, seeds: tuple[int, ...]) -> list[str]:
    """What makes every verdict of the check worthless: no expected value, no time, or nothing asked for."""
    found = []
    for what, function in (("reference", exercise.reference), ("model answer", exercise.answer)):
        found = found or list(_failing(exercise, what, function, seeds))
    if not found and any(graded(exercise, _nothing, seed).passed for seed in seeds):
        found.append(f"{exercise.id}: the checks accept the unsolved cell, which returns None: ask for something else")
    return found or list(_refused(exercise, seeds))


def _refused(exercise: Exercise, seeds: tuple[int, ...]) -> Iterator[str]:
    """Right answers that the checks refuse."""
    for number, answer in enumerate((exercise.answer, *exercise.right)):
        verdicts = (graded(exercise, answer, seed) for seed in seeds)
        refused = next((verdict for verdict in verdicts if not verdict.passed), None)
        if refused:
            which = f"right answer {number}" if number else "the model answer"
            yield f"{exercise.id}: {which} is refused: {refused.diagnosis}: {refused.message}"


def _failing(exercise: Exercise, what: str, function, seeds: tuple[int, ...]) -> Iterator[str]:
    """The first input on which a function of the exercise itself does not come to a value in time."""
    for seed in seeds:
        started = perf_counter()
        for args in exercise.inputs(seed):
            began = perf_counter()
            outcome = run(function, args, LONGEST)
            seconds = perf_counter() - began
            trouble = _trouble(outcome, seconds)
            if trouble:
                yield f"{exercise.id}: the {what} {trouble}, for {_shown(exercise, args)}"
                return
        if perf_counter() - started > TOTAL_SECONDS:
            yield (f"{exercise.id}: the {what} takes {perf_counter() - started:.0f} s for all inputs together, and a "
                   f"check has {TOTAL_SECONDS:g} s: take fewer or smaller inputs")  # fmt: skip
            return


def _trouble(outcome: Outcome, seconds: float) -> str:
    limit = DEFAULT.call_seconds
    if outcome.kind == "timeout":
        return f"takes more than {LONGEST:g} s, and a call has {limit:g} s: it is too slow"
    if seconds > limit:
        return f"takes {seconds:.1f} s, and a call has {limit:g} s: it is too slow"
    if outcome.kind == "raised":
        return f"raises {outcome.detail}"
    if outcome.kind != "value":
        return "ends Python"
    return f"returns something that cannot be compared ({outcome.detail or outcome.problem})" if outcome.problem else ""


def _shown(exercise: Exercise, args: tuple) -> str:
    text = ", ".join(f"{name} = {show(value)}" for name, value in zip(exercise.parameters, args, strict=False))
    return " ".join(text.split())[:200]


def _nothing(*args):
    return None


def _survivors(exercise: Exercise) -> Iterator[str]:
    for what, function in mutants(exercise):
        if all(graded(exercise, function, seed).passed for seed in SEEDS):
            yield f"{exercise.id}: the model answer with {what} still passes: add a case that tells them apart"
