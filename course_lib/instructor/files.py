"""The files by which the commands talk to each other: a Release (`course assign`) and Results (`course grade`).

Loading is strict and names the field that is wrong; saving replaces the file in one step, and refuses what loading
would refuse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from ..checks.store import Damaged, Unusable, read_json, write_json
from .decoding import Problem, decode

VERSION = 1
MAX_POINTS = 1000.0
MAX_SHOWN = 2000  # characters of an input, or of a result, in a Case
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.ipynb")


class FileProblem(Exception):
    """A file that cannot be used, with the file's name and the field."""


class Stored:
    """`load` and `save` for a dataclass that is one JSON file."""

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The file's content. Raises FileProblem: the file, the field, what came and what is allowed."""
        try:
            return decode(cls, read_json(Path(path)))
        except FileNotFoundError:
            raise FileProblem(f"{path}: there is no such file") from None
        except (Damaged, Unusable) as error:
            raise FileProblem(f"{path}: {error}") from None
        except Problem as problem:
            raise FileProblem(f"{path}: {problem}") from None

    def save(self, path: str | Path) -> None:
        """Write the whole file or nothing. Raises FileProblem."""
        try:
            data = asdict(self)
            decode(type(self), data)
            write_json(Path(path), data)
        except (Problem, Unusable) as error:
            raise FileProblem(f"{path}: not written: {error}") from None


@dataclass(frozen=True)
class Late:
    """Late policy: a share of the points per day begun, and the largest share."""

    per_day: float  # 0 to 1
    at_most: float  # 0 to 1

    def __post_init__(self):
        _within(self, "per_day", 0, 1)
        _within(self, "at_most", 0, 1)


@dataclass(frozen=True)
class Cell:
    """A cell as handed out. Answer and written cells are the student's; locked ones are put back before grading."""

    id: str
    kind: Literal["locked", "answer", "written"]
    type: Literal["code", "markdown"]
    source: str
    item: str | None = None
    free: bool = False  # locked, but students are asked to change it (a prediction): put it back without a word

    def __post_init__(self):
        if (self.kind == "locked") != (self.item is None):
            raise Problem(("item",), "every answer or written cell has one, a locked cell has none")


@dataclass(frozen=True)
class Notebook:
    """A notebook as handed out."""

    chapter: int
    file: str  # its name in the zip's folder
    cells: tuple[Cell, ...]

    def __post_init__(self):
        _named(self, "file", FILE, "letters, digits, - and _, ending in .ipynb")
        _unique("cells", (cell.id for cell in self.cells))


@dataclass(frozen=True)
class Item:
    """Something that gets points."""

    id: str
    kind: Literal["code", "written"]
    chapter: int
    points: float
    exercise: str | None  # id of the Exercise that grades it; a variant has its own, such as "3.1v"; None if written
    function: str | None  # the name the student defines; None if written
    private: str | None  # folder, beside release.json, of a variant or an instructor's own exercise; None: the course's
    title: str

    def __post_init__(self):
        _within(self, "points", 0, MAX_POINTS)
        if (self.kind == "code") != (self.exercise is not None) or (self.exercise is None) != (self.function is None):
            raise Problem(("exercise",), "a code item has exercise and function, a written one has neither")


@dataclass(frozen=True)
class Release(Stored):
    """What was handed out, with what is kept from the students: out/instructor/release.json."""

    version: Literal[1]
    title: str
    slug: str
    made: str  # ISO date and time with an offset
    chapters: tuple[int, ...]
    deadline: str | None  # the same
    late: Late | None
    hidden_seed: int
    notebooks: tuple[Notebook, ...]
    items: tuple[Item, ...]

    def __post_init__(self):
        _named(self, "slug", SLUG, "lower-case letters, digits and -, at most 60")
        _moment(self, "made")
        _moment(self, "deadline")
        _within(self, "hidden_seed", 0, 2**63 - 1)
        _unique("items", (item.id for item in self.items))
        _unique("notebooks", (notebook.file.lower() for notebook in self.notebooks))
        self._check_cells()

    def _check_cells(self):
        known, asked = {item.id: item.kind for item in self.items}, Counter()
        for n, notebook in enumerate(self.notebooks):
            for c, cell in enumerate(notebook.cells):
                if cell.item is None:
                    continue
                asked[cell.item] += 1
                if known.get(cell.item) != {"answer": "code", "written": "written"}[cell.kind]:
                    raise Problem(("notebooks", n, "cells", c, "item"), f"no {cell.kind} item {cell.item!r} in items")
        for i, item in enumerate(self.items):
            if asked[item.id] != 1:
                raise Problem(("items", i), f"{item.id!r} has {asked[item.id]} cells, must be 1")


@dataclass(frozen=True)
class Case:
    """An input that shows what is wrong, as text."""

    input: str
    got: str
    expected: str

    def __post_init__(self):
        for name in ("input", "got", "expected"):
            if len(getattr(self, name)) > MAX_SHOWN:
                raise Problem((name,), f"{len(getattr(self, name))} characters, at most {MAX_SHOWN}")


@dataclass(frozen=True)
class ItemResult:
    """What became of one item of one student. A score of None is not a zero: nobody has decided yet."""

    id: str
    points: float
    score: float | None
    status: Literal["right", "partly", "wrong", "not-attempted", "needs-hand", "error"]
    diagnosis: str
    message: str
    case: Case | None
    right: int  # cases
    total: int
    seconds: float
    hints: int | None
    source: str  # the student's own text: escape it wherever it is shown
    fingerprint: str = ""  # of all that the score depends on: while it is the same, the item is not graded again
    held: str | None = None  # where a person gave the score: why it had to be a person

    @property
    def by_hand(self) -> bool:
        """Whether score and message are a person's."""
        return self.held is not None

    def __post_init__(self):
        _within(self, "points", 0, MAX_POINTS)
        _within(self, "score", 0, self.points)
        _within(self, "right", 0, self.total)


@dataclass(frozen=True)
class Result(Stored):
    """What became of one student's submission: grades/results/<student>.json."""

    version: Literal[1]
    student: str
    name: str
    status: Literal["graded", "needs-hand", "rejected", "failed"]
    why: str
    submitted: str | None  # ISO date and time with an offset
    late_days: int
    fingerprint: str
    changes: tuple[str, ...]
    items: tuple[ItemResult, ...]
    total: float | None  # the scores' sum less the penalty; None unless every item has a score
    penalty: float
    cpu_seconds: float
    wall_seconds: float
    max_rss_mb: float

    def __post_init__(self):
        _named(self, "student", STUDENT, "letters, digits, . _ @ and -, at most 100")
        _moment(self, "submitted")
        for name in ("late_days", "penalty", "total", "cpu_seconds", "wall_seconds", "max_rss_mb"):
            _within(self, name, 0, 1e9)
        _unique("items", (item.id for item in self.items))
        if self.total is not None and (not self.items or any(item.score is None for item in self.items)):
            raise Problem(("total",), "must be null while an item has no score")


def _within(record, name: str, low: float, high: float):
    value = getattr(record, name)
    if value is not None and not low <= value <= high:
        raise Problem((name,), f"must be {low:g} to {high:g}, not {value:g}")


def _named(record, name: str, pattern: re.Pattern, words: str):
    if not pattern.fullmatch(getattr(record, name)):
        raise Problem((name,), f"must be {words}, not {getattr(record, name)[:60]!r}")


def _unique(name: str, ids: Iterable[str]):
    twice = [id for id, times in Counter(ids).items() if times > 1]
    if twice:
        raise Problem((name,), f"{twice[0]!r} is there twice")


def _moment(record, name: str):
    text = getattr(record, name)
    if text is None:
        return
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        wanted = "a date and time with an offset, such as 2026-12-04T23:59:00+08:00"
        raise Problem((name,), f"must be {wanted}, not {text!r}")
