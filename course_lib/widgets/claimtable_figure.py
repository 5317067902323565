"""The static picture of `ClaimTable`."""

from __future__ import annotations

import numpy as np

from .style import COLOURS

HATCHES = ("", "//", "..", "xx", "\\\\", "++")


def draw_counts(fig, groups, verdicts, counts, by: str) -> None:
    """Draw stacked bars: one per group, a colour and a hatch per verdict; counts (verdicts, groups)."""
    axis = fig.subplots()
    below, rows = np.zeros(len(groups)), np.asarray(counts, float).reshape(len(verdicts), len(groups))
    for i, (verdict, row) in enumerate(zip(verdicts, rows, strict=True)):
        look = {"color": COLOURS[i % 7], "hatch": HATCHES[i % 6], "edgecolor": "white"}
        axis.bar(groups, row, bottom=below, label=verdict, **look)
        below += row
    axis.set(xlabel=by, ylabel="rows")
    axis.yaxis.get_major_locator().set_params(integer=True)
    if verdicts:
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
