"""Plain data (from JSON or YAML) into dataclasses, strictly: every problem says at which place it is."""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from math import isfinite
from typing import Literal, Union, get_args, get_origin, get_type_hints

WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list",
         dict: "a mapping", types.NoneType: "nothing"}  # fmt: skip
SHOWN = 60  # characters of a wrong value in a message


class Plain(str):
    """Text without quotes in a YAML file: what is wanted decides whether it is a number, true or false, or text."""

    NOTHING = ("", "null", "~")
    BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

    def read(self, kind):
        """The value as ``kind`` if it can be read so; else the text."""
        if kind is bool:
            return self.BOOLEANS.get(self.lower(), str(self))
        if kind in (int, float):
            try:
                return kind(self)
            except ValueError:
                return str(self)
        return None if self.lower() in self.NOTHING else str(self)


class Problem(ValueError):
    """What is wrong, and where: the path ("items", 3, "points") of keys and positions."""

    def __init__(self, path: tuple, text: str):
        self.path, self.text = path, text
        super().__init__(f"{place(path)}: {text}" if path else text)


def place(path: tuple) -> str:
    """("items", 3, "points") as items[3].points."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def decode(kind, value, path: tuple = ()):
    """``value`` as ``kind``: a dataclass, tuple, dict, Literal, X | None, str, int, float or bool. Raises Problem."""
    if is_dataclass(kind):
        return _decode_dataclass(kind, value, path)
    origin = get_origin(kind)
    if origin is Literal:
        return _decode_choice(get_args(kind), value, path)
    if origin is tuple:
        _expect(isinstance(value, (list, tuple)), "a list", value, path)
        return tuple(decode(get_args(kind)[0], item, (*path, i)) for i, item in enumerate(value))
    if origin in (types.UnionType, Union):
        inner = next(option for option in get_args(kind) if option is not types.NoneType)
        nothing = value is None or (isinstance(value, Plain) and value.read(str) is None)
        return None if nothing else decode(inner, value, path)
    if origin is dict:
        _expect(isinstance(value, dict), "a mapping", value, path)
        keys, values = get_args(kind)
        return {decode(keys, key, (*path, key)): decode(values, item, (*path, key)) for key, item in value.items()}
    return _decode_scalar(kind, value, path)


def _decode_dataclass(kind, value, path):
    _expect(isinstance(value, dict), "a mapping", value, path)
    known = {field.name: field for field in fields(kind)}
    for key in value:
        if key not in known:
            raise Problem((*path, key), f"unknown; allowed here: {', '.join(known)}")
    for name, field in known.items():
        if name not in value and field.default is MISSING and field.default_factory is MISSING:
            raise Problem(path, f"{name} is missing")
    hints = _hints(kind)
    decoded = {name: decode(hints[name], item, (*path, name)) for name, item in value.items()}
    try:
        return kind(**decoded)
    except Problem as problem:  # from its __post_init__, which knows no more than its own part of the path
        raise Problem((*path, *problem.path), problem.text) from None


@cache
def _hints(kind) -> dict:
    return get_type_hints(kind)


def _decode_choice(allowed, value, path):
    value = value.read(type(allowed[0])) if isinstance(value, Plain) else value
    if not any(type(value) is type(choice) and value == choice for choice in allowed):
        raise Problem(path, f"must be {' or '.join(map(str, allowed))}, not {_short(value)}")
    return value


def _decode_scalar(kind, value, path):
    value = value.read(kind) if isinstance(value, Plain) else value
    if kind is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    _expect(type(value) is kind, WORDS[kind], value, path)
    if kind is float and not isfinite(value):
        raise Problem(path, f"must be a finite number, not {value}")
    return value


def _expect(fits: bool, wanted: str, value, path):
    if not fits:
        kind = str if isinstance(value, str) else type(value)
        raise Problem(path, f"must be {wanted}, not {WORDS.get(kind, 'something else')} ({_short(value)})")


def _short(value) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"
