"""What a compressed model takes on disk: integers packed, zeros left out, indices and scales counted."""

import zlib

import numpy as np

from course_lib import checkpoint
from course_lib.compression.quantization import dequantize, quantize


def quantize_state(state: dict, bits: int = 8, axis: int | None = 0) -> dict:
    """Quantise every weight (two dimensions or more) of a state dict; what is smaller stays as it is.

    Parameters
    ----------
    state : dict
        ``model.state_dict()``.
    bits : int
        2 to 8; up to 4 bits, two values share a byte.
    axis : int, optional
        0: a scale for each output channel; None: one for each weight array.
    """
    return {name: _quantized(w, bits, axis) if w.ndim >= 2 else w for name, w in state.items()}


def dequantize_state(stored: dict) -> dict[str, np.ndarray]:
    """Return a state dict from what `quantize_state` returned, for ``model.load_state_dict``."""
    return {name: _dequantized(w) if isinstance(w, dict) else w for name, w in stored.items()}


def sparse_state(state: dict) -> dict:
    """Store every weight (two dimensions or more) by its non-zero values, their columns and the row ends.

    Compressed sparse rows; columns and row ends take the smallest unsigned integers that hold them. It pays once more
    than about a third of the weights are 0 (16-bit columns, float32 values).
    """
    return {name: _sparse(w) if w.ndim >= 2 else w for name, w in state.items()}


def dense_state(stored: dict) -> dict[str, np.ndarray]:
    """Return a state dict from what `sparse_state` returned."""
    return {name: _dense(w) if isinstance(w, dict) else w for name, w in stored.items()}


def stored_bytes(state: dict, deflate: bool = False) -> int:
    """Length of the checkpoint file that holds the state: names, shapes, scales and indices included.

    Parameters
    ----------
    state : dict
    deflate : bool
        Count the file as zip and gzip pack it (zlib, level 9). Trained weights crowd around 0, so their 8-bit values
        need about 7 bits each; float32 hardly shrinks. Deep Compression (Han, Mao & Dally, ICLR 2016) ends with such
        an entropy code.
    """
    raw = checkpoint.to_bytes(state)
    return len(zlib.compress(raw, 9)) if deflate else len(raw)


def pack_int4(values) -> np.ndarray:
    """Two values of -8..7 to a byte, the first in the low half; an odd number is filled up with 0."""
    flat = np.ravel(values)
    if flat.size and not (flat.min() >= -8 and flat.max() <= 7):
        raise ValueError(f"pack_int4: values must lie in -8..7, got {flat.min()}..{flat.max()}")
    low, high = np.append(flat, [0] * (flat.size % 2)).astype(np.uint8).reshape(-1, 2).T & 15
    return low | high << 4


def unpack_int4(packed, shape) -> np.ndarray:
    """Undo `pack_int4`: int8 values in the given shape."""
    size = int(np.prod(shape))
    if len(packed) != (size + 1) // 2:
        raise ValueError(f"unpack_int4: shape {tuple(shape)} needs {(size + 1) // 2} bytes, got {len(packed)}")
    halves = np.column_stack([packed & 15, packed >> 4]).astype(np.int8).ravel()[:size]
    return np.where(halves > 7, halves - 16, halves).astype(np.int8).reshape(shape)


def _quantized(w, bits, axis):
    values, scale = quantize(w, bits, axis)
    return {"values": pack_int4(values) if bits <= 4 else values, "scale": scale, "shape": list(w.shape)}


def _dequantized(entry):
    values, shape = entry["values"], entry["shape"]
    return dequantize(unpack_int4(values, shape) if values.dtype == np.uint8 else values, entry["scale"])


def _sparse(w):
    rows = w.reshape(len(w), -1)
    row, column = np.nonzero(rows)
    ends = np.cumsum(np.bincount(row, minlength=len(w)))
    return {"values": rows[row, column], "columns": column.astype(np.min_scalar_type(max(rows.shape[1] - 1, 0))),
            "ends": ends.astype(np.min_scalar_type(len(row))), "shape": list(w.shape)}  # fmt: skip


def _dense(entry):
    rows = np.zeros((entry["shape"][0], int(np.prod(entry["shape"][1:]))), entry["values"].dtype)
    counts = np.diff(entry["ends"].astype(int), prepend=0)
    rows[np.repeat(np.arange(len(rows)), counts), entry["columns"]] = entry["values"]
    return rows.reshape(entry["shape"])
