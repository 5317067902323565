"""One call of a learner's function, and everything worth knowing about how it went, as plain data."""

import contextlib
import io
import linecache
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .limits import TimeUp, limited
from .plain import NotPlain, copy, identical, plain
from .preimport import preimport
from .pristine import repair

MAX_PRINTED = 2_000


@dataclass(frozen=True)
class Outcome:
    """What came of one call. A grader outside the kernel fills this in from what its sandbox sends."""

    kind: str  # "value", "raised", "timeout", "exit", "interrupted"
    value: object = None  # plain data
    problem: str = ""  # the general diagnosis, where the value was not plain data
    detail: str = ""  # what came instead, or "ZeroDivisionError: division by zero"
    line: str = ""  # "line 3: return x / 0"
    printed: str = ""
    changed: tuple[int, ...] = ()  # positions of the arguments that were written to
    floating: tuple[str, ...] = ()  # "overflow", "invalid value", "divide by zero" on the way


class _Drain(io.TextIOBase):
    """Takes everything printed, keeps the beginning."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += str(text)[: max(0, MAX_PRINTED - len(self.text))]
        return len(text)


def run(function: Callable, args: tuple, seconds: float = 2.0, *, ours: bool = False) -> Outcome:
    """Call ``function(*args)`` on copies, within ``seconds``; whatever it does, an Outcome comes back.

    After a function that is not one of ours, NumPy and the library are repaired, which may take longer than the call.
    """
    preimport(function)
    sent, drain, flags = copy(args), _Drain(), []
    try:
        with contextlib.redirect_stdout(drain):
            kind, fields = limited(lambda: _call(function, sent, flags, ours), seconds)
    except TimeUp:
        kind, fields = "timeout", {}
    except KeyboardInterrupt:
        kind, fields = "interrupted", {}
    finally:
        if not ours:
            repair()
    changed = tuple(i for i, (now, was) in enumerate(zip(sent, args, strict=True)) if not _same(now, was))
    return Outcome(kind, printed=drain.text, changed=changed, floating=tuple(sorted(set(flags))), **fields)


class _Loud(contextlib.ContextDecorator):
    """Stands in for `np.errstate` while a stranger's function runs: what NumPy reports shall be heard."""

    def __init__(self, **states):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


def _call(function, sent, flags, ours):
    try:
        with np.errstate(all="call", under="ignore", call=lambda flag, _: flags.append(flag)):
            if not ours:  # `repair` puts them back
                np.errstate, np.seterr = _Loud, lambda *args, **states: np.geterr()
            value = function(*sent)
        if not ours:
            repair()
        return "value", {"value": plain(value)}
    except NotPlain as stranger:
        return "value", {"problem": stranger.problem, "detail": stranger.detail}
    except (TimeUp, KeyboardInterrupt):
        raise
    except SystemExit:
        return "exit", {}
    except BaseException as error:
        try:
            return "raised", {"detail": _described(error), "line": _line(error, function)}
        except BaseException:  # an error that does not let itself be looked at
            return "raised", {"detail": type.__getattribute__(type(error), "__name__")}


def _described(error: BaseException) -> str:
    message = str(error)
    return f"{type.__getattribute__(type(error), '__name__')}: {message[:300]}".rstrip(": ")


def _line(error: BaseException, function) -> str:
    """The last line of the learner's own that the error passed through."""
    filename = getattr(getattr(function, "__code__", None), "co_filename", None)
    steps = [(frame.f_code, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    own = [(code, number) for code, number in steps if code.co_filename == filename]
    if not own:
        return ""
    code, number = own[-1]
    text = textwrap.shorten(linecache.getline(filename, number), 100, placeholder=" …")
    return f"line {number - function.__code__.co_firstlineno + 1} of {code.co_name}" + (f": {text}" if text else "")


def _same(now, was) -> bool:
    try:
        return identical(plain(now), was)
    except NotPlain:
        return False
