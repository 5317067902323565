"""The class list, from Canvas, Moodle or by hand, and the names by which their downloads call a student."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from .files import STUDENT
from .foreign import undirected

COLUMNS = {  # what each column may be called, lower case
    "id": ("id", "student", "student id", "id number", "identifier", "userid", "user id"),
    "name": ("name", "student", "full name", "student name"),
    "first": ("first name", "given name"),
    "last": ("last name", "surname", "family name"),
    "login": ("sis login id", "login", "login id", "username", "user name"),
    "email": ("email", "email address", "e-mail"),
    "sis": ("sis user id",),
}
MAX_BYTES = 20_000_000
ROUNDED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)


class RosterProblem(Exception):
    """A class list that cannot be used: the line and what is wrong there."""


@dataclass(frozen=True)
class Student:
    """A student: the LMS's id, the name, and everything else a download may call them by."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


class Roster:
    """The students by id, and by every other name that only one of them has."""

    def __init__(self, students: list[Student]):
        self.students = {student.id: student for student in students}
        self._called: dict[str, set[str]] = defaultdict(set)
        for student in students:
            for name in (student.id, student.name, *student.aliases, *_compact(student.name)):
                self._called[key(name)].add(student.id)

    def find(self, name: str) -> list[Student]:
        """The students that this may mean: one, none, or several (then nobody is guessed)."""
        return [self.students[id] for id in sorted(self._called.get(key(name), ()))]


def key(name: str) -> str:
    """A name for comparing: without case, accents' encodings, doubled spaces and changes of writing direction."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", undirected(name))).strip().casefold()


def _compact(name: str) -> list[str]:
    """Canvas's form, "lastfirst", for "Last, First" and "First Last"; Moodle's and our "First Last"."""
    first, last = _split(name)
    return ["".join(c for c in last + first if c.isalnum()), f"{first} {last}", f"{last} {first}", f"{last}, {first}"]


def _split(name: str) -> tuple[str, str]:
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.strip().rpartition(" ")
    return first.strip(), last.strip()


def read_roster(path: Path) -> Roster:
    """The class list in a CSV file. Raises RosterProblem."""
    rows = _rows(Path(path))
    header = [key(cell) for cell in rows[0][1]]
    columns = _columns(header)
    students, seen = [], {}
    for number, row in rows[1:]:
        student = _student(number, {name: row[i].strip() for name, i in columns.items() if i < len(row)})
        if student is None:
            continue
        if student.id.casefold() in seen:
            raise RosterProblem(f"line {number}: the id {student.id} is on line {seen[student.id.casefold()]} too")
        seen[student.id.casefold()] = number
        students.append(student)
    if not students:
        raise RosterProblem("there is no student in it")
    return Roster(students)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RosterProblem("it is larger than 20 MB")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RosterProblem(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RosterProblem("it is not UTF-8: save it as 'CSV UTF-8'") from None
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise RosterProblem(f"line {reader.line_num}: {error}; is a quotation mark opened and never closed?") from None
    if not rows:
        raise RosterProblem("it is empty")
    return rows


def _columns(header: list[str]) -> dict[str, int]:
    found = {}
    for name, titles in COLUMNS.items():
        places = [header.index(title) for title in titles if title in header]
        if places:
            found[name] = places[0]
    if "id" in found and found.get("name") == found["id"]:  # one column "student": the id where there are names besides
        other = [header.index(title) for title in COLUMNS["name"][2:] if title in header]
        found.pop("name")
        found |= {"name": other[0]} if other else {}
    if "id" not in found:
        raise RosterProblem(f"no column with the students' ids; it must be called {', '.join(COLUMNS['id'][:4])}; "
                            f"there are {', '.join(header)}")
    return found


def _student(number: int, row: dict[str, str]) -> Student | None:
    name = row.get("name") or f"{row.get('first', '')} {row.get('last', '')}".strip()
    id = row.get("id", "").removeprefix("Participant ")  # Moodle's grading worksheet
    if _canvas_only(name) or not (id or name):
        return None
    if not STUDENT.fullmatch(id):
        wanted = "letters, digits, . _ @ and -, at most 100"
        hint = "; a spreadsheet has rounded it: format the column as text" if ROUNDED.fullmatch(id) else ""
        raise RosterProblem(f"line {number}: the id {id[:40]!r} must be {wanted}{hint}")
    name = " ".join(undirected(name).split())
    if any(ord(c) < 32 for c in name):
        raise RosterProblem(f"line {number}: the name holds a control character")
    others = [row.get(column, "") for column in ("login", "email", "sis")]
    others.append(row.get("email", "").partition("@")[0])
    return Student(id, name or id, tuple(filter(None, others)))


def _canvas_only(name: str) -> bool:
    """Rows of a Canvas export that are no students."""
    return key(name) in ("points possible", "student, test")
