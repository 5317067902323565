"""The static picture of `GradFlow`."""

from __future__ import annotations

import numpy as np

from .gradlog import HIGH, LOW
from .style import COLOURS, INK


def draw_flow(fig, lab) -> None:
    """Draw histograms, medians over the steps, and update ratios; a row per layer, the last layer on top."""
    left, middle, right = fig.subplots(1, 3, sharey=True, width_ratios=(3, 3, 2))
    record, n = lab.record, len(lab.record.medians)
    rows = np.arange(1, n + 1)
    peak = np.maximum(record.shares.max(axis=1, keepdims=True), 1e-12)
    left.imshow(
        record.shares / peak,
        aspect="auto",
        origin="lower",
        extent=(LOW, HIGH, 0.5, n + 0.5),
        cmap="Blues",
        interpolation="nearest",
    )
    left.plot(
        np.log10(np.maximum(record.medians, 10**LOW)), rows, "o", color=COLOURS[1], markersize=3, linestyle="none"
    )
    left.set(
        title=f"log10 |gradient|, step {lab.state['t']}",
        xlabel="log10 |gradient| (dot: median)",
        ylabel="layer (1: input)",
    )
    strip = np.log10(np.maximum(lab.medians(), 1e-30))
    steps = strip.shape[1]
    image = middle.imshow(
        strip,
        aspect="auto",
        origin="lower",
        extent=(-0.5, steps - 0.5, 0.5, n + 0.5),
        vmin=-12,
        vmax=0,
        interpolation="nearest",
    )
    middle.set(title="median over the steps", xlabel="step")
    fig.colorbar(image, ax=middle, label="log10 median", pad=0.02)
    right.plot(np.maximum(record.ratios, 1e-12), rows, "s", color=COLOURS[0], linestyle="none")
    right.axvline(1e-3, color=INK, linestyle="--", linewidth=1)
    right.set(title="update / weight", xscale="log", xlabel="ratio (dashed: 1e-3)")
    right.set_xlim(min(1e-6, max(float(record.ratios.min()), 1e-12)) / 3, 3 * max(1.0, float(record.ratios.max())))
    left.yaxis.get_major_locator().set_params(integer=True)
    middle.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    for axis in (left, middle):
        axis.grid(False)
