"""Exercises that are not in the students' package: the course's variants and an instructor's own, one file each."""

from __future__ import annotations

import hashlib
import re
import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from ..checks.spec import Exercise, find
from .files import Item

ID = re.compile(r"([1-9]|10)\.[A-Za-z0-9]{1,10}")
FUNCTION = re.compile(r"[a-z][a-z0-9_]{0,40}")


class ExerciseProblem(Exception):
    """A file that holds no usable exercise, and why."""


def load_file(path: str | Path) -> Exercise:
    """The ``EXERCISE`` of a Python file. The file is run: load only what you trust. Raises ExerciseProblem."""
    path = Path(path).resolve()
    name = f"course_exercise_{hashlib.sha1(str(path).encode()).hexdigest()[:12]}_{path.stem}"
    spec = spec_from_file_location(name, path)
    module = sys.modules[name] = module_from_spec(spec)  # Exercise.compiled and inspect look there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = getattr(error, "lineno", None) or (lines[-1] if lines else 1)
        raise ExerciseProblem(f"{path.name}, line {line}: {type(error).__name__}: {error}") from None
    exercise = getattr(module, "EXERCISE", None)
    if not isinstance(exercise, Exercise):
        raise ExerciseProblem(f"{path.name}: it must define EXERCISE = Exercise(...)")
    if type(exercise.id) is not str or not ID.fullmatch(exercise.id):
        raise ExerciseProblem(f"{path.name}: the id must be chapter.name, such as 3.1v or 3.mine, not {exercise.id!r}")
    if not FUNCTION.fullmatch(exercise.name):
        raise ExerciseProblem(f"{path.name}: the model answer must be a function with a name of lower-case letters, "
                              f"digits and _, not {exercise.name!r}")  # fmt: skip
    return exercise


def file_of(exercise: Exercise) -> Path:
    """The file that defines an exercise."""
    return Path(sys.modules[exercise.answer.__module__].__file__)


def load_folder(folder: str | Path) -> dict[str, Exercise]:
    """Every exercise of a folder by id; files that begin with ``test_`` or ``_`` are not looked at."""
    found: dict[str, Exercise] = {}
    for path in sorted(Path(folder).glob("*.py")):
        if path.name.startswith(("test_", "_", "conftest")):
            continue
        exercise = load_file(path)
        if exercise.id in found:
            raise ExerciseProblem(f"{path.name}: exercise {exercise.id} is in {file_of(found[exercise.id]).name} too")
        found[exercise.id] = exercise
    return found


def exercise_of(item: Item, release: str | Path) -> Exercise:
    """The exercise that grades an item of the release in the file ``release``. Raises ExerciseProblem."""
    try:
        if item.private is None:
            return find(item.exercise)
        return load_folder(Path(release).parent / item.private)[item.exercise]
    except KeyError:
        where = f"the folder {item.private}" if item.private else "this version of the course"
        raise ExerciseProblem(f"exercise {item.exercise} is not in {where}") from None
