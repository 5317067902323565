"""A record of its own for every test."""

import pytest

from course_lib.checks import mine, record


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
