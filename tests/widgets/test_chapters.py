"""A chapter as a learner meets it: opened in JupyterLab, run from top to bottom, its widgets alive.

Every run opens chapter 4, which holds three of the widgets; ALL_CHAPTERS=1 opens all (a quarter of an hour).
"""

import os
import shutil

import pytest

from tests.project.repo import ROOT, chapters
from tests.widgets.harness import KERNEL, LabPage

pytestmark = pytest.mark.browser

# Errors shown in the outputs, and how many cells have run.
STATE = """(() => {
  const cells = window.jupyterapp.shell.currentWidget.content.widgets.filter(c => c.model.type === "code");
  const outputs = cells.flatMap(c => Array.from({length: c.model.outputs.length}, (_, i) => c.model.outputs.get(i)));
  return {errors: outputs.filter(o => o.type === "error").map(o => o.toJSON().evalue),
          ran: cells.filter(c => c.model.executionCount).length, cells: cells.length};
})()"""

WIDGET_CELLS = """window.jupyterapp.shell.currentWidget.content.widgets.map((c, i) => [c, i]).filter(([c]) =>
  c.model.type === "code" && Array.from({length: c.model.outputs.length}, (_, i) => c.model.outputs.get(i))
    .some(o => "application/vnd.jupyter.widget-view+json" in o.data)).map(([_, i]) => i)"""
IMPORTED = """window.jupyterapp.shell.currentWidget.content.widgets.some(c =>
  /^(AttnMap|ClaimTable|TrainDeck|GradFlow|OptiRace|SampleLab|TokenLab)\\(/m.test(c.model.sharedModel.source))"""


OPENED = [p for p in chapters() if os.environ.get("ALL_CHAPTERS") or p.name.startswith("04")]


@pytest.fixture(params=OPENED, ids=str, scope="module")
def chapter(request, server, browser, tmp_path_factory):
    name = request.param.stem
    shutil.copy(ROOT / request.param, server.folder / "notebooks")
    lab = LabPage(browser, server, name)
    lab.context.set_default_timeout(240_000)
    lab.open()
    lab.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    lab.page.wait_for_function(f"{STATE}.ran === {STATE}.cells && {KERNEL}.status === 'idle'")
    yield lab
    lab.close()


def test_runs_without_an_error(chapter):
    state = chapter.page.evaluate(STATE)
    assert state["errors"] == []
    assert state["ran"] == state["cells"] > 0


def test_widgets_answer_and_nothing_leaves_the_machine(chapter):
    """Every widget in the chapter is drawn and its Step button (a table's: Next) gives a new picture."""
    page = chapter.page
    indices = page.evaluate(WIDGET_CELLS)
    assert page.evaluate(IMPORTED) == bool(indices)
    for index in indices:
        page.evaluate(f"window.jupyterapp.shell.currentWidget.content.scrollToItem({index}, 'start')")
        widget = page.locator(f'.jp-Cell[data-windowed-list-index="{index}"] .lab[data-ready]')
        widget.wait_for()
        for skip in widget.get_by_role("button", name="Skip").all():  # a prediction is asked for first
            skip.click()
        before = widget.get_attribute("data-rev")
        step = widget.get_by_role("button", name="Step", exact=True)
        (step if step.count() else widget.get_by_role("button", name="Next", exact=True)).click()
        page.wait_for_function(
            "([index, before]) => document.querySelector("
            "`.jp-Cell[data-windowed-list-index='${index}'] .lab`).dataset.rev !== before",
            arg=[index, before],
        )
    assert chapter.errors == []
    assert chapter.strangers == []
