"""How claims look in a notebook: HTML that reads in light and dark themes and to a screen reader, and plain text.

Colour only underlines what a word says. Nothing here depends on the time, the machine or how often it was shown.
"""

from html import escape
from textwrap import fill

from course_lib.claims.claim import Claim
from course_lib.claims.evidence import Evidence, show

# A colour beside the word, from the Okabe-Ito palette; each is readable as a stripe on white and on black.
STRIPES = {"correct": "#009E73", "incomplete": "#E69F00", "wrong": "#D55E00", "outdated": "#CC79A7"}
_CELL = "color:inherit;text-align:left;vertical-align:top;padding:0.2em 0.8em 0.2em 0;white-space:normal"


class Table:
    """Rows under a header, as an HTML table with a caption, or as text."""

    def __init__(self, caption: str, header: tuple[str, ...], rows: list[tuple[str, ...]]):
        self.caption, self.header, self.rows = caption, header, rows

    @property
    def html(self) -> str:
        """A ``<table>`` whose first column heads its rows."""
        head = "".join(f'<th scope="col" style="{_CELL}">{escape(h)}</th>' for h in self.header)
        rows = "".join(
            f'<tr><th scope="row" style="{_CELL};font-weight:normal">{escape(first)}</th>'
            + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in rest)
            + "</tr>"
            for first, *rest in self.rows
        )
        caption = f'<caption style="text-align:left;color:inherit;padding:0.3em 0">{escape(self.caption)}</caption>'
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def __len__(self):
        return len(self.rows)

    def __repr__(self):
        return "\n".join([self.caption, " | ".join(self.header), *(" | ".join(row) for row in self.rows)])

    def _repr_mimebundle_(self, **kwargs):
        return {"text/html": self.html, "text/plain": repr(self)}


class Shown:
    """A claim with what its experiment found just now; the last line of a cell shows it."""

    def __init__(self, claim: Claim, evidence: Evidence | None):
        self.claim, self.evidence, self.unfolded = claim, evidence, True

    @property
    def html(self) -> str:
        """A ``<section>`` with the claim, the verdict and the evidence."""
        claim = self.claim
        stripe = STRIPES.get(claim.verdict, "#888888")
        style = f"border-left:4px solid {stripe};padding:0.1em 0 0.1em 1em;margin:0.5em 0"
        paragraph = '<p style="margin:0.2em 0"><strong>{}</strong>: {}</p>'
        lines = "".join(paragraph.format(escape(name), escape(text)) for name, text in self._lines())
        title = escape(claim.article.title)
        lines = lines.replace(title, f'<span lang="zh">{title}</span>', 1)
        return f'<section aria-label="Claim {escape(claim.id)}" style="{style}">{lines}{self._details()}</section>'

    def _lines(self):
        claim = self.claim
        yield "Claim", f"{claim.id} ({claim.article.id}: {claim.article.title}, “{claim.article.english}”)"
        yield "The article says", claim.says
        yield "Verdict", claim.verdict
        yield ("Correction" if claim.verdict != "correct" else "To add"), claim.correction
        if self.evidence:
            yield "Measured just now", self.evidence.summary
        if self.evidence and not self.evidence.supports(claim.verdict):
            yield "Attention", f"the evidence says {self.evidence.verdict}, the ledger {claim.verdict}"
        if claim.citation:
            yield "Source", str(claim.citation)

    def _tables(self):
        if not self.evidence:
            return
        yield Table("What was tested", ("from", "statement", "outcome"), self.evidence.rows())
        if numbers := self.evidence.numbers:
            yield Table("Figures", ("name", "value"), [(name, show(value)) for name, value in numbers.items()])

    def _details(self):
        tables = "".join(table.html for table in self._tables())
        opened = " open" if self.unfolded else ""
        return f"<details{opened}><summary>Evidence</summary>{tables}</details>" if tables else ""

    def __repr__(self):
        lines = [fill(f"{name}: {text}", 100, subsequent_indent="    ") for name, text in self._lines()]
        return "\n".join([*lines, *map(repr, self._tables())])

    def _repr_mimebundle_(self, **kwargs):
        return {"text/html": self.html, "text/plain": repr(self)}


class Several:
    """Several claims under each other, their evidence folded in."""

    def __init__(self, shown: list[Shown]):
        self.shown = shown
        for one in shown:
            one.unfolded = False

    @property
    def html(self) -> str:
        """One ``<section>`` after the other."""
        return "".join(one.html for one in self.shown)

    def __repr__(self):
        return "\n\n".join(map(repr, self.shown))

    def _repr_mimebundle_(self, **kwargs):
        return {"text/html": self.html, "text/plain": repr(self)}
