"""Is this computer ready for the course? Each finding says what was wanted, what is there, and which command helps.

Nothing is changed and nothing is downloaded: versions are read from what pip left behind, without importing the
packages. Only `device` imports PyTorch, if it is there.
"""

import importlib
import os
import platform
import shutil
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    subject, wanted, found : str
    fix : str
        The command (or act) that helps; empty if nothing is wrong.
    """

    subject: str
    wanted: str
    found: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.fix

    def __str__(self):
        if self.ok:
            return f"ok       {self.subject}: {self.found}"
        return f"problem  {self.subject}: wanted {self.wanted}, found {self.found}. Fix: {self.fix}"


_NOT_INSTALLED = Finding("course-lib", "any version", "nothing", "pip install -e .")


def installed(names) -> dict[str, str]:
    """Name → version for those of the packages that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def requirements(package: str = "course-lib", extras: tuple[str, ...] = ()) -> dict[str, str]:
    """Name → version range that a package asks for, such as {"numpy": ">=2.4,<3"}; with the named extras."""
    from packaging.requirements import Requirement

    wanted = {}
    for line in metadata.requires(package) or ():
        need = Requirement(line)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            wanted[need.name] = str(need.specifier)
    return wanted


def check_python(wanted: str = ">=3.11", found: str = "") -> Finding:
    """Whether this Python (or the version `found`) is in the range."""
    found = found or platform.python_version()
    return Finding("Python", wanted, found, "" if _fits(found, wanted) else f"install Python {wanted.lstrip('>=')}")


def check_packages(wanted: dict[str, str], found: dict[str, str] | None = None) -> list[Finding]:
    """One finding for each package; `found` is what is installed here unless given."""
    found = installed(wanted) if found is None else found
    return [_package(name, need, found.get(name)) for name, need in wanted.items()]


def _package(name, wanted, version):
    if version is None:
        return Finding(name, wanted or "any version", "nothing", f'pip install "{name}{wanted}"')
    fix = "" if _fits(version, wanted) else f'pip install --upgrade "{name}{wanted}"'
    return Finding(name, wanted or "any version", version, fix)


def _fits(version, wanted):
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(wanted).contains(version.split("+")[0], prereleases=True)


def check_threads(environment=None, cores: int | None = None) -> Finding:
    """Whether the maths libraries were told how many threads to use."""
    environment = os.environ if environment is None else environment
    cores = cores or os.cpu_count() or 1
    numbers = {environment.get(name, "") for name in THREADS}
    found = f"{'/'.join(sorted(numbers)) if numbers != {''} else 'all'} on {cores} cores"
    free = "" in numbers and cores > 1
    return Finding("threads", "a stated number", found, "export " + " ".join(f"{n}=1" for n in THREADS) if free else "")


def check_disk(folder: str | Path = ".", gigabytes: float = 2.0, free: float | None = None) -> Finding:
    """Whether there is room for data and checkpoints."""
    free = shutil.disk_usage(folder).free / 1e9 if free is None else free
    fix = "" if free >= gigabytes else "pip cache purge"
    return Finding("disk", f"{gigabytes:g} GB free", f"{free:.1f} GB free", fix)


def device() -> Finding:
    """What PyTorch would compute on; no GPU is no problem, a GPU that PyTorch cannot see is one."""
    torch = importlib.import_module("torch") if installed(["torch"]) else None
    if torch is not None and torch.cuda.is_available():
        return Finding("device", "any", torch.cuda.get_device_name(0))
    if torch is not None and shutil.which("nvidia-smi"):
        return Finding("device", "the GPU", "a GPU that this PyTorch cannot use",
                       "install the CUDA build: https://pytorch.org/get-started/locally/")
    return Finding("device", "any", "CPU")


def check_tool(name: str, install: str) -> Finding:
    """Whether a command is on the path."""
    path = shutil.which(name)
    return Finding(name, "on the path", "there" if path else "nothing", "" if path else install)


def diagnose(extras: tuple[str, ...] = ()) -> list[Finding]:
    """Everything above, for this computer."""
    packages = check_packages(requirements(extras=extras)) if installed(["course-lib"]) else [_NOT_INSTALLED]
    return [check_python(), *packages, check_threads(), check_disk(), device(),
            check_tool("git", "apt-get install git (Debian, Ubuntu), or https://git-scm.com/downloads")]  # fmt: skip


@contextmanager
def offline():
    """Inside, every attempt of Python's to open a network connection raises ConnectionError."""
    before = socket.socket.connect

    def refuse(self, address):
        raise ConnectionError(f"offline: no connection to {address}")

    socket.socket.connect = refuse
    try:
        yield
    finally:
        socket.socket.connect = before
