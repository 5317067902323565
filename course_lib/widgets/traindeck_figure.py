"""The static picture of `TrainDeck`."""

from __future__ import annotations

import numpy as np

from .style import COLOURS, DASHES, MARKERS, MUTED


def draw_deck(fig, deck) -> None:
    """Draw loss over learning rate on the left, metric over gradients on the right."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes = fig.subplot_mosaic([["loss", "metric"], ["lr", "grads"]], height_ratios=(2, 1), width_ratios=(3, 2))
    for run in deck.runs.all:
        _draw_run(axes, run, deck.runs.curves(run), run is deck.runs.active)
    axes["loss"].set(title="Training loss (thin: per batch)", yscale="log")
    axes["lr"].set(xlabel="step", ylabel="learning rate", yscale="log")
    axes["loss"].yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axes["loss"].yaxis.set_major_formatter("{x:g}")
    axes["loss"].yaxis.set_minor_formatter(NullFormatter())
    axes["metric"].set(title=f"Validation {deck.metric or 'loss'}", xlabel="step")
    if len(deck.runs.all) > 1:
        axes["loss"].legend()
    _draw_gradients(axes["grads"], deck.gradients())


def _draw_run(axes, run, curves, active):
    look = {"color": COLOURS[run.series], "linestyle": DASHES[run.series], "label": f"run {run.name}"}
    if active:
        axes["loss"].plot(curves["x"], curves["raw"], color=COLOURS[run.series], linewidth=0.5, alpha=0.5)
    axes["loss"].plot(curves["x"], curves["smooth"], **look)
    axes["lr"].plot(curves["x"], curves["lr"], drawstyle="steps-post", **look)
    values = curves["metric"] if np.isfinite(curves["metric"]).any() else curves["loss"]
    axes["metric"].plot(curves["ex"], values, marker=MARKERS[run.series], **look)


def _draw_gradients(axis, rows):
    axis.set(title="|gradient| > 0, 10 to 90 %", xscale="log")
    for i, (_, low, middle, high, _) in enumerate(rows):
        axis.plot(
            [max(low, 1e-12), max(high, 1e-12)], [i, i], color=MUTED, linewidth=3, solid_capstyle="round", linestyle="-"
        )
        axis.plot([max(middle, 1e-12)], [i], "o", color=COLOURS[0])
    axis.set_yticks(range(len(rows)), [row[0] for row in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
