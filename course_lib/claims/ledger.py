"""Reads the ledger: TOML files, one per chapter and article, in ``ledger/``; `cites` is an id of references.json."""

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from course_lib.claims import references
from course_lib.claims.claim import Article, Claim, Disagreement

_ROOT = files("course_lib.claims") / "ledger"


@cache
def articles() -> dict[str, Article]:
    """The five articles by their short names, S0 to S4."""
    rows = tomllib.loads((_ROOT / "articles.toml").read_text("utf-8"))
    return {key: Article(key, row["title"], row["english"], tuple(row["languages"])) for key, row in rows.items()}


def load(chapter: int | None = None) -> tuple[Claim, ...]:
    """All claims in the order of the articles, or those of one chapter."""
    return tuple(claim for claim in _by_id().values() if chapter in (None, claim.chapter))


def get(id: str) -> Claim:
    """The claim with this id.

    Raises
    ------
    KeyError
        If there is none; the message names the nearest ids.
    """
    if id not in _by_id():
        near = ", ".join(get_close_matches(id, _by_id(), 3)) or "claims.table() lists them"
        raise KeyError(f"no claim {id!r} in the ledger; near it: {near}")
    return _by_id()[id]


@cache
def disagreements(chapter: int | None = None) -> tuple[Disagreement, ...]:
    """Where the versions of an article (Chinese and English, or two copies) contradict each other."""
    found = []
    for number, folder in _chapters():
        rows = _rows(folder)
        for row in rows:
            article = articles()[row["ids"][0][:2]]
            found.append(Disagreement(row["topic"], number, article, tuple(row["ids"]), row["versions"], row["right"]))
    return tuple(d for d in found if chapter in (None, d.chapter))


def _rows(folder):
    file = folder / "disagreements.toml"
    return tomllib.loads(file.read_text("utf-8"))["disagreement"] if file.is_file() else []


def _chapters():
    """(chapter number, folder) for every chapter in the ledger."""
    folders = sorted((f for f in _ROOT.iterdir() if f.name.startswith("chapter")), key=lambda f: f.name)
    return [(int(folder.name.removeprefix("chapter")), folder) for folder in folders]


@cache
def _by_id() -> dict[str, Claim]:
    """Every claim by its id; an alias has the experiment and the citation of the claim that it repeats."""
    rows = {}
    for number, folder in _chapters():
        for article in articles().values():
            file = folder / f"{article.id}.toml"
            for id, row in (tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}).items():
                if id in rows or not id.startswith(f"{article.id}-"):
                    raise ValueError(f"ledger: {id} in {file.name} is there already or belongs to another article")
                rows[id] = {"chapter": number, "article": article} | row
    return {id: _claim(id, row, rows) for id, row in rows.items()}


def _claim(id, row, rows):
    origin = rows[row["alias_of"]] if "alias_of" in row else row
    cited = references.citation(origin["cites"]) if "cites" in origin else None
    fields = {name: value for name, value in row.items() if name != "cites"}
    return Claim(id, **fields | {"experiment": origin.get("experiment"), "citation": cited})
