"""The sandbox: bubblewrap around the worker. What a submission sees, and what it does not.

It sees Python, the installed packages and the course's library, all read-only, and one folder in memory, /tmp. It has
no network, no home, its own process ids, and nothing of the instructor's: the folder `instructor` and the answer keys
(`checks/chapter…`) are empty inside. What stays readable are the library's own functions, which students have anyway.

As root, the worker becomes an unprivileged user of its own before it runs anything. As anyone else, a user namespace
does that. Where bubblewrap cannot start, grading is refused: there is no way without it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import course_lib

from .cage import tree
from .inside import wire
from .limits import Limits

COURSE = Path(course_lib.__file__).resolve().parent
INSIDE = Path(wire.__file__).resolve().parent
WORKER = "/grader"
FIRST_UID = 61184  # systemd's range for passing users; nobody's files
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")


class NoSandbox(Exception):
    """No sandbox can be started here: why, and what to do."""


def command(limits: Limits) -> list[str]:
    """The command line that starts a worker."""
    root = os.getuid() == 0
    uid = FIRST_UID + os.getpid() % 4000 if root else None
    settings = json.dumps({"uid": uid, "limits": limits.rlimits()})
    return [_bwrap(), *_namespaces(root), *_environment(), *_files(limits), "--", sys.executable, "-s", "-B",
            f"{WORKER}/worker.py", settings]  # fmt: skip


def _bwrap() -> str:
    found = shutil.which("bwrap")
    if found is None:
        raise NoSandbox(_help("bubblewrap (the program bwrap) is not installed.",
                              "Debian, Ubuntu: sudo apt-get install bubblewrap. Fedora: sudo dnf install bubblewrap."))
    return found


def _namespaces(root: bool) -> list[str]:
    spaces = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if root:
        user = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]  # to give root up
    else:
        user = ["--unshare-user", "--uid", "1000", "--gid", "1000", *_no_more_users()]
    return [*spaces, "--hostname", "grader", "--die-with-parent", "--new-session", "--cap-drop", "ALL", *user]


@cache
def _no_more_users() -> tuple[str, ...]:
    """The option that forbids further user namespaces, where this bwrap has it (0.8)."""
    said = subprocess.run([_bwrap(), "--help"], capture_output=True, text=True, timeout=10)
    return ("--disable-userns",) if "--disable-userns" in said.stdout + said.stderr else ()


def _environment() -> list[str]:
    values = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONPATH": str(COURSE.parent),
              "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg", "COURSE_STATIC": "1", "COURSE_ANSWERS": "/tmp/answers.json"}
    values |= {f"{name}_NUM_THREADS": "1" for name in THREADS}
    return ["--clearenv", *(word for name, value in values.items() for word in ("--setenv", name, value))]


def shown() -> list[Path]:
    """The folders of this machine that a submission can read."""
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]]
    found: list[Path] = []
    for path in [Path("/usr"), *python, COURSE]:
        if not any(path.is_relative_to(other) for other in found):
            found.append(path)
    return found


def hidden() -> list[Path]:
    """The folders within those that are empty for a submission."""
    return [COURSE / "instructor", *sorted(path for path in COURSE.glob("checks/chapter*") if path.is_dir())]


def keep_apart(paths: list[Path]) -> None:
    """Raise NoSandbox where one of the instructor's paths lies in a folder that submissions can read."""
    for path in (path.resolve() for path in paths):
        for folder in shown():
            if path.is_relative_to(folder) and not any(path.is_relative_to(masked) for masked in hidden()):
                raise NoSandbox(f"{path} lies in {folder}, which submissions can read: move it elsewhere.")


def _files(limits: Limits) -> list[str]:
    size = ["--size", str(limits.scratch_mb << 20), "--perms", "1777"]
    words = ["--proc", "/proc", "--dev", "/dev", "--size", "4096", "--perms", "0755", "--tmpfs", "/dev/shm",
             *size, "--tmpfs", "/tmp"]  # fmt: skip
    for path in shown():
        words += _parents(path) + ["--ro-bind", str(path), str(path)]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "etc/ld.so.cache", "etc/alternatives", "etc/fonts"):
        path = Path("/", name)
        words += ["--symlink", os.readlink(path), str(path)] if path.is_symlink() else ["--ro-bind-try", path, path]
    for path in hidden():
        words += ["--size", "4096", "--perms", "0755", "--tmpfs", str(path), "--remount-ro", str(path)]
    words += ["--ro-bind", str(INSIDE), WORKER, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    return list(map(str, words))


def _parents(path: Path) -> list[str]:
    """Folders above a bound one, open to the worker; bwrap would make them as closed as the real ones."""
    return [word for above in reversed(path.parents[:-1]) for word in ("--perms", "0755", "--dir", str(above))]


def probe(limits: Limits | None = None) -> str:
    """Start a sandbox and look at it from outside. What limits it, in words. Raises NoSandbox."""
    from .session import ALONE, NotStarted, Session

    if sys.platform != "linux":
        raise NoSandbox(_help(f"bubblewrap needs Linux, and this is {sys.platform}.", ""))
    session = None
    try:
        session = Session(limits or Limits())
        session.greeting()
        if len(tree(session.cage.process.pid)) != ALONE:
            raise NoSandbox("The sandbox's processes cannot be seen in /proc, so they could not be watched.")
        counted = session.cage.group
    except (NotStarted, OSError, subprocess.SubprocessError) as error:
        raise NoSandbox(_help("bubblewrap is installed, but cannot start a sandbox here.", _why(error))) from None
    finally:
        if session is not None:
            session.close()
    how = f"a control group (version {counted.version})" if counted else "setrlimit and a watcher (no control group)"
    return f"memory and processes are limited by {how}"


def _why(error: Exception) -> str:
    forbidden = any(words in str(error) for words in ("ermission denied", "not permitted"))
    hint = "Ubuntu 24.04 and later forbid it to bwrap (AppArmor): see docs/instructors.md." if forbidden else ""
    return f"It says: {error}. {hint}".strip()


def _help(problem: str, advice: str) -> str:
    return " ".join(filter(None, (
        problem, advice, "Submissions are strangers' programs: without a sandbox none is run.",
        "On macOS and Windows, and where this cannot be changed, use a Linux virtual machine (docs/instructors.md).",
    )))
