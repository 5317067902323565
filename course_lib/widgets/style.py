"""One plotting style for the course: Okabe-Ito colours, one set of sizes, the same look on white and black pages."""

from __future__ import annotations

from contextlib import contextmanager

# Okabe & Ito (2008), ordered so that neighbours differ in lightness too. A dash and a marker go with each colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666")
DASHES = ("-", "--", "-.", ":", (0, (5, 1.5, 1, 1.5, 1, 1.5)), (0, (8, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
INK, MUTED, RULE = "#1f2328", "#59636e", "#d1d9e0"

RC = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "image.cmap": "cividis",
    "svg.hashsalt": "course",
}


@contextmanager
def style():
    """Use the course's plotting style inside the ``with`` block, and only there."""
    import matplotlib
    from cycler import cycler

    cycle = cycler(color=COLOURS) + cycler(linestyle=DASHES)
    with matplotlib.rc_context({**RC, "axes.prop_cycle": cycle}):
        yield


def new_figure(width=7.2, height=3.2):
    """Return an empty `matplotlib.figure.Figure` (inches) that lays itself out; no pyplot, so nothing to close.

    Make the axes inside ``with style():`` so that they take the course's look.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
