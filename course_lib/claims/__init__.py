"""The ledger of what the articles claim, and the experiments that decide each claim.

In a chapter: ``claims.show("S0-4.3.2-adam-moments")`` shows one claim and runs its experiment. `load`, `get` and
`table` read the ledger, `run` and `run_all` return evidence, `disagreements` lists where an article's versions
contradict each other. The formulas as printed are in `course_lib.claims.as_printed`. ``python -m tools.pages``
writes docs/CLAIMS.md.
"""

from course_lib.claims import ledger, present
from course_lib.claims.claim import KINDS, VERDICTS, Article, Citation, Claim, Disagreement
from course_lib.claims.evidence import Evidence
from course_lib.claims.ledger import articles, get, load


def run(id: str) -> Evidence:
    """Run the experiment of a claim and return its evidence."""
    return get(id).run()


def run_all(chapter: int | None = None) -> dict[str, Evidence]:
    """Evidence by id for every claim that has an experiment; claims that share one share its evidence."""
    done, found = {}, {}
    for claim in load(chapter):
        if claim.experiment:
            key = claim.chapter, claim.experiment
            found[claim.id] = done[key] = done.get(key) or claim.run()
    return found


def show(*ids: str) -> present.Shown | present.Several:
    """Show claims: what the article says, the verdict, the correction, and each experiment, run now."""
    if not ids:
        raise ValueError("show: needs at least one claim id")
    shown = [present.Shown(claim, claim.run() if claim.experiment else None) for claim in map(get, ids)]
    return shown[0] if len(shown) == 1 else present.Several(shown)


def table(chapter: int | None = None, evidence: bool = False) -> present.Table:
    """All claims (of a chapter) with their verdicts and corrections, and with `evidence` what a run finds now."""
    found = run_all(chapter) if evidence else {}
    header = ("claim", "verdict", "the article says", "correction")
    rows = [(c.id, c.verdict, c.says, c.correction) for c in load(chapter)]
    if evidence:
        header = (*header, "measured just now")
        rows = [(*row, found[row[0]].summary if row[0] in found else str(get(row[0]).citation or "")) for row in rows]
    where = "all chapters" if chapter is None else f"chapter {chapter}"
    return present.Table(f"{len(rows)} claims, {where}", header, rows)


def disagreements(chapter: int | None = None) -> present.Table:
    """Where an article contradicts itself: Chinese against English, or one copy against the other."""
    found = ledger.disagreements(chapter)
    rows = [
        (d.topic, ", ".join(d.ids), *(f"{name}: {text}" for name, text in d.versions.items()), d.right) for d in found
    ]
    header = ("topic", "claim", "one version", "the other", "right is")
    return present.Table("Articles that contradict themselves", header, rows)


__all__ = [
    "KINDS", "VERDICTS", "Article", "Citation", "Claim", "Disagreement", "Evidence", "articles", "disagreements", "get",
    "load", "run", "run_all", "show", "table",
]
