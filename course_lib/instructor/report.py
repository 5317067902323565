"""The class report: one HTML page that needs nothing else, and a CSV of every item of every student."""

from __future__ import annotations

import csv
import hashlib
import inspect
import io
from base64 import b64encode
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from .exercises import ExerciseProblem, exercise_of
from .files import Item, Release, Result
from .foreign import clean, for_cell, one_line
from .summary import BINS, ItemSummary, Summary

WIDTH, HEIGHT, FOOT, TOP = 640, 200, 34, 22  # of the drawing of the scores


def page(summary: Summary, names: bool) -> str:
    """The report as HTML. Everything of a student's is escaped, and the page may load and run nothing."""
    look = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                              finalize=lambda value: clean(value) if type(value) is str else value)  # fmt: skip
    environment.filters |= {"number": number, "short": one_line, "names": lambda pair: _both(pair, summary, names)}
    template = environment.from_string(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))
    policy = b64encode(hashlib.sha256(look.encode()).digest()).decode()
    return template.render(summary=summary, release=summary.release, names=names, look=Markup(look), policy=policy,
                           bars=_bars(summary.bins), box=(WIDTH, HEIGHT, FOOT), slowest=_top(summary, "seconds"),
                           hinted=_top(summary, "hints"), waiting=_waiting(summary), odd=_odd(summary),
                           who=_who)  # fmt: skip


def table(summary: Summary) -> bytes:
    """The CSV: a line for each item of each student, and one for each submission that has none."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["student", "name", "status", "why", "late_days", "penalty", "total", "item", "item_status",
                     "score", "points", "diagnosis", "message", "right", "cases", "seconds", "hints"])  # fmt: skip
    for result in summary.students:
        start = [result.student, result.name, result.status, result.why, result.late_days, result.penalty, result.total]
        for item in result.items:
            row = [*start, item.id, item.status, item.score, item.points, item.diagnosis, item.message, item.right,
                   item.total, round(item.seconds, 3), item.hints]  # fmt: skip
            writer.writerow([for_cell(cell) if type(cell) is str else cell for cell in row])
        if not result.items:
            writer.writerow([for_cell(cell) if type(cell) is str else cell for cell in start])
    return file.getvalue().encode("utf-8-sig")


def given(item: Item, release: Release, path: Path) -> list[str]:
    """What anybody may have come to alone: the cell as handed out, the model answer, the listed mistakes."""
    handed = [cell.source for notebook in release.notebooks for cell in notebook.cells if cell.item == item.id]
    if item.kind == "written":
        return handed
    try:
        exercise = exercise_of(item, path)
        wrong = [one.wrong for one in exercise.mistakes if callable(one.wrong) and one.wrong.__name__ != "<lambda>"]
        return [*handed, exercise.source, *(inspect.cleandoc("\n" + inspect.getsource(one)) for one in wrong)]
    except (ExerciseProblem, OSError):
        return handed


def number(value: float | None, digits: int = 2) -> str:
    """A number without trailing zeros, "–" for none."""
    return "–" if value is None else f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def _bars(bins: tuple[int, ...]) -> list[dict]:
    """Where each bar of the scores is drawn."""
    step, most = WIDTH / BINS, max(bins) or 1
    heights = [(HEIGHT - FOOT - TOP) * count / most for count in bins]
    return [{"x": round(i * step + 4, 1), "y": round(HEIGHT - FOOT - tall, 1), "width": round(step - 8, 1),
             "height": round(tall, 1), "left": round(i * step, 1), "middle": round((i + 0.5) * step, 1),
             "count": count, "low": 100 * i // BINS, "high": 100 * (i + 1) // BINS}
            for i, (count, tall) in enumerate(zip(bins, heights, strict=True))]  # fmt: skip


def _top(summary: Summary, field: str, most: int = 5) -> list[ItemSummary]:
    """The items with the most of something."""
    there = [item for item in summary.items if getattr(item, field)]
    return sorted(there, key=lambda item: -getattr(item, field))[:most]


def _waiting(summary: Summary) -> int:
    return sum(item.status == "needs-hand" for result in summary.students for item in result.items)


def _odd(summary: Summary) -> list[Result]:
    """Without a total, and not only because answers in words are to be read."""
    written = {item.id for item in summary.release.items if item.kind == "written"}
    return [result for result in summary.students if result.status != "graded" and not (
        result.items and all(item.id in written for item in result.items if item.score is None))]


def _who(result: Result) -> str:
    return f"{result.name} ({result.student})" if result.name.strip() else result.student


def _both(pair, summary: Summary, names: bool) -> str:
    shown = {result.student: _who(result) for result in summary.students}
    return f"{shown[pair.a]} and {shown[pair.b]}"
