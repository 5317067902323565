"""docs/CLAIMS.md: every claim with its verdict and the sentence that its experiment returned."""

from collections import Counter

from course_lib import claims
from course_lib.claims import VERDICTS, ledger


def markdown(evidence: dict | None = None) -> str:
    """Return the document; runs everything if no evidence is given."""
    evidence = evidence or claims.run_all()
    undecided = [c.id for c in claims.load() if c.experiment and not evidence[c.id].supports(c.verdict)]
    if undecided:
        raise ValueError(f"the evidence does not support the verdict of {', '.join(undecided)}")
    chapters = sorted({c.chapter for c in claims.load()})
    return "\n".join([*_head(), *(line for chapter in chapters for line in _chapter(chapter, evidence))]) + "\n"


def _head():
    yield from (
        "# The claims, and how each was decided",
        "",
        "Written by `make docs`, which runs every experiment; a test fails when it is out of date or",
        "when the evidence no longer supports a verdict. In a notebook, `claims.show(id)` runs one of them.",
        "",
        "Articles (titles as printed, with our translation):",
        "",
    )
    for article in claims.articles().values():
        yield f"- {article.id}: {article.title} ({article.english}; {' and '.join(article.languages)})"
    yield from (
        "",
        "- correct: all that follows from the claim came true.",
        "- incomplete: it did, but what the article leaves open was seen to matter.",
        "- wrong: something that follows from the claim did not come true.",
        "- outdated: it held once, and does not today.",
        "- unverifiable: what would decide it is not given, and was not found.",
    )


def _chapter(chapter, evidence):
    rows = claims.load(chapter)
    counts = Counter(c.verdict for c in rows)
    parts = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v])
    yield from ("", f"## Chapter {chapter}", "", f"{len(rows)} claims: {parts}.", "")
    yield from ("| claim | verdict | the article says | correction | evidence |", "|---|---|---|---|---|")
    for c in rows:
        yield f"| {c.id} | {c.verdict} | {_cell(c.says)} | {_cell(c.correction)} | {_cell(_grounds(c, evidence))} |"
    if found := ledger.disagreements(chapter):
        yield from ("", "Versions of one article that contradict each other:", "")
        for d in found:
            versions = "; ".join(f"{name}: {text}" for name, text in d.versions.items())
            yield f"- {d.topic} ({', '.join(d.ids)}). {versions}. Right: {d.right}."


def _grounds(claim, evidence):
    parts = [evidence[claim.id].summary] if claim.experiment else []
    if claim.alias_of:
        parts = [f"As {claim.alias_of}."]
    return " ".join(parts + ([f"{claim.citation}"] if claim.citation else []))


def _cell(text):
    """Text that Markdown leaves as it is."""
    for mark in "\\|*_<[":
        text = text.replace(mark, "\\" + mark)
    return text
