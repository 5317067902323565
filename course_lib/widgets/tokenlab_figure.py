"""The static picture of `TokenLab`."""

from __future__ import annotations

import numpy as np

from .pieces import drawable, pieces
from .style import COLOURS, INK, RULE

WIDE = 88  # characters in a line of tokens


def draw_tokens(fig, lab) -> None:
    """Draw the tokens at the step shown, and bytes per token against the size of the vocabulary."""
    top, bottom = fig.subplots(2, 1, height_ratios=(3, 2))
    _draw_chips(top, [drawable(name) for name in pieces(lab.tokenizer, lab.ids())])
    top.set_title(f"{len(lab.ids())} tokens, {len(lab.merging.data)} bytes")
    x, y = curve(lab)
    bottom.step(x, y, where="post", color=COLOURS[0])
    size = lab.state["vocab"]
    bottom.plot(size, y[np.searchsorted(x, size, side="right") - 1], "o", color=COLOURS[1], markersize=7)
    bottom.set(xlabel="vocabulary size", ylabel="bytes per token")


def curve(lab):
    """Vocabulary sizes at which this text's tokens change, and its bytes per token from there on."""
    size = len(lab.merging.data)
    x = [lab.base, *(lab.base + step.rank + 1 for step in lab.merging.steps), lab.base + len(lab.tokenizer.merges)]
    tokens = [len(lab.merging.ids(0)), *(step.tokens for step in lab.merging.steps)]
    y = [size / max(1, n) for n in tokens]
    return np.array(x), np.array([*y, y[-1]])


def _draw_chips(axis, names):
    axis.set(xlim=(0, WIDE), xticks=[], yticks=[])
    axis.grid(False)
    for side in axis.spines.values():
        side.set_visible(False)
    column = row = 0
    for name in names:
        wide = len(name) + 1.6
        if column + wide > WIDE:
            column, row = 0, row + 1
        box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": RULE}
        axis.text(column, -row, name, family="DejaVu Sans Mono", fontsize=8, color=INK, bbox=box, va="center")
        column += wide
    axis.set_ylim(-max(row, 1) - 0.7, 0.7)
