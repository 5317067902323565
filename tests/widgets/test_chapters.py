"""Every chapter as a learner meets it: opened in JupyterLab, run from top to bottom, its widgets alive."""

import re
import shutil

import pytest

from course_lib import widgets
from tests.project.repo import ROOT, chapters, notebook
from tests.widgets.harness import KERNEL

pytestmark = [pytest.mark.chapters, pytest.mark.timeout(600)]

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
NAMES = "|".join(name for name in widgets.__all__ if isinstance(getattr(widgets, name), type))
SHOWN = re.compile(rf"^(?:\w+ = )?({NAMES})\(", re.MULTILINE)
PATIENCE = 240_000  # ms; CI's machines are slow at times


def calls(path) -> list[str]:
    """The widgets that a chapter's cells call by name, at the beginning of a line."""
    return [name for c in notebook(path).cells if c.cell_type == "code" for name in SHOWN.findall(c.source)]


@pytest.fixture(params=chapters(), ids=str)
def chapter(request, server, opened):
    path = request.param
    shutil.copy(ROOT / path, server.folder / "notebooks")
    lab = opened(path.stem)
    lab.context.set_default_timeout(PATIENCE)
    lab.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    lab.page.wait_for_function(f"{STATE}.ran === {STATE}.cells && {KERNEL}.status === 'idle'")
    return path, lab


def test_runs_without_an_error_and_its_widgets_answer(chapter):
    """No cell fails, every widget that it shows is drawn and answers, and nothing leaves the machine."""
    path, lab = chapter
    state = lab.page.evaluate(STATE)
    assert state["errors"] == []
    assert state["ran"] == state["cells"] > 0
    shown = lab.page.evaluate(WIDGET_CELLS)
    assert len(shown) >= len(set(calls(path)) - {"Predict"})
    for index in shown:
        answers(lab.page, index)
    lab.clean()


def answers(page, index):
    """A click or a key gives a new picture."""
    page.evaluate(f"window.jupyterapp.shell.currentWidget.content.scrollToItem({index}, 'start')")
    widget = page.locator(f'.jp-Cell[data-windowed-list-index="{index}"] .lab[data-ready]').first
    widget.wait_for()
    for skip in widget.get_by_role("button", name="Skip").all():  # a prediction is asked for first
        skip.click()
    before = widget.get_attribute("data-rev")
    buttons = [widget.get_by_role("button", name=name, exact=True) for name in ("Step", "Next")]
    ready = [button for button in buttons if button.count() and button.first.is_enabled()]
    ready[0].first.click() if ready else widget.locator("input[type=range]:enabled").first.press("ArrowRight")
    page.wait_for_function(
        "([index, before]) => document.querySelector("
        "`.jp-Cell[data-windowed-list-index='${index}'] .lab`).dataset.rev !== before",
        arg=[index, before],
    )
