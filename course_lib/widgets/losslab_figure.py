"""The static picture of `LossLab`."""

from __future__ import annotations

import numpy as np

from .linefit import shaded
from .style import COLOURS, INK


def draw_loss(fig, lab) -> None:
    """Draw data and fit (or the cut), the landscape with the arrow, and the samples' losses below."""
    top, bottom = fig.subfigures(2, 1, height_ratios=(3, 1.4))
    left, right = top.subplots(1, 2)
    (_draw_data if lab.model is None else _draw_cut)(left, lab)
    _draw_ground(right, lab)
    bars, losses = bottom.subplots(), lab.frame()["losses"]
    bars.bar(np.arange(1, losses.size + 1), losses, color=COLOURS[0])
    words = "sample" if lab.model is None else "samples, largest loss first"
    bars.set(xlabel=words, ylabel="loss")


def _draw_data(axis, lab):
    x0, x1, y0, y1 = lab.frame_of_data()
    target, fit = lab.land.target, lab.land.fit(lab.state["theta"], lab.land.x)
    axis.vlines(lab.land.x, target, fit, color=INK, linewidth=0.7)
    axis.plot(*lab.line, color=COLOURS[0], label="fit")
    axis.plot(lab.land.x, target, "s", color=COLOURS[1], linestyle="none", label="data")
    classes = lab.facts()["classes"]
    axis.set(title="Data and fit", xlabel="x", ylabel="probability of class 1" if classes else "y", xlim=(x0, x1),
             ylim=(-0.15, 1.15) if classes else (y0, y1))  # fmt: skip
    axis.legend(loc="upper left")


def _draw_cut(axis, lab):
    axis.plot(*lab.line, color=COLOURS[0])
    axis.set(title="Loss along the arrow", xlabel="distance along -∇", ylabel="loss")


def _draw_ground(axis, lab):
    a0, a1, b0, b1 = lab.land.bounds()
    rows, columns = lab.grid.shape
    axis.contourf(np.linspace(a0, a1, columns), np.linspace(b0, b1, rows), shaded(lab.grid), levels=14, cmap="Greys",
                  alpha=0.35)  # fmt: skip
    trail, (a, b), tip = np.reshape(lab.trail, (-1, 2)), lab.state["theta"], lab.arrow()
    axis.plot(*trail.T, ".-", color=COLOURS[2], linewidth=1)
    axis.annotate("", tip, (a, b), arrowprops={"arrowstyle": "->", "color": COLOURS[1], "linewidth": 2})
    axis.plot(a, b, "o", color=COLOURS[0], markeredgecolor="white", markersize=8)
    name = lab.land.names
    axis.set(title=f"{lab.facts()['label']} over ({name[0]}, {name[1]}); arrow: -∇", xlabel=name[0], ylabel=name[1],
             xlim=(a0, a1), ylim=(b0, b1))  # fmt: skip
