"""Marks by hand through `course grade` itself: in, kept, out again; what is wrong in the file is named."""

import csv
import os
import re
import shutil
import sqlite3

import pytest
from typer.testing import CliRunner

from course_lib.cli import app
from course_lib.instructor.files import Result
from tests.instructor.handed_in import FILE, RIGHT, STUBS, cell, grade, hand_in, notebook, release
from tests.instructor.made import need_sandbox

NAMED = RIGHT["3.1"].replace("def standardise", "def my_standardise")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Four students whose code no check can decide, and what the first run of `course grade` says of them."""
    need_sandbox()
    base = tmp_path_factory.mktemp("graded")
    release(base / "out", written=True)
    hand_in(base / "in", "renamed", notebook({**RIGHT, "3.1": NAMED}, written="Because."))
    gone = notebook(RIGHT, written="Because.")
    gone["cells"] = [one for one in gone["cells"] if one["id"] != "answer-3.1"]
    hand_in(base / "in", "deleted", gone)
    for n in (1, 2):  # two files for one notebook, and nothing says which is the newest
        path = hand_in(base / "in", "twice", notebook(RIGHT, before=[f"n = {n}"]), f"{n}{FILE}")
        os.utime(path, (1e9, 1e9))
    hand_in(base / "in", "plain", {"nbformat": 4, "cells": [cell(STUBS["3.2"])]})
    return base, grade(base)


@pytest.fixture
def room(graded, tmp_path):
    """A copy of the graded class: what is marked here is marked nowhere else."""
    return shutil.copytree(graded[0], tmp_path / "room")


def table(room):
    with open(room / "grades" / "written.csv", newline="", encoding="utf-8-sig") as file:
        return {(row["student"], row["item"]): row for row in csv.DictReader(file)}


def save(room, rows):
    with open(room / "grades" / "written.csv", "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, next(iter(rows.values())))
        writer.writeheader()
        writer.writerows(rows.values())


def book(room) -> dict:
    query = ("SELECT s.student_id, SUM(g.auto_score), SUM(g.needs_manual_grade) FROM grade g "
             "JOIN submitted_notebook n ON g.notebook_id = n.id "
             "JOIN submitted_assignment s ON n.assignment_id = s.id GROUP BY s.student_id")
    with sqlite3.connect(room / "grades" / "gradebook.db") as file:
        return {student: (score, bool(waits)) for student, score, waits in file.execute(query)}


def test_whatever_waits_can_be_marked_in_the_file_and_waits_again_when_the_score_goes(room, graded):
    """Renamed, deleted, two files, no cell: all are in the list, count once marked, stay, and can be taken back."""
    _, first = graded
    assert {result.status for result in first.results.values()} == {"needs-hand"}
    rows = table(room)
    assert [key for key in rows if key[0] == "twice"] == [("twice", id) for id in ("3.1", "3.2", "w1")]
    assert "its cell defines my_standardise" in rows["renamed", "3.1"]["why"]
    assert "def my_standardise" in rows["renamed", "3.1"]["text"]
    save(room, {key: row | {"score": "1", "comment": f"=Rename it.\n{SCRIPT}"} for key, row in rows.items()})
    second = grade(room)
    assert f"{len(rows)} marks came in" in second.written
    assert {result.status for result in second.results.values()} == {"graded"}
    assert {name: result.total for name, result in second.results.items()} == {
        "renamed": 4.0, "deleted": 4.0, "twice": 3.0, "plain": 2.0}  # fmt: skip
    assert [result.cpu_seconds for result in second.results.values()] == [0.0] * 4
    assert book(room)["renamed"] == (4.0, False)
    assert table(room)["renamed", "3.1"]["comment"] == f"'=Rename it.\n{SCRIPT}"
    assert {name: result.total for name, result in grade(room).results.items()}["twice"] == 3.0
    rows = table(room)
    save(room, {key: row | ({"score": ""} if key[1] == "3.1" else {}) for key, row in rows.items()})
    third = grade(room)
    assert "4 taken back" in third.written
    assert {result.status for result in third.results.values()} == {"needs-hand"}
    assert third.results["renamed"].items[0] == first.results["renamed"].items[0]
    assert third.results["renamed"].why == "3.1: " + first.results["renamed"].items[0].message
    assert book(room)["renamed"] == (3.0, True)


def test_a_mark_falls_with_the_answer_that_it_was_for(room):
    """Handed in again: the old mark is gone without a word; a new mark for the old answer is named."""
    save(room, {key: row | {"score": "2"} for key, row in table(room).items()})
    assert grade(room).results["renamed"].total == 6.0
    old = table(room)
    hand_in(room / "in", "renamed", notebook({**RIGHT, "3.1": NAMED + "\n"}, written="Because it does."))
    after = grade(room)
    assert after.results["renamed"].items[2].score is None
    assert "left as it is" not in after.written
    save(room, {key: row | {"score": "1"} for key, row in old.items()})
    refused = grade(room)
    assert "column text: renamed's answer to w1 is not the one in the results" in refused.written
    assert "written.csv was left as it is" in refused.written
    assert refused.results["renamed"].items[2].score is None
    assert (room / "grades" / "written-new.csv").exists()


@pytest.mark.parametrize("score", ["2.5", "-1", "nan", "1,5", "=2", SCRIPT, "1\n2"])
def test_a_wrong_score_is_named_with_file_row_and_column_and_nothing_is_marked(room, score):
    rows = table(room)
    key = next(key for key in rows if key[1] == "3.1")
    file = room / "marks.csv"
    save(room, {**rows, key: rows[key] | {"score": score}})
    (room / "grades" / "written.csv").rename(file)
    words = ["grade", room / "in", "--roster", room / "roster.csv", "--release", room / "out" / "release.json",
             "--to", room / "grades", "--written", file, "--memory", 256, "--jobs", 1]  # fmt: skip
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    assert done.exit_code == 1
    row = rf"row {2 + list(rows).index(key)}( \(line \d+\))?, column score: "
    assert re.search(rf"marks\.csv: nothing was taken from it, 1 wrong:\n  {row}", done.output), done.output
    assert isinstance(done.exception, SystemExit)
    results = map(Result.load, (room / "grades" / "results").iterdir())
    assert not any(item.by_hand for result in results for item in result.items)
