"""Grade the class of 30 and write the figures into docs/instructors.md, which is the command's one argument.

With ``--hub PYTHON`` (of the environment with jupyterhub) the hub is tried with 10 users, too; without it, the page
keeps what it says of the hub.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from json import loads
from pathlib import Path
from statistics import median

from course_lib.checks.store import read_json, write_json
from tests.project.repo import ROOT

from .test_class import Term

BLOCK = re.compile(r"(<!-- figures -->\n).*?(<!-- end of figures -->)", re.DOTALL)
KEPT = ROOT / "docs" / "instructors.json"


def grading() -> dict:
    """Assign, grade and mark the class of 30; what it took."""
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        term = Term(Path(folder))
        results = term.first.values()
    cpu = [result.cpu_seconds for result in results if result.items]
    return {"students": len(results), "items": len(term.room.release.items), "wall": term.spent[0],
            "all": term.spent[1], "again": term.again[0], "cpu": median(cpu), "slowest": max(cpu), "inside": sum(cpu),
            "memory": max(result.max_rss_mb for result in results), "machine": machine()}  # fmt: skip


def machine() -> str:
    """What it ran on."""
    return (f"{os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}, "
            f"Python {platform.python_version()}, load {os.getloadavg()[0]:.0f}")  # fmt: skip


def hub(python: str) -> dict:
    """The load test's own report."""
    command = [python, str(ROOT / "hosting" / "load_test.py"), "--users", "10", "--seconds", "500"]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:
        raise SystemExit(done.stderr[-2000:])
    return loads(done.stdout)


def text(kept: dict) -> str:
    """The figures in Markdown."""
    one = kept["grading"]
    outside, inside = one["all"] / one["students"], f"{one['cpu']:.1f} / {one['slowest']:.1f}"
    lines = ["| a class of 30, two submissions at a time | |", "|---|--:|",
             f"| grading, from a folder of files to marks | {one['wall']:.0f} s |",
             f"| the second run, which takes the marks for answers in words | {one['again']:.0f} s |",
             f"| processor time per submission, all in all | {each(one):.1f} s |",
             f"| of that in the grader, with its workers' start and the gradebook | {outside:.1f} s |",
             f"| of that in the sandbox, the middle submission / the slowest | {inside} s |",
             f"| memory of a sandbox, the largest | {one['memory']:.0f} MB |", "",
             f"{one['students']} submissions of {one['items']} items in two notebooks; {one['machine']}. With a load "
             "above the number of cores the clock runs ahead of the processor.", ""]
    if "hub" in kept:
        two = kept["hub"]
        lines += ["| a hub, 10 users at once | |", "|---|--:|",
                  f"| users who got a server, the notebooks and a checked answer | {two['passed']} of {two['users']} |",
                  f"| from asking to a server, the middle one / the last | {_pair(two['spawn_s'])} |",
                  f"| from the server to a checked answer, the middle one / the last | {_pair(two['work_s'])} |",
                  f"| memory per user, server and kernel | {two['memory_mb']} MB |", "",
                  f"{two['machine']['cores']} cores, load {two['machine']['load']:.0f} at the end. A busy machine is "
                  "many times slower than an idle one: try yours.", ""]
    return "\n".join(lines)


def each(one: dict) -> float:
    """Processor seconds per submission: the grader's processes, and those in sandboxes, which nobody waits for."""
    return (one["all"] + one["inside"]) / one["students"]


def _pair(spread: dict) -> str:
    return f"{spread['median']:.0f} / {spread['max']:.0f} s"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.instructor.figures")
    parser.add_argument("page", type=Path)
    parser.add_argument("--hub", metavar="PYTHON", help="try the hub with this Python")
    parser.add_argument("--only-hub", action="store_true", help="keep the figures of grading")
    options = parser.parse_args()
    kept = read_json(KEPT) if KEPT.exists() else {}
    if not options.only_hub:
        kept["grading"] = grading()
        write_json(KEPT, kept)
    if options.hub:
        kept["hub"] = hub(options.hub)
        write_json(KEPT, kept)
    page = options.page.read_text(encoding="utf-8")
    options.page.write_text(BLOCK.sub(lambda found: found[1] + text(kept) + found[2], page), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
