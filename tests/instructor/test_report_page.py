"""The report as a reader meets it in Chromium: nothing runs or loads, nothing is cut off, axe has no complaint."""

import pytest

from course_lib.instructor.report import page
from course_lib.instructor.summary import anonymous

from .made import a_result, an_answer
from .test_report import COPY, NASTY, everything_nasty, summary_of, wrong

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A report on a class with some of everything, hostile text included."""
    results = [*everything_nasty(), *(a_result(f"c{n}", "", an_answer(source=COPY, hints=n)) for n in range(2)),
               *(wrong("all-rows", "The test rows leaked. " * 20, f"w{n}") for n in range(3)),
               *(wrong(NASTY[0], NASTY[0], f"x{n}") for n in range(3))]  # fmt: skip
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(anonymous(summary_of(*results)), names=False), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, file):
    """A function that opens the report, and what went on while it did."""
    events, pages = [], []

    def open_page(**options):
        one = browser.new_page(**options)
        pages.append(one)
        one.on("console", lambda message: events.append(message.text))
        one.on("dialog", lambda dialog: (events.append("dialog"), dialog.dismiss()))
        one.on("pageerror", lambda error: events.append(str(error)))
        one.on("request", lambda request: events.append(request.url) if request.url != file.as_uri() else None)
        one.goto(file.as_uri())
        return one

    open_page.events = events
    yield open_page
    for one in pages:
        one.close()


def test_nothing_runs_and_nothing_is_loaded(opened):
    one = opened()
    assert [event for event in opened.events if event != "data:,"] == []
    assert one.locator("script, img, iframe, form, object, embed").count() == 0
    assert one.get_by_text(NASTY[0]).count() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    results = axe.Axe().run(opened(color_scheme=scheme))
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [360, 1000])
def test_the_page_is_never_wider_than_the_window(opened, width):
    one = opened(viewport={"width": width, "height": 700})
    assert one.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_tables_are_whole_and_links_are_gone(opened):
    one = opened(viewport={"width": 700, "height": 900})  # A4 at 96 dots per inch, less the margins
    one.emulate_media(media="print", color_scheme="dark")
    assert not one.get_by_role("navigation").is_visible()
    assert one.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert one.evaluate("[...document.querySelectorAll('.scroll')].every(e => e.scrollWidth <= innerWidth)")


def test_what_can_be_scrolled_is_reached_by_keyboard(opened):
    one = opened(viewport={"width": 360, "height": 700})
    one.keyboard.press("Tab")
    assert one.evaluate("document.activeElement.className") == "skip"
    regions = one.locator(".scroll")
    assert regions.count() >= 5
    assert all(regions.nth(n).get_attribute("tabindex") == "0" for n in range(regions.count()))


def test_the_drawing_is_told_in_words(opened):
    drawing = opened().get_by_role("img")
    assert drawing.get_attribute("aria-labelledby") == "bars-title bars-text"
    assert "0 to 10 percent: 6" in drawing.locator("desc").text_content()
