"""A class of 30 from `course assign` to the LMS's file: each status, score, diagnosis and total is the expected one."""

import csv
import io
import os
import re
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_lib.cli import app
from course_lib.instructor.files import Result

from .classroom import Assignment, write
from .made import need_sandbox

pytestmark = pytest.mark.timeout(600)  # the first test waits for the whole class
COURSE = """
title: Week 2
deadline: 2026-11-13 23:59 +08:00
late: {per_day: 0.1, at_most: 0.5}
exercises:
  - {id: "3.1", points: 2}
  - {id: "3.2", points: 2}
  - {id: "3.4v", points: 3}
  - {id: "4.1", points: 2}
  - {id: "4.7", points: 3}
written:
  - {id: w1, chapter: 3, points: 3, text: Why does scaling with the statistics of all rows make the score too good?}
"""
MARK, COMMENT = 2.5, "=Say which rows."


def course(*words) -> str:
    """Run a command; it must succeed."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, f"course {' '.join(map(str, words))}\n{done.output}\n{done.exception!r}"
    return done.output


class Term:
    """What the commands made of the class, step by step."""

    def __init__(self, folder: Path):
        self.folder, self.out, self.lms = folder, folder / "week2", folder / "lms"
        (folder / "course.yml").write_text(COURSE)
        course("assign", 3, 4, "--to", self.out, "--config", folder / "course.yml")
        self.room = Assignment(self.out)
        self.students = self.room.students()
        write(self.room, self.students, self.lms)
        self.release, self.grades = self.room.path, folder / "grades"
        self.spent = self.grade()
        self.first = self.results()
        self.mark()
        self.again = self.grade("--written", folder / "marked.csv")

    def grade(self, *more) -> tuple[float, float]:
        """Seconds by the clock, and of processor time in all processes."""
        began, used = time.perf_counter(), sum(os.times()[:4])
        course("grade", self.lms / "submissions", "--roster", self.lms / "canvas.csv", "--release", self.release,
               "--times", self.lms / "times.csv", "--to", self.grades, "--jobs", 2, *more)  # fmt: skip
        return time.perf_counter() - began, sum(os.times()[:4]) - used

    def results(self) -> dict[str, Result]:
        return {path.stem: Result.load(path) for path in (self.grades / "results").glob("*.json")}

    def mark(self) -> None:
        """Every answer in words that waits gets the same mark."""
        rows = list(csv.DictReader(io.StringIO((self.grades / "written.csv").read_text("utf-8-sig"), newline="")))
        self.guarded = [row["text"] for row in rows]
        with open(self.folder / "marked.csv", "w", newline="", encoding="utf-8-sig") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            marked = {"score": MARK, "comment": COMMENT}
            writer.writerows(row | marked if row["item"] == "w1" and not row["score"] else row for row in rows)


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    need_sandbox()
    return Term(tmp_path_factory.mktemp("term"))


def outcome(result: Result) -> dict:
    return {item.id: (item.status, item.score, item.diagnosis) for item in result.items}


def test_each_status_score_and_diagnosis_is_the_expected_one(term):
    want = {one.id: (one.status, {id: (e.status, e.score, e.diagnosis) for id, e in one.expected.items()})
            for one in term.students}  # fmt: skip
    got = {id: (result.status, outcome(result)) for id, result in term.first.items()}
    assert {id: found for id, found in got.items() if found != want[id]} == {}
    assert got.keys() == want.keys()


def test_the_class_has_every_listed_mistake_of_its_exercises(term):
    listed = {(id, mistake.name) for id, exercise in term.room.exercises.items() for mistake in exercise.mistakes}
    found = {(item.id, item.diagnosis) for result in term.first.values() for item in result.items}
    assert len(listed) >= 60
    assert listed <= found


def test_without_a_total_nothing_is_a_zero(term):
    for one in term.students:
        assert (term.first[one.id].total is None) == (one.status != "graded"), one.what


def test_restored_cells_are_reported_and_only_those(term):
    restored = {id for id, result in term.first.items() if result.changes}
    assert restored == {one.id for one in term.students if one.changed}


def expected_total(term, student) -> float | None:
    """With the written answers marked, and a tenth off for each day."""
    scores = [MARK if one.score is None and item.startswith("w") else one.score
              for item, one in student.expected.items()]  # fmt: skip
    if not scores or None in scores:
        return None
    return sum(scores) * (1 - min(0.1 * student.late_days, 0.5))


def test_marks_by_hand_complete_the_totals(term):
    results = term.results()
    assert sorted(one.late_days for one in results.values())[-2:] == [0, 2]
    for one in term.students:
        assert results[one.id].total == pytest.approx(expected_total(term, one)), one.what
    assert all(not text.startswith(("=", "+", "-", "@")) for text in term.guarded)
    marked = [item for result in results.values() for item in result.items if item.id == "w1" and item.score == MARK]
    assert len(marked) == len(term.students) - 2
    assert {item.message for item in marked} == {COMMENT}


def test_marking_graded_nothing_again(term):
    """The second run of `course grade` takes the marks and finds every program's result kept."""
    for id, result in term.results().items():
        code = [item for item in result.items if item.id != "w1"]
        assert code == [item for item in term.first[id].items if item.id != "w1"]


def test_the_lms_file_gets_one_column(term):
    filled = term.folder / "filled.csv"
    course("export", term.grades, "--template", term.lms / "canvas.csv", "--release", term.release, "--to", filled)
    before, after = (list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
                     for path in (term.lms / "canvas.csv", filled))  # fmt: skip
    marks = {row[1]: row[5] for row in after}
    for one in term.students:
        total = expected_total(term, one)
        assert marks[one.id] == ("" if total is None else f"{total:.2f}".rstrip("0").rstrip("."))
    assert [row[:5] + row[6:] for row in before] == [row[:5] + row[6:] for row in after]


def test_the_report_counts_the_class_and_pairs_the_two_copies(term):
    said = course("report", term.grades, "--release", term.release, "--to", term.folder / "report", "--names")
    assert "30 students" in said
    html = (term.folder / "report" / "report.html").read_text()
    copies = [one for one in term.students if "copy" in one.what]
    pairs = re.findall(r"<td>([^<]*) and ([^<]*)</td>", html)
    assert pairs == [tuple(f"{one.name.replace(chr(39), '&#39;')} ({one.id})" for one in copies)]
    assert "<script>" not in html


def test_a_score_is_explained(term):
    said = course("explain", "1001", "4.7", "--grades", term.grades, "--release", term.release)
    assert "averaged: The gradient is weighted by 1 - momentum" in said
    assert re.search(r"input: +param = .*it gives: .*expected: ", said, re.DOTALL)


def test_time_and_memory_stay_within_what_is_promised(term, record_property):
    used = [result.cpu_seconds for result in term.first.values()]
    record_property("seconds", term.spent)
    assert max(used) <= 10  # an endless loop has its own limits
    assert sorted(used)[len(used) // 2] <= 3
    assert term.spent[1] + sum(used) <= 3 * len(term.students)  # with the start, the checks and the gradebook
    assert max(result.max_rss_mb for result in term.first.values()) <= 300
