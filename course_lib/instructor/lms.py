"""The rows and columns of an LMS's gradebook export: who stands where, and which column takes the marks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from .csvfile import Table

# Header names, as Canvas and Moodle write them and as one would oneself; compared by `folded`.
ID_COLUMNS = ("id", "student", "student id", "sis user id", "id number", "user id", "student number", "学号")
LOGIN_COLUMNS = ("sis login id", "login", "login id", "username", "user name", "e-mail", "email", "email address",
                 "e-mail address", "用户名", "邮箱")  # fmt: skip
NAME_COLUMNS = ("student", "name", "full name", "student name", "display name", "姓名")
FIRST_NAMES, LAST_NAMES = ("first name", "firstname", "given name", "名"), ("surname", "last name", "family name", "姓")
# What else an LMS says about a student, not to be written to either.
OTHER_COLUMNS = ("section", "group", "groups", "institution", "department", "last downloaded from this course",
                 "root account", "integration id", "status", "notes")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A student's row in the table, with everything that can tell who it is."""

    row: int  # position in Table.rows
    line: int
    keys: frozenset[str]  # ids, logins, e-mail addresses, folded
    names: frozenset[str]  # folded; empty where there is no name column
    shown: str  # the name as the file has it


def folded(text: str) -> str:
    """For comparing: compatibility forms, case and runs of blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def name_forms(name: str) -> frozenset[str]:
    """"Lovelace, Ada" and "Ada Lovelace" are the same person; so is the name as it stands."""
    last, comma, first = name.partition(",")
    forms = {folded(name)} | ({folded(f"{first} {last}")} if comma and first.strip() else set())
    return frozenset(forms - {""})


def columns(table: Table, names: tuple[str, ...]) -> list[int]:
    """Positions of the columns with one of these names."""
    return [i for i, cell in enumerate(table.header.cells) if folded(cell.value) in names]


def protected(table: Table, column: int) -> bool:
    """Whether a column says who a row is about, or is one that the LMS computes ("(read only)" in Canvas)."""
    who = ID_COLUMNS + LOGIN_COLUMNS + NAME_COLUMNS + FIRST_NAMES + LAST_NAMES + OTHER_COLUMNS
    return column in columns(table, who) or "read only" in folded(points_possible(table, column))


def places(table: Table) -> Iterator[Place]:
    """The students' rows: without Canvas's "Points Possible" and what is above it, and without "Student, Test"."""
    ids, names = columns(table, ID_COLUMNS + LOGIN_COLUMNS), columns(table, NAME_COLUMNS)
    ids = [i for i in ids if i not in names] or ids  # Canvas has names in "Student", a plain file has ids there
    first, last = columns(table, FIRST_NAMES), columns(table, LAST_NAMES)
    for number in range(_first(table), len(table.rows)):
        row = table.rows[number]
        whole = [row.get(i) for i in names] + [f"{row.get(f)} {row.get(s)}" for f, s in zip(first, last, strict=False)]
        keys = frozenset(folded(row.get(i)) for i in ids) - {""}
        forms = frozenset().union(*map(name_forms, whole))
        if (keys or forms) and "points possible" not in forms and "student, test" not in forms:
            yield Place(number, row.line, keys, forms, next((name for name in whole if name.strip()), ""))


def points_possible(table: Table, column: int) -> str:
    """What Canvas's row "Points Possible" has in a column; "" in other files."""
    number = _points_row(table)
    return table.rows[number].get(column).strip() if number else ""


def _points_row(table: Table) -> int | None:
    return next((n for n, row in enumerate(table.rows) if n and folded(row.get(0)) == "points possible"), None)


def _first(table: Table) -> int:
    """The first student's row: below "Points Possible", where that stands at the top, or below the header."""
    number = _points_row(table)
    return number + 1 if number and number <= 5 else 1
