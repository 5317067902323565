"""What an assignment says, in ``assignment.json`` beside the notebook.

It says which hints and model answers are closed, and brings *variants*: exercises whose answer is not in this package.
A variant comes with a few inputs and what should come out, so `check` works as far as those go. The file keeps nobody
out of their own kernel: marks are given elsewhere, on other inputs.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path

from . import coding, spec
from .plain import identical
from .spec import Exercise
from .store import Damaged, Unusable, read_json

NAME, VERSION = "assignment.json", 1
_START = Path.cwd()
_COPIED = ("title", "minutes", "difficulty", "rtol", "atol", "quiet")
_said: set[str] = set()


def closed(what: str, id: str) -> bool:
    """Whether "hints" or "references" are closed for an exercise."""
    return id in _load()["closed"].get(what, ())


def find(exercise: str | float | Exercise) -> Exercise:
    """`spec.find`, and the assignment's variants."""
    variants = {} if isinstance(exercise, Exercise) else _load()["variants"]
    if str(exercise) in variants:
        return variants[str(exercise)]
    try:
        return spec.find(exercise)
    except KeyError as error:
        here = f"If it belongs to an assignment, {NAME} must lie beside the notebook."
        raise KeyError(f"{error.args[0]}. {here}") from None


def exercises() -> dict[str, Exercise]:
    """The course's exercises, and the assignment's variants."""
    return {**spec.exercises(), **_load()["variants"]}


def describe(exercise: Exercise, examples: int, hints: bool) -> dict:
    """A variant as it may be handed out: its question and some cases, without any answer's source."""
    inputs = exercise.inputs()[:examples]
    parameters = inspect.signature(exercise.answer).parameters.values()
    return {
        "id": exercise.id, "name": exercise.name, "doc": inspect.getdoc(exercise.answer),
        **{key: getattr(exercise, key) for key in _COPIED},
        "parameters": [[p.name] if p.default is p.empty else [p.name, coding.encode(p.default)] for p in parameters],
        "returns": list(exercise.returns), "hints": list(exercise.hints) if hints else [],
        "cases": [[coding.encode(args), coding.encode(exercise.reference(*args))] for args in inputs],
    }  # fmt: skip


def _load() -> dict:
    path = Path(os.environ.get("COURSE_ASSIGNMENT") or _START / NAME)
    try:
        data = read_json(path)
        variants = [_exercise(entry) for entry in data["variants"]]
        return {"closed": dict(data["closed"]), "variants": {variant.id: variant for variant in variants}}
    except FileNotFoundError:
        pass
    except (Damaged, Unusable, KeyError, TypeError, ValueError, AttributeError) as reason:
        if str(path) not in _said:
            _said.add(str(path))
            print(f"{path.name} cannot be used ({reason}). Take a fresh one from what was handed out.")
    return {"closed": {}, "variants": {}}


def _exercise(entry: dict) -> Exercise:
    cases = [(coding.decode(args), coding.decode(want)) for args, want in entry["cases"]]
    return Exercise(
        id=entry["id"], answer=_stub(entry), reference=_table(cases), cases=lambda rng: (),
        edges=tuple(args for args, _ in cases), mistakes=(), right=(), hints=tuple(entry["hints"]),
        returns=tuple(entry["returns"]), **{key: entry[key] for key in _COPIED},
    )  # fmt: skip


def _table(cases: list) -> Callable:
    def expected(*args):
        return next(want for known, want in cases if identical(known, args))

    return expected


def _stub(entry: dict) -> Callable:
    """Something with the function's name and signature, and no body."""

    def answer(*args):
        raise NotImplementedError

    answer.__name__, answer.__doc__ = entry["name"], entry["doc"]
    answer.__signature__ = inspect.Signature([_parameter(*parameter) for parameter in entry["parameters"]])
    return answer


def _parameter(name: str, *default) -> inspect.Parameter:
    value = coding.decode(default[0]) if default else inspect.Parameter.empty
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=value)
