"""Which public names the core has, so that none goes unproven."""

import inspect
from importlib import import_module
from importlib.util import find_spec

# The numeric core. `op` is how its functions are made; every proof runs through it.
CORE = (
    "arithmetic", "activations", "losses", "conv", "pooling", "normalization", "recurrent", "attention",
    "autograd", "nn",
    "init", "optim", "schedules", "training", "history", "metrics", "random", "data",
    "checkpoint", "model_selection", "compression", "word2vec",
)  # fmt: skip
# Of the data room: the readers, what computes, and the data set that the core is tried on. What remains opens a
# package's files with these readers, and is counted and described in docs/DATA.md; tests/data looks after it.
DATA = tuple(
    f"data.{name}" for name in (
        "digits", "Split", "read_csv", "read_idx", "read_text", "read_vectors_text", "read_vectors_binary",
        "WordVectors", "read_ratings", "split_by_time", "synthetic_ratings",
    )
)  # fmt: skip
# The modules of the data room that compute.
COMPUTING = ("data.augment", "data.cleaning", "data.preprocess", "data.splitting", "data.leaks")
ELSEWHERE = (
    "op", "preflight", "cli", "jupyter", "instructor", "widgets", "checks", "claims", "chatbot", "topics", "verify",
)  # fmt: skip


def public_names() -> list[str]:
    """Return every public function and class of the core as "room.name" (of the data room's as "data.module.name").

    They are a module's own, or what a package exports.
    """
    names = []
    for room in CORE:
        if find_spec(f"course_lib.{room}"):
            names += _names(import_module(f"course_lib.{room}"), room)
    names = [name for name in names if not name.startswith("data.") or name in DATA]
    return names + [n for room in COMPUTING for n in _names(import_module(f"course_lib.{room}"), room)]


def _names(module, room):
    return [f"{room}.{name}" for name, value in vars(module).items() if _is_public(name, value, module.__name__)]


def _is_public(name, value, module):
    defined_here = getattr(value, "__module__", "") == module or getattr(value, "__module__", "").startswith(
        module + "."
    )
    return defined_here and not name.startswith("_") and (inspect.isfunction(value) or inspect.isclass(value))
