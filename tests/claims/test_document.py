"""docs/CLAIMS.md is what the experiments say today, and nobody can change it unnoticed."""

import pytest

from course_lib import claims
from course_lib.claims import report
from course_lib.claims.evidence import Evidence
from tools import pages

DOCUMENT = pages.path("CLAIMS").read_text("utf-8")
CHAPTERS = sorted({c.chapter for c in claims.load()})
HEADING = "\n## Chapter "


def supporting(verdict: str) -> Evidence:
    """What is enough for a verdict, measured by nobody."""
    return Evidence("Made up.", {"said": verdict != "wrong"}, {"right": True},
                    {} if verdict in ("correct", "wrong") else {"gap": True})  # fmt: skip


MADE_UP = {c.id: supporting(c.verdict) for c in claims.load() if c.experiment}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_document_is_up_to_date(chapter, evidence_of):
    """Each chapter as its experiments say, and what stands above the first; with the others' made up."""
    written = report.markdown(MADE_UP | evidence_of(chapter))
    head, *chapters = written.split(HEADING)
    found_head, *found = DOCUMENT.split(HEADING)
    assert [text.partition("\n")[0] for text in found] == [str(one) for one in CHAPTERS], "run `make docs`"
    number = CHAPTERS.index(chapter)
    assert (found_head, found[number]) == (head, chapters[number]), "run `make docs`"


def test_every_claim_has_one_row_with_five_cells():
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| S")]
    assert [row.split(" | ")[0].lstrip("| ") for row in rows] == [c.id for c in claims.load()]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}


def test_a_verdict_without_support_is_not_written():
    against = Evidence("No.", {"a": False}, {"b": True})
    assert report.markdown(MADE_UP)
    with pytest.raises(ValueError, match=r"S0-4\.1\.1-relu"):
        report.markdown(MADE_UP | {"S0-4.1.1-relu": against})
