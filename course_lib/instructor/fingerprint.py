"""What a score depends on, as a hash: while it stays the same, an item is not graded again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

import course_lib

from ..checks.spec import Exercise
from .exercises import file_of
from .files import Item
from .limits import Limits
from .normalise import Part

COURSE = Path(course_lib.__file__).resolve().parent
ELSEWHERE = ("checks/chapter", "claims/", "widgets/", "chatbot/", "verify/", "instructor/", "cli.py")
GRADING = ("inside/worker.py", "inside/slicing.py", "inside/wire.py", "scoring.py", "session.py", "grader.py")


def digest(*things) -> str:
    """One hash of plain things."""
    return hashlib.sha256(json.dumps(things, sort_keys=True).encode()).hexdigest()


@cache
def library() -> str:
    """Of the library that answers and checks use; an exercise's own file is not in it."""
    files = [path for path in sorted(COURSE.rglob("*.py"))
             if not path.relative_to(COURSE).as_posix().startswith(ELSEWHERE)]
    files += [COURSE / "instructor" / name for name in GRADING]
    return digest(*[[path.relative_to(COURSE).as_posix(), _of(path)] for path in files])


def _of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def of_item(item: Item, exercise: Exercise | None, parts: list[Part], seed: int, limits: Limits) -> str:
    """Of an item: its notebook's code (or the written answer), its exercise, the hidden inputs, the grader."""
    if exercise is None:
        return digest(asdict(item), [part.source for part in parts if part.item == item.id])
    code = [[part.kind, part.source] for part in parts if part.type == "code"]
    return digest(asdict(item), code, _of(file_of(exercise)), seed, asdict(limits), library())
