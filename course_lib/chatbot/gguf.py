"""Reading GGUF, llama.cpp's file format for models: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.

A header, key-value pairs, a table of tensors, and their data: plain numbers, or blocks that share a scale.
"""

import math
from typing import NamedTuple

import numpy as np

from course_lib.chatbot.packed import PackedFile
from course_lib.data.source import Malformed

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
# type: (name, numbers per block, bytes per block)
TYPES = {0: ("f32", 1, 4), 1: ("f16", 1, 2), 2: ("q4_0", 32, 18), 3: ("q4_1", 32, 20), 8: ("q8_0", 32, 34),
         14: ("q6_k", 256, 210)}  # fmt: skip


class TensorInfo(NamedTuple):
    """Where one tensor lies."""

    shape: tuple[int, ...]
    type: str
    start: int
    size: int  # bytes


class GGUF(PackedFile):
    """A GGUF file: `fields` (plain data) and tensors, decoded on demand.

    Raises
    ------
    Malformed
        If the file is damaged, or its tensors are of a type that is not known here.
    """

    def _read(self):
        if bytes(self._data[:4]) != b"GGUF":
            raise Malformed(self.name, "is not a GGUF file")
        self._at = 4
        if (version := self._scalar("I")) not in (2, 3):
            raise Malformed(self.name, f"has GGUF version {version}; 2 and 3 are known")
        n_tensors, n_fields = self._scalar("Q"), self._scalar("Q")
        self.fields = {self._string(): self._value(self._scalar("I")) for _ in range(n_fields)}
        infos = [self._info() for _ in range(n_tensors)]
        alignment = self.fields.get("general.alignment", 32)
        if type(alignment) is not int or not 1 <= alignment <= 1 << 20:
            raise Malformed(self.name, f"asks for an alignment of {alignment!r} bytes")
        if len(dict(infos)) < n_tensors:
            raise Malformed(self.name, "has two tensors of the same name")
        begin = -(-self._at // alignment) * alignment
        self.tensors = {name: info._replace(start=begin + info.start) for name, info in infos}
        for name, info in self.tensors.items():
            if info.start + info.size > len(self._data):
                raise Malformed(self.name, f"is cut short: tensor {name} would end behind the file")

    def tensor(self, name: str) -> np.ndarray:
        """Decode one tensor to float32.

        Raises
        ------
        KeyError
            If there is none of that name.
        """
        info = self.tensors[name]
        raw = self._data[info.start : info.start + info.size]
        return DECODERS[info.type](raw).reshape(info.shape)

    def _scalar(self, code):
        return self._numbers(code)[0]

    def _string(self):
        return bytes(self._raw(self._scalar("Q"))).decode("utf-8")

    def _value(self, kind):
        if kind == STRING:
            return self._string()
        if kind == ARRAY:
            kind, n = self._scalar("I"), self._scalar("Q")
            if kind == ARRAY or n > len(self._data):
                raise Malformed(self.name, "holds an array of arrays, or one longer than the file")
            return [self._value(kind) for _ in range(n)]
        if kind not in SCALARS:
            raise Malformed(self.name, f"holds a value of unknown kind {kind}")
        return self._scalar(SCALARS[kind])

    def _info(self):
        name, n_dims = self._string(), self._scalar("I")
        if n_dims > 4:
            raise Malformed(self.name, f"tensor {name} has {n_dims} axes; GGUF allows 4")
        shape = tuple(self._scalar("Q") for _ in range(n_dims))[::-1]  # GGUF lists the fastest axis first
        kind, start = self._scalar("I"), self._scalar("Q")
        if kind not in TYPES:
            known = ", ".join(t[0] for t in TYPES.values())
            raise Malformed(self.name, f"tensor {name} has type {kind}; known are {known}")
        label, numbers, size = TYPES[kind]
        if not all(shape):
            raise Malformed(self.name, f"tensor {name} of shape {shape} is empty")
        if not shape or shape[-1] % numbers:
            raise Malformed(self.name, f"tensor {name} of shape {shape} is no whole number of {label} blocks")
        return name, TensorInfo(shape, label, start, math.prod(shape) // numbers * size)


def _f32(raw):
    return raw.view("<f4").astype(np.float32)


def _f16(raw):
    return raw.view("<f2").astype(np.float32)


def q4_0(raw: np.ndarray) -> np.ndarray:
    """x = d·(q - 8); a block: d (float16), 32 four-bit q, the low halves of the 16 bytes first."""
    blocks = raw.reshape(-1, 18)
    out = np.empty((len(blocks), 32), np.float32)
    np.subtract(blocks[:, 2:] & 15, np.float32(8), out=out[:, :16])
    np.subtract(blocks[:, 2:] >> 4, np.float32(8), out=out[:, 16:])
    out *= _f16(blocks[:, :2].copy())
    return out.ravel()


def q4_1(raw: np.ndarray) -> np.ndarray:
    """x = d·q + m; a block: d, m (float16), 32 four-bit q, the low halves of the 16 bytes first."""
    blocks = raw.reshape(-1, 20)
    d, m = _f16(blocks[:, 0:2].copy()), _f16(blocks[:, 2:4].copy())  # (n, 1)
    q = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], 1)  # (n, 32)
    return (d * q + m).ravel()


def q8_0(raw: np.ndarray) -> np.ndarray:
    """x = d·q; a block: d (float16), 32 signed bytes."""
    blocks = raw.reshape(-1, 34)
    return (_f16(blocks[:, :2].copy()) * blocks[:, 2:].view(np.int8)).ravel()


def q6_k(raw: np.ndarray) -> np.ndarray:
    """x = d·s·(q - 32); a block: 256 q as low 4 and high 2 bits, 16 scales s (one for 16 numbers), d (float16)."""
    blocks = raw.reshape(-1, 210)
    low, high = blocks[:, :128].reshape(-1, 2, 2, 32), blocks[:, 128:192].reshape(-1, 2, 1, 32)
    scales, d = blocks[:, 192:208].view(np.int8), _f16(blocks[:, 208:].copy())  # (n, 16), (n, 1)
    low = np.stack([low & 15, low >> 4], 2).reshape(-1, 2, 4, 32)
    high = (high >> np.array([0, 2, 4, 6], np.uint8)[:, None]) & 3  # (n, 2, 4, 32)
    q = (low | high << 4).astype(np.float32) - 32
    return (d[:, :, None] * scales[:, :, None] * q.reshape(-1, 16, 16)).ravel()


DECODERS = {"f32": _f32, "f16": _f16, "q4_0": q4_0, "q4_1": q4_1, "q8_0": q8_0, "q6_k": q6_k}
