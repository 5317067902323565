"""A task in the background that can be told at any moment that it is over, even while it waits for a slow model."""

from __future__ import annotations

import threading

from .plain import ANY


class Worker:
    """Runs one task at a time: ``task(over)``; the task looks at the Event ``over`` before it keeps anything.

    Parameters
    ----------
    fail : callable
        Called with the exception of a task that was not over.
    done : callable
        Called when a task has ended by itself or with an error; not when it was stopped.
    """

    def __init__(self, fail, done):
        self._fail, self._done = fail, done
        self._over = threading.Event()
        self._over.set()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """True until the task is over."""
        return not self._over.is_set()

    def start(self, task) -> None:
        """End what runs and begin this."""
        self.stop()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(task, self._over), name="lab-worker", daemon=True)
        self._thread.start()

    def stop(self, wait: bool = False) -> None:
        """Tell the task that it is over; it ends at its next look. ``wait``: return only then (or after 5 s)."""
        self._over.set()
        if wait:
            self.join(5)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended."""
        if self._thread not in (None, threading.current_thread()):
            self._thread.join(timeout)

    def _run(self, task, over):
        try:
            task(over)
        except (*ANY, KeyboardInterrupt) as error:
            if not over.is_set():
                self._fail(error)
        if not over.is_set():
            over.set()
            self._done()
