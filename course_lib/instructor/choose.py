"""Which of a student's files is which notebook of the release, and which of several is the one to grade."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .collect import Sent
from .files import Notebook, Release
from .normalise import Found, Rejected, defines, read

RESUBMITTED = re.compile(r"-(\d{1,3})\.ipynb$", re.IGNORECASE)
COPY = re.compile(r"\((\d{1,3})\)\.ipynb$", re.IGNORECASE)


@dataclass(frozen=True)
class Chosen:
    """The file that counts for a notebook of the release."""

    sent: Sent
    cells: list[Found]


@dataclass
class Choice:
    """A student's notebooks by the release's file name, and what is to be said of the rest."""

    chosen: dict[str, Chosen]
    notes: list[str]
    rejected: list[str]
    unclear: list[str]  # several files for one notebook, and none of them is the newest


def choose(files: list[Sent], release: Release) -> Choice:
    """Read the notebooks; match them by what they have in common with the release."""
    choice = Choice({}, [], [], [])
    candidates: dict[str, list[Chosen]] = {}
    for sent in files:
        if not sent.kept.endswith(".ipynb"):
            continue
        try:
            cells = read(Path(sent.kept).read_bytes())
        except Rejected as problem:
            choice.rejected.append(f"{sent.name}: {problem}")
            continue
        name = _which(sent, cells, release)
        if name is None:
            choice.rejected.append(f"{sent.name}: nothing in it is of the notebooks that were handed out")
        else:
            candidates.setdefault(name, []).append(Chosen(sent, cells))
    for name, several in candidates.items():
        _newest(name, several, choice)
    return choice


def _which(sent: Sent, cells: list[Found], release: Release) -> str | None:
    shared = {notebook.file: (_shared(notebook, cells, release), Path(notebook.file).stem in sent.name)
              for notebook in release.notebooks}
    best = max(shared, key=shared.get)
    return best if shared[best][0] else None


def _shared(notebook: Notebook, cells: list[Found], release: Release) -> int:
    """Cells with the same id or text, and functions that the release asks for."""
    ids, texts = {cell.id for cell in notebook.cells}, {cell.source.strip() for cell in notebook.cells}
    asked = {cell.item for cell in notebook.cells if cell.kind == "answer"}
    functions = [item.function for item in release.items if item.id in asked]
    found = sum(any(defines(cell.source, function) for cell in cells) for function in functions)
    return sum(cell.id in ids or cell.source.strip() in texts for cell in cells) + found


def order(sent: Sent) -> tuple:
    """Larger is newer: Canvas's number of the resubmission, the LMS's own count, the time stamp, the copy's number."""
    again, copy = RESUBMITTED.search(sent.name), COPY.search(sent.name)
    return (int(again[1]) if again and sent.order else 0, sent.order, sent.stamp, int(copy[1]) if copy else 0)


def _newest(name: str, several: list[Chosen], choice: Choice) -> None:
    several = sorted(several, key=lambda one: order(one.sent))
    last = several[-1]
    ties = [one for one in several[:-1] if order(one.sent) == order(last.sent) and one.cells != last.cells]
    if ties:
        names = ", ".join(one.sent.name for one in (*ties, last))
        choice.unclear.append(f"several files for {name}, and nothing says which is the newest: {names}")
        return
    choice.chosen[name] = last
    if len(several) > 1:
        choice.notes.append(f"{len(several)} files for {name}; the newest was taken: {last.sent.name}")


def hints(files: list[Sent]) -> dict[str, int]:
    """Hints opened by exercise, from the learner's own record if it came along, for what that is worth."""
    opened: dict[str, int] = {}
    for sent in files:
        if not sent.kept.endswith(".json"):
            continue
        try:
            entries = json.loads(Path(sent.kept).read_bytes().decode("utf-8"))["exercises"]
            opened |= {id: entry["hints"] for id, entry in entries.items()
                       if type(entry["hints"]) is int and 0 <= entry["hints"] <= 3}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return opened
