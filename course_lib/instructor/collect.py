"""Whose files are these? Downloads from Canvas and Moodle, a folder per student, a notebook per student.

    Canvas   name_USER_FILE_notebook.ipynb, name_LATE_USER_FILE_notebook.ipynb, resubmitted: notebook-1.ipynb
    Moodle   Full Name_NUMBER_assignsubmission_file_/notebook.ipynb
    else     STUDENT/notebook.ipynb, STUDENT.zip, STUDENT.ipynb; STUDENT is an id, a login, an e-mail or a full name

The name that the LMS gave decides, never one that a student chose: within a student's zip no name is looked at. Who
cannot be told is reported, not guessed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .archive import NO_NOTEBOOK, File, Refusal, files
from .roster import Roster, Student

CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.+)", re.DOTALL)
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_[a-z]+_?", re.DOTALL)
MAX_FILES = 50  # of one student
MAX_LISTED = 200


@dataclass(frozen=True)
class Label:
    """What a name says: the students it may mean, the LMS's mark of lateness, its number for the person."""

    students: tuple[Student, ...]
    late: bool = False
    number: str = ""
    order: int = 0  # Canvas numbers files as they come


@dataclass(frozen=True)
class Sent:
    """A file of a student, kept under a name of ours."""

    name: str  # as it came, to show
    kept: str  # the file's path now
    stamp: datetime
    order: int = 0


@dataclass
class Submission:
    """Everything that came from one student."""

    student: Student
    files: list[Sent] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    late: bool = False
    numbers: set[str] = field(default_factory=set)


@dataclass
class Collection:
    """All submissions by student id, and the files that are nobody's."""

    submissions: dict[str, Submission] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)

    def of(self, student: Student) -> Submission:
        return self.submissions.setdefault(student.id, Submission(student))


def collect(root: Path, roster: Roster, keep: Path) -> Collection:
    """Sort the files in a folder or zip by student; the notebooks are copied to ``keep``/STUDENT/."""
    root, found = Path(root), Collection()
    outer = _wrapper(root, roster)
    for item in files(root):
        label = _label(item.path, roster, outer)
        shown = "/".join(item.path)
        if label is None or not label.students:
            _list(found.unknown, shown, item)
        elif len(label.students) > 1:
            _list(found.ambiguous, f"{shown}: {' or '.join(student.id for student in label.students)}", item)
        else:
            _add(found.of(label.students[0]), item, label, keep)
    return found


def _list(names: list[str], shown: str, item: File | Refusal) -> None:
    shown += f" ({item.why})" if isinstance(item, Refusal) else ""
    if len(names) < MAX_LISTED:
        names.append(shown)


def _wrapper(root: Path, roster: Roster) -> str | None:
    """The class's own zip: the one that was named, or the only thing in the folder. Its name is nobody's."""
    if not root.is_dir():
        return root.name
    entries = list(root.iterdir())
    only = entries[0].name if len(entries) == 1 else ""
    return only if only.lower().endswith(".zip") and not label_of(only, roster).students else None


def _label(path: tuple[str, ...], roster: Roster, outer: str | None) -> Label | None:
    """The first name that means somebody, from the outside in, up to a zip that is not the class's."""
    parts = path[1:] if outer and path[0] == outer else path
    for part in parts:
        label = label_of(part, roster)
        if label.students or part.lower().endswith(".zip"):
            return label
    return None


def label_of(part: str, roster: Roster) -> Label:
    """What the name of a file or folder says."""
    if match := CANVAS.fullmatch(part):
        student = roster.students.get(match["user"])
        students = [student] if student else roster.find(match["name"])
        return Label(tuple(students), bool(match["late"]), match["user"], int(match["file"]))
    if match := MOODLE.fullmatch(part):
        return Label(tuple(roster.find(match["name"])), number=match["number"])
    stem = re.sub(r"\.(ipynb|zip)$", "", part, flags=re.IGNORECASE)
    return Label(tuple(roster.find(part) or roster.find(stem)))


def _add(submission: Submission, item: File | Refusal, label: Label, keep: Path) -> None:
    submission.late |= label.late
    if label.number:
        submission.numbers.add(label.number)
    if isinstance(item, Refusal):
        if len(submission.refused) < MAX_FILES:
            submission.refused.append(f"{_short(item.path)}: {item.why}")
        return
    if len(submission.files) >= MAX_FILES:
        submission.refused.append(f"{_short(item.path)}: more than {MAX_FILES} files")
        return
    folder = keep / submission.student.id
    if not submission.files:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    kept = folder / f"{len(submission.files) + 1:02}{Path(item.name).suffix.lower()}"
    kept.write_bytes(item.content)
    submission.files.append(Sent(_short(item.path), str(kept), item.stamp, label.order))


def _short(path: tuple[str, ...]) -> str:
    text = "/".join(path[-3:])
    return "".join(c if c.isprintable() else "?" for c in text)[-200:]


def refusals(submission: Submission) -> Iterator[str]:
    """What was refused and matters: not the pictures and texts that lie beside a notebook."""
    alone = not submission.files
    return (line for line in submission.refused if alone or not line.endswith(NO_NOTEBOOK))
