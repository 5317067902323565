"""Is an exercise fit to mark students? The proof that every exercise of the course passes, for a file of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..checks.diagnosis import GENERAL
from ..checks.mutation import SEEDS, graded, measure, mutants
from ..checks.plain import identical
from ..checks.spec import Exercise
from .exercises import ExerciseProblem, load_file

TODO, QUOTES = "TODO", "\",'"
MISTAKES, RIGHT = 5, 2


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
        return list(_incomplete(exercise)) or [*measure(exercise, seeds).faults, *_survivors(exercise)]
    except Exception as error:  # a case maker, a mistake or the reference that fails
        return [f"{exercise.id}: the proof stopped with {type(error).__name__}: {error}"]


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
        if bool(mistake.diagnosis) == (mistake.name in GENERAL):
            yield f"{exercise.id}: mistake {mistake.name} needs a diagnosis, or the name of a general one"
    if identical(exercise.inputs(0), exercise.inputs(1)):
        yield f"{exercise.id}: cases(rng) gives the same inputs for every seed: use rng"


def _survivors(exercise: Exercise) -> Iterator[str]:
    for what, function in mutants(exercise):
        if all(graded(exercise, function, seed).passed for seed in SEEDS):
            yield f"{exercise.id}: the model answer with {what} still passes: add a case that tells them apart"
