"""What a person has to mark: out to a CSV that a spreadsheet opens harmlessly, and back from it, each row checked.

Written answers, and code that no check could decide. A score in the file marks an answer, a score taken out of it
makes the answer wait again; a row that is not there changes nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import scoring
from .csvfile import Row, Table, read_table, save_whole
from .files import FileProblem, ItemResult, Release, Result
from .foreign import clean, for_cell, one_line, unguard
from .lms import folded

COLUMNS = ("student", "item", "text", "score", "comment")
WRITTEN = ("student", "item", "why", "text", "score", "comment")  # "why" is for the reader alone
MAX_SHOWN = 50  # rows in one message
MAX_COMMENT = 10_000  # characters
_NUMBER = re.compile(r"[+-]?([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True)
class Mark:
    """What an instructor decided about one answer; without a score, nothing yet."""

    score: float | None
    comment: str


Marks = Mapping[tuple[str, str], Mark]  # by (student, item)


def save_written(path: str | Path, results: Iterable[Result], drafts: Marks | None = None) -> int:
    """Write every answer that a person has to mark, with score and comment so far; returns how many.

    ``drafts`` are comments on answers that have no score yet. Raises FileProblem.
    """
    file = io.StringIO(newline="")
    rows = list(_rows(results, drafts or {}))
    csv.writer(file).writerows([WRITTEN, *rows])
    save_whole(path, file.getvalue().encode("utf-8-sig"))  # the mark tells Excel that it is UTF-8
    return len(rows)


def load_written(path: str | Path, release: Release, results: Iterable[Result],
                 before: Iterable[Result] = ()) -> dict[tuple[str, str], Mark]:
    """The marks of every row. Raises FileProblem naming every wrong row and its column.

    A row that says no more than ``before`` this run is never wrong: its answer has been handed in again since.
    """
    table, results, known = read_table(path), list(results), given(before)
    at = _columns(table, path)
    answers = {(result.student, item.id): item for result, item in _for_a_person(results)}
    students, items = {result.student for result in results}, {item.id: item for item in release.items}
    marks, seen, problems = {}, {}, []
    for row in table.rows[1:]:
        student, item, text, score, comment = (row.get(at[name]) for name in COLUMNS)
        key = unguard(student.strip()), item.strip()
        mark = Mark(_score(score), clean(unguard(comment)).strip())
        problem = _problem(key, text, score.strip(), mark, answers, students, items) or _twice(key, seen, row)
        if problem and known.get(key) != mark:
            problems.append(f"{_place(row)}, column {problem}")
        elif not problem and key in answers:
            marks[key] = mark
    if problems:
        more = f"\n  and {len(problems) - MAX_SHOWN} more" if len(problems) > MAX_SHOWN else ""
        listed = "\n  ".join(problems[:MAX_SHOWN])
        raise FileProblem(f"{path}: nothing was taken from it, {len(problems)} wrong:\n  {listed}{more}")
    return marks


def given(results: Iterable[Result]) -> dict[tuple[str, str], Mark]:
    """The marks that are in the results already."""
    return {(result.student, item.id): Mark(item.score, item.message) for result in results for item in result.items
            if item.by_hand}  # fmt: skip


def with_marks(result: Result, marks: Marks, late: float = 0.0) -> Result:
    """The result with the marks in it; the total and "graded" only while every item has a score.

    ``late`` is the share of the points that is lost.
    """
    items = tuple(_marked(item, marks.get((result.student, item.id))) for item in result.items)
    if items == result.items:
        return result
    return replace(result, items=items, **scoring.settled(items, late))


def _rows(results: Iterable[Result], drafts: Marks) -> Iterator[tuple]:
    for result, item in _for_a_person(results):
        score, comment = "", drafts.get((result.student, item.id), Mark(None, "")).comment
        if item.by_hand:
            score, comment = f"{item.score:.15g}", item.message
        why = item.held if item.by_hand else item.message
        yield result.student, item.id, for_cell(why), for_cell(item.source), score, for_cell(comment)


def _for_a_person(results: Iterable[Result]) -> Iterator[tuple[Result, ItemResult]]:
    """Every answer that waits for a person, or that one has marked."""
    for result in results:
        yield from ((result, item) for item in result.items if item.score is None or item.by_hand)


def _columns(table: Table, path) -> dict[str, int]:
    names = [folded(cell.value) for cell in table.header.cells]
    wrong = [name for name in COLUMNS if names.count(name) != 1]
    if wrong:
        raise FileProblem(f"{path}: the header must have {', '.join(COLUMNS)}, each once; not so: {', '.join(wrong)}")
    return {name: names.index(name) for name in COLUMNS}


def _place(row: Row) -> str:
    """As a spreadsheet counts, and as an editor does where that differs."""
    return f"row {row.number}" + (f" (line {row.line})" if row.line != row.number else "")


def _problem(key: tuple[str, str], text: str, score: str, mark: Mark, answers, students, items) -> str:
    """The column and what is wrong there; "" if nothing is."""
    student, item = key
    if student not in students:
        return f"student: no student {one_line(student, 60)!r} in the results{_mangled(student, students)}"
    if item not in items:
        return f"item: no item {one_line(item, 60)!r} in the assignment"
    if score and (said := _score_problem(score, items[item].points)):
        return f"score: {said}"
    if len(mark.comment) > MAX_COMMENT:
        return f"comment: {len(mark.comment):,} characters, at most {MAX_COMMENT:,} are taken"
    if key not in answers:
        graded = "was graded by its check, not by hand" if items[item].kind == "code" else "was not begun"
        return f"item: {student}'s answer to {item} {graded}: take the row out" if score or mark.comment else ""
    if (score or answers[key].by_hand) and not _same(answers[key].source, text):
        return (f"text: {student}'s answer to {item} is not the one in the results: handed in again since, or edited "
                "here?")  # fmt: skip
    return ""


def _score(score: str) -> float | None:
    return float(score) if _NUMBER.fullmatch(score.strip()) else None


def _score_problem(score: str, points: float) -> str:
    if not _NUMBER.fullmatch(score):
        hint = f"; write {score.replace(',', '.')}" if _NUMBER.fullmatch(score.replace(",", ".", 1)) else ""
        return f"{one_line(score, 30)!r} is not a number{hint}"
    if not 0 <= float(score) <= points:
        return f"{one_line(score, 30)} is not between 0 and {points:g}"
    return ""


def _twice(key, seen: dict, row: Row) -> str:
    first = seen.setdefault(key, row)
    return "" if first is row else f"student: {key[0]}, {key[1]} was in {_place(first)} already"


def _mangled(student: str, students: set[str]) -> str:
    """Spreadsheets take leading zeros away."""
    like = [known for known in students if student and known.lstrip("0") == student]
    return f"; did a spreadsheet turn {like[0]} into it?" if like else ""


def _same(source: str, cell: str) -> bool:
    """Whether a cell still has the answer; blanks and line ends do not count, a spreadsheet changes them."""
    wanted = unguard(for_cell(source)).split()
    return wanted in (unguard(cell).split(), cell.split())


def _marked(item: ItemResult, mark: Mark | None) -> ItemResult:
    """The item with its mark, or without the one it had."""
    if mark is None or (mark.score is None and not item.by_hand):
        return item
    held = item.held if item.by_hand else item.message
    if mark.score is None:
        return replace(item, score=None, status="needs-hand", message=held, held=None)
    status = "right" if mark.score == item.points else "partly" if mark.score else "wrong"
    return replace(item, score=mark.score, status=status, message=mark.comment, held=held)
