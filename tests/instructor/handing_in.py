"""The odd ones of the class: each is a description, and a function that turns a diligent submission into it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

from .answers import odd

FORMULA = '=HYPERLINK("http://example.org","marks")<script>alert(1)</script>'


def as_files(notebooks: dict) -> dict[str, bytes]:
    """Notebooks as they lie on a disk."""
    return {name: json.dumps(notebook).encode() for name, notebook in notebooks.items()}


def _right(room, student):
    """Nothing to change."""


def _late(room, student):
    student.late_days = 2


def _empty(room, student):
    for item in room.release.items:
        nothing = replace(student.expected[item.id], status="not-attempted", score=0.0, diagnosis="not-attempted")
        room.answer(student, item, None, nothing)


def _renamed(room, student):
    item = room.code[0]
    room.answer(student, item, odd(room.exercises[item.id], 0), student.expected[item.id])
    room.fill(student)
    files = [*as_files(student.notebooks).values()]
    student.files = room.canvas(student, {f"final ({n}) really.ipynb": content for n, content in enumerate(files)})


def _copied(room, student):
    """Each answer cell stands there twice, the first time unfinished; a formula in the written answers."""
    for item in room.written:
        room.answer(student, item, FORMULA, student.expected[item.id])
    room.fill(student)
    for notebook in student.notebooks.values():
        for cell in [cell for cell in notebook["cells"] if _is_answer(room, cell)]:
            name = next(i.function for i in room.code if room.cells[i.id].id == cell["id"])
            first = cell | {"source": f"def {name}(*args):\n    return 0\n"}
            notebook["cells"].insert(notebook["cells"].index(cell), first)
    student.changed, student.files = True, room.canvas(student, as_files(student.notebooks))


def _locks(room, student):
    """Locked cells rewritten so that every check passes and nothing else runs; sent as one zip."""
    room.fill(student)
    for notebook in student.notebooks.values():
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and not _is_answer(room, cell)]
        code[0]["source"] = "check = lambda *args: print('right')\nnp = None"
        code[-1]["source"] = "raise SystemExit"
        notebook["cells"].remove(code[len(code) // 2])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in as_files(student.notebooks).items():
            archive.writestr(f"my work/{name}", content)
    student.changed, student.files = True, room.canvas(student, {"work.zip": packed.getvalue()})


def _without_ids(room, student):
    item = room.code[0]
    room.answer(student, item, odd(room.exercises[item.id], 1), student.expected[item.id])
    room.fill(student)
    for notebook in student.notebooks.values():
        notebook["nbformat_minor"] = 4
        for cell in notebook["cells"]:
            del cell["id"]
    student.files = room.canvas(student, as_files(student.notebooks))


def _broken(room, student):
    room.fill(student)
    half = {name: content[: len(content) // 2] for name, content in as_files(student.notebooks).items()}
    student.rejected, student.expected, student.files = True, {}, room.canvas(student, half)


def _half(room, student):
    """The last notebook is not there: nobody can say what those answers are worth."""
    room.fill(student)
    *kept, gone = room.release.notebooks
    for cell in gone.cells:
        if cell.item:
            student.expected[cell.item] = replace(student.expected[cell.item], status="needs-hand", score=None,
                                                  diagnosis="no-notebook")  # fmt: skip
    sent = {notebook.file: student.notebooks[notebook.file] for notebook in kept}
    student.files = room.canvas(student, as_files(sent))


def _endless(room, student):
    """The first answer does not parse, the last never ends."""
    first, last = room.code[0], room.code[-1]
    unread = replace(student.expected[first.id], status="error", score=0.0, diagnosis="does-not-run")
    slow = replace(unread, status="wrong", diagnosis="too-slow")
    room.answer(student, first, f"def {first.function}(:\n    return", unread)
    room.answer(student, last, f"def {room.exercises[last.id].signature}:\n    while True:\n        pass\n", slow)


def _is_answer(room, cell: dict) -> bool:
    return cell["id"] in {room.cells[item.id].id for item in room.code}


ODD_ONES = (
    ("everything right", _right), ("right, two days late", _late), ("nothing filled in", _empty),
    ("files renamed; a copy of another's answer", _renamed), ("answer cells copied; a formula in words", _copied),
    ("locked cells edited and removed, in a zip", _locks), ("cell ids lost; the other copy", _without_ids),
    ("half of each file missing", _broken), ("one notebook missing", _half), ("does not parse; never ends", _endless),
)  # fmt: skip
