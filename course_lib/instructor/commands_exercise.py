"""`course new-exercise`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new_exercise(
    id: Annotated[str, typer.Argument(help="chapter.name; 3.1v stands beside exercise 3.1 in the notebook.")],
    function: Annotated[str, typer.Argument(help="The name of the function that students write.")],
    to: Annotated[Path, typer.Option(help="Your folder of exercises.")] = Path("exercises"),
    title: Annotated[str, typer.Option(help="A few words.")] = "An exercise of my own",
):
    """Write an exercise to fill in, and its test. The test fails until everything is there, and says what is not.

    Examples
    --------
      course new-exercise 3.1v clip_outliers --to my-exercises --title "Clip outliers"

      pytest my-exercises

    To assign it: `private: my-exercises` and its id under `exercises:` in course.yml.
    """
    from .scaffold import BadName, write

    try:
        exercise, test = write(to, id, function, title)
    except (BadName, FileExistsError) as reason:
        raise SystemExit(f"course new-exercise: {reason}") from None
    except OSError as error:
        raise SystemExit(f"course new-exercise: {error.filename}: {error.strerror}") from None
    typer.echo(f"Fill in {exercise}; {test} says what is missing: pytest {test}")
