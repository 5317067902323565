"""Plain data: what goes into an exercise's function, what may come out, and nothing else.

Types are compared exactly (``type(x) is ...``), so no method of the learner's is ever called: a subclass with a
friendly ``__eq__`` is turned away at the door.
"""

from __future__ import annotations

import types

import numpy as np

MAX_ITEMS = 1_000_000  # numbers or characters in one answer
MAX_DEPTH = 8
MAX_BITS = 1024
_ATOMS = (bool, int, float, complex, str, types.NoneType)
_EXACT = (np.float64, np.int64, np.bool_)  # NumPy scalars that are as good as Python's
_SCALARS = frozenset(kind for kind in np.sctypeDict.values() if np.dtype(kind).kind in "biufc")


class NotPlain(Exception):
    """The value is not plain data. ``problem`` names the diagnosis, ``detail`` says what came."""

    def __init__(self, problem: str, detail: str):
        super().__init__(detail)
        self.problem, self.detail = problem, detail


def plain(value):
    """A copy of ``value`` made of exact numbers, strings, bools, None, lists, tuples, dicts and ndarrays."""
    if value is ...:
        raise NotPlain("not-attempted", "...")
    return _plain(value, 0, [MAX_ITEMS])


def _plain(value, depth: int, room: list[int]):
    kind = type(value)
    if depth > MAX_DEPTH:
        raise NotPlain("too-large", f"nested more than {MAX_DEPTH} deep")
    if kind is np.ndarray:
        return _array(value, room)
    if kind in _SCALARS:
        _take(room, 1)
        return kind.item(value) if kind in _EXACT else np.array(value)
    if kind in (list, tuple, dict):
        _take(room, len(value))
        if kind is dict:
            return {_plain(k, depth + 1, room): _plain(v, depth + 1, room) for k, v in list(value.items())}
        return kind(_plain(item, depth + 1, room) for item in list(value))
    if kind not in _ATOMS:
        raise NotPlain(*_stranger(kind))
    if kind is int and value.bit_length() > MAX_BITS:
        raise NotPlain("too-large", f"a whole number of {value.bit_length()} bits")
    _take(room, len(value) if kind is str else 1)
    return value


def _array(value: np.ndarray, room: list[int]) -> np.ndarray:
    _take(room, value.size)
    if value.dtype.kind not in "biufc":
        raise NotPlain("object-array", f"an array of dtype {value.dtype}")
    return np.array(value, order="K")


def _take(room: list[int], count: int) -> None:
    room[0] -= count
    if room[0] < 0:
        raise NotPlain("too-large", f"more than {MAX_ITEMS:,} numbers or characters")


def _stranger(kind: type) -> tuple[str, str]:
    """(diagnosis, description) for a type that is not allowed; the type's own hooks are not consulted."""
    name = type.__getattribute__(kind, "__name__")
    module = str(type.__getattribute__(kind, "__module__"))
    bases = type.__getattribute__(kind, "__mro__")
    where = "torch" if module.split(".")[0] == "torch" else "course_lib" if module.startswith("course_lib") else ""
    if kind is type(...):
        return "unfinished", "..."
    if name in ("Tensor", "Parameter") and where:
        return "tensor", f"a {where} {name}"
    if np.ndarray in bases:
        return "array-subclass", f"a {name}"
    if kind in (types.GeneratorType, map, filter, zip, range):
        return "generator", f"a {name}"
    return "strange-type", f"an object of type {name}"


def copy(value):
    """A fresh copy of plain data; arrays keep their memory order."""
    if type(value) is np.ndarray:
        return np.array(value, order="K")
    if type(value) in (list, tuple):
        return type(value)(copy(item) for item in value)
    return {key: copy(item) for key, item in value.items()} if type(value) is dict else value


def leaves(value) -> list:
    """The arrays and atoms in plain data, from left to right."""
    if type(value) is dict:
        value = list(value.values())
    return [leaf for item in value for leaf in leaves(item)] if type(value) in (list, tuple) else [value]


def size(value) -> int:
    """How many numbers there are."""
    return sum(leaf.size if type(leaf) is np.ndarray else 1 for leaf in leaves(value))


def is_empty(value) -> bool:
    """Whether some array has no numbers."""
    return any(type(leaf) is np.ndarray and not leaf.size for leaf in leaves(value))


def magnitude(value) -> float:
    """The largest number there is, in absolute value."""
    numeric = [leaf for leaf in leaves(value) if type(leaf) in (np.ndarray, bool, int, float)]
    return max((float(np.abs(leaf).max()) for leaf in numeric if np.size(leaf)), default=0.0)


def identical(a, b) -> bool:
    """Same types, shapes and bits (NaN equals NaN)."""
    if type(a) is not type(b):
        return False
    if type(a) is np.ndarray:
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    if type(a) is dict:
        return a.keys() == b.keys() and all(identical(a[key], b[key]) for key in a)
    return a == b or (a != a and b != b)
