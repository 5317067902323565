"""Every experiment supports its verdict, twice the same, and stops supporting it when a piece it rests on is broken."""

import numpy as np
import pytest

from course_lib import claims
from course_lib.claims.evidence import Evidence, close, show
from tests.claims.breakages import BREAKAGES


@pytest.mark.parametrize("claim", claims.load(), ids=lambda c: f"{c.chapter}-{c.id}")  # `group` reads the chapter
def test_the_evidence_supports_the_verdict(claim, evidence_of):
    if not claim.experiment:
        assert claim.citation
        return
    found = evidence_of(claim.chapter)[claim.id]
    assert found.supports(claim.verdict), found.rows()
    assert found.said
    assert found.right
    assert found.numbers
    assert found.summary.endswith(".")
    assert "\n" not in found.summary


CHAPTERS = sorted({c.chapter for c in claims.load()})


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_same_every_time(chapter, evidence_of, second_run):
    again, _ = second_run(chapter)
    for id, found in evidence_of(chapter).items():
        assert again[id].summary == found.summary
        assert [*map(show, again[id].numbers.values())] == [*map(show, found.numbers.values())]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_librarys_generator_is_left_alone(chapter, second_run):
    """A chapter that shows a claim goes on with the random numbers that it would have had."""
    _, unchanged = second_run(chapter)
    assert unchanged


@pytest.mark.parametrize(
    ("said", "gap", "right", "verdict"),
    [
        ([True], [], [True], "correct"),
        ([True], [True], [True], "incomplete"),
        ([True, False], [], [True], "wrong"),
        ([False], [True], [True], "wrong"),
        ([True], [], [False], "undecided"),
        ([False], [], [True, False], "undecided"),
        ([True], [False], [True], "undecided"),
        ([True], [], [], "undecided"),
    ],
)
def test_how_a_verdict_follows(said, gap, right, verdict):
    named = lambda values: {str(i): np.bool_(v) for i, v in enumerate(values)}  # noqa: E731
    assert Evidence("x.", named(said), named(right), named(gap)).verdict == verdict


@pytest.mark.parametrize(
    ("said", "gap", "verdicts"),
    [
        ([True], [], {"correct"}),
        ([True], [True], {"incomplete", "outdated", "unverifiable"}),
        ([False], [], {"wrong", "outdated"}),
        ([True], [False], set()),
    ],
)
def test_what_is_enough_for_a_verdict(said, gap, verdicts):
    named = lambda values: {str(i): v for i, v in enumerate(values)}  # noqa: E731
    found = Evidence("x.", named(said), {"r": True}, named(gap))
    assert {v for v in claims.VERDICTS if found.supports(v)} == verdicts


def test_nothing_is_close_to_nan():
    assert not close(np.nan, np.nan)
    assert not close([1, np.inf], [1, 2])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_experiment_has_been_broken_once(chapter):
    """No experiment is there that would say the same whatever happened."""
    broken = {claims.get(id).experiment for id, *_ in BREAKAGES if claims.get(id).chapter == chapter}
    assert broken == {c.experiment for c in claims.load(chapter) if c.experiment}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what is broken may well overflow
@pytest.mark.parametrize(("id", "where", "name", "broken"), BREAKAGES, ids=lambda x: x if isinstance(x, str) else "")
def test_a_broken_piece_is_noticed(id, where, name, broken, monkeypatch):
    claim = claims.get(id)
    monkeypatch.setattr(where, name, broken)
    try:
        enough = claims.run(id).supports(claim.verdict)
    except (ValueError, TypeError):
        enough = False  # the piece no longer runs: noticed too
    assert not enough
