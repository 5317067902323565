"""Which statements of a notebook the graded functions need.

The rule, for every code cell: a top-level statement runs if it binds, imports or changes a name that a graded function
uses, directly or through other such statements. In the student's own cells, statements that work with names behind
Python's back (exec, globals, setattr, ``import *``) run as well. All else (demonstrations, training runs, figures)
does not: it cannot change what the functions return, and would cost minutes.
"""

from __future__ import annotations

import ast
import dis
import types
from dataclasses import dataclass

DYNAMIC = {"exec", "eval", "globals", "locals", "vars", "setattr", "get_ipython", "__import__", "builtins"}


@dataclass(frozen=True)
class Statement:
    """One top-level statement, compiled, with the names it binds or changes and those it uses."""

    cell: str
    own: bool  # from a cell that the student may write
    code: types.CodeType
    gives: frozenset[str]
    uses: frozenset[str]
    dynamic: bool


def statements(cell: str, source: str, own: bool, functions: set[str]) -> list[Statement]:
    """A cell's statements; an import of several names becomes several. Raises what `ast.parse` raises.

    ``functions`` are the names that the notebook defines functions for, this cell's included: a bare call of one may
    change its arguments.
    """
    tree = ast.parse(source)
    functions |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return [_statement(cell, node, own, functions) for top in tree.body for node in _apart(top)]


def _apart(node: ast.stmt) -> list[ast.stmt]:
    """``from a import b, c`` as two statements."""
    if isinstance(node, ast.Import):
        return [ast.copy_location(ast.Import([name]), node) for name in node.names]
    if isinstance(node, ast.ImportFrom):
        return [ast.copy_location(ast.ImportFrom(node.module, [name], node.level), node) for name in node.names]
    return [node]


def _statement(cell: str, node: ast.stmt, own: bool, functions: set[str]) -> Statement:
    code = compile(ast.Module([node], []), f"<cell {cell}>", "exec")
    binds, uses = _names(code)
    star = isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    dynamic = star or bool(uses & DYNAMIC)
    return Statement(cell, own, code, frozenset(binds | _changed(node, functions)), frozenset(uses), dynamic)


def _names(code: types.CodeType, top: bool = True) -> tuple[set[str], set[str]]:
    """(global names that the code binds, those that it reads)."""
    binds, uses = set(), set()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_GLOBAL" or (top and step.opname == "STORE_NAME"):
            binds.add(step.argval)
        elif step.opname.startswith("LOAD_") and step.opname.endswith(("NAME", "GLOBAL", "GLOBALS")):
            uses.add(step.argval)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            more = _names(inner, top=False)
            binds, uses = binds | more[0], uses | more[1]
    return binds, uses


def _changed(node: ast.stmt, functions: set[str]) -> set[str]:
    """Names whose objects the statement writes into: x[0] = 1, x.a = 1, x.append(1), fill(x)."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return set()  # defining it changes nothing yet
    found = set()
    for part in ast.walk(node):
        if isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, (ast.Store, ast.Del)):
            found.add(_root(part))
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            function = part.value.func
            found.add(_root(function) if isinstance(function, ast.Attribute) else "")
            if isinstance(function, ast.Name) and function.id in functions:
                found |= {argument.id for argument in part.value.args if isinstance(argument, ast.Name)}
    return found - {""}


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def needed(body: list[Statement], names: set[str]) -> list[Statement]:
    """The statements that the names depend on, in the notebook's order."""
    names, chosen, before = set(names), set(), -1
    while len(chosen) > before:
        before = len(chosen)
        for i, statement in enumerate(body):
            if i not in chosen and (statement.gives & names or (statement.own and statement.dynamic)):
                chosen.add(i)
                names |= statement.uses
    return [body[i] for i in sorted(chosen)]
