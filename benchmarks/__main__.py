"""Measure every row and write docs/BENCHMARKS.md: ``python -m benchmarks [part of a title ...]``."""

import os
import sys

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy is imported

import pathlib  # noqa: E402
import subprocess  # noqa: E402
from statistics import median  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks import chatbot, convolution, digits_mlp, machine, recording, sequences, tables  # noqa: E402
from benchmarks.timing import measure, ratio  # noqa: E402

ROWS = [digits_mlp.row(), *convolution.rows(), *sequences.rows(), recording.row(), *chatbot.rows()]
PAGE = pathlib.Path(__file__).parents[1] / "docs" / "BENCHMARKS.md"


def main(words: list[str]) -> None:
    """Measure the sections whose title contains one of the words (all without words) and put them on the page.

    The other sections stay on it as they were; ``python -m benchmarks chatbot`` runs the chatbot's.
    """
    block = np.empty(31 << 20, np.uint8)  # freeing it teaches glibc to keep freed memory: no page faults, for all
    del block
    page = _sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    for title, write in _writers().items():
        if not words or any(word in title for word in words):
            page[title] = write().rstrip()
            print(f"## {title}\n\n{page[title]}\n", flush=True)
    known = [title for title in _writers() if title in page]
    text = "\n".join([_head(), *(f"## {title}\n\n{page[title]}\n" for title in known)])
    PAGE.write_text(text, encoding="utf-8")


def _writers():
    """Title to a function that measures and returns the section's text."""
    rows = {row.title: lambda row=row: _section(row, measure(row)) for row in ROWS}
    made = {title: lambda table=table: "\n".join(table()) for title, table in tables.SECTIONS.items()}
    return rows | made | {"Import time": _import_section}


def _sections(text: str) -> dict[str, str]:
    """A page by titles."""
    parts = [part.partition("\n") for part in text.split("\n## ")[1:]]
    return {title: body.strip() for title, _, body in parts}


def _section(row, times):
    peer = next(iter(row.targets))
    head = f"| implementation | median ms | fastest ms | × {peer} |"
    lines = [head, "|---|---:|---:|---:|"]
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
    return (
        "# Benchmarks\n\nWritten by `make bench`. All implementations of a row take turns in one process, on one "
        "thread; the process keeps the memory that it has freed. The ratio is the median over "
        "the rounds of the two times of the same round. Below 1 means faster than the peer.\n\n"
        f"Machine: {machine.describe('numpy', 'torch', 'scikit-learn')}\n"
    )


def _import_section():
    code = "import time; t = time.perf_counter(); import course_lib; print(time.perf_counter() - t)"
    code_nn = code.replace("import course_lib;", "from course_lib import nn, optim, losses, training;")
    rows = []
    for text, program in (("import course_lib", code), ("nn, optim, losses and training with it", code_nn)):
        seconds = [float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(9)]
        rows.append(f"| {text} | {median(seconds):.3f} | {min(seconds):.3f} |")
    return "\n".join(["| what | median s | fastest s |", "|---|---:|---:|", *rows, "",
                      "Target: ≤ 0.3 s.", ""])


if __name__ == "__main__":
    main(sys.argv[1:])
