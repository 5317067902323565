"""Plain data as short text."""

import numpy as np

MAX_CHARACTERS = 240


def show(value, digits: int = 6) -> str:
    """One or a few lines, cut where they get long; never a learner's own __repr__, since the value is plain."""
    if type(value) is np.ndarray or isinstance(value, np.generic):
        text = np.array2string(np.asarray(value), precision=digits, threshold=24, edgeitems=2, separator=", ")
    elif type(value) is float:
        text = f"{value:.{digits + 2}g}"
    elif type(value) in (list, tuple):
        inner = ", ".join(show(item, digits) for item in value[:12]) + (", ..." if len(value) > 12 else "")
        text = f"[{inner}]" if type(value) is list else f"({inner})"
    else:
        text = repr(value)
    return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + " ..."


def show_type(value) -> str:
    """A few words: "a tuple of 3 things", "an array of shape (2, 3)"."""
    if type(value) is np.ndarray:
        return f"an array of shape {value.shape} and dtype {value.dtype}" if value.ndim else f"a number ({value.dtype})"
    if type(value) in (list, tuple, dict):
        return f"a {type(value).__name__} of {len(value)} things"
    words = {bool: "True or False", int: "a number", float: "a number", str: "a string"}
    return words.get(type(value), "None" if value is None else f"a {type(value).__name__}")


def indent(text: str, by: str = "    ") -> str:
    """Every line moved to the right."""
    return "\n".join(by + line for line in text.splitlines())
