"""axe-core finds no serious fault on a page with all widgets: names, roles, contrast, order, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.widgets.alone import made, put
from tests.widgets.notebooks import CELLS

pytestmark = pytest.mark.browser
BAD = {"serious", "critical"}


def faults(page) -> list[str]:
    """What axe calls serious or critical inside the widgets of a page."""
    found = Axe().run(page, context=".lab").response["violations"]
    return [f"{v['id']}: {node['target']} {node['failureSummary']}"
            for v in found if v["impact"] in BAD for node in v["nodes"]]  # fmt: skip


@pytest.fixture(scope="module")
def labs():
    labs = [made(cells) for cells in CELLS.values()]
    yield labs
    for lab in labs:
        lab.close()


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1000, "height": 1000})
    yield page
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault(labs, page, scheme):
    page.emulate_media(color_scheme=scheme)
    put(page, *labs)
    assert page.locator(".lab").count() == len(CELLS)
    assert faults(page) == []


def test_a_fault_is_found(labs, page):
    """A button without a name, a picture without words."""
    put(page, labs[0])
    page.evaluate("""() => { const p = document.createElement('p');
        p.innerHTML = '<button></button><img src="data:,">';
        document.querySelector('.lab').prepend(p); }""")
    assert {fault.split(":")[0] for fault in faults(page)} == {"button-name", "image-alt"}
