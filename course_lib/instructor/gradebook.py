"""The marks as nbgrader's gradebook: an SQLite file that its tools, and any SQL, can read.

It is made from the results: a copy is changed and put in place of the old one, so that there is always a whole one.
Scores that somebody entered by hand in nbgrader (manual_score, extra_credit) stay. In nbgrader a missing score counts
as 0 in sums; whether there is one stands in ``needs_manual_grade``, and in the results.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterable
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from . import scoring
from .files import Item, ItemResult, Notebook, Release, Result

INSTALL = "pip install 'course-lib[instructor]'"
HELD = ("graded", "needs-hand")


@contextmanager
def opened(path: Path):
    """nbgrader's Gradebook on a file. Raises ImportError naming the extra."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from nbgrader import api
    except ImportError as error:
        raise ImportError(f"nbgrader is not installed ({error.name}); install it: {INSTALL}") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy about nbgrader's own queries
        api.get_alembic_version = _schema
        book = api.Gradebook(f"sqlite:///{path}", course_id="course")
        try:
            yield book
        finally:
            book.close()
            book.engine.dispose()


def _schema() -> str:
    """The version of its tables. It would start `alembic` by name for that, which is slow, and often not found."""
    import nbgrader
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head()


def write(path: Path, release: Release, results: Iterable[Result]) -> None:
    """Bring the gradebook up to date, in one step that a reader never sees the middle of."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        if path.exists():
            shutil.copy2(path, name)
        with opened(Path(name)) as book:
            _assignment(book, release)
            for result in results:
                _result(book, release, result)
            book.db.commit()
        with open(name, "rb") as file:
            os.fsync(file.fileno())
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _items(release: Release, notebook: Notebook) -> list[Item]:
    asked = {cell.item for cell in notebook.cells if cell.item}
    return [item for item in release.items if item.id in asked]


def _assignment(book, release: Release) -> None:
    due = datetime.fromisoformat(release.deadline).astimezone(UTC).replace(tzinfo=None) if release.deadline \
        else None
    book.update_or_create_assignment(release.slug, duedate=due)
    for notebook in release.notebooks:
        name = Path(notebook.file).stem
        book.update_or_create_notebook(name, release.slug)
        for item in _items(release, notebook):
            kind = "code" if item.kind == "code" else "markdown"
            book.update_or_create_grade_cell(item.id, name, release.slug, max_score=item.points, cell_type=kind)
            book.update_or_create_solution_cell(item.id, name, release.slug)


def _result(book, release: Release, result: Result) -> None:
    from nbgrader.api import MissingEntry

    first, _, last = result.name.rpartition(" ")
    book.update_or_create_student(result.student, first_name=first, last_name=last)
    if result.status not in HELD or not result.items:
        with suppress(MissingEntry):
            book.remove_submission(release.slug, result.student)
        return
    when = datetime.fromisoformat(result.submitted).astimezone(UTC).isoformat() if result.submitted else None
    submission = book.update_or_create_submission(release.slug, result.student, timestamp=when)
    by_id = {item.id: item for item in result.items}
    share = scoring.late_share(release, result.late_days)
    for notebook in submission.notebooks:
        asked = [by_id[grade.name] for grade in notebook.grades if grade.name in by_id]
        notebook.late_submission_penalty = share * sum(item.score or 0.0 for item in asked)
        for grade in notebook.grades:
            _grade(grade, by_id.get(grade.name))
        for comment in notebook.comments:
            if comment.name in by_id:
                comment.auto_comment = by_id[comment.name].message


def _grade(grade, item: ItemResult | None) -> None:
    if item is None:
        return
    grade.auto_score = item.score
    grade.needs_manual_grade = item.score is None and grade.manual_score is None
