"""The table of exercises, ``docs/EXERCISES.md``."""

from __future__ import annotations

from .mutation import SEEDS, measure
from .spec import exercises

HEAD = """# Exercises

Made by `make docs`; a test fails when this page is stale.

Each exercise lists classic mistakes. A mistake counts as caught if its answer is rejected *with its own diagnosis*, and
a right answer as accepted if it passes, on each of {seeds} sets of inputs. The articles' own wrong formulas are among
the mistakes; the last column has their ids in the ledger.

{summary}

| | exercise | minutes | difficulty | mistakes caught | right answers accepted | claims |
|---|---|--:|:-:|--:|--:|---|
"""


def table(measure=measure) -> str:
    """The page, measured now."""
    tallies = {exercise: measure(exercise) for exercise in exercises().values()}
    rows = [
        f"| {e.id} | {e.title}: `{e.name}` | {e.minutes} | {'●' * e.difficulty}{'○' * (5 - e.difficulty)} "
        f"| {t.caught}/{t.mistakes} | {t.accepted}/{t.right} | {', '.join(e.claims)} |"
        for e, t in tallies.items()
    ]
    return HEAD.format(seeds=len(SEEDS), summary=summary(list(tallies.values()))) + "\n".join(rows) + "\n"


def summary(tallies: list) -> str:
    """One line with the totals."""
    caught, mistakes = sum(t.caught for t in tallies), sum(t.mistakes for t in tallies)
    accepted, right = sum(t.accepted for t in tallies), sum(t.right for t in tallies)
    return (f"{len(tallies)} exercises: {caught} of {mistakes} mistakes caught with their own diagnosis "
            f"({caught / mistakes:.0%}), {accepted} of {right} right answers accepted.")
