"""What the browser tests put into docs/: the table of measurements."""

from __future__ import annotations

import os
import re
from pathlib import Path

from course_lib.widgets import bundle

PAGE = Path(__file__).resolve().parents[2] / "docs/WIDGETS.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
FRAME, GROSS = 16, 5  # ms; a test fails beyond GROSS times a target, the page holds the figures: machines may be busy
HEAD = """\
| widget | control moved | p50, ms | p95, ms | drawn in, ms | JavaScript, bytes | notebook growth, kB |
|---|---|---|---|---|---|---|"""
NOTE = """
{cores} cores, load {load:.1f}, headless Chromium, JupyterLab; from the input event to the frame after Python's answer
is drawn; the best of up to three batches of 20 key presses; and the median time in which the page draws, without
Python. Targets on an idle machine: p95 at most 100 ms, drawn in 16 ms. ChatLab: first token after {first:.0f} ms
(target 300), stopped after {stop:.0f} ms (target 150). JavaScript: our own, shared modules too, without comments."""


class Report:
    """Rows of the table, by widget."""

    def __init__(self):
        self.rows: dict[str, dict] = {}

    def add(self, widget: str, **values) -> None:
        """Note values of a widget: control, p50, p95, growth."""
        self.rows.setdefault(widget, {}).update(values)

    def write(self) -> None:
        """Replace the table in docs/WIDGETS.md."""
        lines = [HEAD, *(self._line(widget, row) for widget, row in sorted(self.rows.items()))]
        chat = {"first": float("nan"), "stop": float("nan")} | self.rows.get("chatlab", {})
        note = NOTE.format(cores=os.cpu_count(), load=os.getloadavg()[0], first=chat["first"], stop=chat["stop"])
        text = PAGE.read_text(encoding="utf-8")
        new = re.sub(f"{BEGIN}.*{END}", f"{BEGIN}\n" + "\n".join(lines) + f"\n{note}\n{END}", text, flags=re.DOTALL)
        PAGE.write_text(new, encoding="utf-8")

    def _line(self, widget, row):
        size = len(bundle.esm(f"{widget}.js").encode())
        growth = f"{row['growth'] / 1000:.0f}" if "growth" in row else "–"
        times = f"{row['p50']:.0f} | {row['p95']:.0f}" if "p50" in row else "– | –"
        drawn = f"{row['drawn']:.1f}" if "drawn" in row else "–"
        return f"| {widget} | {row.get('control', '')} | {times} | {drawn} | {size:,} | {growth} |"
