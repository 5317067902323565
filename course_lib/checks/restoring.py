"""Getting answers back after a chapter was reset or updated."""

from __future__ import annotations

import sys

from . import record
from .assignment import exercises
from .learner import define
from .session import _checked
from .show import indent


def restore(chapter: int, show: bool = False) -> None:
    """Define your recorded answers of a chapter again, and check each; with ``show``, print them too.

    The functions appear in the notebook that calls this. An answer whose exercise has changed or gone is shown but not
    run. Restore only a record that is yours: the functions in it will run.
    """
    namespace = sys._getframe(1).f_globals
    entries = record.load()["exercises"]
    mine = {id: attempt for id, entry in entries.items()
            if id.split(".")[0] == str(chapter) and (attempt := record.best(entry))}
    if not mine:
        print(f"No recorded answers for chapter {chapter}.")
    for id in sorted(mine, key=lambda id: [part.zfill(4) for part in id.split(".")]):
        print(_restore_one(id, entries[id]["signature"], mine[id]["source"], namespace))
        if show:
            print(indent(mine[id]["source"]))


def _restore_one(id: str, signature: str, source: str, namespace: dict) -> str:
    exercise = exercises().get(id)
    if exercise is None:
        return f"{id}: this exercise is no longer in the course. Your answer was:\n{indent(source)}"
    if exercise.signature != signature:
        return f"{id}: was {signature}, is now {exercise.signature}. Your answer was:\n{indent(source)}"
    try:
        define(source, exercise.name, namespace, id)
        result = _checked(exercise, namespace[exercise.name])
    except Exception as error:
        return f"{id}: your answer does not run any more ({type(error).__name__}: {error}). It was:\n{indent(source)}"
    return f"{id} {exercise.name}: restored, {'right' if result.passed else 'not right yet'}."
