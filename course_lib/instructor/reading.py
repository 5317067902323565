"""Marks by hand in a run of `course grade`: what somebody entered comes in, then the list is renewed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .files import FileProblem, Release, Result
from .folder import Folder
from .scoring import late_share
from .written import Marks, given, load_written, save_written, with_marks


def take_and_give(folder: Folder, release: Release, file: Path | None, before: Iterable[Result]) -> str:
    """Take marks from the folder's written.csv, then from ``file``; write the list anew; what to tell about it.

    ``before`` are the results before this run. A list of ours that cannot be read is somebody's work: it stays, and
    the new one gets another name. Raises FileProblem for a list that was named.
    """
    ours, before = folder.path / "written.csv", list(before)
    marks, target, problem = {}, ours, ""
    had = given(folder.load().values())
    if ours.exists() and (file is None or file.resolve() != ours.resolve()):
        try:
            marks |= _take(folder, release, ours, before)
        except FileProblem as reason:
            target, problem = ours.with_name("written-new.csv"), f" (written.csv was left as it is: {reason})"
    if file is not None:
        marks |= _take(folder, release, file, before)
    results = folder.load().values()
    count = save_written(target, results, marks)
    return f", {target.name} with {count} answers to mark by hand{_changes(had, given(results))}{problem}"


def _take(folder: Folder, release: Release, path: Path, before: Iterable[Result]) -> Marks:
    results = folder.load()
    marks = load_written(path, release, results.values(), before)
    for student in {student for student, _ in marks}:
        result = results[student]
        marked = with_marks(result, marks, late_share(release, result.late_days))
        if marked != result:
            marked.save(folder.result(student))
    return marks


def _changes(before: Marks, after: Marks) -> str:
    """How many marks came in, and how many were taken out of the file."""
    new, gone = sum(before.get(key) != mark for key, mark in after.items()), len(before.keys() - after.keys())
    said = [f"{new} marks came in"] * bool(new) + [f"{gone} taken back"] * bool(gone)
    return f" ({', '.join(said)})" if said else ""
