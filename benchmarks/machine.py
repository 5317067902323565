"""What was measured on."""

import importlib.metadata
import os
import pathlib
import platform


def describe(*packages: str) -> str:
    """Processor, cores and versions."""
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in (packages or ("numpy", "torch")))
    cores = os.cpu_count()
    return f"{_processor()}, {cores} cores, no GPU used. Python {platform.python_version()}, {versions}."


def _processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        return next(line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
