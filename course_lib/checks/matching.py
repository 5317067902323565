"""When two pieces of plain data count as the same answer."""

import numpy as np

_NUMBERS = (bool, int, float, complex)


def match(got, want, rtol: float = 1e-9, atol: float = 1e-12) -> bool:
    """Same structure and shapes, and every number within rtol·|want| + atol·max(1, max |want|)."""
    if is_number(want):
        return is_number(got) and is_bool(got) == is_bool(want) and bool(close(got, want, rtol, atol).all())
    if type(want) is np.ndarray:
        alike = type(got) is np.ndarray and got.shape == want.shape and is_bool(got) == is_bool(want)
        return alike and bool(close(got, want, rtol, atol).all())
    if type(want) in (list, tuple):  # a list for a tuple will do, and an array for a list
        got = (got.tolist() if got.ndim == 1 else list(got)) if type(got) is np.ndarray and got.ndim else got
        pairs = zip(got, want, strict=False) if type(got) in (list, tuple) else ()
        return type(got) in (list, tuple) and len(got) == len(want) and all(match(g, w, rtol, atol) for g, w in pairs)
    if type(want) is dict:
        return type(got) is dict and got.keys() == want.keys() and all(match(got[k], want[k], rtol, atol) for k in want)
    return type(got) is type(want) and got == want


def close(got, want, rtol: float = 1e-9, atol: float = 1e-12) -> np.ndarray:
    """Element by element; NaN is close to NaN and an infinity to itself."""
    got, want = np.asarray(got), np.asarray(want)
    if got.dtype.kind not in "biuf" or want.dtype.kind not in "biuf":
        return got == want
    got, want = got.astype(float), want.astype(float)
    finite = np.abs(want[np.isfinite(want)])
    with np.errstate(all="ignore"):
        near = np.abs(got - want) <= rtol * np.abs(want) + atol * max(1.0, finite.max(initial=0.0))
    return near & np.isfinite(got) & np.isfinite(want) | (got == want) | (np.isnan(got) & np.isnan(want))


def is_number(value) -> bool:
    """A Python number or an array without axes."""
    return type(value) in _NUMBERS or (type(value) is np.ndarray and value.ndim == 0)


def is_bool(value) -> bool:
    """True, False, or an array of them."""
    return type(value) is bool or (type(value) is np.ndarray and value.dtype == bool)
