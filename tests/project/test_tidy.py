"""Habits: small files, short cells, nothing of one machine."""

import re

import pytest

from tests.project.repo import ROOT, TEXT, chapters, files, notebook

MODULES = [p for p in files() if p.parts[0] == "course_lib" and p.suffix == ".py"]
# A folder of one person's or one workplace's machine. Spelt in parts, so that this file does not contain one.
MACHINE = re.compile(r"(?<![\w/.:-])/(?:" + "|".join(("home", "root", "Users", "work", "opt")) + r")/[\w.-]+")
EXAMPLES = {"tests/notebooks/test_sync.py"}  # shows such paths on purpose


def text_files():
    return [p for p in files() if p.suffix in TEXT and str(p) not in EXAMPLES and not (ROOT / p).is_symlink()]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_modules_are_short(path):
    assert len((ROOT / path).read_text().splitlines()) <= 300, f"{path} is too long to read in one sitting"


def test_no_machine_paths():
    found = {}
    for path in text_files():
        text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", (ROOT / path).read_text(encoding="utf-8"))
        if hit := MACHINE.search(text):
            found[str(path)] = hit.group()
    assert not found


def test_a_machine_path_is_found():
    home = "/" + "home"
    assert MACHINE.search(f"saved to {home}/someone/x.csv")
    assert not MACHINE.search(f"https://example.org{home}/page and a{home}/relative/one")


@pytest.mark.parametrize("path", chapters(), ids=str)
def test_cells_are_short(path):
    cells = [(n, c) for n, c in enumerate(notebook(path).cells, 1) if c.cell_type == "code"]
    long = [f"cell {n}: {lines} lines" for n, c in cells if (lines := len(c.source.splitlines())) > 15]
    assert not long, f"{path}: {long}"


@pytest.mark.parametrize("path", chapters(), ids=str)
def test_code_does_not_scroll_sideways(path):
    cells = [(n, c) for n, c in enumerate(notebook(path).cells, 1) if c.cell_type == "code"]
    wide = [f"cell {n}: {line}" for n, c in cells for line in c.source.splitlines() if len(line) > 120]
    assert not wide, f"{path}: {wide}"


@pytest.mark.parametrize("path", chapters(), ids=str)
def test_complete_chapters_have_a_good_length(path):
    nb = notebook(path)
    if not nb.metadata.get("course", {}).get("complete"):
        pytest.skip(f"{path} is not marked complete")
    assert 40 <= len(nb.cells) <= 70, f"{path} has {len(nb.cells)} cells"


@pytest.mark.parametrize("path", chapters(), ids=str)
def test_notebooks_are_small(path):
    """A stored notebook stays readable on the web and in a diff."""
    size = (ROOT / path).stat().st_size
    assert size <= 2_000_000, f"{path} has {size:,} bytes"
