"""What `course doctor` looks at, beyond `topics.doctor`: the sandbox, ports, memory, the instructors' packages."""

from __future__ import annotations

import os
import platform
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..topics.doctor import (
    Finding,
    check_disk,
    check_packages,
    check_python,
    check_threads,
    check_tool,
    device,
    installed,
    requirements,
)
from .sandbox import NoSandbox, probe

PROFILE = "/etc/apparmor.d/bwrap"
APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
USERNS = Path("/proc/sys/user/max_user_namespaces")
PORTS = {8888: "jupyter lab", 8000: "course serve"}
INSTALL = "sudo apt-get install bubblewrap (Debian, Ubuntu) or sudo dnf install bubblewrap (Fedora)"
ALLOW = (f"printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) "
         f"{{\\n  userns,\\n}}\\n' | sudo tee {PROFILE} && sudo apparmor_parser -r {PROFILE}")
ELSEWHERE = "grade in a Linux container or virtual machine: see docs/instructors.md"


@dataclass(frozen=True)
class Check:
    """A finding; ``stops`` tells whether grading is impossible while it is a problem."""

    finding: Finding
    stops: bool = False


def everything() -> list[Check]:
    """Every check, for this computer."""
    return [
        Check(check_python(), stops=True), *_packages(), Check(check_sandbox(), stops=True), Check(check_user()),
        Check(check_disk()), Check(check_memory()), Check(check_threads()), Check(device()),
        *(Check(check_port(port, name)) for port, name in PORTS.items()),
        Check(check_tool("git", "sudo apt-get install git, or https://git-scm.com/downloads")),
    ]  # fmt: skip


def _packages() -> list[Check]:
    if not installed(["course-lib"]):
        fix = "pip install -e '.[instructor]' in the course's folder"
        return [Check(Finding("course-lib", "installed", "nothing", fix), stops=True)]
    wanted = requirements(extras=("instructor",))
    return [Check(finding, stops=True) for finding in check_packages(wanted)]


def check_sandbox(start: Callable[[], str] = probe, system: str = "") -> Finding:
    """Whether the sandbox in which submissions run starts here: it is started, as for grading."""
    wanted, system = "bubblewrap that starts", system or platform.system()
    if system != "Linux":
        return Finding("sandbox", wanted, f"{system}, which has none", ELSEWHERE)
    if shutil.which("bwrap") is None:
        return Finding("sandbox", wanted, "no bwrap", INSTALL)
    try:
        return Finding("sandbox", wanted, f"it starts; {start()}")
    except NoSandbox as problem:
        return Finding("sandbox", wanted, str(problem)[:300], sandbox_fix())


def sandbox_fix(apparmor: Path = APPARMOR, userns: Path = USERNS) -> str:
    """The command that most likely lets bubblewrap start, by what the kernel forbids."""
    if _number(apparmor) == 1:
        return ALLOW  # Ubuntu 23.10 and newer: only programs with a profile may make user namespaces
    if _number(userns) == 0:
        return "sudo sysctl user.max_user_namespaces=15000"
    if Path("/.dockerenv").exists() or os.environ.get("container"):  # noqa: SIM112  (systemd's name)
        return "start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
    return ELSEWHERE


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def check_user(uid: int | None = None) -> Finding:
    """Whether this is an ordinary user: submissions should not be graded as root."""
    uid = getattr(os, "geteuid", lambda: 1)() if uid is None else uid
    fix = "" if uid else "log in as an ordinary user (sudo adduser grader; su - grader)"
    return Finding("user", "an ordinary user", f"user {uid}" if uid else "root", fix)


def check_port(port: int, name: str, host: str = "127.0.0.1") -> Finding:
    """Whether a command finds its usual port free."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            return Finding(f"port {port}", "free", error.strerror or "taken", f"{name} --port {port + 1}")
    return Finding(f"port {port}", "free", "free")


def check_memory(gigabytes: float = 2.0, free: float | None = None) -> Finding:
    """Whether there is memory for grading; unknown where /proc/meminfo is not."""
    free = _free_memory() if free is None else free
    if free is None:
        return Finding("memory", f"{gigabytes:g} GB", "unknown on this system")
    fix = "" if free >= gigabytes else "close other programs"
    return Finding("memory", f"{gigabytes:g} GB", f"{free:.1f} GB available", fix)


def _free_memory() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) / 1e6 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None
