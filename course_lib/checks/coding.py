"""Plain data as JSON and back, nothing lost: tuples, arrays with their type, infinities, whole dictionaries."""

from __future__ import annotations

import math

import numpy as np


def encode(value):
    """Plain data (see `plain`) as what JSON can hold."""
    if type(value) is np.ndarray:
        return {"array": encode(value.ravel().tolist()), "shape": list(value.shape), "dtype": value.dtype.str}
    if type(value) is tuple:
        return {"tuple": [encode(item) for item in value]}
    if type(value) is dict:
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if type(value) is complex:
        return {"complex": [encode(value.real), encode(value.imag)]}
    if type(value) is float and not math.isfinite(value):
        return {"float": repr(value)}
    return [encode(item) for item in value] if type(value) is list else value


def decode(value):
    """Inverse of `encode`. Raises ValueError, TypeError or KeyError for anything else."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return np.array(decode(value["array"]), dtype=_numeric(value["dtype"])).reshape(value["shape"])
    if "tuple" in value:
        return tuple(decode(value["tuple"]))
    if "dict" in value:
        return {decode(key): decode(item) for key, item in value["dict"]}
    return complex(*decode(value["complex"])) if "complex" in value else float(value["float"])


def _numeric(name: str) -> np.dtype:
    found = np.dtype(name)
    if found.kind not in "biufc":
        raise ValueError(f"an array of {name} is not plain data")
    return found
