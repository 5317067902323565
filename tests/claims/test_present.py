"""What a notebook shows: the words are there, for eyes and for a screen reader, and always the same."""

from html.parser import HTMLParser

import pytest

from course_lib import claims
from course_lib.claims import present
from course_lib.claims.evidence import Evidence, show

VOID = {"br", "img", "hr"}


class Page(HTMLParser):
    """Start tags with attributes, and the text; fails on a tag that is not closed in order."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module", params=["S0-4.3.2-adam-moments", "S4-4.2-relu-properties", "S3-4.1-gd"])
def shown(request):
    return claims.show(request.param)


def test_html_and_text_say_everything(shown):
    bundle = shown._repr_mimebundle_()
    page, claim = Page(bundle["text/html"]), shown.claim
    plain = " ".join(bundle["text/plain"].split())
    for text in (claim.id, claim.article.title, claim.says, f"Verdict: {claim.verdict}", claim.correction,
                 shown.evidence.summary, *shown.evidence.said, *shown.evidence.right):  # fmt: skip
        assert text in page.text
        assert " ".join(text.split()) in plain


def test_html_is_accessible(shown):
    page = Page(shown.html)
    section = next(attrs for tag, attrs in page.tags if tag == "section")
    assert shown.claim.id in section["aria-label"]
    tables = [tag for tag, _ in page.tags if tag == "table"]
    assert len(tables) == len([tag for tag, _ in page.tags if tag == "caption"]) == 2
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.tags if tag == "th")


def test_html_reads_in_both_themes_and_loads_nothing(shown):
    for tag, attrs in Page(shown.html).tags:
        assert tag not in ("script", "img", "link", "style", "iframe")
        assert not {"src", "href", "id"} & attrs.keys()
        style = attrs.get("style", "")
        assert "background" not in style
        assert "color:" not in style.replace("color:inherit", "")


def test_the_same_every_time(shown):
    assert claims.show(shown.claim.id)._repr_mimebundle_() == shown._repr_mimebundle_()


def test_text_is_escaped():
    table = present.Table("a < b", ("<i>",), [("x & y",)])
    assert Page(table.html).text == "a < b<i>x & y"


def test_evidence_against_the_ledger_is_shown():
    claim = claims.get("S0-4.1.1-relu")
    other = Evidence("It did not.", {"said": False}, {"right": True}, numbers={"n": 1})
    assert "Attention: the evidence says wrong, the ledger correct" in Page(present.Shown(claim, other).html).text


def test_tables():
    assert len(claims.table(chapter=4)) == 71
    assert len(claims.table()) == len(claims.load())
    assert len(claims.disagreements(chapter=4)) == 3
    for table in (claims.table(chapter=4), claims.disagreements(chapter=4)):
        assert {len(row) for row in table.rows} == {len(table.header)}
        text = Page(table.html).text
        assert all(cell in text for row in table.rows for cell in row)


@pytest.mark.parametrize(
    ("value", "text"),
    [(-1e-17, "0"), (-0.0, "0"), (1 / 3, "0.333333"), (12345678, "1.23457e+07"), (float("inf"), "inf"), ("a", "a"),
     ([[1, 0.5], [2, -3.25]], "[[1, 0.5], [2, -3.25]]")],
)  # fmt: skip
def test_numbers_are_rounded(value, text):
    assert show(value) == text


def test_several_claims_are_folded_and_all_there():
    several = claims.show("S0-4.3.2-adam-moments", "S3-4.1-gd")
    page = Page(several.html)
    assert [attrs["aria-label"] for tag, attrs in page.tags if tag == "section"] == [
        "Claim S0-4.3.2-adam-moments", "Claim S3-4.1-gd"]  # fmt: skip
    assert all("open" not in attrs for tag, attrs in page.tags if tag == "details")
    with pytest.raises(ValueError, match="at least one"):
        claims.show()


def test_table_with_evidence_has_a_word_for_every_claim():
    """In a chapter with experiments, and with claims that only literature decides."""
    assert {bool(claim.experiment) for claim in claims.load(1)} == {True, False}
    table = claims.table(chapter=1, evidence=True)
    assert len(table.rows) == len(claims.load(1))
    assert table.header[-1] == "measured just now"
    assert all(row[-1] for row in table.rows)
