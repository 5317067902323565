"""Arrays on their way to the browser: one float32 buffer, and a list that says where each array lies in it."""

from __future__ import annotations

import numpy as np


def pack(arrays: dict) -> tuple[bytes, list]:
    """Return ``(buffer, layout)``: all arrays one after the other as float32, and ``[name, shape, offset]`` for each.

    Offsets count floats, not bytes.
    """
    parts, layout, offset = [], [], 0
    for name, array in arrays.items():
        array = np.asarray(array, dtype=np.float32)
        layout.append([name, list(array.shape), offset])
        parts.append(array.tobytes())
        offset += array.size
    return b"".join(parts), layout


def unpack(buffer: bytes, layout: list) -> dict:
    """Undo `pack`."""
    flat = np.frombuffer(buffer, dtype=np.float32)
    return {name: flat[start : start + int(np.prod(shape))].reshape(shape) for name, shape, start in layout}
