"""Metrics: what each leaves out, and what choosing by them gives."""

import numpy as np

from course_lib import metrics
from course_lib.claims.evidence import Evidence, close


def four():
    """The four numbers of one table of counts, and the trivial answer beside them."""
    target = np.repeat([1, 1, 0, 0], [40, 20, 10, 930])
    guess = np.repeat([1, 0, 1, 0], [40, 20, 10, 930])
    got = [f(guess, target) for f in (metrics.accuracy, metrics.precision, metrics.recall, metrics.f1)]
    never = metrics.accuracy(np.zeros(1000, int), target), metrics.f1(np.zeros(1000, int), target)
    return Evidence(
        f"40 found, 20 missed, 10 false alarms among 1,000: accuracy {got[0]:.3f}, precision {got[1]:.3f}, recall "
        f"{got[2]:.3f}, F1 {got[3]:.3f}; never raising an alarm has accuracy {never[0]:.3f} and F1 {never[1]:g}.",
        said={"they differ, so the task decides": len(set(np.round(got, 3))) == 4},
        gap={"undefined, they mislead: accuracy is high for a model that finds nothing": never[0] > 0.9 > never[1]},
        right={"TP/(TP+FP), TP/(TP+FN), their harmonic mean": close(got, [0.97, 0.8, 2 / 3, 8 / 11], 9)},
        numbers={"accuracy, precision, recall, F1": got},
    )


def tasks():
    """Accuracy on a translation, a ranking and a pair of boxes."""
    close_one, far_one = "the cat sits on the mat", "green ideas sleep"
    reference = "the cat sat on the mat"
    exact = [float(text == reference) for text in (close_one, far_one)]
    similar = [metrics.chrf([text], [[reference]]) for text in (close_one, far_one)]
    first, last = (
        metrics.ndcg(np.array([scores]), np.array([[1, 0, 0, 0]])) for scores in ([4, 3, 2, 1], [1, 2, 3, 4])
    )
    overlap = [_overlap((0, 0, 4, 4), box) for box in ((1, 0, 5, 4), (9, 9, 13, 13))]
    return Evidence(
        f"exact match gives {exact[0]:g} to a good translation and to nonsense, chrF {similar[0]:.0f} and "
        f"{similar[1]:.0f}; NDCG tells first place from last ({first:.2f}, {last:.2f}), overlap a box nearby from one "
        f"far off ({overlap[0]:.2f}, {overlap[1]:g}).",
        said={"one can measure something in each field": max(similar) > 0},
        gap={"without the task's own metric a good answer and nonsense look alike": exact[0] == exact[1]},
        right={
            "chrF, NDCG and overlap tell them apart": similar[0] > 2 * similar[1]
            and first > last
            and overlap[0] > overlap[1]
        },
        numbers={"chrF": np.round(similar, 1), "NDCG": [first, last], "overlap": overlap},
    )


def threshold():
    """A rare class: choose the threshold by F1 on validation rows, then look at new ones."""
    gains, errors = zip(*(_chosen_threshold(seed) for seed in range(20)), strict=True)
    return Evidence(
        f"5 % positives: a threshold chosen by F1 on validation rows raises F1 on new rows by "
        f"{np.mean(gains):.2f} over "
        f"the usual 0.5 (20 draws), and accuracy changes by {np.mean(errors):+.3f}.",
        said={"adjusting by the metric on validation rows helps": np.mean(gains) > 0.05},
        right={
            "F1 shows what accuracy hides": np.mean(gains) > 5 * abs(np.mean(errors)),
            "on nearly every draw": np.mean(np.array(gains) > 0) >= 0.8,
        },
        numbers={"gain in F1": round(float(np.mean(gains)), 2), "change in accuracy": round(float(np.mean(errors)), 3)},
    )


def _overlap(a, b):
    """Intersection over union of two boxes (left, top, right, bottom)."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])  # noqa: E731
    return common / (area(a) + area(b) - common)


def _chosen_threshold(seed):
    rng = np.random.default_rng(seed)
    y = (rng.random(4000) < 0.05).astype(int)
    p = 1 / (1 + np.exp(-(rng.normal(size=4000) + 2 * y - 2.5)))
    half = slice(0, 2000), slice(2000, 4000)
    grid = np.linspace(0.05, 0.95, 19)
    best = grid[np.argmax([metrics.f1((p[half[0]] > t).astype(int), y[half[0]]) for t in grid])]
    new = [(p[half[1]] > t).astype(int) for t in (best, 0.5)]
    f1, accuracy = ([f(g, y[half[1]]) for g in new] for f in (metrics.f1, metrics.accuracy))
    return f1[0] - f1[1], accuracy[0] - accuracy[1]
