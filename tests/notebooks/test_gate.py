"""`make notebooks` fails when a stored output is not what the code gives, and passes when it is.

One run of nbval, with the Makefile's own options, over copies of a tiny notebook: one as it was stored, the others
with one thing changed.
"""

import copy
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import nbformat
import pytest

from tests.notebooks import plugin, tiny
from tests.project.repo import ROOT
from tools import sync

PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/=]+")


def output(nb, cell: int, number: int = 0):
    return nb.cells[cell].outputs[number]


def draw_over(nb, number: int, kind: str, size: int):
    data = output(nb, tiny.PICTURES, number).data
    data[kind] = PNG.sub(lambda found: tiny.blot(found.group(), size), data[kind])


def text(nb):
    output(nb, tiny.NUMBERS).text = "loss 0.26\n"


def result(nb):
    output(nb, tiny.NUMBERS, 1).data["text/plain"] = "3"


def picture(nb):
    draw_over(nb, 0, "image/png", 4)


def embedded_picture(nb):
    draw_over(nb, 1, "text/html", 4)


def alt_text(nb):
    data = output(nb, tiny.PICTURES, 1).data
    data["text/html"] = data["text/html"].replace("ramp of greys", "ramp of reds")


def code(nb):
    nb.cells[tiny.NUMBERS].source = nb.cells[tiny.NUMBERS].source.replace("0.25", "0.5")


def error(nb):
    output(nb, tiny.ERROR).evalue = "something else"


def missing_output(nb):
    del nb.cells[tiny.PICTURES].outputs[1]


def not_run(nb):
    nb.cells[tiny.NUMBERS].outputs, nb.cells[tiny.NUMBERS].execution_count = [], None


def out_of_order(nb):
    nb.cells[tiny.NUMBERS].execution_count = 9


def nothing(nb):
    pass


def other_bytes_same_pixels(nb):
    draw_over(nb, 0, "image/png", 0)
    draw_over(nb, 1, "text/html", 0)


BREAKS = [text, result, picture, embedded_picture, alt_text, code, error, missing_output, not_run, out_of_order]
KEEPS = [nothing, other_bytes_same_pixels]


@pytest.fixture(scope="module")
def failures(tmp_path_factory) -> dict[str, int]:
    """Run nbval once; name of the change -> number of cells that failed."""
    folder = tmp_path_factory.mktemp("gate")
    source = tiny.write(folder)
    sync.sync(source)
    stored = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    for change in BREAKS + KEEPS:
        nb = copy.deepcopy(stored)
        change(nb)
        nbformat.write(nb, folder / f"{change.__name__}.ipynb")
    subprocess.run([*makefile_command(), folder, f"--junitxml={folder}/report.xml"], cwd=ROOT, capture_output=True)
    return count(folder / "report.xml")


def makefile_command() -> list[str]:
    """The pytest command of `make notebooks`, without the folder it looks at."""
    recipe = subprocess.run(["make", "-n", "notebooks"], cwd=ROOT, capture_output=True, text=True).stdout
    words = recipe.replace("\\\n", " ").split()
    start = words.index("pytest") - 1
    return [sys.executable, *words[start : words.index("chapters", start)]]


def count(report) -> dict[str, int]:
    found = {}
    for case in ET.parse(report).iter("testcase"):
        name = case.get("classname").split(".")[-2]
        found[name] = found.get(name, 0) + (case.find("failure") is not None)
    return found


@pytest.mark.parametrize("change", BREAKS)
def test_a_change_fails_in_its_own_cell(failures, change):
    assert failures[change.__name__] == 1


@pytest.mark.parametrize("change", KEEPS)
def test_what_holds_passes(failures, change):
    assert failures[change.__name__] == 0


@pytest.mark.parametrize(("changed", "same"), [(0, True), (64, True), (65, False)])
def test_tolerance(changed, same):
    """0.01 % of the pixels may differ: 64 of 800 x 800."""
    image = plugin.np.zeros((800, 800, 4), dtype=plugin.np.int16)
    other = image.copy()
    other.reshape(-1, 4)[:changed, 0] = plugin.LEVELS + 1
    assert plugin.alike(image, other) == same
