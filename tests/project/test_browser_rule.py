"""Without Chromium the browser tests are skipped with the command that installs it; in CI they fail."""

import types

import pytest

from tests import conftest


def marked(marker):
    return types.SimpleNamespace(get_closest_marker=lambda name: name == marker)


@pytest.mark.parametrize("marker", ["browser", "chapters"])
@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_missing_browser(monkeypatch, marker, ci, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(conftest, "browser_path", lambda: None)
    with pytest.raises(outcome, match="apt-get install chromium"):
        conftest.pytest_runtest_setup(marked(marker))


def test_a_browser_that_is_there(monkeypatch):
    monkeypatch.setattr(conftest, "browser_path", lambda: "chromium")
    conftest.pytest_runtest_setup(marked("browser"))
