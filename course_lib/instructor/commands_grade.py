"""`course grade`: a folder of submissions becomes marks, with a reason for every one."""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from .batch import Class, Order, grade_class
from .files import FileProblem, Release, Result
from .folder import Busy
from .limits import DEFAULT, Limits
from .roster import RosterProblem
from .sandbox import NoSandbox

MAX_LISTED = 20
RELEASE = Path("out/instructor/release.json")


def grade(
    submissions: Annotated[Path, typer.Argument(help="A folder or a zip, as the LMS gave it.")],
    roster: Annotated[Path, typer.Option(help="The class list (CSV from Canvas, Moodle, or id,name).")],
    release: Annotated[Path, typer.Option(help="The release that `course assign` wrote.")] = RELEASE,
    to: Annotated[Path, typer.Option(help="The folder for the marks.")] = Path("grades"),
    jobs: Annotated[int, typer.Option(min=0, max=64, help="Submissions side by side; 0 is one per core.")] = 0,
    times: Annotated[Path | None, typer.Option(help="When each came: a CSV with student,submitted.")] = None,
    written: Annotated[Path | None, typer.Option(help="Marks given by hand; else TO/written.csv.")] = None,
    again: Annotated[list[str] | None, typer.Option(help="A student's id: grade from scratch; 'all' for all.")] = None,
    memory: Annotated[int, typer.Option(min=128, max=65536, help="MB for one submission.")] = DEFAULT.memory_mb,
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="For one call of an answer.")] = DEFAULT.call_seconds,
):
    """Grade submissions: each runs in a sandbox, its answers are checked outside it on hidden inputs.

    Can be stopped and started again: what is finished is kept, and only what changed is graded again. A missing or
    unreadable submission has no mark, never a zero.

    Examples: course grade downloads/ --roster roster.csv   ·   course grade class.zip --roster roster.csv --jobs 4
    """
    limits = Limits(memory_mb=memory, address_mb=max(DEFAULT.address_mb, memory), call_seconds=seconds)
    try:
        order = Order(submissions, release, roster, to, jobs or os.cpu_count() or 1, limits,
                      read_times(times) if times else None, frozenset(again or ()), written)
        if not submissions.exists():
            raise FileProblem(f"{submissions}: there is no such folder or file")
        outcome = _with_bar(order)
    except RosterProblem as problem:
        raise _stop(f"{roster}: {problem}") from None
    except (FileProblem, NoSandbox, Busy, ImportError) as problem:
        raise _stop(str(problem)) from None
    _report(outcome, Release.load(release), to)
    if any(result.status == "failed" for result in outcome.results.values()):
        raise typer.Exit(1)


def read_times(path: Path) -> dict[str, datetime]:
    """student -> when it came, from a CSV with these two columns. Raises FileProblem."""
    found = {}
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if not {"student", "submitted"} <= set(rows.fieldnames or ()):
                raise FileProblem(f"{path}: it needs the columns student and submitted")
            for row in rows:
                found[row["student"].strip()] = datetime.fromisoformat(row["submitted"].strip()).astimezone()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileProblem(f"{path}: {getattr(error, 'strerror', None) or type(error).__name__}") from None
    except (ValueError, AttributeError):
        raise FileProblem(f"{path}, line {rows.line_num}: not a date and time such as 2026-12-04T23:59+08:00") from None
    return found


def _with_bar(order: Order) -> Class:
    last = TextColumn("{task.fields[last]}", markup=False)
    columns = (TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), last)
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, last="")

        def progress(result: Result, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, last=f"{result.student}: {result.status}")

        return grade_class(order, progress)


def _report(outcome: Class, release: Release, to: Path) -> None:
    console, out_of = Console(), sum(item.points for item in release.items)
    table = Table("student", "status", "mark", "why", title=f"{release.title}, out of {out_of:g}", title_justify="left")
    for id, result in sorted(outcome.results.items()):
        mark = "" if result.total is None else f"{result.total:g}"
        table.add_row(*(Text(_line(text)) for text in (f"{id} {result.name}", result.status, mark, _why(result))))
    console.print(table)
    for title, names in (("Whose are these? Not graded", outcome.collection.unknown),
                         ("Could be several students'. Not graded", outcome.collection.ambiguous),
                         ("Nothing handed in", outcome.absent)):  # fmt: skip
        if names:
            more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
            console.print(Text(f"{title}: {'; '.join(map(_line, names[:MAX_LISTED]))}{more}"))
    counts = Counter(result.status for result in outcome.results.values())
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "nobody's"
    console.print(Text(f"{told}. In {_line(str(to))}: gradebook.db, results/{outcome.written}."))
    console.print(Text(f"In the sandbox {outcome.how}."))


def _why(result: Result) -> str:
    if result.why:
        return result.why[:160]
    found = [f"{item.id} {item.diagnosis}" for item in result.items if item.diagnosis]
    late = [f"{result.late_days} days late, -{result.penalty:g}"] if result.penalty else []
    return ", ".join(late + found)[:160]


def _line(text: str) -> str:
    """Text of a stranger's for the terminal: no control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _stop(message: str) -> typer.Exit:
    Console(stderr=True).print(Text(f"course grade: {message}"), soft_wrap=True)
    return typer.Exit(1)
