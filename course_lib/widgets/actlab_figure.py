"""The static picture of `ActLab`."""

from __future__ import annotations

import numpy as np

from .style import COLOURS, INK


def draw_act(fig, lab) -> None:
    """Draw f, f′ and the histogram of the pre-activations, one above the other on one axis."""
    axes = fig.subplots(3, 1, sharex=True, height_ratios=(3, 2, 3))
    z, numbers = lab.state["z"], lab.at_z()
    for axis, curve, at, word in zip(axes, lab.curves, numbers, ("f(z)", "f′(z)"), strict=False):
        axis.plot(lab.grid, np.where(np.isfinite(curve), curve, np.nan), color=COLOURS[0])
        axis.plot(z, at, "o", color=COLOURS[2], markersize=6)
        axis.set(ylabel=word)
        _shade(axis, lab)
    near = np.abs(lab.grid - z) < lab.reach / 5
    axes[0].plot(lab.grid[near], numbers[0] + numbers[1] * (lab.grid[near] - z), "--", color=COLOURS[2])
    axes[0].set_title(f"{lab.name()}; shaded where |f′| < 0.05")
    free, flat = 100 * lab.shares
    width = 2 * lab.reach / free.size
    centres = np.linspace(-lab.reach + width / 2, lab.reach - width / 2, free.size)
    look = {"color": COLOURS[1], "hatch": "///", "edgecolor": "white", "linewidth": 0}
    axes[2].bar(centres, flat, width, label="|f′| < 0.05", **look)
    axes[2].bar(centres, free, width, bottom=flat, color=COLOURS[0], alpha=0.45, label="the rest")
    axes[2].set(xlabel="pre-activation z", ylabel="share, %", xlim=(-lab.reach, lab.reach))
    axes[2].legend(title=f"layer {lab.state['layer']}", loc="upper right")
    axes[2].axvline(z, color=INK, linewidth=0.8, linestyle=":")


def _shade(axis, lab):
    low, high = axis.get_ylim()
    flat = np.abs(lab.curves[1]) < 0.05
    axis.fill_between(lab.grid, low, high, where=flat, color=COLOURS[1], alpha=0.12, linewidth=0)
    axis.set_ylim(low, high)
