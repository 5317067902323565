"""A control group around a sandbox: memory and processes, counted by the kernel. Not every machine lets us make one."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

from .limits import Limits

ROOT = Path("/sys/fs/cgroup")
_number = itertools.count()


@dataclass(frozen=True)
class Group:
    """Folders of one group: one in version 2, one per controller in version 1."""

    version: int
    folders: tuple[Path, ...]

    def joined(self, command: list[str]) -> list[str]:
        """The command, which joins the group before it starts."""
        script = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 97; shift; done; shift; exec "$@"'
        return ["/bin/sh", "-c", script, "sh", *(str(f / "cgroup.procs") for f in self.folders), "--", *command]

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has killed one of its processes for memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        words = _read(self.folders[0] / name).split()
        return "oom_kill" in words and words[words.index("oom_kill") + 1] != "0"

    def peak_mb(self) -> float:
        """The most memory it has used; 0 where the kernel does not say."""
        name = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        text = _read(self.folders[0] / name).strip()
        return int(text) / 2**20 if text.isdigit() else 0.0

    def remove(self) -> None:
        """Delete the folders; the kernel lets go of an empty group a moment after its last process."""
        for folder in self.folders:
            for _ in range(100):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)


def make(limits: Limits) -> Group | None:
    """A new group with these limits, or None where that is not allowed."""
    name = f"course-grade-{os.getpid()}-{next(_number)}"
    for build in (_version_2, _version_1):
        made: list[Path] = []
        try:
            return build(name, limits, made)
        except OSError:
            Group(0, tuple(made)).remove()
    return None


def _version_2(name, limits, made):
    mount = ROOT / "unified" if (ROOT / "unified").is_dir() else ROOT
    parent = mount / _own("").lstrip("/")
    control = parent / "cgroup.subtree_control"
    if not {"memory", "pids"} <= set(control.read_text().split()):
        control.write_text("+memory +pids")
    folder = _new(parent / name, made)
    (folder / "memory.max").write_text(str(_memory(limits)))
    (folder / "pids.max").write_text(str(limits.processes + 4))
    with contextlib.suppress(OSError):
        (folder / "memory.swap.max").write_text("0")
    return Group(2, (folder,))


def _version_1(name, limits, made):
    memory = _new(ROOT / "memory" / _own("memory").lstrip("/") / name, made)
    (memory / "memory.limit_in_bytes").write_text(str(_memory(limits)))
    pids = _new(ROOT / "pids" / _own("pids").lstrip("/") / name, made)
    (pids / "pids.max").write_text(str(limits.processes + 4))
    return Group(1, (memory, pids))


def _memory(limits: Limits) -> int:
    return (limits.memory_mb + limits.scratch_mb) << 20


def _new(folder: Path, made: list[Path]) -> Path:
    folder.mkdir()
    made.append(folder)
    return folder


def _own(controller: str) -> str:
    """The group of this process. Raises OSError where there is none."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path
    raise OSError(f"no control group for {controller!r}")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
