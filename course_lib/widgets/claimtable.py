"""`ClaimTable`: rows to filter, sort and page through; each can be put to the test with its own button."""

from __future__ import annotations

from .base import Lab
from .bundle import esm
from .claimtable_figure import draw_counts
from .controls import Button, Choice, Text

PAGE = 20  # rows shown at once
ALL = "all"
FIELDS = ("id", "article", "chapter", "verdict", "says", "correction")
ORDERS = ("ledger", "claim", "chapter", "verdict")


class ClaimTable(Lab):
    """A table of judged statements, twenty at a time, with a button on each row that runs its experiment.

    Parameters
    ----------
    rows : sequence of dict
        Each with text under "id", "article", "verdict", "says", "correction" and a number or text under "chapter".
        A row with a "source" and without an experiment shows that source instead of a button.
    run : callable
        id → text: runs the row's experiment and says what was found.
    article, chapter, verdict, words : str
        What to show at first; "all" and "" let everything through.
    """

    _esm = esm("claimtable.js")
    title = "ClaimTable"
    size = (7.2, 2.6)

    def __init__(self, rows, run, *, article=ALL, chapter=ALL, verdict=ALL, words=""):
        self.rows = [_checked(row) for row in rows]
        if len({row["id"] for row in self.rows}) < len(self.rows):
            raise ValueError("ClaimTable: two rows have the same id")
        self.run, self.results, self.latest, self.page = run, {}, "", 0
        self._first = {"article": article, "chapter": str(chapter), "verdict": verdict, "words": words}
        super().__init__()

    def controls(self):
        """Previous, Next, Reset; words, article, chapter, verdict, order."""
        first = self._first
        choices = (Choice(name, name.capitalize(), Choice(name, "", "", self.options(name)).check(first[name]),
                          self.options(name)) for name in ("article", "chapter", "verdict"))  # fmt: skip
        return (
            Button("previous", "Previous", "P"),
            Button("next", "Next", "N"),
            Button("reset", "Reset", "R"),
            Text("words", "Contains", first["words"]),
            *choices,
            Choice("sort", "Sort by", ORDERS[0], ORDERS),
        )

    def options(self, name: str) -> tuple[str, ...]:
        """"all", and what occurs in the rows under this name; numbers in their order."""
        found = {row[name] for row in self.rows}
        return (ALL, *sorted(found, key=lambda v: (not v.isdigit(), int(v) if v.isdigit() else 0, v)))

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Begin at the first page again."""
        self.page = 0

    def act_on(self, name):
        """Turn the page, or run a row ("run S0-…")."""
        if name in ("previous", "next"):
            self.page = min(max(self.page + (1 if name == "next" else -1), 0), self.pages - 1)
        elif name.startswith("run "):
            self._run(name.removeprefix("run "))

    def run_row(self, id: str):
        """Press a row's Run button from Python. Returns the widget."""
        self._row(id)
        self._handle({"act": f"run {id}"})
        return self

    def _row(self, id):
        for row in self.rows:
            if row["id"] == id:
                return row
        raise ValueError(f"ClaimTable: no row {id!r}")

    def _run(self, id):
        if not self._row(id)["source"]:
            self.results[id] = str(self.run(id))
            self.latest = id

    def _reset(self):
        self.results, self.latest = {}, ""
        super()._reset()

    def matching(self) -> list[dict]:
        """The rows that pass the filters, in the order chosen."""
        s, needles = self._state, self._state["words"].lower().split()
        found = [
            row for row in self.rows
            if all(s[name] in (ALL, row[name]) for name in ("article", "chapter", "verdict"))
            and all(word in " ".join(row[f] for f in FIELDS).lower() for word in needles)
        ]  # fmt: skip
        if s["sort"] == "ledger":
            return found
        key = "id" if s["sort"] == "claim" else s["sort"]
        order = self.options(key)
        return sorted(found, key=lambda row: order.index(row[key]))  # rows that are equal stay in the ledger's order

    @property
    def pages(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-len(self.matching()) // PAGE))

    def shown(self) -> list[dict]:
        """The rows of the present page."""
        return self.matching()[self.page * PAGE : (self.page + 1) * PAGE]

    # -- what is shown ---------------------------------------------------------------------------------------------
    def facts(self):
        """The page's rows, with what running them found."""
        rows = [{**row, "result": self.results.get(row["id"], "")} for row in self.shown()]
        count, first = len(self.matching()), self.page * PAGE
        return {
            "rows": rows,
            "sort": self._state["sort"],
            "page": self.page,
            "pages": self.pages,
            "caption": f"{first + 1 if rows else 0} to {first + len(rows)} of {count}",
            "status": f"page {self.page + 1} of {self.pages}",
        }

    def summary(self):
        """Say how many rows match and how they were judged, and what the last run found."""
        found = self.matching()
        verdicts = [(v, sum(row["verdict"] == v for row in found)) for v in self.options("verdict")[1:]]
        judged = ", ".join(f"{n} {v}" for v, n in verdicts if n)
        last = f" {self.latest}: {self.results[self.latest]}" if self.latest else ""
        return f"{len(found)} rows match{': ' if judged else ''}{judged}.{last}"

    def caption(self):
        """Name the picture."""
        return "ClaimTable. In a running notebook: filter and sort the rows, and run the experiment of each."

    def draw(self, fig):
        """Count the verdicts, by chapter or, in one chapter, by article."""
        by = "chapter" if self._state["chapter"] == ALL else "article"
        found = self.matching()
        groups = [g for g in self.options(by)[1:] if any(row[by] == g for row in found)]
        verdicts = self.options("verdict")[1:]
        counts = [[sum(row[by] == g and row["verdict"] == v for row in found) for g in groups] for v in verdicts]
        draw_counts(fig, groups, verdicts, counts, by)

    def as_code(self):
        """Return a program that picks the same rows."""
        s = self._state
        tests = [f'row["{name}"] == {s[name]!r}' for name in ("article", "chapter", "verdict") if s[name] != ALL]
        tests += [f'{word!r} in " ".join(map(str, row.values())).lower()' for word in s["words"].lower().split()]
        test = " and ".join(tests) or "True"
        return f"# `rows` are yours\nfound = [row for row in rows if {test}]\nprint(len(found))\n"


def _checked(row) -> dict:
    """The row as text."""
    if missing := [name for name in FIELDS if name not in row]:
        raise ValueError(f"ClaimTable: a row lacks {', '.join(missing)}")
    return {**{name: str(row[name]) for name in FIELDS}, "source": str(row.get("source", ""))}
