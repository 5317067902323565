"""Do the checks themselves work? Every listed mistake must get its own diagnosis, every right answer must pass.

And since nobody lists every mistake, the model answer is also changed mechanically, one operator or constant at a time:
a check worth having rejects those mutants too.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .grading import Grade, grade
from .outcome import run
from .spec import Exercise, Mistake

SEEDS = (0, 1, 2)


@dataclass
class Tally:
    """What was tried on one exercise, and what went wrong."""

    caught: int = 0
    mistakes: int = 0
    accepted: int = 0
    right: int = 0
    faults: list[str] = field(default_factory=list)

    @classmethod
    def full(cls, exercise: Exercise) -> Tally:
        """Everything caught and accepted: what `measure` returns when it finds no fault."""
        mistakes, right = len(exercise.mistakes), 1 + len(exercise.right)
        return cls(mistakes, mistakes, right, right)


def graded(exercise: Exercise, function: Callable, seed: int) -> Grade:
    """Grade a function of this process."""
    return grade(exercise, lambda args: run(function, args), seed=seed)


def measure(exercise: Exercise, seeds: tuple[int, ...] = SEEDS) -> Tally:
    """Count the mistakes that get their own diagnosis, and the right answers that pass, on every seed."""
    tally = Tally(mistakes=len(exercise.mistakes), right=1 + len(exercise.right))
    for mistake in exercise.mistakes:
        faults = [fault for seed in seeds if (fault := _missed(exercise, mistake, seed))]
        tally.caught += not faults
        tally.faults += faults
    for number, answer in enumerate((exercise.answer, *exercise.right)):
        verdicts = [graded(exercise, answer, seed) for seed in seeds]
        tally.accepted += all(verdict.passed for verdict in verdicts)
        tally.faults += [f"{exercise.id}: right answer {number} got {v.diagnosis!r}" for v in verdicts if not v.passed]
    return tally


def _missed(exercise: Exercise, mistake: Mistake, seed: int) -> str:
    verdict = graded(exercise, exercise.function(mistake), seed)
    if verdict.diagnosis == mistake.name:
        return ""
    return f"{exercise.id}: {mistake.name} got {verdict.diagnosis or 'passed'!r} (seed {seed})"


_OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
              ast.FloorDiv: ast.Div, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt}


def mutants(exercise: Exercise) -> Iterator[tuple[str, Callable]]:
    """(what was changed, function) for every operator, sign and number of the model answer."""
    tree = ast.parse(exercise.source)
    count = len(list(ast.walk(tree)))
    for index in range(count):
        changed = copy.deepcopy(tree)
        node = list(ast.walk(changed))[index]
        before = ast.unparse(node) if isinstance(node, ast.expr) else ""
        if _mutate(node):
            function = exercise.compiled(ast.unparse(ast.fix_missing_locations(changed)), f"mutant {index}")
            yield f"{before} -> {ast.unparse(node)}", function


def _mutate(node: ast.AST) -> bool:
    """Change this node in place, if it is of a kind that can be changed."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        node.op = _OPERATORS[type(node.op)]()
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _OPERATORS:
        node.ops[0] = _OPERATORS[type(node.ops[0])]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        node.value = node.value * 2 + (node.value == 0)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        node.value = not node.value
    else:
        return False
    return True
