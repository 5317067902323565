"""Measure every row and write docs/BENCHMARKS.md: ``python -m benchmarks [part of a title ...]``."""

import os
import sys

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy is imported

import importlib.metadata  # noqa: E402
import pathlib  # noqa: E402
import platform  # noqa: E402
import subprocess  # noqa: E402
from statistics import median  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks import convolution, digits_mlp, recording, sequences  # noqa: E402
from benchmarks.timing import measure, ratio  # noqa: E402

ROWS = [digits_mlp.row(), *convolution.rows(), *sequences.rows(), recording.row()]
PAGE = pathlib.Path(__file__).parents[1] / "docs" / "BENCHMARKS.md"


def main(words: list[str]) -> None:
    """Measure the rows whose title contains one of the words (all without words); only a whole run is written."""
    block = np.empty(31 << 20, np.uint8)  # freeing it teaches glibc to keep freed memory: no page faults, for all
    del block
    sections = []
    for row in ROWS:
        if words and not any(word in row.title for word in words):
            continue
        print(row.title)
        section = _section(row, measure(row))
        print(section)
        sections.append(section)
    if not words:
        PAGE.write_text("\n".join([_head(), *sections, _import_section()]), encoding="utf-8")


def _section(row, times):
    peer = next(iter(row.targets))
    head = f"| implementation | median ms | fastest ms | × {peer} |"
    lines = [f"## {row.title}", "", head, "|---|---:|---:|---:|"]
    for name, seconds in times.items():
        ms = [1e3 * s for s in seconds]
        lines.append(f"| {name} | {median(ms):,.2f} | {min(ms):,.2f} | {ratio(times, name, peer):.3g} |")
    lines.append("")
    for other, target in row.targets.items():
        reached = ratio(times, row.ours, other)
        verdict = "met" if reached <= target else "missed"
        lines.append(f"Target: {row.ours} ≤ {target} × {other}. Reached {reached:.2f}: {verdict}.")
    return "\n".join([*lines, *([row.note] if row.note else []), ""])


def _head():
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "torch", "scikit-learn"))
    return (
        "# Benchmarks\n\nWritten by `make bench`. All implementations of a row take turns in one process, on one "
        "thread; the process keeps the memory that it has freed. The ratio is the median over "
        "the rounds of the two times of the same round. Below 1 means faster than the peer.\n\n"
        f"Machine: {_processor()}, {os.cpu_count()} cores, no GPU used. "
        f"Python {platform.python_version()}, {versions}.\n"
    )


def _processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        return next(line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def _import_section():
    code = "import time; t = time.perf_counter(); import course_lib; print(time.perf_counter() - t)"
    code_nn = code.replace("import course_lib;", "from course_lib import nn, optim, losses, training;")
    rows = []
    for text, program in (("import course_lib", code), ("nn, optim, losses and training with it", code_nn)):
        seconds = [float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(9)]
        rows.append(f"| {text} | {median(seconds):.3f} | {min(seconds):.3f} |")
    return "\n".join(["## Import time", "", "| what | median s | fastest s |", "|---|---:|---:|", *rows, "",
                      "Target: ≤ 0.3 s.", ""])


if __name__ == "__main__":
    main(sys.argv[1:])
