"""Errors as words, and values as JSON can hold them."""

from __future__ import annotations

import math
import traceback
from pathlib import Path

LIBRARY = str(Path(__file__).parents[1])
ANY = (Exception, SystemExit)  # what a learner's code may raise; Ctrl-C on the main thread still stops the cell
LONGEST = 600  # characters of an error


def describe(error: BaseException) -> str:
    """Return an error in one or two lines: what it is, and the line of the learner's code that led to it, if any."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(LIBRARY)]
    where = f"\nline {frames[-1].lineno} of {frames[-1].name}: {frames[-1].line}" if frames else ""
    words = str(error)
    words = words if len(words) <= LONGEST else words[:LONGEST] + " …"
    return f"{type(error).__name__}: {words}{where}"


def jsonable(value):
    """Return ``value`` with NumPy numbers made plain and non-finite floats made None (JSON has neither)."""
    if isinstance(value, dict):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(v) for v in value]
    if hasattr(value, "tolist"):
        return jsonable(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
