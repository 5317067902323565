"""One student's score in words: the case that decided, what was expected, and what the difference means."""

from __future__ import annotations

from collections.abc import Iterator

from .files import FileProblem, ItemResult, Release, Result
from .foreign import clean, one_line
from .lms import folded, name_forms
from .summary import pseudonyms


def find_student(release: Release, results: list[Result], wanted: str) -> Result:
    """The one student with this id, this code of the report, or this name. Raises FileProblem."""
    codes = pseudonyms(release, (result.student for result in results))
    tests = (lambda one: one.student == wanted, lambda one: folded(one.student) == folded(wanted),
             lambda one: codes[one.student] == wanted.strip().upper(),
             lambda one: bool(name_forms(wanted) & name_forms(one.name)))  # fmt: skip
    for test in tests:
        found = [result for result in results if test(result)]
        if len(found) == 1:
            return found[0]
        if found:
            raise FileProblem(f"{wanted!r} is {len(found)} students: {', '.join(one.student for one in found)}")
    raise FileProblem(f"no student {wanted!r} in the results; there are {_some([one.student for one in results])}")


def explained(release: Release, result: Result, item: str | None) -> Iterator[str]:
    """The lines to print. Raises FileProblem where there is no such item."""
    known = [one.id for one in release.items]
    if item is not None and item not in known:
        raise FileProblem(f"no item {item!r} in the assignment; there are {', '.join(known)}")
    return _lines(release, result, item)


def _lines(release: Release, result: Result, item: str | None) -> Iterator[str]:
    yield f"{result.student} {one_line(result.name, 60)}: {result.status}".replace(" :", ":")
    if result.why:
        yield f"  {one_line(result.why, 400)}"
    titles = {one.id: one.title for one in release.items}
    for answer in result.items:
        if item in (None, answer.id):
            yield ""
            yield from _item(answer, titles[answer.id], whole=item is not None)
    if item is None:
        yield from _total(result)
    elif item not in [answer.id for answer in result.items]:
        yield f"  There is no answer to {item} in this submission."


def _item(answer: ItemResult, title: str, whole: bool) -> Iterator[str]:
    score = "no score yet" if answer.score is None else f"{answer.score:g} of {answer.points:g}"
    cases = f", {answer.right} of {answer.total} cases right" if answer.total else ""
    yield f"{answer.id} {title}: {answer.status}, {score}{cases}"
    if answer.by_hand:
        yield f"  marked by hand: {one_line(answer.message, 1200) or 'no comment'}"
    elif answer.diagnosis or answer.message:
        label = f"{answer.diagnosis}: " if answer.diagnosis else ""
        yield f"  {label}{one_line(answer.message, 1200)}"
    if answer.case:
        for name, text in (("input", answer.case.input), ("it gives", answer.case.got),
                           ("expected", answer.case.expected)):  # fmt: skip
            yield f"  {name + ':':10}{_indented(text, 12)}"
    if whole:
        yield f"  checked in {answer.seconds:.2f} s" + ("" if answer.hints is None else f", {answer.hints} hints")
        yield f"  the answer:\n    {_indented(answer.source, 4)}"


def _total(result: Result) -> Iterator[str]:
    yield ""
    late = f", {result.late_days} days late: {result.penalty:g} taken off" if result.late_days else ""
    yield f"total: {'none yet' if result.total is None else f'{result.total:g}'}{late}"
    yield from (f"  restored: {one_line(change, 300)}" for change in result.changes)


def _indented(text: str, by: int) -> str:
    return clean(text).strip("\n").replace("\n", "\n" + " " * by)


def _some(names: list[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
