"""Plain data over a pipe: a frame is JSON with the bytes of its arrays behind it. No pickle, nothing is executed.

    frame   "LMV1", length of the JSON (uint32, big-endian), length of the bytes (uint32), the JSON, the bytes
    JSON    null, true, 1, 1.5, "text" and [...] stand for themselves; a mapping has one key:
            {"t": [...]} tuple, {"d": [[key, value], ...]} dict, {"c": [re, im]} complex,
            {"a": [dtype, shape, "C" or "F"]} array, whose bytes come next

What is read is bounded in length, depth and count before anything is built from it.
"""

from __future__ import annotations

import json
import math
import struct

import numpy as np

HEAD = struct.Struct(">4sII")
MAGIC = b"LMV1"
MAX_JSON = 4_000_000
MAX_BYTES = 16_000_000
MAX_KEYS = 10_000  # in all dicts together: equal hashes can be made on purpose, and cost the square
MAX_DEPTH = 16
DTYPES = frozenset(["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"])
_ATOMS = (type(None), bool, int, float, str)


class Refused(Exception):
    """A message that is not as it should be, and why."""


def pack(value) -> bytes:
    """The frame of plain data (numbers, strings, lists, tuples, dicts, arrays). Raises TypeError for anything else."""
    buffers: list[bytes] = []
    text = json.dumps(_packed(value, buffers), separators=(",", ":")).encode()
    raw = b"".join(buffers)
    return HEAD.pack(MAGIC, len(text), len(raw)) + text + raw


def _packed(value, buffers: list[bytes]):
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is complex:
        return {"c": [value.real, value.imag]}
    if kind is list:
        return [_packed(item, buffers) for item in value]
    if kind is tuple:
        return {"t": [_packed(item, buffers) for item in value]}
    if kind is dict:
        return {"d": [[_packed(key, buffers), _packed(item, buffers)] for key, item in value.items()]}
    if kind is np.ndarray:
        return {"a": _packed_array(value, buffers)}
    raise TypeError(f"{kind.__name__} is not plain data")


def _packed_array(array: np.ndarray, buffers: list[bytes]) -> list:
    code = f"{array.dtype.kind}{array.dtype.itemsize}"
    if array.dtype.kind not in "biufc":
        raise TypeError(f"an array of dtype {array.dtype} is not plain data")
    if code not in DTYPES:  # long doubles
        code = "c16" if array.dtype.kind == "c" else "f8"
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    buffers.append(array.astype(_dtype(code)).tobytes(order))
    return [code, list(array.shape), order]


def _dtype(code: str) -> np.dtype:
    return np.dtype("?" if code == "b1" else f"<{code}")


def lengths(head: bytes, max_json: int = MAX_JSON, max_bytes: int = MAX_BYTES) -> tuple[int, int]:
    """The two lengths in a frame's head. Raises Refused."""
    magic, text, raw = HEAD.unpack(head)
    if magic != MAGIC:
        raise Refused("bytes that are no message")
    if text > max_json or raw > max_bytes:
        raise Refused(f"a message of {text + raw:,} bytes")
    return text, raw


def unpack(text: bytes, raw: bytes):
    """The plain data of a frame. Raises Refused for anything that is not exactly as `pack` writes it."""
    reader = _Reader(raw)
    try:
        value = reader.read(json.loads(text.decode("utf-8")), 0)
    except Refused:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise Refused(f"a message that cannot be read ({type(error).__name__})") from None
    if reader.at != len(raw):
        raise Refused("bytes that belong to no array")
    return value


class _Reader:
    """Builds the value; takes the arrays' bytes from left to right."""

    def __init__(self, raw: bytes):
        self.raw, self.at, self.keys = raw, 0, MAX_KEYS

    def read(self, value, depth: int):
        if depth > MAX_DEPTH:
            raise Refused(f"data nested more than {MAX_DEPTH} deep")
        if type(value) is str:
            value.encode("utf-8")  # a lone surrogate could not be written to any file
        if type(value) in _ATOMS:
            return value
        if type(value) is list:
            return [self.read(item, depth + 1) for item in value]
        if len(value) != 1:
            raise Refused("a mapping without exactly one key")
        (tag, body), = value.items()
        reader = {"t": self._tuple, "d": self._dict, "c": self._complex, "a": self._array}.get(tag)
        if reader is None or type(body) is not list:
            raise Refused("a mapping with an unknown key")
        return reader(body, depth)

    def _tuple(self, body, depth):
        return tuple(self.read(item, depth + 1) for item in body)

    def _dict(self, body, depth):
        self.keys -= len(body)
        if self.keys < 0:
            raise Refused(f"dicts with more than {MAX_KEYS:,} keys")
        return {self.read(key, depth + 1): self.read(item, depth + 1) for key, item in body}

    def _complex(self, body, depth):
        real, imag = body
        return complex(real, imag)

    def _array(self, body, depth):
        code, shape, order = body
        if code not in DTYPES or order not in ("C", "F") or len(shape) > 32:
            raise Refused("an array of an unknown kind")
        if not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape):
            raise Refused("an array of an impossible shape")
        dtype = _dtype(code)
        size = math.prod(shape) * dtype.itemsize
        piece = self.raw[self.at : self.at + size] if size <= len(self.raw) - self.at else None
        if piece is None:
            raise Refused("an array with too few bytes")
        self.at += size
        flat = np.frombuffer(piece, np.uint8) != 0 if code == "b1" else np.frombuffer(piece, dtype)
        return np.array(flat.reshape(shape, order=order), order=order)
