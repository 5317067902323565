"""Written answers in a run of `course grade`: marks that somebody entered come in, then the list is renewed."""

from __future__ import annotations

from pathlib import Path

from .files import FileProblem, Release
from .folder import Folder
from .scoring import late_share
from .written import load_written, save_written, with_marks


def take_and_give(folder: Folder, release: Release, given: Path | None) -> str:
    """Take marks from ``given`` (else the folder's written.csv), write the list anew; what to tell about it.

    A list of ours that cannot be read is somebody's work: it stays, and the new one gets another name. Raises
    FileProblem for a list that was named.
    """
    if not any(item.kind == "written" for item in release.items):
        return ""
    ours = folder.path / "written.csv"
    if given is not None:
        _take(folder, release, given)
    target, said = ours, ""
    if ours.exists() and (given is None or given.resolve() != ours.resolve()):
        try:
            _take(folder, release, ours)
        except FileProblem as problem:
            target, said = ours.with_name("written-new.csv"), f" (written.csv was left as it is: {problem})"
    count = save_written(target, release, folder.load().values())
    return f", {target.name} with {count} written answers{said}"


def _take(folder: Folder, release: Release, path: Path) -> None:
    results = folder.load()
    marks = load_written(path, release, results.values())
    for student in {student for student, _ in marks}:
        result = results[student]
        marked = with_marks(result, marks, late_share(release, result.late_days))
        if marked != result:
            marked.save(folder.result(student))
