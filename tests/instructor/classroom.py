"""A class of 30 for an assignment, as an LMS would hand it over, with what each submission must come to.

    python -m tests.instructor.classroom week2 --to lms

reads what `course assign` wrote to week2, and writes into lms/ the LMS's gradebook canvas.csv (it is the roster too),
submissions/ as Canvas names them, and times.csv. Two thirds of the students make the exercises' listed mistakes; the
others are late, hand in an empty notebook, rename files, copy cells, edit locked ones, break files, and so on.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from course_lib.checks import grade
from course_lib.checks.outcome import run
from course_lib.checks.spec import Exercise, Mistake
from course_lib.instructor.exercises import exercise_of
from course_lib.instructor.files import Item, Release

from .answers import mistaken
from .handing_in import ODD_ONES, as_files

NAMES = """Lovelace, Ada|Hopper, Grace|Turing, Alan|Noether, Emmy|O'Neil, Zoë|王, 小明|李, 芳|Gauss, Carl|Curie, Marie|
Bose, Satyendra|Ramanujan, S.|张, 伟|Hamilton, Margaret|Johnson, Katherine|Perlman, Radia|陈, 静|Liskov, Barbara|
Knuth, Donald|Shannon, Claude|Erdős, Pál|刘, 洋|Kovalevskaya, Sofya|Meitner, Lise|Franklin, Rosalind|Wu, Chien-Shiung|
Germain, Sophie|Agnesi, Maria|Banneker, Benjamin|Tao, Terence|Mirzakhani, Maryam""".replace("\n", "").split("|")
WORDS = "The mean and the deviation come from test rows too, so the score is measured with their help."


@dataclass(frozen=True)
class Expected:
    """What grading must find in one answer; a score of None waits for a person."""

    status: str
    score: float | None
    diagnosis: str = ""


@dataclass
class Student:
    """A submission and what must become of it."""

    id: str
    name: str
    what: str
    answers: dict[str, str] = field(default_factory=dict)  # item -> text; the others stay as handed out
    expected: dict[str, Expected] = field(default_factory=dict)
    notebooks: dict[str, dict] = field(default_factory=dict)  # by file name
    files: dict[str, bytes] = field(default_factory=dict)  # what is sent, once it is packed
    rejected: bool = False
    changed: bool = False  # whether something had to be restored
    late_days: int = 0

    @property
    def status(self) -> str:
        """Before anybody has read the written answers."""
        waiting = any(one.score is None for one in self.expected.values())
        return "rejected" if self.rejected else "needs-hand" if waiting else "graded"


class Assignment:
    """What `course assign` wrote, and answers to it."""

    def __init__(self, folder: Path):
        self.path = folder / "instructor" / "release.json"
        self.release = Release.load(self.path)
        with zipfile.ZipFile(folder / "student.zip") as archive:
            found = {Path(name).name: archive.read(name) for name in archive.namelist() if name.endswith(".ipynb")}
        self.notebooks = {name: json.loads(text) for name, text in sorted(found.items())}
        self.code = [item for item in self.release.items if item.kind == "code"]
        self.written = [item for item in self.release.items if item.kind == "written"]
        self.exercises = {item.id: exercise_of(item, self.path) for item in self.code}
        self.cells = {cell.item: cell for notebook in self.release.notebooks for cell in notebook.cells if cell.item}

    def students(self, count: int = 30) -> list[Student]:
        """The class: two thirds with mistakes, then the odd ones."""
        ids = [(str(1001 + n), NAMES[n]) for n in range(count)]
        split = count - min(len(ODD_ONES), count // 3)
        made = [self._mistaken(n, *who) for n, who in enumerate(ids[:split])]
        for who, (what, edit) in zip(ids[split:], ODD_ONES, strict=False):
            student = self.diligent(*who, what)
            edit(self, student)
            made.append(self._packed(student))
        return made

    def diligent(self, id: str, name: str, what: str) -> Student:
        """Somebody who has everything right and answers in words, too."""
        student = Student(id, name, what)
        for item in self.code:
            self.answer(student, item, self.exercises[item.id].source, Expected("right", item.points))
        for item in self.written:
            self.answer(student, item, WORDS, Expected("needs-hand", None))
        return student

    def answer(self, student: Student, item: Item, text: str | None, expected: Expected) -> None:
        """Put an answer to an item in; None leaves the cell as it was handed out."""
        student.answers[item.id], student.expected[item.id] = text, expected

    def _mistaken(self, n: int, id: str, name: str) -> Student:
        """The n-th listed mistake of each exercise that has so many."""
        student = self.diligent(id, name, f"listed mistakes, number {n + 1}")
        for item in self.code:
            exercise = self.exercises[item.id]
            if n < len(exercise.mistakes):
                mistake = exercise.mistakes[n]
                self.answer(student, item, mistaken(exercise, mistake), self._expected(item, exercise, mistake))
        return self._packed(student)

    def _expected(self, item: Item, exercise: Exercise, mistake: Mistake) -> Expected:
        """Its own diagnosis, and half of the points where at least half of the hidden cases come out right."""
        function = exercise.function(mistake)
        verdict = grade(exercise, lambda args: run(function, args), seed=self.release.hidden_seed)
        partly = 2 * verdict.right >= verdict.total
        return Expected("partly" if partly else "wrong", item.points / 2 if partly else 0.0, mistake.name)

    def _packed(self, student: Student) -> Student:
        """The notebooks filled in, and as files under Canvas's names, unless that has been done."""
        if not student.files:
            self.fill(student)
            student.files = self.canvas(student, as_files(student.notebooks))
        return student

    def fill(self, student: Student) -> None:
        """Write the answers into copies of the notebooks."""
        student.notebooks = copy.deepcopy(self.notebooks)
        cells = {cell["id"]: cell for notebook in student.notebooks.values() for cell in notebook["cells"]}
        for item in self.release.items:
            text, released = student.answers[item.id], self.cells[item.id]
            if text is not None:
                tail = "\n\n" + released.source.partition("\n\n\n")[2] if item.kind == "code" else ""
                cells[released.id]["source"] = text + tail

    @staticmethod
    def canvas(student: Student, files: dict[str, bytes]) -> dict[str, bytes]:
        """Under the names that Canvas gives in its download."""
        compact = "".join(letter for letter in student.name.lower() if letter.isalnum())
        late = "_LATE" if student.late_days else ""
        return {f"{compact}{late}_{student.id}_{int(student.id) * 10 + n}_{name}": content
                for n, (name, content) in enumerate(files.items())}  # fmt: skip

    def submitted(self, student: Student) -> str:
        """When it came: an hour early, or so many days late."""
        due = datetime.fromisoformat(self.release.deadline or "2026-11-13T23:59:00+08:00")
        return (due + timedelta(days=student.late_days, hours=-1)).isoformat()


def write(assignment: Assignment, students: list[Student], to: Path) -> None:
    """Write canvas.csv, times.csv and submissions/."""
    (to / "submissions").mkdir(parents=True)
    for student in students:
        for name, content in student.files.items():
            (to / "submissions" / name).write_bytes(content)
    points = sum(item.points for item in assignment.release.items)
    heads = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{assignment.release.title} (7731)", "Total"]
    rows = [[one.name, one.id, f"u{one.id}", f"s{one.id}@example.org", "A", "", ""] for one in students]
    test = ["Student, Test", "9999", "", "0123abcd", "A", "", ""]
    possible = ["    Points Possible", "", "", "", "", f"{points:g}", "(read only)"]
    _csv(to / "canvas.csv", [heads, possible, *sorted(rows), test])
    _csv(to / "times.csv", [["student", "submitted"], *([s.id, assignment.submitted(s)] for s in students)])


def _csv(path: Path, rows: list[list[str]]) -> None:
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows(rows)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description="An example class for an assignment.")
    parser.add_argument("assignment", type=Path, help="the folder that `course assign` wrote")
    parser.add_argument("--to", type=Path, required=True, help="a new folder")
    parser.add_argument("--students", type=int, default=30, choices=range(3, 31), metavar="3..30")
    options = parser.parse_args()
    assignment = Assignment(options.assignment)
    students = assignment.students(options.students)
    write(assignment, students, options.to)
    print(f"{options.to}: {len(students)} students, canvas.csv, times.csv, submissions/")


if __name__ == "__main__":
    main()
