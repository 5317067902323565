"""The README agrees with the chapters and the Makefile."""

import re
import subprocess

import pytest

from tests.project.repo import ROOT, chapters, notebook

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
LINKED = re.compile(r"\[(.+)\]\((.+)\)")


def rows() -> dict[int, tuple[str, str]]:
    """Chapter number -> (title cell, minutes cell) of the README's table."""
    return {int(n): (title, minutes) for n, title, minutes in ROW.findall(README)}


def test_table_lists_ten_chapters():
    assert list(rows()) == list(range(1, 11))


@pytest.mark.parametrize("path", chapters(), ids=str)
def test_written_chapters_are_listed(path):
    front = notebook(path).metadata.get("course", {})
    assert {"chapter", "title", "minutes"} <= set(front), f"{path}: the front matter lacks chapter, title or minutes"
    assert path.name.startswith(f"{front['chapter']:02d}_")
    title, minutes = rows()[front["chapter"]]
    assert title == f"[{front['title']}]({path})", "the README's row must link the chapter, under its own title"
    assert minutes == str(front["minutes"])


def test_other_chapters_are_marked_as_unwritten():
    written = {int(p.name[:2]) for p in chapters()}
    others = {n: row for n, row in rows().items() if n not in written}
    assert all(minutes == "not written yet" and not LINKED.match(title) for title, minutes in others.values()), others


def test_commands_exist():
    """Every `make x` in the README and in CONTRIBUTING is a target, and every target is in `make help`."""
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    used = set(re.findall(r"(?:^ {4}|`)make (?:-k )?([a-z][a-z-]+)", text, re.MULTILINE))
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = {line.split()[0] for line in shown.splitlines()}
    phony = set(re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE).group(1).split())
    assert used <= targets
    assert targets == phony
    assert {"lab", "test"} <= used


def test_ci_runs_the_command_that_the_readme_names():
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("make test")
