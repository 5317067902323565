"""The static picture of `AttnMap`."""

from __future__ import annotations

import numpy as np

from .pieces import drawable
from .style import COLOURS, INK


def draw_attention(fig, lab) -> None:
    """Draw the chosen head's matrix, and for the token that looks weight and effect of each token."""
    left, middle, right = fig.subplots(1, 3, width_ratios=(5, 3, 3))
    s, n = lab.state, len(lab.ids)
    names = [drawable(lab.label(i)) for i in range(n)]
    matrix = np.where(lab.mask, lab.weights[s["layer"] - 1, s["head"] - 1], np.nan)
    image = left.imshow(matrix, vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    left.axhline(s["t"] - 1.5, color=INK, linewidth=1)
    left.axhline(s["t"] - 0.5, color=INK, linewidth=1)
    left.set(title=f"layer {s['layer']}, head {s['head']}", xlabel="looked at", ylabel="looks")
    small = {"fontsize": 7 if n < 28 else 5, "family": "DejaVu Sans Mono"}
    left.set_xticks(range(n), names, rotation=90, **small)
    left.set_yticks(range(n), names, **small)
    left.grid(False)
    fig.colorbar(image, ax=left, label="weight", pad=0.02)
    y = np.arange(n)
    middle.barh(y, lab.row(), color=COLOURS[0])
    middle.set(title=f"{names[s['t'] - 1]} looks", xlabel="weight")
    colours = [COLOURS[1] if e < 0 else COLOURS[2] for e in lab.effect]
    right.barh(y, lab.effect, color=colours)
    right.axvline(0, color=INK, linewidth=0.8)
    right.set(title="if hidden", xlabel=f"change of log p({drawable(lab.outcome(lab.target(s['t'] - 1)))})")
    for axis in (middle, right):
        axis.set_yticks(y, names if axis is middle else [], **small)
        axis.set_ylim(n - 0.5, -0.5)
