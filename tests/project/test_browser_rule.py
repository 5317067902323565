"""Without Chromium the browser tests are skipped with the command that installs it; in CI they fail."""

import types

import pytest

from tests import conftest

BROWSER_TEST = types.SimpleNamespace(get_closest_marker=lambda name: name == "browser")


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_missing_browser(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(conftest, "browser_path", lambda: None)
    with pytest.raises(outcome, match="apt-get install chromium"):
        conftest.pytest_runtest_setup(BROWSER_TEST)


def test_a_browser_that_is_there(monkeypatch):
    monkeypatch.setattr(conftest, "browser_path", lambda: "chromium")
    conftest.pytest_runtest_setup(BROWSER_TEST)
