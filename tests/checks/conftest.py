"""A record of its own for every test, and the kill rate at the end of the run."""

import pytest

from course_lib.checks import mine, record

TALLIES = []


@pytest.fixture(autouse=True)
def answers(tmp_path, monkeypatch):
    """The path of this test's record; afterwards the library is its own again."""
    path = tmp_path / "answers.json"
    monkeypatch.setenv("COURSE_ANSWERS", str(path))
    record._unsaved.clear()
    record._said.clear()
    yield path
    for slot in list(mine._replaced):
        mine.use_library(slot)


def pytest_terminal_summary(terminalreporter):
    if TALLIES:
        from course_lib.checks.report import summary

        terminalreporter.write_line("checks: " + summary(TALLIES))
