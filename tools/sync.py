"""Derive the chapters' notebooks from their text, or check that the two agree.

    python -m tools.sync              write NN.ipynb from NN.py, running those whose code changed
    python -m tools.sync --all 04     run chapter 4 whether or not it changed
    python -m tools.sync --check      say which cell of which chapter differs; write nothing

The text (py:percent) is the source. Cell ids survive a sync; outputs are those of a run from top to bottom in a
fresh kernel, in the notebook's folder, with the variables of tools/kernels.py. The stored kernelspec is python3:
every Jupyter has one, and within .venv it is .venv's own.
"""

import argparse
import os
import sys
import tempfile
from difflib import SequenceMatcher
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from tools import kernels, notebooks

CHAPTERS = Path(__file__).resolve().parent.parent / "chapters"
CELL_TIMEOUT = 120


class SyncError(Exception):
    """A chapter that cannot be stored; the message names the chapter and the cell."""


def read_text(path: Path):
    """Read a chapter's text as a notebook without outputs."""
    nb = jupytext.read(path, fmt="py:percent")
    nb.metadata.pop("jupytext", None)
    return nb


def read_stored(path: Path):
    """Read the stored notebook as it is (no repairs), or an empty one if there is none yet."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8")) if path.exists() else nbformat.v4.new_notebook()


def code(nb) -> list[tuple]:
    return [notebooks.key(cell) for cell in nb.cells if cell.cell_type == "code"]


def execute(nb, path: Path) -> None:
    """Run all cells in a fresh kernel."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            nb,
            kernel_name="python3",
            timeout=CELL_TIMEOUT,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(path.parent)}},
        )
        try:
            client.execute(env={**os.environ, **kernels.environment(folder)})
        except (CellExecutionError, CellTimeoutError) as error:
            number = max(n for n, cell in enumerate(nb.cells, 1) if cell.get("execution_count") or n == 1)
            raise SyncError(f"{path.stem}: cell {number} failed\n{error}") from None


def write(nb, path: Path) -> bool:
    """Write the notebook in one step, so that no reader sees half of it; return whether it changed."""
    content = nbformat.writes(nb) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return False
    temporary = path.with_suffix(".ipynb.tmp")
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(path)
    return True


def sync(text: Path, always: bool = False) -> str:
    """Bring one notebook up to date and return what was done, in a word."""
    path = text.with_suffix(".ipynb")
    nb, stored = read_text(text), read_stored(path)
    notebooks.carry_over(nb.cells, stored.cells)
    notebooks.name_cells(nb.cells, text.stem)
    run = always or code(nb) != code(stored) or bool(notebooks.problems(stored))
    if run:
        execute(nb, path)
    notebooks.tidy(nb)
    if found := notebooks.problems(nb):
        raise SyncError("\n".join(f"{text.stem}: {problem}" for problem in found))
    changed = write(nb, path)
    return ("run, " if run else "") + ("written" if changed else "unchanged")


def differences(text: Path) -> list[str]:
    """Compare a chapter's text with its notebook, cell by cell."""
    path = text.with_suffix(".ipynb")
    if not path.exists():
        return ["has no notebook"]
    nb, stored = read_text(text), read_stored(path)
    matcher = SequenceMatcher(None, *([notebooks.key(c) for c in n.cells] for n in (nb, stored)), autojunk=False)
    found = [describe(nb, stored, opcode) for opcode in matcher.get_opcodes() if opcode[0] != "equal"]
    if nb.metadata.get("course") != stored.metadata.get("course"):
        found.append("the front matter (course: …) differs")
    return found + notebooks.problems(stored)


def describe(nb, stored, opcode) -> str:
    """Name the first cell of a difference, with the first line in which the two sides differ."""
    kind, i, _, j, _ = opcode
    if kind == "insert":
        return f"cell {j + 1} of the notebook is not in the text: {first_line(stored.cells[j].source)}"
    if kind == "delete":
        return f"cell {i + 1} of the text is not in the notebook: {first_line(nb.cells[i].source)}"
    old, new = nb.cells[i], stored.cells[j]
    lines = zip(old.source.splitlines() + [""], new.source.splitlines() + [""], strict=False)
    a, b = next(((a, b) for a, b in lines if a != b), (notebooks.key(old)[::2], notebooks.key(new)[::2]))
    return f"cell {i + 1} ({old.cell_type}) differs: the text has {a!r}, the notebook {b!r}"


def first_line(source: str) -> str:
    return repr(source.split("\n", 1)[0])


def check(texts: list[Path]) -> int:
    """Print every difference and return how many there are."""
    count = 0
    for text in texts:
        for line in differences(text):
            print(f"{text.stem}: {line}")
            count += 1
    print(f"check-sync: {len(texts)} chapter(s), {count} difference(s)" + ("; run make sync" if count else ""))
    return count


def orphans(folder: Path) -> list[Path]:
    """Notebooks without a text."""
    return [p for p in sorted(folder.glob("*.ipynb")) if not p.with_suffix(".py").exists()]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="chapters, by the start of their name (default: all)")
    parser.add_argument("--all", action="store_true", help="run notebooks whether or not their code changed")
    parser.add_argument("--check", action="store_true", help="compare only")
    parser.add_argument("--chapters", type=Path, default=CHAPTERS, help="folder (default: chapters/)")
    args = parser.parse_args(argv)
    texts = [p for p in sorted(args.chapters.glob("[0-9]*.py")) if p.stem.startswith(tuple(args.names) or "")]
    if args.names and not texts:
        parser.error(f"no chapter starts with {' or '.join(args.names)}")
    if stray := orphans(args.chapters):
        print("\n".join(f"{p.stem}: notebook without a text" for p in stray))
        return 1
    if args.check:
        return min(check(texts), 1)
    try:
        for text in texts:
            print(f"{text.stem}: {sync(text, args.all)}", flush=True)
    except SyncError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
