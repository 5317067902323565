"""The page docs/COURSE.md: per chapter its aims, minutes, exercises, widgets, data sets and claims by verdict."""

import re
from collections import Counter
from pathlib import Path

import nbformat

from course_lib import claims, widgets
from course_lib.checks import exercises
from course_lib.data.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[1]
WORDS_PER_MINUTE, MINUTES_PER_CELL = 120, 0.75  # slow reading in a second language; running and looking at a cell
HEAD = """# The course, chapter by chapter

Written by `make docs`; a test fails when it is out of date. Reading time is counted: {words} words of
prose a minute and {cell} minutes for each code cell. Exercise time is the sum of the minutes that the exercises state.

| # | chapter | reading | exercises | minutes for them | widgets | claims |
|--:|---|--:|--:|--:|---|--:|
"""


def notebooks() -> list:
    """The chapters' notebooks, in order."""
    return [nbformat.read(path, as_version=4) for path in sorted((ROOT / "chapters").glob("*.ipynb"))]


def aims(nb) -> list[str]:
    """The bullets after "you can" in the first cell."""
    bullets = nb.cells[0].source.partition("you can")[2].partition("\n**")[0]
    return [" ".join(item.split()).rstrip(";. ") for item in re.split(r"\n- ", bullets)[1:]]


def reading_minutes(nb) -> int:
    """Minutes to read and run the chapter, to the next five."""
    words = sum(len(cell.source.split()) for cell in nb.cells if cell.cell_type == "markdown")
    cells = sum(cell.cell_type == "code" for cell in nb.cells)
    return 5 * round((words / WORDS_PER_MINUTE + MINUTES_PER_CELL * cells) / 5)


def code(nb) -> str:
    """All code of the chapter."""
    return "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")


def used_widgets(nb) -> list[str]:
    """The widgets that a cell makes."""
    made = re.findall(r"\b([A-Z]\w+)\(", code(nb))
    return [name for name in widgets.__all__ if name in made and name != "Lab"]


def used_data(nb) -> list[str]:
    """The data sets of docs/DATA.md that a cell loads or names."""
    text = code(nb)
    names = dict.fromkeys(entry.source.name for entry in CATALOGUE)
    return [name for name in names if re.search(rf"\b{name}\(", text)]


def markdown() -> str:
    """Return the page."""
    books = notebooks()
    head = HEAD.format(words=WORDS_PER_MINUTE, cell=MINUTES_PER_CELL)
    return head + "".join(map(_row, books)) + "".join(map(_section, books))


def _row(nb) -> str:
    number, tasks = nb.metadata.course["chapter"], _exercises(nb)
    cells = (number, _link(nb), reading_minutes(nb), len(tasks), sum(task.minutes for task in tasks),
             ", ".join(used_widgets(nb)) or "figures only", len(claims.load(number)))  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |\n"


def _section(nb) -> str:
    number = nb.metadata.course["chapter"]
    verdicts = Counter(claim.verdict for claim in claims.load(number))
    counted = ", ".join(f"{verdicts[v]} {v}" for v in claims.VERDICTS if verdicts[v])
    lines = [
        "", f"## {number}. {nb.metadata.course['title']}", "", "You can afterwards", "",
        *(f"- {aim}" for aim in aims(nb)), "",
        f"Exercises: {'; '.join(f'{task.id} {task.title} ({task.minutes} min)' for task in _exercises(nb))}.", "",
        f"Data: {', '.join(used_data(nb)) or 'made in the chapter'}. Claims decided: {counted}.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _exercises(nb):
    return [task for task in exercises().values() if task.chapter == nb.metadata.course["chapter"]]


def _link(nb) -> str:
    number = nb.metadata.course["chapter"]
    name = next((ROOT / "chapters").glob(f"{number:02d}_*.ipynb")).name
    return f"[{nb.metadata.course['title']}](../chapters/{name})"
