"""docs/SYSTEMS.md: every system that an article describes, what it does as printed, and what ours does.

The figures are whole lines that a cell of the chapter prints, taken from the notebook's stored outputs, which CI
compares with what the code gives. ``python -m tools.pages SYSTEMS`` writes the page.
"""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
_ROOT = files("course_lib.claims") / "systems"


@dataclass(frozen=True)
class System:
    """One system: what was printed, what that does when it is run, what ours does and where.

    ``figure`` holds the beginnings of the printed lines that carry its figures, and ids of claims whose evidence the
    chapter's last table shows.
    """

    name: str
    chapter: int
    printed: str
    as_printed: str
    ours: str
    section: str
    modules: tuple[str, ...]
    figure: tuple[str, ...]


@cache
def systems() -> tuple[System, ...]:
    """Every system, in the order of the chapters."""
    found = []
    for file in sorted((f for f in _ROOT.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name):
        chapter = int(file.name.removeprefix("chapter").removesuffix(".toml"))
        for name, row in tomllib.loads(file.read_text("utf-8")).items():
            row = row | {"modules": tuple(row["modules"]), "figure": tuple(row["figure"])}
            found.append(System(name, chapter, **row))
    return tuple(found)


def figures(system: System) -> list[str]:
    """Return the lines of the chapter's stored outputs that carry the system's figures.

    Raises
    ------
    ValueError
        If a beginning fits no line, or several different ones.
    """
    lines = _printed(system.chapter)
    found = []
    for start in system.figure:
        fitting = sorted({line for line in lines if line.startswith(start)})
        if len(fitting) != 1:
            raise ValueError(f"{system.name}: {len(fitting)} printed lines of chapter {system.chapter} begin {start!r}")
        found.append(fitting[0].rpartition(" | ")[2])  # of a table's row, the evidence
    return found


def notebook(chapter: int) -> Path:
    """The chapter's notebook."""
    return next(iter(CHAPTERS.glob(f"{chapter:02d}_*.ipynb")))


@cache
def _printed(chapter: int) -> list[str]:
    """Every line that the chapter's cells print."""
    cells = json.loads(notebook(chapter).read_text("utf-8"))["cells"]
    outputs = (output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"])
    texts = ("".join(o.get("text") or o.get("data", {}).get("text/plain", "")) for o in outputs)
    return [line.strip() for text in texts for line in text.splitlines()]


def markdown() -> str:
    """Return the page."""
    return "\n".join([*_head(), *map(_row, systems())]) + "\n"


def _head():
    yield from (
        "# The systems that the articles describe",
        "",
        "Written by `make docs`. Each line of figures is what a cell of the chapter prints; the",
        "tests run the chapters and compare. The models are small, and trained.",
        "",
        f"{len(systems())} systems.",
        "",
        "| system | what was printed | run as printed | ours | its figures | where |",
        "|---|---|---|---|---|---|",
    )


def _row(s: System) -> str:
    lines = " ".join(f"`{line.replace('`', '')}`" for line in figures(s))
    code = ", ".join(f"[{Path(m).name}](../{m})" for m in s.modules)
    where = f"[chapter {s.chapter}](../chapters/{notebook(s.chapter).name}), {s.section}; {code}"
    cells = (s.name, s.printed, s.as_printed, s.ours, lines, where)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
