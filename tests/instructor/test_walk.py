"""docs/instructors.md, run as it is written: each block of shell in order, in an empty folder."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from course_lib.checks.store import read_json
from tests.project.repo import ROOT

from .figures import KEPT, each, text
from .made import need_sandbox

pytestmark = pytest.mark.timeout(600)  # two minutes when idle
PAGE = ROOT / "docs" / "instructors.md"
FENCE = re.compile(r"^```sh(?P<about>[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(about: str = "") -> list[str]:
    """The page's shell blocks; those that install something say so."""
    found = FENCE.finditer(PAGE.read_text(encoding="utf-8"))
    return [one["text"] for one in found if one["about"].strip() == about]


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """The folder in which the walk ended, and everything that it printed."""
    need_sandbox()
    start = tmp_path_factory.mktemp("walk") / "clone"
    start.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "set -e\n" + "\n".join(blocks())
    done = subprocess.run(["bash", "-c", script], cwd=start, capture_output=True, text=True, timeout=580,
                          env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "120"})  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return start.parent / "teaching", done.stdout


def test_the_walk_ends_with_marks_and_a_report(walked):
    folder, _ = walked
    marks = [line.split(",") for line in (folder / "marks.csv").read_text("utf-8-sig").splitlines()]
    totals = [row[-2] for row in marks if len(row) > 5 and row[-2] not in ("", "(read only)")]
    assert len(totals) >= 9
    assert "What to explain again" in (folder / "report" / "report.html").read_text(encoding="utf-8")


def test_the_walk_says_what_it_did(walked):
    _, said = walked
    for words in ("week2/student.zip", "9 students, canvas.csv", "written.csv with", "marks and 0 blanks in marks.csv",
                  "report/report.html and report.csv: 9 students (9 graded)", "averaged: The gradient is weighted"):
        assert words in said, words


def test_what_the_page_installs_is_there_to_be_installed():
    """CI has these packages already, so this block is read and not run."""
    (text,) = blocks("install")
    extras = re.search(r"'\.\[([\w,]+)\]'", text)[1].split(",")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(extras) <= set(project["optional-dependencies"])
    assert (ROOT / "requirements.lock").exists()
    assert "course" in project["scripts"]


def test_the_figures_on_the_page_are_those_that_were_measured():
    kept = read_json(KEPT)
    assert text(kept) in PAGE.read_text(encoding="utf-8"), "run python -m tests.instructor.figures docs/instructors.md"
    assert kept["grading"]["students"] == 30
    assert each(kept["grading"]) <= 3
    assert kept["hub"]["passed"] == kept["hub"]["users"] == 10
