"""Opened without a kernel, JupyterLab shows every widget's figure, with words for who does not see it."""

import json

import pytest

from tests.widgets.alone import made
from tests.widgets.harness import LabPage
from tests.widgets.notebooks import CELLS

pytestmark = pytest.mark.browser
SCROLL = "(i) => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'start')"


def stored(cells) -> dict:
    """What a notebook holds of a widget once it is saved."""
    lab = made(cells)
    data, metadata = lab._repr_mimebundle_()
    lab.close()
    return {"output_type": "display_data", "data": data, "metadata": metadata}


@pytest.fixture
def dead(server, browser):
    """A notebook with all widgets whose kernel does not exist."""
    path = server.notebook("dead", *CELLS)
    book = json.loads(path.read_text())
    for cell, cells in zip(book["cells"], CELLS.values(), strict=True):
        cell["outputs"] = [stored(cells)]
    book["metadata"]["kernelspec"]["name"] = "no-such-kernel"
    path.write_text(json.dumps(book))
    page = LabPage(browser, server, "dead").open(kernel=False)
    yield page
    page.context.close()


def test_every_figure_is_shown_without_a_kernel(dead):
    for index, name in enumerate(CELLS):
        dead.page.evaluate(SCROLL, index)
        cell = dead.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
        image = cell.locator("figure img[alt]").first
        image.wait_for()
        assert image.evaluate("(i) => i.decode().then(() => i.naturalWidth)") > 300, name
        assert len(image.get_attribute("alt")) > 20, name
        assert cell.locator(".lab").count() == 0  # nothing that looks alive
    assert dead.strangers == []
