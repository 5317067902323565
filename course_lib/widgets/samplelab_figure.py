"""The static picture of `SampleLab`."""

from __future__ import annotations

import numpy as np

from .pieces import drawable
from .style import COLOURS, INK


def draw_sampling(fig, lab) -> None:
    """Draw softmax and what is left of it, and the draws over the probabilities; a row per token."""
    left, right = fig.subplots(1, 2, sharey=True)
    names = [*(drawable(lab.name(i)) for i in lab.rows()), "all others"]
    y = np.arange(len(names))
    plain, p, counts = (lab.folded(v) for v in (lab.stages.plain, lab.stages.p, lab.counts))
    left.barh(y - 0.2, plain, 0.38, color=COLOURS[4], label="softmax(logits / T)")
    left.barh(y + 0.2, p, 0.38, color=COLOURS[0], hatch="//", edgecolor="white", label="after top-k and top-p")
    left.set(yticks=y, yticklabels=names, xlabel="probability")
    left.invert_yaxis()
    left.legend(loc="lower right")
    n = max(1, counts.sum())
    right.barh(y, counts / n, 0.6, color=COLOURS[2], label=f"{counts.sum():,.0f} draws")
    spread = 3 * np.sqrt(p * (1 - p) / n)
    right.errorbar(p, y, xerr=spread, fmt="|", color=INK, markersize=11, linewidth=1, label="probability ± 3 σ")
    right.set(xlabel="share of the draws")
    right.legend(loc="lower right")
