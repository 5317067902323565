"""A running sandbox as a process tree: watched, measured, and killed as a whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from . import cgroup
from .limits import Limits

EVERY = 0.1  # seconds between two looks
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Cage:
    """Starts a command, kills its tree when it uses too much, and says what it used.

    The kernel counts memory and processes where a control group can be made (``group``); a thread looks in any case.
    """

    def __init__(self, command: list[str], limits: Limits):
        self.limits, self.reason = limits, ""
        self.group = cgroup.make(limits)
        self.started, self._cpu, self._peak = time.monotonic(), {}, 0.0
        self._rusage = None
        self.process = subprocess.Popen(
            self.group.joined(command) if self.group else command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, bufsize=0, start_new_session=True, cwd="/", env={"PATH": os.defpath})  # fmt: skip
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self):
        while not self._over.wait(EVERY):
            self._look()
            if time.monotonic() - self.started > self.limits.total_seconds:
                self.kill("time")

    def _look(self):
        memory = 0.0
        for pid in tree(self.process.pid):
            used = usage(pid)
            if used is not None:
                self._cpu[pid] = max(self._cpu.get(pid, 0.0), used[0])
                memory += used[1]
        self._peak = max(self._peak, memory)
        if memory > self.limits.memory_mb:
            self.kill("memory")

    def kill(self, reason: str) -> None:
        """Kill every process of the tree; the first reason stays."""
        self.reason = self.reason or reason
        for pid in tree(self.process.pid)[1:2]:  # the first of its own pid namespace: all others die with it
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            self._reap(1.0)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _reap(self, seconds: float) -> None:
        """Wait for the outermost process. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.005)

    def close(self) -> str:
        """End it, whatever it does; what bwrap or Python complained of, at most 64 KiB."""
        self._over.set()
        self._watcher.join()
        self._look()
        if self.group and self.group.ran_out_of_memory() and self.reason in ("", "died"):
            self.reason = "memory"  # what the kernel killed looks from outside as if it had died by itself
        self.kill("closed")
        self.process.wait()
        os.set_blocking(self.process.stderr.fileno(), False)
        said = self.process.stderr.read(65536) or b""
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()
        if self.group:
            self._peak = max(self._peak, self.group.peak_mb())
            self.group.remove()
        return said.decode("utf-8", "replace")

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all processes seen."""
        return sum(self._cpu.values())

    @property
    def peak_mb(self) -> float:
        """The most memory used at once."""
        return self._peak


def tree(pid: int) -> list[int]:
    """The process and all its descendants, ancestors first."""
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop(0)
        found.append(pid)
        for task in _listed(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                waiting += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def usage(pid: int) -> tuple[float, float] | None:
    """(CPU seconds with those of its finished children, resident MB) of a process, or None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    ticks = sum(int(fields[i]) for i in (11, 12, 13, 14))
    return ticks / TICKS, resident * os.sysconf("SC_PAGE_SIZE") / 2**20
