"""What a stored notebook must be like: cell ids, outputs without noise, nothing of the machine that ran it."""

import hashlib
import re
from difflib import SequenceMatcher

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
FIGURES = ("text/html", "image/png", "image/svg+xml")
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
PICTURE = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")
MACHINE_PATH = re.compile(
    r"(?<![\w/:.~-])/(?:home|root|Users|tmp|private|var|work|opt|usr|mnt|srv)/[^\s'\"<>]+|\b[A-Z]:\\+Users\\[^\s'\"<>]+"
)


def key(cell) -> tuple:
    """What the text decides about a cell: its type, its source and its tags."""
    return cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ()))


def carry_over(new: list, old: list) -> None:
    """Give each new cell the id and outputs of the stored cell that it continues.

    Equal cells are matched first; an edited cell keeps the id of the cell that stood in its place.
    """
    for cell in new:
        cell.id = ""
    matcher = SequenceMatcher(None, [key(c) for c in new], [key(c) for c in old], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "insert":
            continue
        for cell, stored in zip(new[i1:i2], old[j1:j2], strict=False):
            if tag == "equal" and cell.cell_type == "code":
                cell.outputs, cell.execution_count = stored.outputs, stored.execution_count
            if cell.cell_type == stored.cell_type:
                cell.id = stored.get("id", "")


def name_cells(cells: list, chapter: str) -> None:
    """Give each cell without an id (or with one already taken) an id that depends on its content alone."""
    taken = set()
    for cell in cells:
        salt = 0
        while not cell.get("id") or cell.id in taken:
            cell.id = hashlib.sha1(repr((chapter, key(cell), salt)).encode()).hexdigest()[:8]
            salt += 1
        taken.add(cell.id)


def tidy(nb) -> None:
    """Remove what differs between two runs: widget state and views, timing, the Python version, tracebacks."""
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            output.get("metadata", {}).pop(WIDGET_VIEW, None)
            data = output.get("data", {})
            if WIDGET_VIEW in data and any(kind in data for kind in FIGURES):
                del data[WIDGET_VIEW]
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]
    nb.metadata.pop("widgets", None)
    nb.metadata.setdefault("kernelspec", KERNELSPEC)
    nb.metadata["language_info"] = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    nb.nbformat, nb.nbformat_minor = 4, 5


def strings(value) -> str:
    """All text within an output, pictures left out."""
    if isinstance(value, dict):
        return "\n".join(strings(v) for v in value.values())
    if isinstance(value, list):
        return "\n".join(strings(v) for v in value)
    return PICTURE.sub("", value) if isinstance(value, str) else ""


def output_problem(output, tags) -> str | None:
    """Say what is wrong with one stored output, or None."""
    data = {k: v for k, v in output.get("data", {}).items() if k not in ("image/png", "image/jpeg")}
    if WIDGET_VIEW in data:
        return "stores a live widget; a static figure (text/html or image/png) is needed in its place"
    if output.output_type == "error" and "raises-exception" not in tags:
        return f"stores an error ({output.ename}) but is not tagged raises-exception"
    if path := MACHINE_PATH.search(strings({**output, "data": data})):
        return f"stores an absolute path of one machine: {path.group()[:80]}"
    return None


def problems(nb) -> list[str]:
    """Return what keeps a notebook from being stored, one line per finding, naming the cell."""
    found = ["the notebook stores widget state"] if "widgets" in nb.metadata else []
    ids = [cell.get("id") for cell in nb.cells]
    count = 0
    for number, cell in enumerate(nb.cells, 1):
        where = f"cell {number}"
        if not ids[number - 1] or ids.count(ids[number - 1]) > 1:
            found.append(f"{where} has {'a duplicate' if ids[number - 1] else 'no'} id")
        if cell.cell_type != "code":
            continue
        count += 1
        if cell.execution_count != count:
            state = "was not executed" if cell.execution_count is None else f"has count {cell.execution_count}"
            found.append(f"{where} {state}; a run from top to bottom gives {count}")
        tags = cell.metadata.get("tags", ())
        found += [f"{where} {p}" for o in cell.outputs if (p := output_problem(o, tags))]
    return found
