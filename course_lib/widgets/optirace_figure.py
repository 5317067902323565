"""The static picture of `OptiRace`."""

from __future__ import annotations

import numpy as np

from .style import COLOURS, DASHES, INK, MARKERS


def draw_race(fig, lab) -> None:
    """Draw the trails on the contour, and the losses beside it."""
    ground, losses = fig.subplots(1, 2, width_ratios=(3, 2))
    _draw_ground(ground, lab)
    for racer in lab.racers:
        result = lab.results[racer.key]
        look = {"color": COLOURS[racer.series], "linestyle": DASHES[racer.series]}
        ground.plot(*result["path"].T, linewidth=1.4, **look)
        seen = result["path"][np.isfinite(result["path"]).all(axis=1)]
        ground.plot(
            *seen[-1], MARKERS[racer.series], color=COLOURS[racer.series], markersize=6, markeredgecolor="white"
        )
        losses.plot(np.maximum(result["loss"], 1e-12), label=racer.name, **look)
    losses.set(title="Loss", xlabel="step", yscale="log")
    losses.legend(loc="lower left")


def _draw_ground(axis, lab):
    x0, x1, y0, y1 = lab.surface.bounds
    x, y = np.linspace(x0, x1, 121), np.linspace(y0, y1, 91)
    grid = np.log10(lab.surface.grid(121, 91) + 1e-3)
    axis.contourf(x, y, grid, levels=12, cmap="Greys", alpha=0.22)
    axis.plot(*np.transpose(lab.surface.minima), "*", color=INK, markersize=9, linestyle="none")
    axis.plot(*lab.state["start"], "o", color="white", markeredgecolor=INK, markersize=8)
    axis.set(title=f"f = {lab.surface.formula}", xlabel="x", ylabel="y", xlim=(x0, x1), ylim=(y0, y1))
    axis.grid(False)
