"""The static picture of `ConvStep`."""

from __future__ import annotations

import numpy as np

from .signed import signed
from .style import INK


def draw_conv(fig, lab) -> None:
    """Draw input, kernel and output, with the window shown in both; below, the model's filters and maps if any."""
    backdrop, s = lab.backdrop(), lab.state
    rows = 2 if backdrop else 1
    if backdrop:
        fig.set_size_inches(7.6, 4.8)
    grid = fig.add_gridspec(rows, 1, height_ratios=(3, 1.6)[:rows])
    left, middle, right = grid[0].subgridspec(1, 3, width_ratios=(3, 1.6, 3)).subplots()
    p, k = s["padding"], len(s["kernel"])
    signed(left, np.pad(lab.input, p), f"input {_by(lab.input.shape)}" + (f", padding {p}" if p else ""), numbers=False)
    signed(middle, lab.kernel, f"kernel {k}×{k}")
    if lab.output.size:
        r, c = np.unravel_index(s["t"], lab.output.shape)
        signed(right, lab.output, f"output {_by(lab.output.shape)}")
        right.add_patch(_frame(r, c, 1))
        left.add_patch(_frame(r * s["stride"], c * s["stride"], s["dilation"] * (k - 1) + 1))
    else:
        right.set_axis_off()
    if backdrop:
        _draw_maps(grid[1], backdrop)


def _frame(row, column, size):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), size, size, fill=False, edgecolor=INK, linewidth=2)


def _draw_maps(place, backdrop):
    """Up to eight filters over their maps."""
    filters, maps = backdrop["filters"][:8], backdrop["maps"][:8]
    axes = place.subgridspec(2, len(filters)).subplots(squeeze=False)
    for i, (w, y) in enumerate(zip(filters, maps, strict=True)):
        signed(axes[0][i], w, f"{i + 1}", numbers=False)
        signed(axes[1][i], y, "", numbers=False)
    axes[0][0].set_ylabel("filter", fontsize=8)
    axes[1][0].set_ylabel("map", fontsize=8)


def _by(shape):
    return "×".join(map(str, shape))
