"""Browser tests need Chromium: without one they are skipped by name, and in CI they fail."""

import os
import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "Chromium is missing; install it: apt-get install chromium (Debian, Ubuntu) or set CHROMIUM to its path"


def browser_path() -> str | None:
    """Return the browser that the tests drive, or None."""
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), *BROWSERS))), None)


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
