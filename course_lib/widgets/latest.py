"""The queue between a dragging hand and a slow computation: settings in a row become one, no action gets lost."""

from __future__ import annotations

import threading


class LatestQueue:
    """Hand messages to ``handle(message)`` one at a time, merging settings that have not been looked at yet.

    A message is ``{"set": {name: value}}`` or ``{"act": name}``. Two ``set`` in a row are merged, the later value wins.
    The thread that works lives only while there is something to do.
    """

    def __init__(self, handle):
        self._handle = handle
        self._lock = threading.Lock()
        self._waiting: list[dict] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, message: dict) -> None:
        """Add a message; returns at once."""
        with self._lock:
            if self._closed:
                return
            self._merge(message)
            if self._thread is None:
                self._thread = threading.Thread(target=self._drain, name="lab-queue", daemon=True)
                self._thread.start()

    def _merge(self, message):
        last = self._waiting[-1] if self._waiting else {}
        if "set" in last and "set" in message:
            self._waiting[-1] = {**message, "set": {**last["set"], **message["set"]}}
        else:
            self._waiting.append(message)

    def _drain(self):
        try:
            while (message := self._next()) is not None:
                self._handle(message)
        except BaseException:  # the next message gets a thread of its own
            self._thread = None
            raise

    def _next(self):
        with self._lock:
            if self._waiting and not self._closed:
                return self._waiting.pop(0)
            self._thread = None

    def busy(self) -> bool:
        """True if a newer message waits: a long computation may give up early."""
        return bool(self._waiting)

    def join(self, timeout=None) -> None:
        """Wait until everything put so far has been handled."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def close(self) -> None:
        """Drop what waits and end the thread."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
        self.join(5)
