"""Which row of the LMS's file is which student: by id, login or e-mail, by name only where those say nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .csvfile import Table
from .files import Result
from .foreign import one_line
from .lms import Place, folded, name_forms, places


class Roster:
    """The logins and addresses that a roster has for each id; without a table, none."""

    def __init__(self, table: Table | None = None):
        self._keys = defaultdict(set)
        for place in places(table) if table else ():
            for key in place.keys:
                self._keys[key] |= place.keys

    def keys(self, student: str) -> set[str]:
        """Everything a student may be called by, folded."""
        return {folded(student)} | self._keys.get(folded(student), set())


@dataclass(frozen=True)
class _Candidate:
    result: Result
    rows: tuple[Place, ...]
    certain: bool  # by a key, not by the name


def pair(results: Iterable[Result], everyone: Iterable[Place],
         roster: Roster) -> tuple[list[tuple[Result, Place]], list[str]]:
    """Results with their rows, one to one; and a line on each result that has none, or more than one."""
    by_key, by_name = defaultdict(list), defaultdict(list)
    for place in everyone:
        for key in place.keys:
            by_key[key].append(place)
        for name in place.names:
            by_name[name].append(place)
    candidates = [_candidate(result, by_key, by_name, roster) for result in results]
    claims = Counter((one.rows[0].row, one.certain) for one in candidates if len(one.rows) == 1)
    pairs, problems = [], []
    for one in candidates:
        problem = _problem(one, claims)
        if problem:
            problems.append(f"{who(one.result)}: {problem}")
        else:
            pairs.append((one.result, one.rows[0]))
    return pairs, problems


def who(result: Result) -> str:
    """A student as the messages name one."""
    return f"{result.student} ({one_line(result.name, 60)})" if result.name.strip() else result.student


def _candidate(result: Result, by_key, by_name, roster: Roster) -> _Candidate:
    found = {place.row: place for key in roster.keys(result.student) for place in by_key.get(key, ())}
    certain = bool(found)
    if not found:
        found = {place.row: place for form in name_forms(result.name) for place in by_name.get(form, ())}
    return _Candidate(result, tuple(found.values()), certain)


def _problem(one: _Candidate, claims: Counter) -> str:
    if not one.rows:
        return "no row has this id, login, e-mail address or name"
    if len(one.rows) > 1:
        return f"more than one row fits: lines {', '.join(str(place.line) for place in one.rows)}"
    row = one.rows[0].row
    rivals = claims[row, True] - 1 if one.certain else claims[row, True] + claims[row, False] - 1
    return f"line {one.rows[0].line} fits another of these students too" if rivals else ""
