"""The static picture of `GateTape`."""

from __future__ import annotations

import numpy as np

from .signed import signed
from .style import COLOURS, DASHES, INK, MARKERS

ROWS = {"f": "f", "i": "i", "o": "o", "g": "c̃", "c": "c", "h": "h", "rnn": "RNN's h"}


def draw_tape(fig, lab) -> None:
    """Draw the unit's gates over the characters, and below them the gradients of the loss at the character shown."""
    s, n = lab.state, len(lab.read) - 1
    axes = fig.subplots(len(ROWS) + 1, 1, height_ratios=(*(1,) * len(ROWS), 6), sharex=True)
    for axis, (name, label) in zip(axes, ROWS.items(), strict=False):
        values = lab.gates[name]
        row = values[:, min(s["unit"], values.shape[1]) - 1][None]
        if name in "fio":
            axis.imshow(row, vmin=0, vmax=1, aspect="auto", cmap="cividis", interpolation="nearest")
        else:
            signed(axis, row, numbers=False, aspect="auto")
        axis.set(xticks=(), yticks=())
        axis.set_ylabel(label, rotation=0, ha="right", va="center")
        axis.grid(False)
        axis.axvline(s["t"], color=INK, linewidth=0.8)
    axes[0].set_title(f"Unit {s['unit']}, forget gate {s['forget']}")
    _draw_reach(axes[-1], lab, n)


def _glyph(character):
    """What the figure's font has."""
    return "·" if character == " " else character if character.isprintable() and ord(character) < 0x250 else "□"


def _draw_reach(axis, lab, n):
    t = lab.state["t"]
    names = {"lstm": f"LSTM, {lab.state['forget']}", "rnn": "RNN", "learned": "LSTM, learned f"}
    for name, series in (("lstm", 0), ("rnn", 1), ("learned", 6)):
        if name in lab.reach:
            row = np.maximum(lab.reach[name][t, : t + 1], 1e-12)
            axis.plot(row, color=COLOURS[series], linestyle=DASHES[series], marker=MARKERS[series], markersize=2.5,
                      label=names[name])  # fmt: skip
    axis.set(yscale="log", xlim=(-0.5, n - 0.5), title=f"Gradient of the loss at character {t}",
             ylabel="|dL/dx|", xticks=range(n), xticklabels=[_glyph(c) for c in lab.read[:n]])  # fmt: skip
    axis.tick_params(axis="x", labelsize=6 if n > 50 else 8, length=0)
    axis.legend(loc="lower right")
