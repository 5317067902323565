"""Notebooks as text: what a change looks like to git, and what running cells out of order does."""

import base64
import difflib
import json


def notebook(cells: list[tuple[str, list[str], bytes]]) -> str:
    """The .ipynb text of code cells; each is (source, printed lines, PNG bytes or b"")."""
    return json.dumps({"cells": [_cell(n, *cell) for n, cell in enumerate(cells, 1)], "metadata": {}, "nbformat": 4,
                       "nbformat_minor": 5}, indent=1) + "\n"  # fmt: skip


def _cell(number, source, printed, png):
    outputs = [{"name": "stdout", "output_type": "stream", "text": [line + "\n" for line in printed]}]
    if png:
        image = {"image/png": base64.b64encode(png).decode()}
        outputs.append({"data": image, "metadata": {}, "output_type": "display_data"})
    return {"cell_type": "code", "execution_count": number, "id": f"cell-{number}", "metadata": {}, "outputs": outputs,
            "source": source.splitlines(keepends=True)}  # fmt: skip


def percent_text(cells: list[tuple[str, list[str], bytes]]) -> str:
    """The same cells as py:percent text: sources only."""
    return "\n\n".join(f"# %%\n{source}" for source, *_ in cells) + "\n"


def changed(before: str, after: str) -> list[str]:
    """The lines that a diff marks with - or +."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def run_cells(sources: list[str], order) -> dict:
    """Run cells in one namespace, in the given order, as a kernel does; the variables at the end."""
    names: dict = {}
    for i in order:
        exec(compile(sources[i], f"cell {i + 1}", "exec"), names)  # the caller's own cells
    return {name: value for name, value in names.items() if not name.startswith("__")}
