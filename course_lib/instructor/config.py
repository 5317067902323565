"""course.yml: what an instructor assigns and how it counts. Every message names the line and what is allowed."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from ..checks.spec import Exercise, exercises
from .decoding import Plain, Problem, decode, place
from .files import MAX_POINTS, Late
from .yaml_tree import MAX_BYTES, Tree, YamlProblem, parse

CHAPTERS = range(1, 11)
MAX_TEXT = 10_000
WRITTEN_ID = re.compile(r"[A-Za-z][A-Za-z0-9.-]{0,19}")


class ConfigProblem(Exception):
    """A course.yml that cannot be used: the file, the line, the field, and what is allowed."""


@dataclass(frozen=True)
class Assigned:
    """An exercise that is assigned. None: as the whole assignment has it."""

    id: str
    points: float | None = None
    hints: bool | None = None
    references: bool | None = None

    def __post_init__(self):
        _check_points(self.points)


@dataclass(frozen=True)
class Written:
    """A question that is answered in words and marked by hand."""

    id: str
    chapter: int
    text: str
    points: float = 1.0

    def __post_init__(self):
        _check_points(self.points)
        if not self.text.strip() or len(self.text) > MAX_TEXT:
            raise Problem(("text",), f"must be 1 to {MAX_TEXT:,} characters, not {len(self.text):,}")
        if not WRITTEN_ID.fullmatch(self.id):
            raise Problem(("id",), f"must be a letter, then letters, digits, . and -, at most 20, not {self.id!r}")


@dataclass(frozen=True)
class Config:
    """A course.yml. Without one, each exercise of the assigned chapters gives one point."""

    title: str = "Large Models, Verified"
    language: Literal["en", "zh"] = "en"
    chapters: tuple[int, ...] | None = None  # None: all ten; those of the command are assigned
    deadline: str | None = None  # for every chapter that has none of its own
    deadlines: dict[int, str] | None = None
    late: Late | None = None
    points: float = 1.0  # for every exercise that has none of its own
    hints: bool = True
    references: bool = False
    private: str | None = None  # a folder of exercises, relative to the file
    exercises: tuple[Assigned, ...] | None = None  # None: all of each chapter
    written: tuple[Written, ...] = ()

    def __post_init__(self):
        _check_points(self.points)
        if not self.title.strip() or len(self.title) > 100 or not self.title.isprintable():
            raise Problem(("title",), "must be one line of 1 to 100 characters")
        for i, chapter in enumerate(self.chapters or ()):
            check_chapter(chapter, ("chapters", i))
            if chapter in self.chapters[:i]:
                raise Problem(("chapters", i), f"{chapter} is there twice")
        self._check_dates()
        self._check_items()

    def _check_dates(self):
        for chapter in self.deadlines or ():
            check_chapter(chapter, ("deadlines", str(chapter)))
        for path, text in self._dates():
            moment(text, path)
        if self.late and not self._dates():
            raise Problem(("late",), "there is no deadline to count from; add one (deadline: 2026-12-04 23:59)")

    def _dates(self) -> list[tuple[tuple, str]]:
        own = [(("deadlines", str(chapter)), text) for chapter, text in (self.deadlines or {}).items()]
        return ([(("deadline",), self.deadline)] if self.deadline else []) + own

    def _check_items(self):
        seen = set()
        places = [(("exercises", i), one) for i, one in enumerate(self.exercises or ())]
        for path, one in [*places, *((("written", i), one) for i, one in enumerate(self.written))]:
            if one.id in seen:
                raise Problem((*path, "id"), f"{one.id} is there twice")
            seen.add(one.id)
            if isinstance(one, Written):
                self._check_within(one.chapter, (*path, "chapter"))

    def _check_within(self, chapter: int, path: tuple):
        check_chapter(chapter, path)
        if self.chapters is not None and chapter not in self.chapters:
            raise Problem(path, f"chapter {chapter} is not among the chapters {_listed(self.chapters)}")

    def check_exercises(self, own: dict[str, Exercise]) -> None:
        """Raise Problem where an assigned exercise does not exist; ``own`` are those outside the package."""
        known = {**exercises(), **own}
        for i, one in enumerate(self.exercises or ()):
            path = ("exercises", i, "id")
            if one.id not in known:
                start = one.id.split(".")[0]
                near = ", ".join(id for id in known if id.split(".")[0] == start)
                hint = f"there are {near}" if near else "an id is chapter.number, such as 3.1"
                raise Problem(path, f"no exercise {one.id}; {hint}")
            self._check_within(known[one.id].chapter, path)

    def due(self, chapters: tuple[int, ...]) -> datetime | None:
        """The deadline of these chapters. Raises Problem where they differ."""
        own = self.deadlines or {}
        texts = {own.get(chapter, self.deadline) for chapter in chapters}
        if len(texts) > 1:
            raise Problem(("deadlines",), f"chapters {_listed(chapters)} have different deadlines: assign them apart")
        text = texts.pop()
        return moment(text, ("deadline",)) if text else None

    def assigned(self, chapters: tuple[int, ...], own: dict[str, Exercise]) -> tuple[Assigned, ...]:
        """The assigned exercises of these chapters, every field filled in."""
        known = {**exercises(), **own}
        every = [Assigned(e.id) for e in exercises().values()] if self.exercises is None else self.exercises
        return tuple(self._filled(one) for one in every if known[one.id].chapter in chapters)

    def _filled(self, one: Assigned) -> Assigned:
        given = {name: value for name, value in asdict(one).items() if value is not None}
        return replace(one, **({"points": self.points, "hints": self.hints, "references": self.references} | given))


def load(path: str | Path) -> tuple[Config, Tree]:
    """The file's content, and the tree that knows its lines. Raises ConfigProblem."""
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise ConfigProblem(f"{path}: this is not a file")
        if path.stat().st_size > MAX_BYTES:
            raise ConfigProblem(f"{path}: {path.stat().st_size:,} bytes; at most {MAX_BYTES:,} are allowed")
        tree = parse(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigProblem(f"{path}: this is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise ConfigProblem(f"{path}: {error.strerror}") from None
    except YamlProblem as problem:
        raise ConfigProblem(f"{path}, line {problem.line}: {problem.text}") from None
    try:
        return decode(Config, _expanded(tree.data)), tree
    except Problem as problem:
        raise located(problem, path, tree) from None


def located(problem: Problem, path: Path, tree: Tree) -> ConfigProblem:
    """A problem with the line in which it is."""
    field = f"{place(problem.path)}: " if problem.path else ""
    return ConfigProblem(f"{path}, line {tree.line(problem.path)}: {field}{problem.text}")


def _expanded(data):
    """``- 3.1`` is short for ``- id: 3.1``."""
    entries = data.get("exercises") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        return data
    return {**data, "exercises": [{"id": one} if isinstance(one, str) else one for one in entries]}


def moment(text: str, path: tuple) -> datetime:
    """A date (its last minute) or a date and time; without an offset it is this computer's local time."""
    try:
        found = datetime.fromisoformat(re.sub(r" +(?=[+-]|Z$)", "", text))  # the offset may stand apart
        if len(text.strip()) <= 10:
            found = found.replace(hour=23, minute=59)
        return found.astimezone() if found.tzinfo is None else found
    except (ValueError, OverflowError):
        raise Problem(path, f"must be a date such as 2026-12-04, 2026-12-04 23:59 or 2026-12-04T23:59:00+08:00, "
                      f"not {Plain(text)!r}") from None


def _check_points(points: float | None):
    if points is not None and not 0 <= points <= MAX_POINTS:
        raise Problem(("points",), f"must be 0 to {MAX_POINTS:g}, not {points:g}")


def check_chapter(chapter: int, path: tuple):
    """Raise Problem unless it is a chapter of the course."""
    if chapter not in CHAPTERS:
        raise Problem(path, f"must be a chapter, {CHAPTERS[0]} to {CHAPTERS[-1]}, not {chapter}")


def _listed(numbers) -> str:
    return ", ".join(map(str, numbers))
