"""What an exercise is: a question on plain data, its answer key, and the wrong answers it can recognise."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from itertools import combinations

import numpy as np

from .plain import copy, is_empty, magnitude, size


@dataclass(frozen=True)
class Mistake:
    """A classic wrong answer.

    ``wrong`` is a function, or edits {old: new} of the model answer's source. Without a ``diagnosis`` the name must be
    that of a general one (``diagnosis.GENERAL``), such as "writes-input".
    """

    name: str
    wrong: Callable | dict[str, str]
    diagnosis: str = ""


@dataclass(frozen=True)
class Slot:
    """The place in the library that a learner's function may take: "course_lib.optim:adam_update"."""

    name: str
    target: str
    adapt: Callable[[Callable, Callable], Callable] = lambda mine, library: mine  # to the library's signature


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise. ``answer``, the model answer, gives the function's name and signature; `reveal` shows it."""

    id: str
    title: str
    answer: Callable
    reference: Callable  # the library's function: the answer key
    cases: Callable[[np.random.Generator], Iterable[tuple]]  # rng -> tuples of positional arguments
    edges: tuple[tuple, ...]  # inputs that must always be tried
    mistakes: tuple[Mistake, ...]
    right: tuple[Callable, ...]  # answers written differently, all to be accepted
    hints: tuple[str, str, str]
    minutes: int
    difficulty: int  # 1 to 5
    claims: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()  # names of the things returned, when there are several
    rtol: float = 1e-9
    atol: float = 1e-12  # times the largest expected value, at least 1
    quiet: bool = False  # the values alone are not enough: nothing may overflow on the way
    slot: Slot | None = None

    @property
    def name(self) -> str:
        return self.answer.__name__

    @property
    def chapter(self) -> int:
        return int(self.id.split(".")[0])

    @property
    def signature(self) -> str:
        return f"{self.name}{inspect.signature(self.answer)}"

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.answer).parameters)

    @cached_property
    def source(self) -> str:
        return inspect.getsource(self.answer)

    def inputs(self, seed: int = 0) -> list[tuple]:
        """All inputs, simplest first, so that the first one that fails is the one to show."""
        made = [*self.edges, *self.cases(np.random.default_rng(seed))]
        return sorted((copy(args) for args in made), key=lambda args: (is_empty(args), size(args), magnitude(args)))

    def function(self, mistake: Mistake) -> Callable:
        """The wrong answer as something that can be called."""
        return self._edited(mistake.name, mistake.wrong) if isinstance(mistake.wrong, dict) else mistake.wrong

    def pairs(self) -> Iterator[Mistake]:
        """Two mistakes at once, where both are edits and leave room for each other."""
        edits = [mistake for mistake in self.mistakes if mistake.diagnosis and isinstance(mistake.wrong, dict)]
        for a, b in combinations(edits, 2):
            both = Mistake(f"{a.name}+{b.name}", {**a.wrong, **b.wrong},
                           f"Two things. {a.diagnosis} Besides: {b.diagnosis}")
            if len(both.wrong) == len(a.wrong) + len(b.wrong) and self._fit(both.wrong):
                yield both

    def _fit(self, edits: dict[str, str]) -> bool:
        """Whether each edit finds its place, once, after those before it."""
        try:
            return bool(self._replaced("", edits))
        except ValueError:
            return False

    def _edited(self, name: str, edits: dict[str, str]) -> Callable:
        return self.compiled(self._replaced(name, edits), name)

    def _replaced(self, name: str, edits: dict[str, str]) -> str:
        source = self.source
        for old, new in edits.items():
            if source.count(old) != 1:
                times = source.count(old)
                raise ValueError(f"{self.id} {name}: {old!r} must occur once in the model answer, not {times} times")
            source = source.replace(old, new)
        return source

    def compiled(self, source: str, name: str) -> Callable:
        """A changed model answer as a function."""
        namespace = dict(vars(import_module(self.answer.__module__)))
        exec(compile(source, f"<{self.id} {name}>", "exec"), namespace)  # our own source, from this package
        return namespace[self.name]


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise by id, in the order of the chapters."""
    found = sorted(_found(), key=lambda exercise: [int(part) for part in exercise.id.split(".")])
    by_id = {exercise.id: exercise for exercise in found}
    if len(by_id) != len(found):
        raise ValueError("two exercises have the same id")
    return by_id


def _found() -> Iterator[Exercise]:
    package = import_module(__package__)
    for chapter in pkgutil.iter_modules(package.__path__):
        if chapter.name.startswith("chapter"):
            folder = import_module(f"{__package__}.{chapter.name}")
            for module in pkgutil.iter_modules(folder.__path__):
                yield import_module(f"{folder.__name__}.{module.name}").EXERCISE


def find(exercise: str | float | Exercise) -> Exercise:
    """The exercise with this id. Raises KeyError with the ids there are."""
    if isinstance(exercise, Exercise):
        return exercise
    known = exercises()
    if str(exercise) not in known:
        raise KeyError(f"no exercise {exercise!r}; there are {', '.join(known)}")
    return known[str(exercise)]


def numbers(rng: np.random.Generator, *shape: int, scale: float = 2.0) -> np.ndarray:
    """Random numbers with one decimal: easy to read when they come back in a diagnosis."""
    return rng.normal(scale=scale, size=shape).round(1) + 0.0  # + 0.0: no negative zeros
