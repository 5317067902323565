"""A submitted notebook, rebuilt on the released one: locked cells come from the release, answers from the student.

Cells are found again by id. Where ids are lost (some editors drop them), a locked cell is found by its text, an answer
by the function that it defines, a written answer by the text that stands before it. Whatever else is in the notebook
is kept as the student's own. Nothing of the notebook is run here, and no Python of the student's is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .files import Cell, Notebook

MAX_BYTES = 10_000_000
MAX_CELLS = 2_000
MAX_CHANGES = 50


class Rejected(Exception):
    """A submission that cannot be graded, and why, in words for the student too."""


@dataclass(frozen=True)
class Found:
    """A cell as the student sent it."""

    id: str
    type: str
    source: str


@dataclass(frozen=True)
class Part:
    """A cell of the rebuilt notebook. ``kind`` is the release's, or "extra"."""

    id: str
    kind: str
    type: str
    source: str
    item: str | None = None
    touched: bool = False  # an answer that differs from what was handed out


@dataclass
class Rebuilt:
    """The notebook to be graded, what was put back, and the items whose cell is gone."""

    parts: list[Part] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    def note(self, text: str) -> None:
        if len(self.changes) < MAX_CHANGES:
            self.changes.append(text)


def read(content: bytes) -> list[Found]:
    """The cells of a notebook file. Raises Rejected."""
    if len(content) > MAX_BYTES:
        raise Rejected(f"the notebook has {len(content) / 1e6:.0f} MB, at most {MAX_BYTES // 1_000_000} are taken: "
                       "clear its outputs")
    data = _json(content)
    if type(data) is not dict or type(data.get("cells", data.get("worksheets"))) is not list:
        raise Rejected("the file is not a notebook: it has no cells")
    if type(data.get("nbformat")) is not int or data["nbformat"] != 4:
        raise Rejected(f"the notebook has format {str(data.get('nbformat'))[:20]}, only format 4 is taken: "
                       "open and save it in a current JupyterLab")
    cells = data.get("cells")
    if type(cells) is not list:
        raise Rejected("the file is not a notebook: it has no cells")
    if len(cells) > MAX_CELLS:
        raise Rejected(f"the notebook has {len(cells):,} cells, at most {MAX_CELLS:,} are taken")
    return [_found(number, cell) for number, cell in enumerate(cells, 1)]


def _json(content: bytes):
    """The file's content. Raises Rejected. Some editors put a byte-order mark in front; it does no harm."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Rejected("the file is not UTF-8 text: open it in JupyterLab and save it again") from None
    except RecursionError:
        raise Rejected("the file is not a notebook: it is nested too deeply") from None
    except ValueError:
        raise Rejected("the file is not a notebook: it is not JSON, or breaks off") from None


def _found(number: int, cell) -> Found:
    if type(cell) is not dict or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise Rejected(f"cell {number} is not a cell")
    source = cell.get("source", "")
    if type(source) is list and all(type(line) is str for line in source):
        source = "".join(source)
    if type(source) is not str:
        raise Rejected(f"the text of cell {number} is not text")
    id = cell.get("id")
    return Found(_clean(id)[:100] if type(id) is str else "", cell["cell_type"], _clean(source))


def _clean(text: str) -> str:
    """Without what no file could hold (lone surrogates)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def rebuild(notebook: Notebook, cells: list[Found], function_of: Callable[[str], str | None]) -> Rebuilt:
    """The student's cells on the release; ``function_of`` gives an item's function (None for a written answer)."""
    rebuilt = Rebuilt()
    places = _places(notebook, cells, function_of, rebuilt)
    stubs = [released.source for released in notebook.cells if released.kind == "answer"]
    extras: dict[int, list[Found]] = {}
    last = -1
    for i, cell in enumerate(cells):
        if i in places:
            last = places[i]
        elif cell.source.strip() and not any(_same(cell.source, stub) for stub in stubs):
            extras.setdefault(last, []).append(cell)
    back = {position: cells[i] for i, position in places.items()}
    _extras(rebuilt, extras.get(-1, []))
    for position, released in enumerate(notebook.cells):
        rebuilt.parts.append(_part(released, back.get(position), rebuilt))
        _extras(rebuilt, extras.get(position, []))
    order = list(places.values())
    if order != sorted(order):
        rebuilt.note("the cells were in another order; the release's was restored")
    return rebuilt


def _part(released: Cell, came: Found | None, rebuilt: Rebuilt) -> Part:
    keep = came is not None and released.kind != "locked"
    if came is None:
        what = f"the answer cell of {released.item}" if released.item else f"the locked cell {released.id}"
        rebuilt.note(f"{what} was missing, restored")
        if released.item:
            rebuilt.missing.add(released.item)
    elif not keep and not released.free and not _same(came.source, released.source):
        rebuilt.note(f"the locked cell {released.id} was edited, restored")
    if keep and came.type != released.type:
        rebuilt.note(f"the cell of {released.item} had become a {came.type} cell, made {released.type} again")
    source = came.source if keep else released.source
    return Part(released.id, released.kind, released.type, source, released.item,
                keep and not _same(source, released.source))


def _extras(rebuilt: Rebuilt, cells: list[Found]) -> None:
    for cell in cells:
        id = f"extra-{sum(part.kind == 'extra' for part in rebuilt.parts) + 1}"
        rebuilt.parts.append(Part(id, "extra", cell.type, cell.source))


def _places(notebook: Notebook, cells: list[Found], function_of, rebuilt: Rebuilt) -> dict[int, int]:
    """Position in the submission -> position in the release."""
    by_id = {cell.id: position for position, cell in enumerate(notebook.cells)}
    places: dict[int, int] = {}
    for i, cell in enumerate(cells):
        position = by_id.get(cell.id)
        if position is None:
            continue
        if position in places.values():
            i = _better(notebook.cells[position], cells, i, places, position, rebuilt)
        places[i] = position
    lost = [p for p in range(len(notebook.cells)) if p not in places.values()]
    for position in lost:
        fits = _recogniser(notebook, position, function_of, places)
        i = next((i for i, cell in enumerate(cells) if i not in places and fits(i, cell)), None)
        if i is not None:
            places[i] = position
    return dict(sorted(places.items()))


def _better(released: Cell, cells, i: int, places: dict[int, int], position: int, rebuilt: Rebuilt) -> int:
    """Of two cells with one id, the one to take: of copies of an answer the last that was written in."""
    first = next(j for j, p in places.items() if p == position)
    rebuilt.note(f"the cell {released.id} was there twice" + (
        f"; for {released.item} the last definition counts" if released.kind == "answer" else ""))
    takes_second = released.kind != "locked" and not _same(cells[i].source, released.source)
    if takes_second:
        del places[first]
        return i
    return first


def _recogniser(notebook: Notebook, position: int, function_of, places) -> Callable[[int, Found], bool]:
    """How to know the released cell without its id."""
    released = notebook.cells[position]
    if released.kind == "answer":
        function = function_of(released.item)
        return lambda i, cell: cell.type == "code" and defines(cell.source, function)
    if released.kind == "written":
        return lambda i, cell: cell.type == released.type and places.get(i - 1) == position - 1
    return lambda i, cell: cell.type == released.type and _same(cell.source, released.source)


def defines(source: str, function: str) -> bool:
    """Whether a cell defines the function at its top level. By its text: a student's Python is not parsed here."""
    name = re.escape(function)
    return re.search(rf"^(?:def\s+{name}\b|{name}\s*=(?!=))", source, re.MULTILINE) is not None


def _same(a: str, b: str) -> bool:
    return [line.rstrip() for line in a.strip().splitlines()] == [line.rstrip() for line in b.strip().splitlines()]
