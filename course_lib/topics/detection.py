"""Detection (检测): which digits are on a canvas, and where? And what accuracy on centred digits does not say.

One small CNN does all of it. It has no fixed input size: on an 8×8 image it answers once, on a larger canvas at every
place, which is the same as cutting out every window (Sermanet et al., "OverFeat", ICLR 2014).
"""

import numpy as np

from course_lib.activations import softmax
from course_lib.autograd import Tensor, no_grad
from course_lib.data import augment
from course_lib.losses import cross_entropy
from course_lib.metrics import accuracy, roc_auc
from course_lib.nn import Conv2d, Flatten, Linear, Module, ReLU, Sequential
from course_lib.optim import Adam
from course_lib.schedules import CosineAnnealingLR
from course_lib.training import EachEpoch, fit

SIDE = 8  # of a digit, and of a window
BACKGROUND = 10


class WindowNet(Module):
    """Conv 3×3, conv 3×3, then a linear layer on each 4×4 patch, written as a convolution: (N, 1, H, W) → scores.

    Output (N, classes, H - 7, W - 7): one answer for every 8×8 window.
    """

    def __init__(self, classes: int, rng):
        self.features = Sequential(Conv2d(1, 12, 3, rng=rng), ReLU(), Conv2d(12, 16, 3, rng=rng), ReLU())
        self.head = Conv2d(16, classes, 4, rng=rng)

    def forward(self, x):
        """Scores for every window; for 8×8 images (N, classes)."""
        y = self.head(self.features(x))
        return y.reshape(y.shape[0], y.shape[1]) if y.shape[2:] == (1, 1) else y


def train_cnn(x, y, classes=10, epochs=6, seed=0) -> WindowNet:
    """A `WindowNet` taught on 8×8 images (N, 1, 8, 8)."""
    return _train(WindowNet(classes, np.random.default_rng(seed)), x, y, epochs, seed)


def _train(model, x, y, epochs, seed):
    optimizer = Adam(model.parameters(), lr=1e-2)
    down = EachEpoch(CosineAnnealingLR(optimizer, epochs))
    fit(model, optimizer, cross_entropy, (x, y), epochs=epochs, batch_size=64, metrics={}, seed=seed, callbacks=[down])
    return model


def output(model, x) -> np.ndarray:
    """The model's answer as an array, without recording gradients."""
    with no_grad():
        return model(Tensor(np.asarray(x, np.float32))).data


def scenes(images, labels, n=40, size=28, digits=3, noise=0.1, seed=0) -> tuple[np.ndarray, list[np.ndarray]]:
    """Canvases (n, 1, size, size) with digits at random places that do not overlap.

    And the truth: for each canvas an int array (digits, 3) of the upper left corner's row and column, and the label.
    """
    rng = np.random.default_rng(seed)
    canvases = rng.random((n, 1, size, size)).astype(np.float32) * noise
    truth = []
    for canvas in canvases[:, 0]:
        corners = _places(rng, digits, size)
        chosen = rng.integers(len(images), size=digits)
        for (i, j), k in zip(corners, chosen, strict=True):
            np.maximum(canvas[i : i + SIDE, j : j + SIDE], images[k, 0], out=canvas[i : i + SIDE, j : j + SIDE])
        truth.append(np.column_stack([corners, labels[chosen]]))
    return canvases, truth


def _places(rng, digits, size):
    """Draw corners until no two digits overlap."""
    for _ in range(1000):
        corners = rng.integers(0, size - SIDE + 1, (digits, 2))
        distance = np.abs(corners[:, None] - corners).max(-1)  # (digits, digits)
        if distance[~np.eye(digits, dtype=bool)].min(initial=SIDE) >= SIDE:
            return corners
    raise ValueError(f"scenes: {digits} digits of {SIDE}×{SIDE} find no room on a canvas of {size}×{size}")


def windows(images, labels, n=80, seed=1) -> tuple[np.ndarray, np.ndarray]:
    """Windows cut from `scenes`, to teach the eleventh class: those that overlap a digit by IoU < 0.5 are background.

    Those in between, up to the digit's own place, are left out; the digits themselves come as they are.
    """
    canvases, truth = scenes(images, labels, n, seed=seed)
    rng, cut = np.random.default_rng(seed), []
    for canvas, found in zip(canvases, truth, strict=True):
        corners = rng.integers(0, canvas.shape[1] - SIDE + 1, (30, 2))
        far = iou(corners, found[:, :2]).max(1) < 0.5
        cut += [canvas[:, i : i + SIDE, j : j + SIDE] for i, j in corners[far]]
    noisy = np.maximum(images, rng.random(images.shape) * 0.1).astype(np.float32)
    return np.concatenate([noisy, cut]), np.concatenate([labels, np.full(len(cut), BACKGROUND)])


def iou(a, b) -> np.ndarray:
    """Intersection over union of 8×8 boxes given by their corners: (N, 2), (M, 2) → (N, M)."""
    side = np.maximum(SIDE - np.abs(np.asarray(a)[:, None] - np.asarray(b)), 0)  # (N, M, 2): the overlap's sides
    both = side.prod(-1)
    return both / (2 * SIDE**2 - both)


def detect(model, canvas, least=0.2, overlap=0.3) -> list[tuple[int, int, int, float]]:
    """Find digits on a canvas (1, H, W): (row, column, label, score), best first.

    Every window whose best digit has a probability of at least `least` is a candidate; from the best on, those that
    overlap a better one by IoU > `overlap` are dropped (non-maximum suppression, 非极大值抑制).
    """
    p = softmax(output(model, canvas[None])[0], 0)[:BACKGROUND]  # (10, H - 7, W - 7)
    best = p.max(0)
    left = np.argwhere(best >= least)
    left, kept = left[np.argsort(-best[tuple(left.T)], kind="stable")], []
    while len(left):
        i, j = left[0].tolist()
        kept.append((i, j, int(p[:, i, j].argmax()), float(best[i, j])))
        left = left[iou(left[:1], left)[0] <= overlap]
    return kept


def average_precision(found, truth, least_iou=0.5, label=None) -> float:
    """Σ over the right detections of the precision down to each, divided by the number of digits that are there.

    Detections of all canvases are ranked by score; one is right if a digit of its label, not yet claimed, overlaps it
    by `least_iou` or more. Digits never found count 0. Everingham et al., "The Pascal VOC challenge", IJCV 88, 2010,
    without interpolation.

    `found` holds `detect`'s answer for each canvas, `truth` is that of `scenes`; `label` judges one label only.
    """
    kept = lambda c: label is None or c == label  # noqa: E731
    ranked = sorted(((s, n, i, j, c) for n, boxes in enumerate(found) for i, j, c, s in boxes if kept(c)), reverse=True)
    open_ = [[tuple(t) for t in digits if kept(t[2])] for digits in truth]
    total, right, precision = sum(map(len, open_)), 0, 0.0
    for rank, (_, n, i, j, c) in enumerate(ranked, 1):
        match = [t for t in open_[n] if t[2] == c and iou([(i, j)], [t[:2]])[0, 0] >= least_iou]
        if match:
            open_[n].remove(match[0])
            right += 1
            precision += right / rank
    return precision / total if total else float("nan")


def report(split, sets=5, seed=0) -> dict:
    """Teach a detector on the training digits and judge it on scenes of test digits, `sets` times 40 canvases.

    Returns accuracy on single centred test digits; ap (all labels together) and map (mean over labels), one for each
    set of scenes; ap_closed, what a classifier that was shown no background makes of the first set.
    """
    detector = train_cnn(*windows(split.x_train, split.y_train), classes=11, seed=seed)
    closed = train_cnn(split.x_train, split.y_train, classes=11, seed=seed)
    result = {"accuracy": accuracy(output(detector, split.x_test)[:, :10], split.y_test), "ap": [], "map": []}
    drawn = [scenes(split.x_test, split.y_test, seed=100 + k) for k in range(sets)]
    for canvases, truth in drawn:
        found = [detect(detector, canvas) for canvas in canvases]
        result["ap"].append(average_precision(found, truth))
        result["map"].append(float(np.mean([average_precision(found, truth, label=c) for c in range(10)])))
    canvases, truth = drawn[0]
    return result | {"ap_closed": average_precision([detect(closed, canvas) for canvas in canvases], truth)}


def shift_robustness(split, seed=0) -> dict[str, dict[str, float]]:
    """Accuracy on test digits as they are and moved right by one pixel: CNN, MLP, CNN taught with moved copies too."""
    rng = np.random.default_rng(seed)
    moved = augment.random_crop(split.x_train, SIDE, padding=1, rng=rng)
    both = np.concatenate([split.x_train, moved]), np.concatenate([split.y_train] * 2)
    mlp = Sequential(Flatten(), Linear(SIDE**2, 32, rng=rng), ReLU(), Linear(32, 10, rng=rng))
    models = {
        "CNN": train_cnn(split.x_train, split.y_train, seed=seed),
        "MLP": _train(mlp, split.x_train, split.y_train, 6, seed),
        "CNN, moved copies": train_cnn(*both, epochs=3, seed=seed),  # as many steps as the others
    }
    tests = {"centred": split.x_test, "moved": augment.shift(split.x_test, 0, 1)}
    return {name: {k: accuracy(output(m, x), split.y_test) for k, x in tests.items()} for name, m in models.items()}


def open_set(split, known=range(7), seed=0) -> dict[str, dict[str, dict]]:
    """`verification` by a CNN taught on some digits only, on test digits it knows and on those it never saw.

    Embeddings are the CNN's scores, and the pixels as they are for comparison.
    """
    taught = np.isin(split.y_train, known)
    model = train_cnn(split.x_train[taught], split.y_train[taught], seed=seed)
    seen, result = np.isin(split.y_test, known), {}
    for name, some in (("known", seen), ("new", ~seen)):
        x, y = split.x_test[some], split.y_test[some]
        result[name] = {"CNN": verification(output(model, x), y), "pixels": verification(x.reshape(len(x), -1), y)}
    return result


def verification(embeddings, labels, pairs=2000, seed=0) -> dict:
    """Same digit or not? The cosine of two embeddings, judged over random pairs, half of them of one class.

    Returns auc; eer, the rate at which as many strangers get in as friends are kept out; curve, (false accepts, true
    accepts) by threshold.
    """
    e = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    rng = np.random.default_rng(seed)
    a, b = rng.integers(len(e), size=(2, 40 * pairs))
    same = labels[a] == labels[b]
    picked = np.concatenate([np.flatnonzero(same & (a != b))[: pairs // 2], np.flatnonzero(~same)[: pairs // 2]])
    a, b, same = a[picked], b[picked], same[picked].astype(int)
    score = (e[a] * e[b]).sum(1)
    order = np.argsort(-score, kind="stable")
    true, false = (np.cumsum(c[order]) / c.sum() for c in (same, 1 - same))
    crossing = np.argmin(np.abs(false - (1 - true)))
    return {"auc": roc_auc(score, same), "eer": float((false + 1 - true)[crossing] / 2), "curve": (false, true)}
