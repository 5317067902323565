"""Looking at a learner's function without trusting it: its source, whether it is still a stub, what it leans on."""

from __future__ import annotations

import ast
import inspect
import linecache
import types

import numpy as np

MAX_SOURCE = 100_000


def _bare(): ...


def _documented():
    """Like a stub with a docstring."""
    ...


_STUBS = (_bare.__code__.co_code, _documented.__code__.co_code)


def is_stub(function) -> bool:
    """Whether the body is still ``...``, with or without a docstring."""
    if type(function) is not types.FunctionType or function.__code__.co_code not in _STUBS:
        return False
    return all(const in (None, ..., function.__doc__) for const in function.__code__.co_consts)


def source_of(function) -> str:
    """The function's source, after that of the learner's own functions it calls; "" where there is none of theirs."""
    if _from_library(function):
        return ""
    seen: dict[str, str] = {}
    _collect(function, seen, 0)
    return "\n\n".join(reversed(seen.values()))[:MAX_SOURCE]


def _collect(function, seen: dict[str, str], depth: int) -> None:
    if type(function) is not types.FunctionType or function.__name__ in seen or depth > 5:
        return
    try:
        seen[function.__name__] = inspect.cleandoc("\n" + inspect.getsource(function)).rstrip() + "\n"
    except (OSError, TypeError, SyntaxError):
        return
    for name in function.__code__.co_names:
        helper = function.__globals__.get(name)
        if type(helper) is types.FunctionType and helper.__module__ == function.__module__:
            _collect(helper, seen, depth + 1)


def leans_on_library(function, exercise) -> bool:
    """Whether it is, or seems to call, the library's own function for this exercise."""
    if _from_library(function):
        return True
    if type(function) is not types.FunctionType:
        return False
    names = set(function.__code__.co_names)
    own = names & {exercise.name, exercise.reference.__name__}
    return bool(own) and any(
        name.split(".")[0] == "course_lib" or _from_library(function.__globals__.get(name)) for name in names)


def _from_library(thing) -> bool:
    kind = type(thing)
    home = thing.__name__ if kind is types.ModuleType else thing.__module__ if kind is types.FunctionType else None
    return type(home) is str and home.split(".")[0] == "course_lib"


def define(source: str, name: str, namespace: dict, label: str) -> None:
    """Run recorded definitions in a namespace, so that errors and `inspect` can show their lines.

    Raises ValueError where the source is more than definitions: restoring must not run anything else.
    """
    body = ast.parse(source).body
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    if len(functions) < len(body) or not functions:
        raise ValueError("it is not just function definitions")
    filename = f"<answer {label}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace.setdefault("np", np)
    exec(compile(source, filename, "exec"), namespace)
    namespace[name] = namespace[name if name in functions else functions[-1]]
