"""`course assign`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def assign(
    to: Annotated[Path, typer.Option(help="The folder to write; it must be new, or empty.")],
    chapters: Annotated[list[int] | None, typer.Argument(help="1 to 10; without any, those of course.yml.")] = None,
    config: Annotated[Path | None, typer.Option(help="Exercises, points, deadline …: a course.yml.")] = None,
    force: Annotated[bool, typer.Option(help="Replace the folder; the old one is kept beside it.")] = False,
    course: Annotated[Path | None, typer.Option(help="The course's folder, if it is not here.")] = None,
):
    """Make a zip for students, and a folder with the hidden cases and the rubric for you.

    Examples
    --------
      course assign 3 4 --to week2

      course assign 3 4 --to week2 --config course.yml

    Hand out week2/student.zip. Keep week2/instructor: `course grade` needs it.
    """
    from .assign import Refused
    from .assign import assign as write
    from .config import Config, ConfigProblem, load, located
    from .decoding import Problem
    from .exercises import ExerciseProblem
    from .files import FileProblem
    from .plan import course_root, make_plan

    try:
        loaded, tree = load(config) if config else (Config(), None)
        plan = make_plan(_chapters(chapters, loaded), loaded, course_root(course), config.parent if config else Path())
        made = write(plan, to, force)
    except Problem as problem:
        raise SystemExit(f"course assign: {located(problem, config, tree) if tree else problem}") from None
    except (Refused, ConfigProblem, ExerciseProblem, FileProblem) as reason:
        raise SystemExit(f"course assign: {reason}") from None
    except OSError as error:
        raise SystemExit(f"course assign: {error.filename}: {error.strerror}") from None
    _say(plan, made)


def _chapters(given: list[int] | None, config) -> tuple[int, ...]:
    """Those of the command, else those of course.yml."""
    from .config import check_chapter
    from .decoding import Problem

    chosen = tuple(given or config.chapters or ())
    if not chosen:
        raise Problem((), "name the chapters: course assign 3 4 --to week2")
    for chapter in chosen:
        check_chapter(chapter, ())
        if config.chapters and chapter not in config.chapters:
            raise Problem(("chapters",), f"chapter {chapter} is not among them")
    return chosen


def _say(plan, made) -> None:
    """What was made, in a table, and what to do with it."""
    from rich.console import Console
    from rich.table import Table

    table = Table("item", "title", "points", title=made.release.title)
    table.columns[2].justify = "right"
    for item in made.release.items:
        table.add_row(item.id, item.title, f"{item.points:g}")
    console = Console(highlight=False, markup=False)
    console.print(table)
    deadline = made.release.deadline
    console.print(f"Deadline: {deadline}" if deadline else "No deadline.")
    for note in plan.notes():
        console.print(f"Note: {note}")
    if made.before:
        console.print(f"What was in {made.out} is now in {made.before}.")
    console.print("Checked: model answers pass on the hidden cases, each listed mistake gets its diagnosis, the empty "
                  "notebook counts as not attempted, and no answer is in the zip.")
    console.print(f"For students: {made.out / 'student.zip'}")
    console.print(f"For you alone: {made.out / 'instructor'}")
