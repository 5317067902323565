"""For all tests: who shares a process, and what happens without Chromium (skipped by name; in CI a failure)."""

import os
import re
import shutil

import pytest

from tests.widgets.harness import FLAGS
from tests.widgets.notebooks import CELLS

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "Chromium is missing; install it: apt-get install chromium (Debian, Ubuntu) or set CHROMIUM to its path"
SHARED = ("tests/instructor/", "tests/notebooks/", "tests/core/test_compression.py", "tests/core/test_word2vec.py",
          "tests/chatbot/test_gguf.py")  # fixtures that take long
OF_CHAPTER = re.compile(r"(tests/claims/)test_(?:document|experiments)\.py::\w+\[(\d+)[-\]]")  # its experiments, once
LONG = ("tests/instructor/test_student_runs.py", "tests/instructor/test_class.py", "tests/instructor/test_walk.py",
        "tests/notebooks/test_gate.py", "tests/instructor/test_hostile.py", "tests/claims/test_document.py")  # first
WIDGETS, CHAPTERS = "tests/widgets/", "tests/widgets/test_chapters.py"  # each widget has its page of JupyterLab


def group(nodeid: str) -> str:
    """The name of the tests that must share a process: a widget's, a chapter's claims', a file's, or the test alone.

    xdist's own marks for this (``--dist loadgroup``, 3.8) have no effect with pytest 9.2.
    """
    path = nodeid.partition("::")[0]
    if path.startswith(WIDGETS) and path != CHAPTERS:
        return next((name for name in CELLS if name in nodeid.lower()), path)
    if chapter := OF_CHAPTER.match(nodeid):
        return "".join(chapter.groups())
    return path if path.startswith(SHARED) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Deal out whole groups, in the order of the items; xdist's own is by how many tests a group has."""
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = group
    return scheduler


def browser_path() -> str | None:
    """Return the browser that the tests drive, or None."""
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), *BROWSERS))), None)


def long_first(nodeid: str) -> int:
    """The place in the run: groups of half a minute start first, or at the end one core waits for another's."""
    return next((place for place, path in enumerate(LONG) if nodeid.startswith(path)), len(LONG))


def pytest_collection_modifyitems(items):
    """What fails in the browser is tried once more, and reported as ``rerun``: a busy machine keeps pages waiting."""
    items.sort(key=lambda item: long_first(item.nodeid))
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("chapters"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_runtest_setup(item):
    marked = item.get_closest_marker("browser") or item.get_closest_marker("chapters")
    if marked and not browser_path():
        if os.environ.get("CI") == "true":
            pytest.fail(HOW, pytrace=False)
        pytest.skip(HOW)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser."""
    return browser_path()


@pytest.fixture(scope="session")
def browser(chromium):
    """Headless Chromium, one for all tests of a process: Playwright does not start twice."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
