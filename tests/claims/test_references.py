"""The reference file is CSL-JSON of the right form, and all that is in it is cited."""

import pytest

from course_lib import claims
from course_lib.claims import references
from tests.project.repo import ROOT, files

WORKS = references.works()
TEXTS = "chapters", "course_lib"
TYPES = {"article", "article-journal", "book", "paper-conference", "software", "webpage"}


def faults(work) -> list[str]:
    """What a work lacks."""
    found = [field for field in ("id", "type", "title", "author", "issued") if not work.get(field)]
    if found:
        return found
    named = all(set(name) in ({"family", "given"}, {"literal"}) and all(name.values()) for name in work["author"])
    found += [] if named else ["author"]
    found += [] if work["type"] in TYPES else ["type"]
    found += [] if work.get("publisher" if work["type"] == "book" else "container-title") else ["venue"]
    parts = work["issued"].get("date-parts", [[0]])
    found += [] if len(parts) == 1 and 1900 <= parts[0][0] <= 2026 else ["issued"]
    found += [] if work.get("DOI", "10.").startswith("10.") and " " not in work.get("DOI", "") else ["DOI"]
    found += [] if work.get("URL", "http").startswith("http") and " " not in work.get("URL", "") else ["URL"]
    return found


@pytest.mark.parametrize("id", WORKS)
def test_a_work_has_what_a_citation_needs(id):
    assert not faults(WORKS[id])


def test_faults_are_found():
    good = WORKS["goodfellow-2016"]
    assert faults(good | {"title": ""}) == ["title"]
    assert faults(good | {"issued": {"date-parts": [[2106]]}}) == ["issued"]
    assert faults(good | {"author": [{"family": "Bengio"}]}) == ["author"]
    assert faults(good | {"type": "paper-conference"}) == ["venue"]
    assert faults(good | {"DOI": "https://doi.org/10.1"}) == ["DOI"]


def test_ids_are_unique_and_sorted():
    import json
    from importlib.resources import files

    entries = json.loads((files("course_lib.claims") / "references.json").read_text("utf-8"))
    ids = [entry["id"] for entry in entries]
    assert ids == sorted(set(ids))
    dois = [entry["DOI"] for entry in entries if "DOI" in entry]
    assert len(dois) == len(set(dois))


def test_every_work_is_used():
    """A claim cites it, an article meant it, or the course's own text names its author and year."""
    cited = {c.citation for c in claims.load() if c.citation}
    meant = {reference.work for reference in references.printed()}
    text = "".join((ROOT / p).read_text("utf-8") for p in files() if p.parts[0] in TEXTS and p.suffix == ".py")
    rest = [w for id, w in WORKS.items() if id not in meant and references.citation(id) not in cited]
    named = [w for w in rest if references.families(w)[0] in text and str(references.year(w)) in text]
    assert [w["id"] for w in rest if w not in named] == []


def test_an_unknown_work_is_not_cited():
    with pytest.raises(KeyError, match="nobody-1900"):
        references.citation("nobody-1900")


PRINTED = references.printed()


@pytest.mark.parametrize("reference", PRINTED, ids=lambda p: f"{p.claim} {p.title[:20]}")
def test_what_is_printed_bears_out_the_verdict(reference):
    claim = claims.get(reference.claim)
    if not reference.work:
        assert claim.verdict == "unverifiable"
        assert references.nearest(reference.title)[0] < 0.9
        return
    differs = references.differences(reference, WORKS[reference.work])
    assert not (claim.verdict == "correct" and differs)
    assert not (claim.verdict == "wrong" and not differs)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"title": "deep  learning!"}, []),
        ({"title": "Deeper Learning"}, ["title"]),
        ({"authors": ("Goodfellow", "LeCun", "Bengio")}, ["authors"]),
        ({"authors": ("Bengio", "Goodfellow", "Courville")}, ["order"]),
        ({"authors": ("Goodfellow", "et al.")}, []),
        ({"authors": ("Bengio", "et al.")}, ["authors"]),
        ({"authors": ("Goodfellow", "Bengio", "Courville", "et al.")}, ["authors"]),
        ({"authors": ()}, []),
        ({"year": 2015}, ["year"]),
        ({"listed": "paper"}, ["kind"]),
    ],
)
def test_differences(changes, expected):
    authors = ("Goodfellow", "Bengio", "Courville")
    fields = {"claim": "x", "title": "Deep Learning", "listed": "book", "authors": authors, "work": "goodfellow-2016"}
    printed = references.Printed(**fields | changes)
    assert references.differences(printed, WORKS["goodfellow-2016"]) == expected


def test_the_table_holds_every_printed_reference_of_the_chapter():
    table = references.table(7)
    assert len(table) == sum(claims.get(p.claim).chapter == 7 for p in PRINTED)
    assert {len(row) for row in table.rows} == {4}
