"""Students' answers to an exercise, as text: right ones, each listed mistake, and one that two students share."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

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
    """The listed mistake as text that a student could have handed in."""
    if isinstance(mistake.wrong, dict):
        source = exercise.source
        for old, new in mistake.wrong.items():
            source = source.replace(old, new)
        return source
    module = inspect.getmodule(exercise.answer)
    tree = ast.parse(inspect.getsource(module))
    wrong = _argument(tree, mistake.name)
    helpers = _helpers(tree, wrong)
    if isinstance(wrong, ast.Name) and len(helpers) == 1:
        return re.sub(rf"\bdef {wrong.id}\b", f"def {exercise.name}", ast.unparse(helpers[0])) + "\n"
    inside = "\n".join(ast.unparse(node) for node in helpers)
    return (f"def _made():\n{textwrap.indent(inside, '    ')}\n    return {ast.unparse(wrong)}\n\n\n"
            f"{exercise.name} = _made()\n")  # fmt: skip


def odd(exercise: Exercise, copy: int) -> str:
    """A right answer with a detour that nobody takes by chance; the second copy has other names."""
    tree = ast.parse(exercise.source)
    first = next(node for node in tree.body[0].body if not isinstance(node, ast.Expr))  # after the docstring
    lines = exercise.source.splitlines(keepends=True)
    a, b, c = NAMES[copy]
    return "".join(lines[: first.lineno - 1]) + ODD.format(a=a, b=b, c=c) + "".join(lines[first.lineno - 1 :])


def _argument(tree: ast.Module, name: str) -> ast.expr:
    """What stands in Mistake(name, HERE, ...)."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 1)
    return next(node.args[1] for node in calls if getattr(node.args[0], "value", None) == name)


def _helpers(tree: ast.Module, wrong: ast.expr) -> list[ast.stmt]:
    """The module's own functions and constants that an expression leans on, in their order."""
    own = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            own |= {one.id: node for one in ast.walk(node.targets[0]) if isinstance(one, ast.Name)}
    needed, waiting = [], [wrong]
    while waiting:
        names = {node.id for node in ast.walk(waiting.pop()) if isinstance(node, ast.Name)}
        fresh = [own[name] for name in names if name in own and own[name] not in needed]
        needed += fresh
        waiting += fresh
    return sorted(set(needed), key=lambda node: node.lineno)
