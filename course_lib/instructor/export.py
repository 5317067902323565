"""Marks into one column of the LMS's own gradebook export. What is not certain is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .csvfile import Table, read_table, save_whole
from .files import FileProblem, Release, Result
from .foreign import one_line
from .lms import Place, folded, places, points_possible, protected
from .pairing import Roster, pair, who

NONE = "-"  # Moodle's word for no mark


@dataclass
class Filled:
    """What an export did, or would do."""

    column: str
    marks: dict[tuple[int, int], str] = field(default_factory=dict)  # (row, column) -> what is written
    matched: list[tuple[Result, Place]] = field(default_factory=list)
    blanks: list[str] = field(default_factory=list)  # matched, but without a total
    problems: list[str] = field(default_factory=list)  # each stands for a student left out
    notes: list[str] = field(default_factory=list)


def export(release: Release, results: Iterable[Result], template: Path, to: Path, *, column: str,
           roster: Path | None = None, partial: bool = False, overwrite: bool = False,
           encoding: str | None = None) -> Filled:
    """Fill ``column`` of the file ``template`` with the totals and write the copy ``to``.

    A student without a total gets a blank, never a 0. With a problem (somebody unmatched or matched twice, a mark
    already there) nothing is written unless ``partial``; then those students' cells stay as they are.

    Raises
    ------
    FileProblem
        A file cannot be read or written, ``to`` exists, or the column is not there, not unique or the LMS's own.
    """
    if to.exists() or to.is_symlink():
        raise FileProblem(f"{to}: it exists already (the template is never written over); give --to another name")
    table = read_table(template, encoding)
    number = find_column(table, column, template)
    aliases = Roster(read_table(roster)) if roster else Roster()
    filled = fill(release, list(results), table, number, aliases, overwrite)
    if partial or not filled.problems:
        save_whole(to, table.replaced(filled.marks))
    return filled


def fill(release: Release, results: list[Result], table: Table, column: int, roster: Roster, overwrite: bool) -> Filled:
    """Decide about every cell of the column."""
    filled = Filled(one_line(table.header.get(column)))
    _note_points(filled, points_possible(table, column), sum(item.points for item in release.items))
    everyone = list(places(table))
    pairs, filled.problems = pair(results, everyone, roster)
    for result, found in pairs:
        mark, old = written(result.total), table.rows[found.row].get(column).strip()
        same = _same(old, mark)
        if old not in ("", NONE) and not same and not overwrite:
            filled.problems.append(f"{who(result)}: line {found.line} has the mark {one_line(old, 20)}, and would have "
                                   f"{mark or 'a blank'}; --overwrite replaces such marks")  # fmt: skip
            continue
        filled.matched.append((result, found))
        if not mark:
            filled.blanks.append(f"{who(result)}: {result.status}{f' ({one_line(result.why)})' if result.why else ''}")
        if not same and (mark or old != NONE):
            filled.marks[found.row, column] = mark
    if others := len(everyone) - len({found.row for _, found in filled.matched}):
        filled.notes.append(f"{others} of {len(everyone)} students in the file were not filled in; their cells stay.")
    return filled


def find_column(table: Table, wanted: str, path: Path) -> int:
    """The one column with this name, or else the one whose name begins so."""
    names = [folded(cell.value) for cell in table.header.cells]
    without_id = [re.sub(r" \(\d+\)$", "", name) for name in names]  # Canvas adds its own number
    exact = [i for i, name in enumerate(names) if folded(wanted) in (name, without_id[i])]
    found = exact or [i for i, name in enumerate(names) if folded(wanted) and name.startswith(folded(wanted))]
    if len(found) == 1 and not protected(table, found[0]):
        return found[0]
    open_ones = [one_line(cell.value, 60) for i, cell in enumerate(table.header.cells) if not protected(table, i)]
    said = [f"no column is called or begins with {wanted!r}", "that column is the LMS's own"][len(found) == 1]
    if len(found) > 1:
        said = f"{len(found)} columns are called or begin with {wanted!r}: {', '.join(names[i] for i in found)}"
    raise FileProblem(f"{path}: {said}. Columns that can be filled: {', '.join(filter(None, open_ones)) or 'none'}")


def written(total: float | None) -> str:
    """A mark with at most two decimals, "" for none."""
    return "" if total is None else f"{total:.2f}".rstrip("0").rstrip(".")


def _note_points(filled: Filled, possible: str, points: float):
    try:
        same = not possible or abs(float(possible) - points) < 1e-6
    except ValueError:
        same = False
    if not same:
        filled.notes.append(f"Points Possible: {one_line(possible, 20)} in the file, {points:g} in the assignment.")


def _same(a: str, b: str) -> bool:
    try:
        return abs(float(a) - float(b)) < 1e-9
    except ValueError:
        return a == b
