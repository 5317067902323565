"""What students get: notebooks, READ_ME.md, and assignment.json for the checks."""

from __future__ import annotations

import json

from ..checks.assignment import NAME, describe
from .files import Cell, Notebook
from .plan import Plan
from .student import Book
from .texts import say

EXAMPLES = 6  # cases of a variant that its check knows


def books(plan: Plan) -> dict[str, Book]:
    """Each chapter's student notebook by file name."""
    found = {}
    for chapter in plan.chapters:
        (path,) = (plan.root / "chapters").glob(f"{chapter:02d}_*.ipynb")
        found[path.name] = _book(plan, Book(json.loads(path.read_text(encoding="utf-8")), plan.config.language))
    return found


def _book(plan: Plan, book: Book) -> Book:
    ids = plan.ids(book.chapter)
    book.choose([id for id in ids if id not in plan.own])
    for id in ids:
        if id in plan.own:
            book.add_exercise(plan.exercises[id], plan.assigned[id].points)
    book.add_questions(plan.questions(book.chapter))
    book.put_first(_cover(plan, book.chapter))
    book.hide_outputs()
    return book


def _cover(plan: Plan, chapter: int) -> str:
    """The notebook's first cell: what is asked, what it is worth, until when, and how."""
    language, ids = plan.config.language, plan.ids(chapter)
    rows = [f"| {id} {plan.exercises[id].title} | {plan.assigned[id].points:g} |" for id in ids]
    rows += [f"| {one.id} | {one.points:g} |" for one in plan.questions(chapter)]
    said = {"hints": plan.closed("hints"), "references": plan.closed("references"), "examples": plan.own}
    notes = [say(language, name, ids=", ".join(id for id in ids if id in about))
             for name, about in said.items() if set(about) & set(ids)]
    return "\n\n".join([f"# {plan.config.title}", _dates(plan), "\n".join([say(language, "table"), *rows]),
                        say(language, "how"), " ".join([say(language, "locked"), *notes])])


def _dates(plan: Plan) -> str:
    language, late = plan.config.language, plan.config.late
    if plan.due is None:
        return say(language, "open-end")
    due = say(language, "due", due=f"{plan.due:%Y-%m-%d %H:%M} (UTC{plan.due:%z})")
    return f"{due} {say(language, 'late', per_day=late.per_day, at_most=late.at_most)}" if late else due


def described(name: str, book: Book) -> Notebook:
    """A notebook as release.json keeps it."""
    cells = [(cell, cell["metadata"]["course"]) for cell in book.cells]
    return Notebook(book.chapter, name, tuple(
        Cell(cell["id"], course["kind"], cell["cell_type"], cell["source"], course.get("item"),
             free=course["kind"] == "locked" and cell["metadata"]["editable"])
        for cell, course in cells))


def files(plan: Plan, notebooks: dict[str, Book]) -> dict[str, bytes]:
    """What the zip holds."""
    texts = {name: _json(book.json()) for name, book in notebooks.items()}
    texts["READ_ME.md"] = _readme(plan, list(notebooks))
    texts[NAME] = _json({
        "version": 1, "title": plan.config.title,
        "closed": {name: plan.closed(name) for name in ("hints", "references")},
        "variants": [describe(plan.exercises[id], EXAMPLES, plan.assigned[id].hints) for id in sorted(plan.own)],
    })  # fmt: skip
    return {name: text.encode("utf-8") for name, text in texts.items()}


def _readme(plan: Plan, names: list[str]) -> str:
    language = plan.config.language
    listed = "\n".join(["", "", *(f"- `{name}`" for name in names), f"- {say(language, 'assignment')}"])
    parts = [f"# {plan.config.title}", _dates(plan), say(language, "readme"), say(language, "contents") + listed]
    return "\n\n".join(parts) + "\n"


def _json(data) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
