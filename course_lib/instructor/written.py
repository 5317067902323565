"""Written answers: out to a CSV that a spreadsheet opens harmlessly, and back from it, each line checked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import scoring
from .csvfile import Row, Table, read_table, save_whole
from .files import FileProblem, Item, ItemResult, Release, Result
from .foreign import clean, for_cell, one_line, unguard
from .lms import folded

COLUMNS = ("student", "item", "text", "score", "comment")
MAX_SHOWN = 50  # lines in one message
_NUMBER = re.compile(r"[+-]?([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True)
class Mark:
    """What an instructor decided about one written answer."""

    score: float
    comment: str


def save_written(path: str | Path, release: Release, results: Iterable[Result]) -> int:
    """Write every written answer that was begun, with its score and comment so far; returns how many.

    Raises FileProblem.
    """
    file = io.StringIO(newline="")
    rows = list(_rows(release, results))
    csv.writer(file).writerows([COLUMNS, *rows])
    save_whole(path, file.getvalue().encode("utf-8-sig"))  # the mark tells Excel that it is UTF-8
    return len(rows)


def load_written(path: str | Path, release: Release, results: Iterable[Result]) -> dict[tuple[str, str], Mark]:
    """The marks by (student, item); lines without a score are left out. Raises FileProblem naming every wrong line."""
    table = read_table(path)
    at = _columns(table, path)
    answers = {(result.student, item.id): item for result, item in _written(release, results)}
    students, items = {result.student for result in results}, {item.id: item for item in release.items}
    marks, seen, problems = {}, {}, []
    for row in table.rows[1:]:
        student, item, text, score, comment = (row.get(at[name]) for name in COLUMNS)
        key = unguard(student.strip()), item.strip()
        problem = _problem(key, text, score, answers, students, items) or _twice(key, seen, row)
        if problem:
            problems.append(f"line {row.line}: {problem}")
        elif score.strip():
            marks[key] = Mark(float(score), clean(unguard(comment)).strip())
    if problems:
        more = f"\n  and {len(problems) - MAX_SHOWN} more" if len(problems) > MAX_SHOWN else ""
        listed = "\n  ".join(problems[:MAX_SHOWN])
        raise FileProblem(f"{path}: nothing was taken from it, {len(problems)} wrong:\n  {listed}{more}")
    return marks


def with_marks(result: Result, marks: Mapping[tuple[str, str], Mark], late: float = 0.0) -> Result:
    """The result with its written answers marked; the total and "graded" only once every item has a score.

    ``late`` is the share of the points that is lost.
    """
    items = tuple(_marked(item, marks.get((result.student, item.id))) for item in result.items)
    sum_, penalty = scoring.total(items, late)
    if result.status not in ("graded", "needs-hand") or sum_ is None:
        return replace(result, items=items)
    return replace(result, items=items, status="graded", why="", total=sum_, penalty=penalty)


def _rows(release: Release, results: Iterable[Result]) -> Iterator[tuple]:
    for result, item in _written(release, results):
        if item.status == "not-attempted":
            continue
        score = "" if item.score is None else f"{item.score:g}"
        comment = for_cell(item.message) if item.score is not None else ""
        yield result.student, item.id, for_cell(item.source), score, comment


def _written(release: Release, results: Iterable[Result]) -> Iterator[tuple[Result, ItemResult]]:
    """Every written answer there is."""
    written = {item.id for item in release.items if item.kind == "written"}
    for result in results:
        yield from ((result, item) for item in result.items if item.id in written)


def _columns(table: Table, path) -> dict[str, int]:
    names = [folded(cell.value) for cell in table.header.cells]
    wrong = [name for name in COLUMNS if names.count(name) != 1]
    if wrong:
        raise FileProblem(f"{path}: the header must have {', '.join(COLUMNS)}, each once; not so: {', '.join(wrong)}")
    return {name: names.index(name) for name in COLUMNS}


def _problem(key: tuple[str, str], text: str, score: str, answers, students, items: Mapping[str, Item]) -> str:
    student, item = key
    if student not in students:
        return f"no student {one_line(student, 60)!r} in the results{_mangled(student, students)}"
    if item not in items:
        return f"no item {one_line(item, 60)!r} in the assignment"
    if items[item].kind != "written":
        return f"item {item} is graded by its check, not by hand"
    if key not in answers:
        return f"{student} has no answer to {item}"
    if not _same(answers[key].source, text):
        return f"{student}'s answer to {item} is not the one in the results: handed in again since, or edited here?"
    return _score_problem(score.strip(), items[item].points) if score.strip() else ""


def _score_problem(score: str, points: float) -> str:
    if not _NUMBER.fullmatch(score):
        hint = f"; write {score.replace(',', '.')}" if score.count(",") == 1 else ""
        return f"the score {one_line(score, 30)!r} is not a number{hint}"
    if not 0 <= float(score) <= points:
        return f"the score {one_line(score, 30)} is not between 0 and {points:g}"
    return ""


def _twice(key, seen: dict, row: Row) -> str:
    first = seen.setdefault(key, row.line)
    return "" if first == row.line else f"{key[0]}, {key[1]} was on line {first} already"


def _mangled(student: str, students: set[str]) -> str:
    """Spreadsheets take leading zeros away."""
    like = [known for known in students if student and known.lstrip("0") == student]
    return f"; did a spreadsheet turn {like[0]} into it?" if like else ""


def _same(source: str, cell: str) -> bool:
    """Whether a cell still has the answer; blanks and line ends do not count, a spreadsheet changes them."""
    wanted = unguard(for_cell(source)).split()
    return wanted in (unguard(cell).split(), cell.split())


def _marked(item: ItemResult, mark: Mark | None) -> ItemResult:
    if mark is None or (mark.score, mark.comment) == (item.score, item.message):
        return item
    status = "right" if mark.score == item.points else "partly" if mark.score else "wrong"
    return replace(item, score=mark.score, status=status, message=mark.comment)
