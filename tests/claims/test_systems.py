"""docs/SYSTEMS.md: all 46 systems, no empty cell, each figure printed by a cell of the chapter it names."""

import json
from pathlib import Path

import pytest

from course_lib.claims import systems
from tests.project.repo import ROOT
from tools import pages

ALL = systems.systems()
NAMES = (Path(__file__).parent / "systems.txt").read_text("utf-8").split()


def test_all_systems_are_there_once():
    assert len(NAMES) == len(set(NAMES)) == 46
    assert sorted(s.name for s in ALL) == sorted(NAMES)


@pytest.mark.parametrize("system", ALL, ids=lambda s: s.name)
def test_no_empty_cell(system):
    assert all(text.strip() for text in (system.printed, system.as_printed, system.ours, system.section))
    assert system.modules
    assert all((ROOT / module).exists() for module in system.modules)
    assert systems.figures(system)
    assert all(any(c.isdigit() for c in line) or ":" in line for line in systems.figures(system))


@pytest.mark.parametrize("system", ALL, ids=lambda s: s.name)
def test_the_section_is_a_heading_of_the_chapter(system):
    cells = json.loads(systems.notebook(system.chapter).read_text("utf-8"))["cells"]
    text = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "markdown")
    headings = {line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")}
    assert system.section in headings


def test_a_figure_that_nothing_prints_is_refused():
    first = ALL[0]
    wrong = systems.System(**{**vars(first), "figure": ("no cell prints this",)})
    with pytest.raises(ValueError, match="0 printed lines"):
        systems.figures(wrong)


def test_the_page_is_up_to_date():
    page = systems.markdown()
    assert pages.path("SYSTEMS").read_text("utf-8") == page, "run `make docs`"
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    assert {row.replace("\\|", "").count("|") for row in rows} == {7}
