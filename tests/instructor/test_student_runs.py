"""What `course assign` hands out, run from top to bottom in a kernel as a student would, before and after answering.

Two minutes of processor time: half a minute to assign, half a minute for each of three runs of a chapter.
"""

import io
import json
import os
import zipfile

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.checks.store import read_json
from course_lib.instructor.assign import assign
from course_lib.instructor.config import load
from course_lib.instructor.exercises import exercise_of
from course_lib.instructor.files import Release
from course_lib.instructor.plan import make_plan
from tests.project.repo import ROOT
from tools import kernels

pytestmark = pytest.mark.timeout(900)
COURSE_YML = """\
title: Week 2
references: false
hints: false
private: own
exercises: ["3.1", "3.1v", "3.4v", "3.own", "5.2", "5.6"]
written:
  - {id: w1, chapter: 3, points: 3, text: Why is the test set used once?}
"""
CHAPTERS = {3: "03_core_algorithms.ipynb", 5: "05_project_practice.ipynb"}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """The students' folder, unpacked, and the release beside it."""
    base = tmp_path_factory.mktemp("student")
    (base / "course.yml").write_text(COURSE_YML, encoding="utf-8")
    own = (ROOT / "variants" / "lion_step.py").read_text(encoding="utf-8")
    (base / "own").mkdir()
    (base / "own" / "own.py").write_text(own.replace('"4.6v"', '"3.own"').replace("lion_step", "my_step"))
    config, _ = load(base / "course.yml")
    assign(make_plan(tuple(CHAPTERS), config, ROOT, base), base / "out")
    with zipfile.ZipFile(io.BytesIO((base / "out" / "student.zip").read_bytes())) as archive:
        archive.extractall(base / "home")
    return base


def executed(room, name: str, answers: dict[str, str]):
    """The notebook after a run, with answers in place of stubs; an error stops nothing."""
    folder = next((room / "home").iterdir())
    book = nbformat.read(folder / name, as_version=4)
    for cell in book.cells:
        if (item := cell.metadata.course.get("item")) in answers:
            cell.source = answers[item] + "\n\n" + cell.source[cell.source.index("check(") :]
    own = room / f"{name}-{len(answers)}"
    environment = {**os.environ, **kernels.environment(own)}
    client = NotebookClient(book, kernel_name="python3", timeout=300, allow_errors=True,
                            resources={"metadata": {"path": str(folder)}})  # fmt: skip
    client.execute(env=environment)
    record = read_json(own / "answers.json")["exercises"] if (own / "answers.json").exists() else {}
    return book, {id for id, entry in record.items() if entry["attempts"] and entry["attempts"][-1]["passed"]}


def errors(book) -> list[tuple[str, str]]:
    """What went wrong, by the cell's first line."""
    return [(cell.source.splitlines()[0], f"{output.ename}: {output.evalue}") for cell in book.cells
            if cell.cell_type == "code" for output in cell.outputs if output.output_type == "error"]  # fmt: skip


def items(room, chapter: int):
    path = room / "out" / "instructor" / "release.json"
    return {item.id: exercise_of(item, path) for item in Release.load(path).items
            if item.chapter == chapter and item.kind == "code"}  # fmt: skip


def said(book, item: str) -> str:
    """What an answer's cell printed."""
    return "".join(output.get("text", "") for cell in book.cells if cell.metadata.course.get("item") == item
                   for output in cell.outputs)  # fmt: skip


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_notebook_runs_before_anything_is_answered(room, chapter):
    """No cell raises, and each check says that there is nothing to check yet."""
    book, passed = executed(room, CHAPTERS[chapter], {})
    assert errors(book) == []
    assert passed == set()
    for id in items(room, chapter):
        assert "not attempted" in said(book, id), (id, said(book, id))


def test_with_right_answers_every_check_says_right(room):
    """The course's exercise, variants, which come with a few cases only, and the instructor's own."""
    exercises = items(room, 3)
    book, passed = executed(room, CHAPTERS[3], {id: one.source for id, one in exercises.items()})
    assert errors(book) == []
    assert passed == set(exercises) == {"3.1", "3.1v", "3.4v", "3.own"}
    for id, one in exercises.items():
        assert f"{id} {one.name}: right, on all" in said(book, id)


def test_closed_answers_and_hints_stay_closed_in_the_kernel(room):
    """`reveal` and `hint` in a cell of the student's own refuse, and say why."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
        "from course_lib.checks import hint, reveal\n" + "\n".join(f'{what}("{id}")' for id in ("3.1", "3.1v", "3.own"))
    ) for what in ("reveal", "hint")])  # fmt: skip
    for cell in book.cells:
        cell.metadata["course"] = {}
    folder = next((room / "home").iterdir())
    nbformat.write(book, folder / "own.ipynb")
    ran, _ = executed(room, "own.ipynb", {})
    text = [json.dumps(cell.outputs) for cell in ran.cells]
    assert all("closed" in one for one in text), text
    assert not any("quantile" in one or "ddof" in one for one in text), text
