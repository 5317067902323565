"""Small releases and results, made by hand."""

import os
from dataclasses import replace

import pytest

from course_lib.instructor import sandbox
from course_lib.instructor.files import Case, Cell, Item, ItemResult, Late, Notebook, Release, Result
from course_lib.instructor.limits import DEFAULT


def need_sandbox():
    """Skip by name where no sandbox can start; in CI that is a failure."""
    try:
        sandbox.probe(DEFAULT)
    except sandbox.NoSandbox as reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no sandbox can start here: {reason}")


STUB = 'def standardise(train, test):\n    """Each column by the training rows\' statistics."""\n    ...\n'


def an_item(id, points=2.0, kind="code", exercise="3.1", function="standardise", title="Standardise without leaking"):
    code = kind == "code"
    return Item(id, kind, 3, points, exercise if code else None, function if code else None, None, title)


def a_release(*items, title="Week 2"):
    items = items or (an_item("3.1"), an_item("w1", 3.0, "written", title="Why does it leak?"))
    cells = [Cell("intro", "locked", "markdown", "# Week 2")]
    for item in items:
        code = item.kind == "code"
        cells.append(Cell(f"c{item.id}", "answer" if code else "written", "code" if code else "markdown",
                          STUB if code else "**Why does it leak?**", item.id))  # fmt: skip
    notebook = Notebook(3, "03_core_algorithms.ipynb", tuple(cells))
    return Release(1, title, "week-2", "2026-11-01T08:00:00+08:00", (3,), "2026-11-13T23:59:00+08:00", Late(0.1, 0.5),
                   7, (notebook,), tuple(items))  # fmt: skip


def an_answer(id="3.1", points=2.0, status="right", **fields):
    scores = {"right": points, "partly": points / 2, "wrong": 0.0, "not-attempted": 0.0}
    answer = ItemResult(id, points, scores.get(status), status, "", "", None, 5 if status == "right" else 2, 5, 0.1,
                        None, "def standardise(train, test):\n    return train, test\n")  # fmt: skip
    return replace(answer, **fields)


def written_answer(id="w1", text="Because the test rows move the mean.", points=3.0, **fields):
    unmarked = {"status": "needs-hand", "score": None, "right": 0, "total": 0, "source": text}
    return an_answer(id, points, **{**unmarked, **fields})


def a_case(input="train = [1.0]", got="[nan]", expected="[0.0]"):
    return Case(input, got, expected)


def a_result(student="u001", name="Ada Lovelace", *items, **fields):
    """Status and total follow from the items, as in grading."""
    items = items or (an_answer(),)
    scores = [item.score for item in items]
    done = None not in scores
    made = Result(1, student, name, "graded" if done else "needs-hand", "", "2026-11-13T20:00:00+08:00", 0, "f" * 8, (),
                  tuple(items), sum(scores) if done else None, 0.0, 1.0, 1.5, 120.0)  # fmt: skip
    return replace(made, **fields)


def rejected(student="u009", name="Rex Broken", status="rejected", why="the notebook is not JSON"):
    return a_result(student, name, status=status, why=why, items=(), total=None)
