"""The works that the course cites (references.json, CSL-JSON), and how the articles print them (printed.toml)."""

import json
import re
import tomllib
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files

from course_lib.claims.claim import Citation
from course_lib.claims.present import Table

PAPERS = ("article-journal", "paper-conference", "article")
OTHERS = "et al."


@dataclass(frozen=True)
class Printed:
    """A reference as an article prints it; `work` is the id of the work that is meant, if it could be found."""

    claim: str
    title: str
    listed: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    work: str = ""


@cache
def works() -> dict[str, dict]:
    """Every work by its id, as CSL-JSON has it."""
    entries = json.loads((files("course_lib.claims") / "references.json").read_text("utf-8"))
    return {entry["id"]: entry for entry in entries}


@cache
def printed() -> tuple[Printed, ...]:
    """Every reference that was taken down from the articles, in their order."""
    rows = tomllib.loads((files("course_lib.claims") / "printed.toml").read_text("utf-8"))["printed"]
    return tuple(Printed(**row | {"authors": tuple(row.get("authors", ()))}) for row in rows)


def families(work: dict) -> list[str]:
    """The authors' family names; an organisation's whole name."""
    return [name.get("family") or name["literal"] for name in work["author"]]


def year(work: dict) -> int:
    """The year of publication."""
    return work["issued"]["date-parts"][0][0]


def citation(id: str) -> Citation:
    """A work as the ledger cites it."""
    work = works()[id]
    full = [name.get("literal") or f"{name['given']} {name['family']}" for name in work["author"]]
    venue = work.get("container-title") or work["publisher"]
    return Citation(", ".join(full).replace(f", {OTHERS}", f" {OTHERS}"), work["title"], venue, year(work))


def normal(title: str) -> str:
    """A title without case, punctuation and the difference between & and "and"."""
    return " ".join(re.sub(r"[\W_]+", " ", title.casefold().replace("&", " and ")).split())


def differences(reference: Printed, work: dict) -> list[str]:
    """What is printed otherwise than it was published: "title", "authors", "order", "year", "kind"."""
    titles = [normal(work["title"]), normal(work.get("original-title", ""))]
    found = [] if normal(reference.title) in titles else ["title"]
    found += _authors(reference.authors, families(work))
    found += ["year"] if reference.year not in (None, year(work)) else []
    is_paper = work["type"] in PAPERS
    return found + (["kind"] if (reference.listed == "paper") != is_paper else [])


def _authors(named, real):
    if not named:
        return []
    if named[-1] == OTHERS:  # a few names that stand for all
        first = list(named[:-1])
        return [] if real[: len(first)] == first and len(real) > len(first) else ["authors"]
    if sorted(named) != sorted(real):
        return ["authors"]
    return [] if list(named) == real else ["order"]


def nearest(title: str) -> tuple[float, str]:
    """(likeness from 0 to 1, id) of the work whose title is most like this one."""
    like = lambda work: SequenceMatcher(None, normal(title), normal(work["title"])).ratio()  # noqa: E731
    best = max(works().values(), key=like)
    return like(best), best["id"]


def table(chapter: int) -> Table:
    """The references that the articles print in a chapter, beside the works that are meant."""
    from course_lib.claims.ledger import load  # the ledger's claims cite works: not at import

    own = {claim.id for claim in load(chapter)}
    rows = [_row(reference) for reference in printed() if reference.claim in own]
    return Table(f"{len(rows)} references, chapter {chapter}", ("claim", "as printed", "differs in", "the work"), rows)


def _row(reference):
    names = ", ".join(reference.authors) or "no author"
    as_printed = f"{names}: {reference.title} ({reference.listed})"
    if not reference.work:
        return reference.claim, as_printed, "not found", "no such work could be identified"
    differs = ", ".join(differences(reference, works()[reference.work])) or "nothing"
    return reference.claim, as_printed, differs, str(citation(reference.work))
