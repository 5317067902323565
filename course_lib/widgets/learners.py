"""What a learner's function gave, if it is what was asked for; else an error in words that names the function."""

from __future__ import annotations

import numpy as np

from course_lib.autograd import Tensor


def numbers(what: str, value) -> np.ndarray:
    """Return ``value`` as float64.

    Raises
    ------
    ValueError
        If it is not made of real numbers; ``what`` names the function.
    """
    if isinstance(value, Tensor):
        value = value.data
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "biuf":
            raise TypeError
        return found.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{what}: expected real numbers, got {kind(value)}") from None


def output(model, x) -> Tensor:
    """Return what a learner's model makes of a batch.

    Raises
    ------
    ValueError
        If it returns no Tensor.
    """
    found = model(x if isinstance(x, Tensor) else Tensor(x))
    if not isinstance(found, Tensor):
        raise ValueError(f"{type(model).__name__}.forward: expected to return a Tensor, got {kind(found)}")
    return found


def loss_of(loss_fn, out, y) -> Tensor:
    """Return a learner's loss of a model's output.

    Raises
    ------
    ValueError
        If it is no Tensor that holds one number.
    """
    found = loss_fn(out, y)
    if not isinstance(found, Tensor) or found.size != 1:
        raise ValueError(f"loss_fn(output, y): expected a Tensor with one number, got {kind(found)}")
    return found


def kind(value) -> str:
    """Name a value's type, and its shape and number type if it has them."""
    shape = getattr(value, "shape", None)
    return type(value).__name__ + (f" of shape {tuple(shape)}, {value.dtype}" if shape is not None else "")
