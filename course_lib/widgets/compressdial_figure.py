"""The static picture of `CompressDial`."""

from __future__ import annotations

import numpy as np

from .dialwork import front, grid
from .style import COLOURS, INK


def draw_dial(fig, lab) -> None:
    """Draw the tries with their front, what each layer costs alone, and the chosen layer's weights on their grid."""
    top, bottom = fig.add_gridspec(2, 1, height_ratios=(3, 2))
    tries, bars = top.subgridspec(1, 2, width_ratios=(3, 1.6)).subplots()
    _draw_tries(tries, lab)
    names = [f"{name}\n{lab.setting[name][0]} bits, {lab.setting[name][1]:.0%} zeros" for name in lab.layers]
    bars.barh(range(len(names)), 100 * np.array(lab.losses), color=COLOURS[1])
    bars.set(title="lost by each layer alone", xlabel="points", yticks=range(len(names)), yticklabels=names)
    bars.set_xlim(min(0, 100 * min(lab.losses)), max(1, 110 * max(lab.losses)))
    bars.invert_yaxis()
    _draw_weights(fig.add_subplot(bottom), lab)


def _draw_tries(axis, lab):
    points = np.array([(t["bytes"], 100 * t["accuracy"]) for t in lab.tries])
    best = front(lab.tries)
    axis.plot(*points.T, "o", color=COLOURS[0], linestyle="none", label="tries")
    axis.step(*points[best].T, where="post", color=COLOURS[2], linestyle="--", label="front")
    base, now = ((t["bytes"], 100 * t["accuracy"]) for t in (lab.baseline, lab.now))
    axis.plot(*base, "s", color=COLOURS[6], markersize=7, label="baseline")
    axis.plot(*now, "o", mfc="none", mec=INK, markersize=11, label="shown")
    axis.set(title="accuracy against bytes on disk", xlabel="bytes", ylabel="accuracy, %", xscale="log")
    axis.legend(loc="lower right", ncols=2)


def _draw_weights(axis, lab):
    edges, before, after = lab.histogram()
    name = lab.state["layer"]
    for value in grid(lab.stored[name], lab.setting[name][0]):
        axis.axvline(value, color="0.75", linewidth=0.6)
    axis.stairs(100 * before, edges, fill=True, color=COLOURS[5], alpha=0.6, label="before")
    axis.stairs(100 * after, edges, color=COLOURS[1], linewidth=1.3, label="after")
    axis.set(title=f"weights of {name}, and the values it can take", xlabel="weight", ylabel="share, %", yscale="log")
    axis.set_xlim(edges[0], edges[-1])
    axis.legend(loc="upper right")
