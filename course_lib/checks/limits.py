"""A time limit around a call, that also stops ``while True``."""

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable


class TimeUp(BaseException):
    """Raised inside the learner's code; not an Exception, so that ``except Exception`` lets it through."""


def limited(function: Callable[[], object], seconds: float):
    """``function()``, or TimeUp after ``seconds``. By an alarm in the main thread, else in a thread."""
    on_main = threading.current_thread() is threading.main_thread()
    return _by_alarm(function, seconds) if on_main and hasattr(signal, "setitimer") else _by_thread(function, seconds)


def _by_alarm(function, seconds):
    running = True

    def ring(signum, frame):
        """Raise here, and once more on the next line, which is the body of a bare ``except`` if there is one."""
        if not running:
            return
        if sys.gettrace() is None:
            while frame is not None and frame.f_code is not _by_alarm.__code__:
                frame.f_trace = _insist
                frame = frame.f_back
            sys.settrace(_insist)
        raise TimeUp

    started = time.monotonic()
    before = signal.signal(signal.SIGALRM, ring)
    # again and again, since a bare except may catch one
    delay, interval = signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
    try:
        try:
            return next(_apart(function))
        finally:
            running = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if sys.gettrace() is _insist:
            sys.settrace(None)
        signal.signal(signal.SIGALRM, before)
        if delay:  # someone else's alarm was running, such as pytest-timeout's
            signal.setitimer(signal.ITIMER_REAL, max(0.001, delay - (time.monotonic() - started)), interval)


def _apart(function):
    """A generator has its own "exception being handled": one raised in the middle of an except clause ends with it."""
    yield function()


def _insist(frame, event, argument):
    if event == "line":
        raise TimeUp
    return _insist


def _by_thread(function, seconds):
    box: dict = {}

    def work():
        try:
            box["value"] = function()
        except BaseException as error:
            box["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp))
        raise TimeUp
    if "error" in box:
        raise box["error"]
    return box["value"]
