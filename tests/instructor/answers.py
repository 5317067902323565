"""Students' answers to an exercise, as text: right ones, each listed mistake, and one that two students share."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable

from course_lib.checks.spec import Exercise, Mistake

ODD = """    {a} = []
    for {b} in range(7):
        {a}.append({b} ** 2 - 3 * {b} if {b} % 2 else {b} // 2)
    {c} = {{value: position for position, value in enumerate({a}[::-1])}}
    while len({c}) > 2 and max({c}.values()) > 4:
        {c}.pop(max({c}, key={c}.get))
    assert sum({a}) > -100, ({a}, sorted({c}))
"""
NAMES = (("ledger", "turn", "places"), ("stack", "k", "index"))


def mistaken(exercise: Exercise, mistake: Mistake) -> str:
    """The listed mistake as a student would have written it."""
    if isinstance(mistake.wrong, dict):
        source = exercise.source
        for old, new in mistake.wrong.items():
            source = source.replace(old, new)
        return source
    return _renamed(mistake.wrong, exercise.name)


def odd(exercise: Exercise, copy: int) -> str:
    """A right answer with a detour that nobody takes by chance; the second copy has other names."""
    tree = ast.parse(exercise.source)
    first = next(node for node in tree.body[0].body if not isinstance(node, ast.Expr))  # after the docstring
    lines = exercise.source.splitlines(keepends=True)
    a, b, c = NAMES[copy]
    return "".join(lines[: first.lineno - 1]) + ODD.format(a=a, b=b, c=c) + "".join(lines[first.lineno - 1 :])


def _renamed(function: Callable, name: str) -> str:
    """The source of a function or lambda, under another name."""
    if function.__name__ != "<lambda>":
        source = inspect.getsource(function)
        return re.sub(rf"\bdef {function.__name__}\b", f"def {name}", source)
    text = inspect.getsource(inspect.getmodule(function))
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Lambda)]
    code = function.__code__
    same = [node for node in found if (node.lineno, len(node.args.args)) == (code.co_firstlineno, code.co_argcount)]
    return f"{name} = {ast.unparse(same[0])}\n"
