"""Cleaning, scaling, augmenting and splitting, judged by what happens on held-out rows."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.data import augment, breast_cancer, digits, leaks, preprocess, splitting, wine


def scaling():
    """Nearest neighbour on raw rows, scaled rows, and rows scaled as S4's listing does it."""
    table = wine()
    x, y = table.matrix(), table["grower"].astype(str)
    train, test = splitting.stratified_split(y, (0.7, 0.3))
    ways = {"raw": lambda a, b: (a, b), "right": _standardise, "one number for all": _one_number, "refitted": _twice}
    score = {name: _nearest(*way(x[train], x[test]), y[train], y[test]) for name, way in ways.items()}
    found = {name: leaks.leaks(way, x[train], x[test]) for name, way in ways.items()}
    return Evidence(
        f"nearest neighbour on {len(test)} wines: accuracy {score['raw']:.3f} unscaled, {score['right']:.3f} with the "
        f"training rows' mean and deviation of each column, {score['one number for all']:.3f} as S4's code scales.",
        said={"columns of the same scale help": score["right"] > score["raw"]},
        gap={
            "training and test rows scaled differently: worthless": score["one number for all"] < 0.7,
            "scaled each by itself: it leaks": bool(found["refitted"]),
        },
        right={"fitted on the training rows, applied to all: no leak": not found["right"]},
        numbers=score,
    )


def duplicates():
    """Nearest neighbour on labels drawn at random, with a fifth of the rows repeated."""
    x, _ = _tumours()
    left, cleaned = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        y = rng.integers(2, size=len(x))
        rows = np.concatenate([np.arange(len(x)), rng.choice(len(x), len(x) // 5, replace=False)])
        for scores, kept in ((left, rows), (cleaned, np.unique(rows))):
            train, test = splitting.random_split(len(kept), (0.7, 0.3), seed)
            scores.append(_nearest(x[kept[train]], x[kept[test]], y[kept[train]], y[kept[test]]))
    return Evidence(
        f"labels drawn at random, so that nothing can be learnt: accuracy {np.mean(cleaned):.2f} with the "
        "repeated rows "
        f"removed before the split, {np.mean(left):.2f} with them left in (mean of ten splits).",
        said={"removing repeated rows is needed": np.mean(left) > np.mean(cleaned) + 0.05},
        right={"without them chance is found to be chance": abs(np.mean(cleaned) - 0.5) < 0.03},
        numbers={"left in": round(float(np.mean(left)), 3), "removed": round(float(np.mean(cleaned)), 3)},
    )


def three_parts():
    """A stratified split in three: disjoint, complete, the same mix."""
    _, y = _tumours()
    parts = splitting.stratified_split(y)
    together = np.sort(np.concatenate(parts))
    shares = [float(y[part].mean()) for part in parts]
    plain = [splitting.random_split(len(y), seed=s)[2] for s in range(20)]
    worst = max(abs(float(y[part].mean()) - y.mean()) for part in plain)
    return Evidence(
        f"{len(y)} rows in parts of {', '.join(str(len(p)) for p in parts)}: no row twice, none lost, malignant shares "
        f"{', '.join(f'{s:.3f}' for s in shares)}; without stratifying a test part is off by up to {worst:.3f}.",
        said={"three parts that share no row": len(np.unique(together)) == len(together)},
        right={
            "all rows are used": np.array_equal(together, np.arange(len(y))),
            "stratified: shares within 0.02": max(shares) - min(shares) < 0.02,
        },
        numbers={"shares": shares, "worst unstratified": round(worst, 3)},
    )


def augmentation():
    """Nearest neighbour on digits: with shifted copies, and with copies turned upside down."""
    d = digits(flat=False)
    d = d._replace(x_test=d.x_test[:120], y_test=d.y_test[:120])
    moved = np.concatenate([augment.shift(d.x_test, *by) for by in SHIFTS])
    y_moved = np.tile(d.y_test, len(SHIFTS))
    plain = _digits(d.x_train, d.y_train, moved, y_moved)
    more = [augment.shift(d.x_train, *by) for by in SHIFTS]
    shifted = _digits(np.concatenate([d.x_train, *more]), np.tile(d.y_train, 5), moved, y_moved)
    six = d.x_test[d.y_test == 6]
    turned = _digits(d.x_train, d.y_train, augment.rotate(six, 180), np.full(len(six), 9))
    return Evidence(
        f"digits moved by a pixel: nearest neighbour reads {plain:.2f} of them, with moved copies among the training "
        f"rows {shifted:.2f}; and it reads {turned:.2f} of the sixes, turned upside down, as nines.",
        said={"changed copies make it more robust": shifted > plain + 0.1},
        gap={"a change may change the label: a six turned is a nine": turned > 0.5},
        right={"changes that keep the label, on training rows only": shifted > 0.9},
        numbers={"plain": round(plain, 3), "with copies": round(shifted, 3), "turned": round(turned, 3)},
    )


SHIFTS = ((1, 0), (-1, 0), (0, 1), (0, -1))


def _tumours():
    table = breast_cancer()
    return table.matrix(), (table["diagnosis"] == "malignant").astype(int)


def _standardise(a, b):
    scaler = preprocess.StandardScaler().fit(a)
    return scaler.transform(a), scaler.transform(b)


def _one_number(a, b):
    """S4's listing: one mean for all columns, and for the test rows that of the scaled training rows, which is 0."""
    scaled = (a - a.mean()) / a.std()
    return scaled, (b - scaled.mean()) / scaled.std()


def _twice(a, b):
    return preprocess.StandardScaler().fit_transform(a), preprocess.StandardScaler().fit_transform(b)


def _nearest(x_train, x_test, y_train, y_test):
    """Accuracy of the nearest training row's label."""
    distance = (x_train**2).sum(1) - 2 * x_test @ x_train.T  # + |test|², the same for a whole row
    return float((y_train[distance.argmin(1)] == y_test).mean())


def _digits(x_train, y_train, x_test, y_test):
    return _nearest(x_train.reshape(len(x_train), -1), x_test.reshape(len(x_test), -1), y_train, y_test)
