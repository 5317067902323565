"""Is a release fit to be handed out? Model answers pass, the empty notebook is "not attempted", nothing leaks."""

from __future__ import annotations

import ast
import inspect
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from ..checks import grade
from ..checks.learner import is_stub
from ..checks.mutation import graded, measure
from ..checks.outcome import Outcome, run
from ..checks.spec import Exercise
from .files import Release

MIN_LEAK = 40  # characters of code, blanks left out, that cannot be the same by chance


def seed_faults(exercise: Exercise, seed: int) -> list[str]:
    """What the hidden cases get wrong: a right answer that fails, a listed mistake without its own diagnosis."""
    return measure(exercise, seeds=(seed,)).faults


def unsolved_faults(release: Release, exercises: dict[str, Exercise]) -> Iterator[str]:
    """The cells as handed out must grade as not attempted, and the model answer in their place as right."""
    functions = {item.id: item.function for item in release.items}
    for notebook in release.notebooks:
        for cell in notebook.cells:
            if cell.kind != "answer":
                continue
            exercise, name = exercises[cell.item], functions[cell.item]
            verdict = grade(exercise, called(defined(cell.source, name)), seed=release.hidden_seed)
            if verdict.diagnosis != "not-attempted":
                yield f"{cell.item}: the empty cell grades as {verdict.diagnosis or 'right'}, not as not-attempted"
            if not graded(exercise, exercise.answer, release.hidden_seed).passed:
                yield f"{cell.item}: the model answer fails on the hidden cases"


def called(function):
    """A call as `grade` wants it; a body that is still ``...`` is not attempted."""
    return lambda args: Outcome("value", problem="not-attempted") if is_stub(function) else run(function, args)


def defined(source: str, name: str):
    """The function that a cell defines; imports and definitions are run, calls are not."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef))]
    namespace: dict = {"np": np}
    exec(compile(tree, "<handed out>", "exec"), namespace)  # the course's own cell
    return namespace[name]


def leaks(zipped: bytes, seed: int, exercises: list[Exercise]) -> Iterator[str]:
    """Where the hidden seed, or the body of a model answer or reference, stands in the students' zip."""
    bodies = {(e.id, body) for e in exercises for f in (e.answer, e.reference) for body in _bodies(f)}
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8")
            if str(seed) in text or f"{seed:x}" in text:
                yield f"{name}: the hidden seed"
            squeezed = _squeeze("\n".join(_strings(json.loads(text))) if name.endswith((".ipynb", ".json")) else text)
            yield from sorted({f"{name}: the answer to {id}" for id, body in bodies if body in squeezed})


def _bodies(function) -> set[str]:
    """A function's code without its first lines and blanks, as it is written and as Python writes it.

    Empty if it is too short to tell anything.
    """
    try:
        source = inspect.cleandoc("\n" + inspect.getsource(function))
        node = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError):
        return set()
    if not isinstance(node, ast.FunctionDef):
        return set()
    body = node.body[1:] if ast.get_docstring(node) else node.body
    written = "\n".join(source.splitlines()[body[0].lineno - 1 :]) if body else ""
    texts = {_squeeze(written), _squeeze("\n".join(ast.unparse(line) for line in body))}
    return {text for text in texts if len(text) >= MIN_LEAK}


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _strings(value) -> Iterator[str]:
    """Every text in JSON; what was code is written as Python writes it, so that spacing and quotes do not matter."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        lines = all(isinstance(item, str) for item in value)
        for item in ["".join(value)] if lines else value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            yield ast.unparse(ast.parse(value))
