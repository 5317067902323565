"""A small assignment of chapter 3's exercises, and what students may hand in for it."""

import json
from pathlib import Path

from course_lib.checks.spec import find
from course_lib.instructor.batch import Order, grade_class
from course_lib.instructor.files import Cell, Item, Late, Notebook, Release
from course_lib.instructor.limits import Limits

FILE = "03_core_algorithms.ipynb"
SMALL = Limits(memory_mb=256, address_mb=1500, cpu_seconds=10, processes=16, file_mb=4, scratch_mb=8, setup_seconds=2,
               call_seconds=1, total_seconds=20)  # fmt: skip
STUBS = {"3.1": 'def standardise(train, test):\n    """Each column."""\n    ...\n\n\ncheck("3.1", standardise)',
         "3.2": 'def precision_recall_f1(guess, target):\n    ...\n\n\ncheck("3.2", precision_recall_f1)'}  # fmt: skip
RIGHT = {id: find(id).source for id in STUBS}
PROMPT = "*Your answer:*"
LOCKED = {
    "intro": "# Week 2",
    "imports": "import numpy as np\n\nfrom course_lib.checks import check\nfrom course_lib.widgets import plot",
    "helper": "def centred(x):\n    return x - x.mean(axis=0)",
    "heavy": "while True:\n    pass",
}


def release(folder: Path, *ids: str, deadline=None, late=None, written=False, **fields) -> Path:
    """A release.json with these exercises, two points each, and perhaps a written answer of three."""
    ids = ids or tuple(STUBS)
    items = [Item(id, "code", 3, 2.0, id, find(id).name, None, find(id).title) for id in ids]
    cells = [Cell(id, "locked", "markdown" if id == "intro" else "code", text) for id, text in LOCKED.items()]
    cells += [Cell(f"answer-{id}", "answer", "code", STUBS[id], id) for id in ids]
    if written:
        items.append(Item("w1", "written", 3, 3.0, None, None, None, "Why does it leak?"))
        cells.append(Cell("written-1", "written", "markdown", PROMPT, "w1"))
    made = Release(1, "Week 2", "week-2", "2026-11-01T08:00:00+08:00", (3,), deadline, late, 12345,
                   (Notebook(3, FILE, tuple(cells)),), tuple(items))  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    made.save(folder / "release.json")
    return folder / "release.json"


def cell(source, id=None, kind="code"):
    made = {"cell_type": kind, "source": source, "metadata": {}}
    made |= {"outputs": [], "execution_count": None} if kind == "code" else {}
    return made | ({"id": id} if id else {})


def notebook(answers=None, *, before=(), after=(), written=None, ids=True) -> dict:
    """The handed-out notebook with answers filled in, and cells of the student's own."""
    texts = {**STUBS, **(answers or {})}
    cells = [cell(text, id, "markdown" if id == "intro" else "code") for id, text in LOCKED.items()]
    cells += [cell(text) for text in before]
    cells += [cell(texts[id], f"answer-{id}") for id in STUBS]
    cells += [cell(text) for text in after]
    cells += [cell(written, "written-1", "markdown")] if written is not None else []
    for made in cells if not ids else ():
        made.pop("id", None)
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def hand_in(folder: Path, student: str, content, name: str = FILE) -> Path:
    """Put a notebook (a dict, text or bytes) into the student's folder."""
    path = folder / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def roster(folder: Path, *students: str) -> Path:
    path = folder / "roster.csv"
    path.write_text("id,name\n" + "".join(f"{id},Name {id}\n" for id in students))
    return path


def grade(tmp: Path, students=None, *, limits=SMALL, jobs=2, handed_out=None, **options):
    """Grade tmp/in with tmp/out/release.json into tmp/grades."""
    students = students or sorted(path.name for path in (tmp / "in").iterdir())
    order = Order(tmp / "in", handed_out or tmp / "out" / "release.json", roster(tmp, *students), tmp / "grades", jobs,
                  limits, **options)  # fmt: skip
    return grade_class(order)


DEADLINE = "2026-11-13T23:59:00+08:00"
LATE = Late(0.1, 0.5)
