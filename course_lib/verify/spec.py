"""What is proven of one public function or class, written down as data. `proofs` runs it."""

import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import NamedTuple

import numpy as np

FLOAT64, FLOAT32 = 1e-10, 1e-5  # largest relative errors allowed, by dtype


class Case(NamedTuple):
    """One call. Float arrays among `args` are differentiable inputs; whatever is in `options` is constant."""

    args: tuple
    options: dict
    label: str = ""  # edges have one, for the table
    differs: str = ""  # why the answer is not PyTorch's, where that is meant
    answer: tuple = ()  # the stated answer then: value, then the gradient of each input


def case(*args, **options) -> Case:
    """Write a call down: ``case(x, y, reduction="sum")``."""
    return Case(tuple(map(_as_array, args)), options)


def edge(label: str, *args, differs: str = "", answer: tuple = (), **options) -> Case:
    """Write down a call with extreme inputs, and its name in the table."""
    return Case(tuple(map(_as_array, args)), options, label, differs, answer)


def _as_array(value):
    return np.asarray(value) if isinstance(value, np.generic) else value


@dataclass(frozen=True)
class Measured:
    """A proof of its own making: a comparison that returns the worst relative error it saw.

    ``run(dtype)`` raises AssertionError if something is wrong that no number expresses.
    """

    reference: str  # what it is compared with, for the table
    run: Callable[[type], float]
    float64: float = FLOAT64
    float32: float | None = FLOAT32  # None: not run in float32


@dataclass(frozen=True)
class Without:
    """There is no such proof, and why."""

    why: str


@dataclass(frozen=True)
class Spec:
    """Three proofs of one public name.

    Parameters
    ----------
    name : str
        "module.function", below course_lib.
    cases : rng -> iterable of Case
        Smooth inputs of many shapes, away from kinks: compared with the twin and with finite differences.
    twin : callable
        PyTorch's counterpart; gets the same call with torch tensors for arrays.
    ours : callable
        How to call ours, where that is not simply ``name``'s function (layers: load the parameters, apply).
    edges : rng -> iterable of Case
        Kinks, ±1e4, 0, empty, nan, infinities: values and gradients must equal PyTorch's, or the stated answer.
    properties : tuple of functions made with `sampling.holds`
        Their names are published.
    parity, second : Measured or Without
        Replace the comparison with `twin` and the finite differences where those do not apply.
    float64, float32 : float
        Tolerances of parity.
    h : float
        Step of the finite differences.
    """

    name: str
    cases: Callable[[np.random.Generator], Iterable[Case]] = lambda rng: ()
    twin: Callable | None = None
    ours: Callable | None = None
    edges: Callable[[np.random.Generator], Iterable[Case]] = lambda rng: ()
    properties: tuple[Callable, ...] = field(default=())
    parity: Measured | Without | None = None
    second: Measured | Without | None = None
    float64: float = FLOAT64
    float32: float = FLOAT32
    h: float = 1e-3

    @property
    def target(self):
        """The public function or class itself."""
        module, _, name = self.name.rpartition(".")
        return getattr(import_module(f"course_lib.{module}"), name)

    @property
    def call(self) -> Callable:
        """What the generic proofs call."""
        return self.ours or self.target


@cache
def all_specs() -> dict[str, Spec]:
    """Every spec by name: the ``SPECS`` of each module in `course_lib.verify.specs`."""
    package = import_module("course_lib.verify.specs")
    found = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        for spec in import_module(f"{package.__name__}.{info.name}").SPECS:
            if spec.name in found:
                raise ValueError(f"two specs for {spec.name}")
            found[spec.name] = spec
    return found
