"""Putting a learner's checked function into the library, with the library's own as a safety net."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np

from . import record
from .learner import define
from .session import _checked
from .spec import Exercise, exercises

_replaced: dict[str, tuple[object, str, Callable]] = {}  # slot -> (owner, attribute, the library's own function)


def use_mine(name: str, function: Callable | None = None) -> None:
    """Let the library use your function for the rest of the session, if it passes its check.

    Parameters
    ----------
    name : str
        The library's part: "adam", "momentum", "sigmoid", "softmax".
    function : callable, optional
        Without it, the answer in your record is taken, and checked again.
    """
    exercise = _exercise(name)
    if function is None:
        function = _recorded(exercise)
        if function is None:
            print(f"{name}: no answer of yours to {exercise.id} is recorded; the library's own stays.")
            return
    result = _checked(exercise, function)
    if not result.passed:
        state = "not attempted yet" if result.diagnosis == "not-attempted" else "not right yet"
        print(f"{name}: {exercise.id} is {state}; the library's own stays.")
        return
    _install(exercise.slot, function)
    print(f"{name}: the library now uses your {exercise.name}. use_library({name!r}) undoes this.")


def use_library(name: str | None = None) -> None:
    """Undo `use_mine` for one part, or for all."""
    for slot in [name] if name else list(_replaced):
        if slot in _replaced:
            owner, attribute, library = _replaced.pop(slot)
            setattr(owner, attribute, library)
        print(f"{slot}: the library uses its own {_exercise(slot).name}.")


def _exercise(name: str) -> Exercise:
    slots = {exercise.slot.name: exercise for exercise in exercises().values() if exercise.slot}
    if name not in slots:
        raise KeyError(f"nothing in the library is called {name!r} here; there are {', '.join(slots)}")
    return slots[name]


def _recorded(exercise: Exercise) -> Callable | None:
    entry = record.load()["exercises"].get(exercise.id)
    attempt = record.best(entry) if entry else None
    if attempt is None:
        return None
    namespace: dict = {}
    try:
        define(attempt["source"], exercise.name, namespace, exercise.id)
    except Exception as error:
        print(f"{exercise.id}: your recorded answer does not run ({type(error).__name__}: {error}).")
        return None
    return namespace[exercise.name]


def _install(slot, mine: Callable) -> None:
    if slot.name in _replaced:
        owner, attribute, library = _replaced[slot.name]
    else:
        module, path = slot.target.split(":")
        *owners, attribute = path.split(".")
        owner = import_module(module)
        for part in owners:
            owner = getattr(owner, part)
        library = getattr(owner, attribute)
        _replaced[slot.name] = owner, attribute, library
    is_rule = attribute == "rule"  # an op's rule: (value, vjps); the learner gives the value
    own = (lambda *args: library(*args)[0]) if is_rule else library
    guarded = _guarded(slot.name, slot.adapt(mine, own), own)
    setattr(owner, attribute, (lambda *args: (guarded(*args), library(*args)[1])) if is_rule else guarded)


def _guarded(name: str, mine: Callable, library: Callable) -> Callable:
    """``mine``, except where it raises, or gives another shape or an infinity that the library does not."""
    forms: dict[tuple, list] = {}  # shapes and dtypes going in -> those coming out
    warned = False

    def function(*args, **options):
        nonlocal warned
        key = tuple((arg.shape, arg.dtype.char) for arg in args if type(arg) is np.ndarray)
        if key not in forms:
            forms[key] = [(part.shape, part.dtype) for part in _parts(library(*args, **options))]
        try:
            value = mine(*args, **options)
            parts, problem = _fitted(value, forms[key])
        except (Exception, SystemExit) as error:
            parts, problem = [], f"raised {type(error).__name__}"
        if problem is None and all(np.isfinite(part).all() for part in parts):
            return tuple(parts) if type(value) in (tuple, list) else parts[0]
        own = library(*args, **options)
        if problem is None and not all(np.isfinite(part).all() for part in _parts(own)):
            return own  # infinite either way
        if not warned:
            warned = True
            problem = problem or "gave a number that is not finite"
            print(f"{name}: your function {problem}; the library's own stepped in.")
        return own

    return function


def _parts(value) -> list[np.ndarray]:
    return [np.asarray(part) for part in (value if type(value) in (tuple, list) else [value])]


def _fitted(value, form: list) -> tuple[list[np.ndarray], str | None]:
    """The parts in the library's dtypes, and what is wrong with them if anything is."""
    parts = value if type(value) in (tuple, list) else [value]
    if [np.shape(part) for part in parts] != [shape for shape, _ in form]:
        return [], f"returned shapes {[np.shape(part) for part in parts]} instead of {[shape for shape, _ in form]}"
    return [np.asarray(part, dtype) for part, (_, dtype) in zip(parts, form, strict=True)], None
