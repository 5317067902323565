"""`course export`, `course report`, `course explain`: marks for the LMS, a page on the class, a score explained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..checks.store import Damaged, Unusable, read_json
from .explain import explained, find_student
from .export import Filled, written
from .export import export as fill_in
from .files import FileProblem, Release, Result
from .foreign import one_line

MAX_RESULTS = 5_000
Grades = Annotated[Path, typer.Argument(help="The folder that `course grade` wrote.", show_default=True)]
ReleaseFile = Annotated[Path, typer.Option("--release", help="The release that `course assign` wrote.")]
GRADES, RELEASE = Path("grades"), Path("out/instructor/release.json")


def export(
    grades: Grades = GRADES,
    template: Annotated[Path, typer.Option(help="The gradebook as the LMS exported it (CSV).")] = Path("canvas.csv"),
    release: ReleaseFile = RELEASE,
    column: Annotated[str, typer.Option(help="The column's name, or a beginning that only it has; "
                                             "without it, the assignment's title.")] = "",
    to: Annotated[Path | None, typer.Option(help="The new file; without it, TEMPLATE-filled.csv.")] = None,
    roster: Annotated[Path | None, typer.Option(help="The roster, where only it knows logins or addresses.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Write what is certain, leave the rest.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace marks that are there already.")] = False,
    encoding: Annotated[str | None, typer.Option(help="Of the template, if not UTF-8: gb18030, cp1252.")] = None,
):
    """Fill one column of the LMS's own gradebook file; everything else in it stays as it is.

    Without a total there is a blank, never a 0. Somebody who is not found, or found twice, is listed, and nothing is
    written unless --partial.

    Example: course export grades --template canvas.csv --column "Week 2"
    """
    handed_out, results = _load(grades, release)
    to = to or template.with_name(f"{template.stem}-filled.csv")
    filled = _or_exit(fill_in, handed_out, results, template, to, column=column or handed_out.title, roster=roster,
                      partial=partial, overwrite=overwrite, encoding=encoding)  # fmt: skip
    _say_filled(filled, to, partial)
    if filled.problems and not partial:
        raise typer.Exit(1)


def report(
    grades: Grades = GRADES,
    release: ReleaseFile = RELEASE,
    to: Annotated[Path, typer.Option(help="The folder for report.html and report.csv.")] = Path("report"),
    names: Annotated[bool, typer.Option("--names", help="Names and ids, not codes. Mind who sees it.")] = False,
):
    """Write a page on the class: scores, what to explain again, slow exercises, answers that are alike.

    The page is one file that loads and runs nothing; the CSV has every item of every student.

    Example: course report grades --to report
    """
    from .csvfile import save_whole
    from .report import given, page, table
    from .summary import anonymous, summarise

    handed_out, results = _load(grades, release)
    summary = summarise(handed_out, results, lambda item: given(item, handed_out, release), _absent(grades))
    shown = summary if names else anonymous(summary)
    _or_exit(_make_folder, to)
    _or_exit(save_whole, to / "report.html", page(shown, names).encode())
    _or_exit(save_whole, to / "report.csv", table(shown))
    counts = ", ".join(f"{count} {status}" for status, count in summary.statuses.items() if count)
    print_plain(f"{to / 'report.html'} and report.csv: {len(results)} students ({counts or 'none'}), "
                f"{'with names' if names else 'codes instead of names'}.")  # fmt: skip


def explain(
    student: Annotated[str, typer.Argument(help="An id, a name, or a code of the report.")],
    item: Annotated[str | None, typer.Argument(help="An item, such as 3.1; without it, all of them.")] = None,
    grades: Annotated[Path, typer.Option(help="The folder that `course grade` wrote.")] = GRADES,
    release: ReleaseFile = RELEASE,
):
    """Explain a score: which case, what went in, what came out, what was expected, and what that means.

    Examples: course explain u007 3.1   ·   course explain K3QF
    """
    handed_out, results = _load(grades, release)
    found = _or_exit(find_student, handed_out, results, student)
    for line in _or_exit(explained, handed_out, found, item):
        print_plain(line)


def print_plain(text: str, error: bool = False) -> None:
    """One line for a person; nothing in it is taken for markup."""
    Console(stderr=error, soft_wrap=True, highlight=False).print(Text(text))


def _load(grades: Path, release: Path) -> tuple[Release, list[Result]]:
    """The release and every student's result, in the order of their ids."""
    handed_out = _or_exit(Release.load, release)
    paths = sorted((grades / "results").glob("*.json"))
    if not paths:
        raise _stop(f"{grades}/results: there are no results; run `course grade` first, or name its folder")
    if len(paths) > MAX_RESULTS:
        raise _stop(f"{grades}/results: {len(paths):,} files, at most {MAX_RESULTS:,}")
    results = [_or_exit(Result.load, path) for path in paths]
    known = {item.id for item in handed_out.items}
    for path, result in zip(paths, results, strict=True):
        strange = [item.id for item in result.items if item.id not in known]
        if strange:
            raise _stop(f"{path}: item {one_line(strange[0], 40)} is not in {release}; is it another assignment's?")
    return handed_out, results


def _absent(grades: Path) -> int | None:
    """Students on the roster of whom nothing came, as `course grade` noted."""
    try:
        return len(read_json(grades / "collected.json")["nothing handed in"])
    except (OSError, Damaged, Unusable, KeyError, TypeError):
        return None


def _say_filled(filled: Filled, to: Path, partial: bool) -> None:
    for problem in filled.problems:
        print_plain(f"not certain: {problem}", error=True)
    if filled.problems and not partial:
        print_plain(f"Nothing was written: {len(filled.problems)} not certain. Correct the file or the roster, or add "
                    "--partial to leave these out.", error=True)  # fmt: skip
        return
    shown = Table("student", "line", "mark", title=f"{filled.column} in {to}", title_justify="left")
    for result, place in filled.matched:
        shown.add_row(Text(one_line(f"{result.name} {result.student}", 60)), str(place.line), written(result.total))
    Console().print(shown)
    for blank in filled.blanks:
        print_plain(f"blank: {blank}")
    for note in filled.notes:
        print_plain(note)
    print_plain(f"{len(filled.matched) - len(filled.blanks)} marks and {len(filled.blanks)} blanks in {to}.")


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileProblem(f"{path}: {error.strerror or type(error).__name__}") from None


def _or_exit(function, *args, **options):
    """The function's answer; its FileProblem becomes a message and exit status 1."""
    try:
        return function(*args, **options)
    except FileProblem as problem:
        raise _stop(str(problem)) from None


def _stop(message: str) -> typer.Exit:
    print_plain(f"course: {message}", error=True)
    return typer.Exit(1)
