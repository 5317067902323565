"""The reading lists of section 10 against the reference file: titles, authors, years, kinds, addresses."""

from urllib.parse import urlsplit

from course_lib.claims import references
from course_lib.claims.evidence import Evidence

AS_PUBLISHED = ("S1-10-goodfellow", "S1-10-lstm")
MISATTRIBUTED = (
    "S1-10-bengio-backprop", "S1-10-ng-nlp-course", "S2-10-deep-learning-authors", "S2-10-future-of-humanity",
)  # fmt: skip
UNKNOWN = ("S1-10-zhang-book", "S3-10-edx")
SITES = {
    "TensorFlow": "https://www.tensorflow.org/",
    "PyTorch": "https://pytorch.org/",
    "Kaggle": "https://www.kaggle.com/",
    "GitHub": "https://github.com/",
}
DL_COURSE = "https://www.coursera.org/specializations/deep-learning"
ML_COURSE = "https://www.coursera.org/specializations/ml-foundations"


def as_published():
    """Title, authors, year and kind of the references that are right."""
    found = {p.title: _differences(p) for p in _printed(*AS_PUBLISHED)}
    return Evidence(
        f"{sum(not d for d in found.values())} of {len(found)} have the title, the authors, the year and the kind "
        f"of the "
        "published work.",
        said={f"{title} is as published": not d for title, d in found.items()},
        right={"the year was printed": all(p.year for p in _printed(*AS_PUBLISHED))},
        numbers={"references": len(found)},
    )


def misattributed():
    """What is printed otherwise than it was published."""
    found = {p.claim: _differences(p) for p in _printed(*MISATTRIBUTED)}
    wrong = sum("authors" in d for d in found.values())
    return Evidence(
        f"in {wrong} of {len(found)} references the authors are not those of the work.",
        said={f"{id} is as published": not d for id, d in found.items()},
        right={"each differs from its work in the authors": wrong == len(found)},
        numbers={"authors differ": wrong},
    )


def book_as_paper():
    """The kinds of what stands under "papers and books"."""
    kinds = {p.title: references.works()[p.work]["type"] for p in _printed("S0-10.5-book-as-paper")}
    papers = [w["id"] for w in references.works().values()
              if references.normal(w["title"]) == "deep learning" and w["type"] in references.PAPERS]
    return Evidence(
        f"of {len(kinds)} entries {list(kinds.values()).count('book')} are books; the paper called Deep learning is "
        "another work.",
        said={"there is a paper among them": any(kind in references.PAPERS for kind in kinds.values())},
        right={"all are books": set(kinds.values()) == {"book"}, "a paper of that title "
                "exists": papers == ["lecun-2015"]},
        numbers={"books": list(kinds.values()).count("book")},
    )  # fmt: skip


def draft_year():
    """Title and author are right, the year is not that of the book."""
    (reference,) = _printed("S1-10-qiu-2019")
    differs = _differences(reference)
    real = references.year(references.works()[reference.work])
    return Evidence(
        f"title and author are as published; the year printed is {reference.year}, the book's is {real}.",
        said={"title and author are as published": not {"title", "authors", "order", "kind"} & set(differs)},
        gap={"the year is another": differs == ["year"]},
        right={"the book came a year later": real == reference.year + 1},
        numbers={"year": real},
    )


def bare_course():
    """A course without teacher and address: how many works of the file would its title fit?"""
    (reference,) = _printed("S3-10-coursera")
    title = references.normal(reference.title)
    fitting = [w["id"] for w in references.works().values() if references.normal(w["title"]).startswith(title)]
    return Evidence(
        f"neither teacher nor address; {len(fitting)} works of the reference file begin with this title.",
        said={"a course of about this title is on Coursera": reference.work in fitting},
        gap={"neither author nor year is given": not reference.authors and reference.year is None,
             "several works fit": len(fitting) > 1},
        right={"the course's full title is longer": "title" in _differences(reference)},
        numbers={"works that fit": len(fitting)},
    )  # fmt: skip


def unidentified():
    """Titles without publisher, place or year: is there anything like them among the works that we know?"""
    rows = _printed(*UNKNOWN)
    alike = max(references.nearest(p.title)[0] for p in rows)
    control = references.nearest("long short term memory")
    return Evidence(
        f"{len(rows)} titles without year or publisher, and no title in the reference file is like one of them; a "
        f"title "
        "that is in it is found in spite of another spelling.",
        said={"titles are given": all(p.title for p in rows)},
        gap={"no year": all(p.year is None for p in rows), "no known title is like one of them": alike < 0.9},
        right={"a known title is found": control == (1.0, "hochreiter-1997")},
        numbers={"titles": len(rows), "control": control[1]},
    )


def addresses():
    """Whether each address is well formed and its host bears the name of what it is the address of."""
    named = [name.lower() in (_host(address) or "") for name, address in SITES.items()]
    return Evidence(
        f"{sum(named)} of {len(named)} addresses are well formed and name their owner in the host; none was fetched.",
        said={"every host bears the name": all(named)},
        right={"an address without a host is refused": _host("coursera.org/specializations/nlp") is None},
        numbers={"addresses": len(named)},
    )


def course_address():
    """The address printed for the deep-learning specialisation, and the file's."""
    work = references.works()["katanforoosh-2017"]
    return Evidence(
        f"the address is the course's; its author is one of {len(work['author'])}.",
        said={"the address is that of the course": work["URL"] == DL_COURSE,
              "Ng is among its teachers": "Ng" in references.families(work)},
        right={"he does not teach it alone": len(work["author"]) == 3},
        numbers={"teachers": references.families(work)},
    )  # fmt: skip


def address_of_another():
    """Whose address ends as the printed one does?"""
    owners = [w["id"] for w in references.works().values() if _last(w.get("URL", "")) == _last(ML_COURSE)]
    return Evidence(
        f"the printed address ends in {_last(ML_COURSE)}, as that of {', '.join(owners)} does; Ng's ends in "
        f"{_last(references.works()['ng-2022']['URL'])}.",
        said={"the address is that of Ng's "
              "specialisation": _last(references.works()["ng-2022"]["URL"]) == _last(ML_COURSE)},
        right={"it is another course's": owners == ["guestrin-2015"]},
        numbers={"owner": owners},
    )


def _printed(*ids):
    return [p for p in references.printed() if p.claim in ids]


def _differences(printed):
    return references.differences(printed, references.works()[printed.work])


def _host(address):
    return urlsplit(address).hostname


def _last(address):
    return address.rstrip("/").rsplit("/", 1)[-1]
