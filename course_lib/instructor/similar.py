"""Pairs of answers that are alike beyond what the task explains: a hint to look, never a verdict.

Answers are cut into shingles, runs of tokens of the syntax tree, names a student chose left out (the idea is
Schleimer, Wilkerson & Aiken's, 2003). What stands in the stub or the model answer counts for nothing, and neither does
what many in the class wrote: short right answers look alike because they are right.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

RUN, PROSE_RUN = 5, 3  # tokens in a shingle, words in one
ALIKE = 0.7  # shared shingles, of all that either answer has of its own
LONG, PROSE_LONG = 40, 25  # shared shingles that tell by themselves
SHORT, WORDS = 12, 3  # or so many, where the names and comments chosen are the same too
LARGEST = 20_000  # characters looked at
_WORD = re.compile(r"[^\W\d_]{4,}|[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Pair:
    """Two students' answers to one item."""

    a: str
    b: str
    shared: int  # shingles of their own that both have
    alike: float  # 0 to 1
    words: tuple[str, ...]  # names and words of comments that both have and hardly anybody else


@dataclass(frozen=True)
class _Own:
    """What an answer has that neither the task nor the class explains."""

    shingles: frozenset
    words: frozenset[str]


def pairs(answers: Mapping[str, str], given: Iterable[str], code: bool = True) -> list[Pair]:
    """Pairs of near-identical answers to one item, the most alike first.

    Parameters
    ----------
    answers : mapping
        The text of each student's answer.
    given : iterable of str
        What everybody may have used: the stub, the model answer, the question.
    code : bool
        Whether the answers are Python.
    """
    cut = _code if code else _prose
    read = {student: cut(text[:LARGEST]) for student, text in sorted(answers.items())}
    known = [cut(text) for text in given]
    common = max(3, len(read) // 5)
    shingles = _explained((own.shingles for own in known), (own.shingles for own in read.values()), common)
    words = _explained((own.words for own in known), (own.words for own in read.values()), common)
    own = {student: _Own(one.shingles - shingles, one.words - words) for student, one in read.items()}
    long = LONG if code else PROSE_LONG
    found = (_pair(a, b, own[a], own[b], long) for a, b in combinations(own, 2))
    return sorted(filter(None, found), key=lambda pair: (-pair.shared, pair.a, pair.b))


def _pair(a: str, b: str, one: _Own, two: _Own, long: int) -> Pair | None:
    sizes = sorted((len(one.shingles), len(two.shingles)))
    if sizes[0] < max(SHORT, ALIKE * sizes[1]):
        return None
    shared = len(one.shingles & two.shingles)
    if shared < SHORT:
        return None
    alike = shared / len(one.shingles | two.shingles)
    words = one.words & two.words
    same_words = len(words) >= WORDS and 2 * len(words) > len(one.words | two.words)
    if alike < ALIKE or (shared < long and not same_words):
        return None
    return Pair(a, b, shared, alike, tuple(sorted(words)))


def _explained(known: Iterable[frozenset], answers: Iterable[frozenset], common: int) -> set:
    """What the task gives, and what more than ``common`` answers have."""
    times = Counter(feature for answer in answers for feature in answer)
    return set().union(*known) | {feature for feature, n in times.items() if n > common}


def _shingles(tokens: list, run: int = RUN) -> frozenset:
    return frozenset(tuple(tokens[i : i + run]) for i in range(len(tokens) - run + 1))


def _prose(text: str) -> _Own:
    words = re.findall(r"[\u4e00-\u9fff]|\w+", text.casefold())
    return _Own(_shingles(words, PROSE_RUN), frozenset())


def _code(source: str) -> _Own:
    """Code that does not parse is compared by its words."""
    try:
        tree = ast.parse(source)
        return _Own(_shingles(list(_tokens(tree))), frozenset(_words(source, tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return _prose(source)


def _tokens(tree: ast.AST) -> Iterator[str]:
    """The syntax tree in the order of the source; a name that the code itself binds is only "name"."""
    mine, waiting = _bound(tree), [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield "name" if node.id in mine else node.id
        elif isinstance(node, ast.Attribute):
            yield f".{node.attr}"
        elif isinstance(node, ast.Constant):
            yield f"={node.value!r:.40}"
        elif not isinstance(node, (ast.expr_context, ast.Module, ast.Expr)):
            yield type(node).__name__
        waiting += reversed([child for child in ast.iter_child_nodes(node) if not _is_text(child)])


def _is_text(node: ast.AST) -> bool:
    """A docstring, or another string that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _bound(tree: ast.AST) -> set[str]:
    """Names that the code gives a value to: variables, parameters, functions."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return names | {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def _words(source: str, tree: ast.AST) -> Iterator[str]:
    """The names it binds, and the words of its comments."""
    yield from (name for name in _bound(tree) if len(name) > 2)
    lines = io.StringIO(source).readline
    comments = (token.string for token in tokenize.generate_tokens(lines) if token.type == tokenize.COMMENT)
    yield from (word for comment in comments for word in _WORD.findall(comment.casefold()))
