"""The code items of one notebook: run in a sandbox, checked outside it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..checks import grading
from ..checks.outcome import Outcome
from ..checks.spec import Exercise
from . import scoring
from .files import Item, ItemResult
from .inside.wire import Refused
from .limits import Limits
from .normalise import Rebuilt, defines
from .session import Ended, Session

ENDINGS = {
    "time": ("too-slow", "It did not finish in time, and had to be stopped from outside."),
    "memory": ("memory", "It needed more memory than there is for a submission."),
    "output": ("output", "It wrote into the grader's own channel; what it sent was not read."),
    "died": ("crash", "Its Python ended in the middle: a crash, an exit, or too many processes."),
}


SLOW: dict = {}


@dataclass
class Used:
    """What the sandboxes of a submission have used."""

    cpu_seconds: float = 0.0
    max_rss_mb: float = 0.0

    def add(self, session: Session) -> None:
        self.cpu_seconds += session.cage.cpu_seconds
        self.max_rss_mb = max(self.max_rss_mb, session.cage.peak_mb)


@dataclass
class Grader:
    """Grades items of one notebook. A sandbox that ends takes only the item with it during which it ended."""

    rebuilt: Rebuilt
    items: list[Item]  # all the code items of the notebook
    exercises: dict[str, Exercise]  # by item
    seed: int
    limits: Limits
    deadline: float  # time.monotonic() at which the submission has had its time
    used: Used = field(default_factory=Used)

    def grade(self, items: list[Item]) -> Iterator[ItemResult]:
        """A result for each of these items, in order. Raises NotStarted."""
        while items:
            if time.monotonic() > self.deadline:
                text = f"The submission had used its {self.limits.total_seconds:g} seconds before this was run."
                yield from (self.result(item, scoring.by_hand(text, "too-slow")) for item in items)
                return
            session = Session(self.limits)
            try:
                done = yield from self._in_one(session, items)
            finally:
                session.close()
                self.used.add(session)
            items = items[done:]

    def _in_one(self, session: Session, items: list[Item]) -> Iterator[ItemResult]:
        """As many items as one sandbox lives for; returns how many."""
        try:
            report = session.notebook(self._cells(), {item.function: self._about(item) for item in items})
        except (Ended, Refused) as end:
            if len(items) == 1:
                yield self.result(items[0], self._ended(end))
                return 1
            report = SLOW
        if report is SLOW or (len(items) > 1 and any("TimeUp" in text for _, text in report["errors"])):
            for item in items:  # one of the answers needs a statement that never ends: each in a sandbox of its own
                yield from self.grade([item])
            return len(items)
        for number, item in enumerate(items, 1):
            started = time.monotonic()
            fields, alive = self._checked(session, item, report)
            yield self.result(item, fields, time.monotonic() - started)
            if not alive or not session.is_clean():  # what an answer left running must not slow the next
                return number
        return len(items)

    def _checked(self, session: Session, item: Item, report: dict) -> tuple[dict, bool]:
        about = report["functions"][item.function]
        if about["state"] != "ok":
            return self._unfit(item, about["state"], report["errors"]), True
        call, ends = _proxy(session, item.function)
        try:
            verdict = grading.grade(self.exercises[item.id], call, seed=self.seed)
        except Exception as error:
            text = f"The check itself failed on what came back ({type(error).__name__}: {error}). Please report this."
            return scoring.by_hand(text, "check-failed"), not ends
        fields = scoring.of_grade(item, self.exercises[item.id], verdict, about["library"])
        if ends and not verdict.passed:
            name, message = ENDINGS[ends[0].reason]
            fields |= {"diagnosis": name, "message": message}
        return fields, not ends

    def _unfit(self, item: Item, state: str, errors: list[tuple[str, str]]) -> dict:
        """The fields for a name that cannot be called."""
        if state == "stub" and item.id not in self.rebuilt.missing:
            return scoring.not_attempted()
        if state == "wrong-signature":
            wanted = self.exercises[item.id].signature
            return scoring.broken(f"The function takes other arguments than {wanted}.", "wrong-signature")
        if state == "not-a-function":
            return scoring.broken(f"{item.function} is not a function.", "not-a-function")
        own = {part.id for part in self.rebuilt.parts if part.item == item.id or defines(part.source, item.function)}
        said = [text for cell, text in errors if cell in own]
        if said:
            return scoring.broken(f"The cell does not run: {said[0]}", "does-not-run")
        if item.id in self.rebuilt.missing:
            return scoring.by_hand(f"The answer cell is gone, and no other cell defines {item.function}.", "missing")
        names = re.findall(r"^def\s+(\w+)", self.source(item), re.MULTILINE)[:5]
        there = f"; its cell defines {', '.join(names)}" if names else ""
        return scoring.by_hand(f"There is no function {item.function}{there}.", "missing")

    @staticmethod
    def _ended(end: Exception) -> dict:
        name, message = ENDINGS[end.reason if isinstance(end, Ended) else "output"]
        return scoring.broken(message, name)

    def _about(self, item: Item) -> tuple:
        exercise = self.exercises[item.id]
        return list(exercise.parameters), exercise.reference.__name__

    def _cells(self) -> list[dict]:
        """The code cells, for the worker; not the stubs of answers that stand in another cell."""
        code = [part for part in self.rebuilt.parts if part.type == "code"]
        return [{"id": part.id, "own": part.kind != "locked", "source": part.source} for part in code
                if part.kind != "answer" or part.touched or not self._elsewhere(part, code)]

    def _elsewhere(self, stub, code) -> bool:
        names = [item.function for item in self.items if item.id == stub.item]
        return any(part is not stub and part.kind != "locked" and defines(part.source, name)
                   for name in names for part in code)

    def source(self, item: Item) -> str:
        """The student's text for an item: the last cell that defines its function, else its own cell."""
        parts = self.rebuilt.parts
        own = [part.source for part in parts if part.item == item.id]
        found = [part.source for part in parts if part.type == "code" and part.kind != "locked"
                 and (part.touched or part.kind == "extra") and defines(part.source, item.function or "")]
        return (found or own or [""])[-1][: scoring.MAX_SOURCE]

    def result(self, item: Item, fields: dict, seconds: float = 0.0) -> ItemResult:
        """An item's result from the fields that its case decides."""
        given = {"right": 0, "total": 0, **fields}
        return ItemResult(id=item.id, points=item.points, seconds=round(seconds, 3), hints=None,
                          source=self.source(item), **given)


def _proxy(session: Session, function: str) -> tuple[Callable, list[Ended]]:
    """(call, ends): the function as the check calls it; ``ends`` gets the sandbox's end, if it comes."""
    ends: list[Ended] = []

    def call(args):
        if ends:
            return Outcome("timeout")
        try:
            return session.call(function, args)
        except Ended as end:
            ends.append(end)
            return Outcome("timeout")

    return call, ends
