"""The static picture of `GraphStepper`."""

from __future__ import annotations

import numpy as np

from .graphs import first
from .style import COLOURS, INK, MUTED


def draw_graph(fig, lab) -> None:
    """Draw boxes and lines, values above the lines, gradients shown so far below, local derivatives at the inputs."""
    axis = fig.subplots()
    shown, places, edges = set(lab.order[: lab.state["t"]]), lab.places, lab.edges()
    for edge, way, port in zip(edges, lab.ways, lab.ports, strict=True):
        inputs = sum(e.child == edge.child for e in edges)
        _draw_edge(axis, edge, [places[edge.parent], *way, places[edge.child]], port - (inputs - 1) / 2)
    axis.plot(places[-1, 0] + [0, 0.6], -places[-1, [1, 1]], color=MUTED, linewidth=1, linestyle="-", zorder=0)
    for i, (node, (x, y)) in enumerate(zip(lab.nodes, places, strict=True)):
        box = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": INK if node.op else COLOURS[0]}
        axis.text(x, -y, node.sign, ha="center", va="center", bbox=box)
        more = " …" if node.value.size > 1 else ""
        axis.text(x + 0.4, -y + 0.06, f"{first(node.value):.3g}{more}", ha="center", va="bottom", color=COLOURS[0])
        if i in shown:
            axis.text(x + 0.4, -y - 0.08, f"{first(node.grad):.3g}{more}", ha="center", va="top", color=COLOURS[1])
    axis.set(xlim=(-0.4, places[:, 0].max() + 0.75), ylim=(-places[:, 1].max() - 0.6, -places[:, 1].min() + 0.6),
             title="above: value, below: gradient, in italics: local derivative")  # fmt: skip
    axis.title.set_fontsize(9)
    axis.axis("off")


def _draw_edge(axis, edge, way, shift):
    xs, ys = np.array(way, float).T
    xs, ys = np.r_[xs[0], xs[0] + 0.6, xs[1:]], -np.r_[ys[0], ys]
    axis.plot(xs, ys, color=MUTED, linewidth=1, linestyle="-", zorder=0)
    if np.isfinite(edge.local):
        look = {"ha": "right", "va": "center", "fontsize": 7, "style": "italic"}
        axis.text(xs[-1] - 0.16, ys[-1] - (0.22 * shift if shift else -0.26), f"{edge.local:.3g}", **look)
