"""Matrices of signed numbers on paper: blue above zero, orange below, white at zero."""

from __future__ import annotations

import numpy as np

from .style import COLOURS, INK


def signed(axis, values, title="", numbers=True, aspect="equal") -> None:
    """Draw a matrix with zero pinned at white, and its numbers where there is room."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("signed", (COLOURS[1], "white", COLOURS[0]))
    top = float(np.abs(values).max(initial=0)) or 1.0
    axis.imshow(values, cmap=colours, vmin=-top, vmax=top, interpolation="nearest", aspect=aspect)
    if numbers and values.shape[1] <= 8:
        for (r, c), v in np.ndenumerate(values):
            colour = "white" if abs(v) > 0.75 * top else INK
            axis.text(c, r, f"{v:.2g}", ha="center", va="center", fontsize=6.5, color=colour)
    axis.set(title=title, xticks=(), yticks=())
    axis.grid(False)
