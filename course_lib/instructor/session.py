"""The grader's end of the pipe: asks a sandbox, waits no longer than it said, believes nothing."""

from __future__ import annotations

import os
import selectors
import time

from ..checks.outcome import MAX_PRINTED, Outcome
from .cage import Cage, tree
from .inside import wire
from .limits import Limits

GRACE = 1.0  # seconds that a worker has to stop its own clock and answer
START = 60.0
CHUNK = 1 << 16
ALONE = 3  # bwrap, the first process of its namespace, the worker
_TEXTS = {"kind": 20, "problem": 40, "detail": 500, "line": 500, "printed": MAX_PRINTED}
_KINDS = ("value", "raised", "timeout", "exit", "interrupted")
_PROBLEMS = ("", "not-attempted", "unfinished", "too-large", "tensor", "array-subclass", "object-array", "generator",
             "strange-type")  # those that `plain` finds; all are told with ``detail`` alone
_FLOATING = ("divide by zero", "overflow", "invalid value", "underflow")


class Ended(Exception):
    """The sandbox is gone; ``reason`` is "time", "memory", "output" or "died"."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class NotStarted(Exception):
    """The sandbox did not even begin: the machine's fault, never the student's."""


class Session:
    """One sandbox with one notebook in it."""

    def __init__(self, limits: Limits):
        from .sandbox import command

        self.limits, self.cage, self._said = limits, Cage(command(limits), limits), None
        self._number = 0
        self._in, self._out = self.cage.process.stdin, self.cage.process.stdout
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)

    def greeting(self) -> None:
        """Wait until the worker has given up its rights. Raises NotStarted."""
        try:
            hello = self._receive(time.monotonic() + START)
        except Ended:
            raise NotStarted(self.close().strip()[-500:] or "it said nothing") from None
        if hello["uid"] == 0:
            raise NotStarted("it would have run as root")

    def notebook(self, cells: list[dict], functions: dict[str, tuple]) -> dict:
        """Run the cells; what the functions are ({"state", "library"} by name) and the errors. Raises Ended."""
        self.greeting()
        seconds = self.limits.setup_seconds
        answer = self._asked("notebook", seconds, seconds + GRACE + START / 10, cells=cells, functions=functions)
        return _report(answer, functions)

    def call(self, function: str, args: tuple) -> Outcome:
        """The outcome of one call. Raises Ended."""
        seconds = self.limits.call_seconds
        try:
            return _outcome(self._asked("call", seconds, seconds + GRACE, function=function, args=args), len(args))
        except wire.Refused as problem:
            return Outcome("value", problem="strange-type", detail=str(problem))

    def is_clean(self) -> bool:
        """Whether the next item may use it: no process besides the worker's own, nothing more on the pipe."""
        try:
            return len(tree(self.cage.process.pid)) == ALONE and self._asked("ping", GRACE, GRACE) is None
        except (Ended, wire.Refused):
            return False

    def close(self) -> str:
        """End the sandbox; what it complained of."""
        if self._said is None:
            self._said = self.cage.close()
        return self._said

    def _ended(self, reason: str) -> Ended:
        self.cage.kill(reason)
        self.close()
        return Ended(self.cage.reason if self.cage.reason in ("time", "memory", "output") else "died")

    def _asked(self, do: str, seconds: float, patience: float, **more):
        """The answer to a request, which bears its number; one that does not was sent unasked."""
        self._number += 1
        self._send({"do": do, "number": self._number, "seconds": seconds, **more}, patience)
        answer = self._receive(time.monotonic() + patience)
        if type(answer) is not tuple or len(answer) != 2 or type(answer[0]) is not int or answer[0] != self._number:
            raise self._ended("output")
        return answer[1]

    def _send(self, value, seconds: float) -> None:
        left, deadline = memoryview(wire.pack(value)), time.monotonic() + seconds
        while left:
            self._wait(self._in, selectors.EVENT_WRITE, deadline)
            try:
                left = left[os.write(self._in.fileno(), left[:CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise self._ended("died") from None

    def _receive(self, deadline: float):
        """One message. Raises Ended, or Refused for one that is framed but not readable."""
        try:
            lengths = wire.lengths(self._read(wire.HEAD.size, deadline))
        except wire.Refused:
            raise self._ended("output") from None
        text, raw = (self._read(length, deadline) for length in lengths)
        return wire.unpack(text, raw)

    def _read(self, count: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < count:
            self._wait(self._out, selectors.EVENT_READ, deadline)
            try:
                piece = os.read(self._out.fileno(), min(CHUNK, count - len(found)))
            except BlockingIOError:
                continue
            if not piece:
                raise self._ended("died")
            found += piece
        return bytes(found)

    def _wait(self, pipe, event, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, event)
            while not selector.select(max(0.0, min(0.5, deadline - time.monotonic()))):
                if time.monotonic() >= deadline or self.cage.reason:
                    raise self._ended(self.cage.reason or "time")


def _report(message, functions) -> dict:
    """The worker's word on the notebook, made into what it should be."""
    message = message if type(message) is dict else {}
    told = message.get("functions") if type(message.get("functions")) is dict else {}
    states = ("ok", "missing", "stub", "not-a-function", "wrong-signature")
    clean = {}
    for name in functions:
        about = told.get(name) if type(told.get(name)) is dict else {}
        state = about.get("state") if type(about.get("state")) is str else ""
        clean[name] = {"state": state if state in states else "missing", "library": about.get("library") is True}
    errors = message.get("errors") if type(message.get("errors")) is list else []
    pairs = [pair for pair in errors[:50] if type(pair) is tuple and [type(part) for part in pair] == [str, str]]
    return {"functions": clean, "errors": [(cell[:100], text[:500]) for cell, text in pairs]}


def _outcome(message, arguments: int) -> Outcome:
    """An Outcome of nothing but what an Outcome may hold. Raises Refused."""
    if type(message) is not dict or set(message) != set(Outcome.__dataclass_fields__):
        raise wire.Refused("an answer without its parts")
    for name, longest in _TEXTS.items():
        if type(message[name]) is not str or len(message[name]) > longest:
            raise wire.Refused(f"an answer whose {name} is not a short text")
    changed, floating = message["changed"], message["floating"]
    if type(changed) is not tuple or len(changed) > arguments or \
            not all(type(i) is int and 0 <= i < arguments for i in changed):
        raise wire.Refused("an answer that changed impossible arguments")
    if type(floating) is not tuple or len(floating) > len(_FLOATING) or \
            not all(type(flag) is str and flag in _FLOATING for flag in floating):
        raise wire.Refused("an answer with unknown warnings")
    if message["kind"] not in _KINDS or message["problem"] not in _PROBLEMS:
        raise wire.Refused("an answer of an unknown kind")
    return Outcome(**message)
