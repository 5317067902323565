"""A chapter's notebook as students get it: the assigned exercises, locked cells, and no output that tells an answer."""

from __future__ import annotations

import ast
import copy
import hashlib
import inspect
import re

from ..checks.spec import Exercise
from .config import Written
from .texts import points, say

STUB = '{signature}\n    """{doc}"""\n    ...\n\n\ncheck("{id}", {name})'
PREDICTION, COMPARISON = re.compile(r"\bpredict\(\s*[\"'](.+?)[\"']"), re.compile(r"\bcompare\(\s*[\"'](.+?)[\"']")
CHECK = re.compile(r"\bcheck\(\s*[\"'](.+?)[\"']")


class Book:
    """A student notebook in the making. Cells keep the chapter's ids; new ones get ids that depend on their content."""

    def __init__(self, notebook: dict, language: str):
        self.language = language
        self.metadata = {key: notebook["metadata"][key] for key in ("course", "kernelspec", "language_info")}
        self.cells = [copy.deepcopy(cell) for cell in notebook["cells"]]
        for cell in self.cells:
            cell["source"] = "".join(cell["source"])
            lock(cell)
        self.chapter = self.metadata["course"]["chapter"]

    def choose(self, assigned: list[str]) -> None:
        """Make the assigned exercises answer cells, and take the others out."""
        for cell in [cell for cell in self.cells if exercise_id(cell)]:
            id = exercise_id(cell)
            if id in assigned:
                answer(cell, id)
            else:
                self._leave_out(cell, id)

    def _leave_out(self, cell: dict, id: str) -> None:
        later = self.cells[self.cells.index(cell) + 1 :]
        code = rest(cell["source"], "\n".join(c["source"] for c in later if c["cell_type"] == "code"))
        if code:
            cell["source"] = say(self.language, "left-out-code", id=id) + "\n" + code
        else:
            cell.update(cell_type="markdown", source=say(self.language, "left-out", id=id))
            del cell["outputs"], cell["execution_count"]
        cell["metadata"].pop("tags", None)
        lock(cell)

    def add_exercise(self, exercise: Exercise, worth: float) -> None:
        """Put a variant after the exercise it is a sibling of, another one at the end."""
        text = say(self.language, "task", id=exercise.id, minutes=exercise.minutes, title=exercise.title,
                   points=points(self.language, worth))
        task, code = self._new("markdown", text), self._new("code", stub(exercise))
        answer(code, exercise.id)
        sibling = re.match(r"\d+\.\d+", exercise.id)
        places = [i for i, cell in enumerate(self.cells) if sibling and original_id(cell) == sibling.group()]
        at = places[0] + 1 if places else len(self.cells)
        self.cells[at:at] = [task, code]

    def add_questions(self, questions: list[Written]) -> None:
        """Put the written questions at the end."""
        if questions:
            self.cells.append(self._new("markdown", say(self.language, "questions")))
        for question in questions:
            title = say(self.language, "question", id=question.id, points=points(self.language, question.points))
            reply = self._new("markdown", say(self.language, "answer"), question.id)
            answer(reply, question.id, "written")
            self.cells += [self._new("markdown", f"{title}\n\n{question.text.strip()}"), reply]

    def put_first(self, text: str) -> None:
        """Add a locked cell at the top."""
        self.cells.insert(0, self._new("markdown", text))

    def hide_outputs(self) -> None:
        """Empty the outputs that tell the answer of a prediction or of an exercise, or where the author stands."""
        waiting: set[str] = set()
        for cell in self.cells:
            if cell["cell_type"] != "code":
                continue
            asked = set(PREDICTION.findall(cell["source"]))
            tells = CHECK.search(cell["source"]) or "progress(" in cell["source"] or waiting - asked
            if tells or not cell["outputs"]:
                cell["outputs"], cell["execution_count"] = [], None
            waiting = (waiting | asked) - set(COMPARISON.findall(cell["source"]))

    def _new(self, kind: str, source: str, salt: str = "") -> dict:
        key = repr((self.chapter, kind, source, salt))
        cell = {"cell_type": kind, "id": hashlib.sha1(key.encode()).hexdigest()[:8], "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        lock(cell)
        return cell

    def json(self) -> dict:
        """The notebook in nbformat 4.5."""
        return {"cells": self.cells, "metadata": self.metadata, "nbformat": 4, "nbformat_minor": 5}


def exercise_id(cell: dict) -> str | None:
    """The exercise that a chapter's cell asks for."""
    found = CHECK.search(cell["source"]) if "exercise" in cell["metadata"].get("tags", ()) else None
    return found.group(1) if found else None


def original_id(cell: dict) -> str | None:
    """The exercise that stood in this cell, assigned or not."""
    return cell["metadata"].get("course", {}).get("exercise")


def lock(cell: dict) -> None:
    """As JupyterLab knows it. A cell that asks for a prediction can be edited all the same."""
    free = cell["cell_type"] == "code" and bool(PREDICTION.search(cell["source"]))
    course = {"kind": "locked", **({"exercise": id} if (id := exercise_id(cell) or original_id(cell)) else {})}
    cell["metadata"] = {**tags(cell), "deletable": False, "editable": free, "course": course}


def answer(cell: dict, item: str, kind: str = "answer") -> None:
    """The student's own cell: it can be changed, not deleted."""
    course = {"kind": kind, "item": item, **({"exercise": id} if (id := original_id(cell)) else {})}
    cell["metadata"] = {**tags(cell), "deletable": False, "editable": True, "course": course}


def tags(cell: dict) -> dict:
    """The part of a chapter's metadata that is kept."""
    return {"tags": cell["metadata"]["tags"]} if cell["metadata"].get("tags") else {}


def stub(exercise: Exercise) -> str:
    """The cell in which an exercise is answered."""
    doc = (inspect.getdoc(exercise.answer) or "").replace("\n", "\n    ").replace("\n    \n", "\n\n")
    doc += "\n    " if "\n" in doc else ""
    return STUB.format(signature=f"def {exercise.signature}:", doc=doc, id=exercise.id, name=exercise.name)


def rest(source: str, later: str) -> str:
    """What other cells need of an exercise's cell: its imports, the calls after the check, and the name, if used."""
    kept = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            if re.search(rf"\b{node.name}\b", later):
                kept.append(f"{node.name} = ...")
        elif not CHECK.match(ast.unparse(node)):
            kept.append(ast.get_source_segment(source, node))
    used = [line for line in kept if not line.startswith(("from ", "import ")) or needed(line, later)]
    return "\n".join(used)


def needed(line: str, later: str) -> bool:
    """Whether an import's name occurs in the later cells."""
    names = [alias.asname or alias.name.split(".")[0] for alias in ast.parse(line).body[0].names]
    return any(re.search(rf"\b{name}\b", later) for name in names)
