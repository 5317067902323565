"""docs/CLAIMS.md is what the experiments say today, and nobody can change it unnoticed."""

import pytest

from course_lib import claims
from course_lib.claims import report
from tools import pages


@pytest.fixture(scope="module")
def text(evidence):
    return report.markdown(evidence)


def test_the_document_is_up_to_date(text):
    assert pages.path("CLAIMS").read_text("utf-8") == text, "run `make docs`"


def test_every_claim_has_one_row_with_five_cells(text):
    rows = [line for line in text.splitlines() if line.startswith("| S")]
    assert [row.split(" | ")[0].lstrip("| ") for row in rows] == [c.id for c in claims.load()]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}


def test_a_verdict_without_support_is_not_written(evidence):
    against = claims.Evidence("No.", {"a": False}, {"b": True})
    with pytest.raises(ValueError, match=r"S0-4\.1\.1-relu"):
        report.markdown(evidence | {"S0-4.1.1-relu": against})
