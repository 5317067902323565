"""The evidence that the tests look at, gathered once for each chapter."""

from functools import cache

import pytest

from course_lib import claims, random


@cache
def first(chapter):
    return claims.run_all(chapter)


@cache
def second(chapter):
    """The evidence gathered again, and whether the library's own generator stayed where it was."""
    first(chapter)
    before = random.get_state()
    return claims.run_all(chapter), random.get_state() == before


@pytest.fixture(scope="session")
def evidence_of():
    """chapter -> evidence by claim id."""
    return first


@pytest.fixture(scope="session")
def second_run():
    return second


@pytest.fixture(scope="session")
def evidence():
    """All chapters' evidence."""
    return {id: found for chapter in sorted({c.chapter for c in claims.load()}) for id, found in first(chapter).items()}
