"""The evidence that the tests look at, gathered twice for each chapter, whose tests share a process."""

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
