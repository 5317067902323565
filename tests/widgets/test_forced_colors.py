"""High contrast: where the system chooses the colours, lines, handles, buttons and focus can still be seen."""

from pathlib import Path

import pytest

from tests.widgets.alone import made, put
from tests.widgets.notebooks import CELLS

pytestmark = pytest.mark.browser

FAINT = (Path(__file__).parent / "faint.js").read_text(encoding="utf-8").partition("\n")[2]
WITHOUT_LINES = {"chatlab", "claimtable", "samplelab"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", CELLS)
def test_nothing_disappears(browser, name, scheme):
    lab, page = made(CELLS[name]), browser.new_page(viewport={"width": 1000, "height": 1000})
    try:
        page.emulate_media(forced_colors="active", color_scheme=scheme)
        put(page, lab)
        seen = page.evaluate(FAINT)
        assert seen["found"] == []
        assert seen["lines"] >= 2 or name in WITHOUT_LINES
    finally:
        page.close()
        lab.close()


def test_what_disappears_is_found(browser):
    """The same, with the theme's own ink, which the system's page does not know."""
    lab, page = made(CELLS["gatetape"]), browser.new_page()
    try:
        page.emulate_media(forced_colors="active", color_scheme="dark")
        put(page, lab)
        page.add_style_tag(content="body .lab.lab.lab { --ink: #1f2328; --accent: #000000 }")
        assert any("#1f2328" in words or "31, 35, 40" in words for words in page.evaluate(FAINT)["found"])
    finally:
        page.close()
        lab.close()
