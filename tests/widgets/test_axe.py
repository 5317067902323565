"""axe-core finds no serious fault in any widget: names, roles, contrast, order, in the light and the dark theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.widgets.notebooks import CELLS

pytestmark = pytest.mark.browser
BAD = {"serious", "critical"}


def faults(page) -> list[str]:
    """What axe calls serious or critical inside the widgets of a page."""
    found = Axe().run(page, context=".lab").response["violations"]
    return [f"{v['id']}: {node['target']} {node['failureSummary']}"
            for v in found if v["impact"] in BAD for node in v["nodes"]]  # fmt: skip


@pytest.mark.parametrize("widget", CELLS)
def test_no_serious_fault(pages, widget):
    lab = pages(widget)
    try:
        for dark in (False, True):
            lab.theme(dark)
            lab.settle()
            assert faults(lab.page) == []
    finally:
        lab.theme(False)


def test_a_fault_is_found(pages):
    """A button without a name, a picture without words."""
    page = pages("optirace").page
    page.evaluate("""() => { const p = document.createElement('p'); p.className = 'planted';
        p.innerHTML = '<button></button><img src="data:,">';
        document.querySelector('.lab').prepend(p); }""")
    try:
        assert {fault.split(":")[0] for fault in faults(page)} == {"button-name", "image-alt"}
    finally:
        page.evaluate("document.querySelector('.planted').remove()")
