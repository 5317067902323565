"""A run in the background: step after step under a lock, up to ten pictures a second, stopped within one step."""

from __future__ import annotations

import threading
import time

SHARE = 80  # between two pictures the steps get at least so many times what a picture takes
TURN = 0.01  # seconds of steps before whoever waits for the lock has a turn: offering one takes 60 µs


class Loop:
    """Call ``step()`` again and again in a thread until it returns False or `stop` is called.

    Parameters
    ----------
    step : callable
        One step of work; returns False when there is nothing more to do. Called with ``lock`` held.
    publish : callable
        Shows the present state; called at most ``hertz`` times a second, and once at the end.
    lock : threading.RLock
    """

    def __init__(self, step, publish, lock, hertz: float = 10.0):
        self._step, self._publish, self._lock, self._pause = step, publish, lock, 1.0 / hertz
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """True between `start` and the last step."""
        return self._thread is not None and self._thread.is_alive() and not self._stopped.is_set()

    def start(self) -> None:
        """Begin to step; does nothing if it already does."""
        if self.running:
            return
        self.stop()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._stopped,), name="lab-loop", daemon=True)
        self._thread.start()

    def stop(self, wait: bool = False) -> None:
        """End after the present step. ``wait``: return only when the thread has ended."""
        self._stopped.set()
        if wait and self._thread not in (None, threading.current_thread()):
            self._thread.join(5)

    def _run(self, stopped):
        turn = time.perf_counter() + TURN
        due = turn + self._pause  # whoever pressed Play has just had a picture
        while not stopped.is_set():
            with self._lock:
                if stopped.is_set() or not self._step():
                    break
                if (now := time.perf_counter()) >= due:
                    self._publish()
                    begun, now = now, time.perf_counter()
                    due = now + max(self._pause, SHARE * (now - begun))
            if now >= turn:
                time.sleep(0)
                turn = time.perf_counter() + TURN
        stopped.set()
        with self._lock:
            self._publish()
