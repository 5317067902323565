"""Import what an answer will import before its time runs.

Half a second of scikit-learn is not the learner's fault, and an import that is cut off leaves half a module behind.
"""

import dis
import importlib
import types
from collections.abc import Iterator

KNOWN = frozenset({"matplotlib", "numpy", "scipy", "sklearn", "torch"})


def preimport(function) -> None:
    """Import the modules of known packages that the function's code (its inner functions' too) names."""
    for name in _imported(getattr(function, "__code__", None)):
        if name.split(".")[0] in KNOWN:
            try:
                importlib.import_module(name)
            except ImportError:  # the learner is told when the function runs
                continue


def _imported(code) -> Iterator[str]:
    if not isinstance(code, types.CodeType):
        return
    if not KNOWN.isdisjoint(name.partition(".")[0] for name in code.co_names):  # else no need to look closely
        for instruction in dis.get_instructions(code):
            if instruction.opname == "IMPORT_NAME":
                yield instruction.argval
    for constant in code.co_consts:
        yield from _imported(constant)
