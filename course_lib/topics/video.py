"""Video (视频): which way does the digit move? No single frame knows; a network that sees them in order does.

Clips are made from still digits, so that everything but the motion is known: each digit wanders over a canvas without
edges, and where it is says nothing of where it goes.
"""

import numpy as np

from course_lib.autograd import Tensor, no_grad
from course_lib.losses import cross_entropy
from course_lib.metrics import share_interval
from course_lib.nn import AdaptiveAvgPool2d, Conv2d, Flatten, Linear, ReLU, Sequential
from course_lib.optim import Adam
from course_lib.schedules import CosineAnnealingLR
from course_lib.training import EachEpoch, fit

DIRECTIONS = {"right": (0, 1), "left": (0, -1), "down": (1, 0), "up": (-1, 0)}
STEPS = np.array(list(DIRECTIONS.values()))
OPPOSITE = np.array([1, 0, 3, 2])  # of each direction
CANVAS, FRAMES = 12, 5


def clips(images, n=800, speed=1, noise=0.1, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """Digits that move by `speed` pixels a frame over a canvas whose edges are joined.

    Every start is equally likely for every direction; on a canvas with edges a digit at the right edge of the first
    frame could only have come from there, and one frame would give the answer away.

    Parameters
    ----------
    images : array, (N, 1, 8, 8)

    Returns
    -------
    x : float32 (n, 5, 12, 12), frames in order
    y : int64 (n,), index into `DIRECTIONS`
    """
    rng = np.random.default_rng(seed)
    y = rng.integers(4, size=n)
    canvas = np.zeros((n, CANVAS, CANVAS), np.float32)
    canvas[:, :8, :8] = images[rng.integers(len(images), size=n), 0]
    start = rng.integers(CANVAS, size=(n, 2))
    at = start[:, None] + speed * np.arange(FRAMES)[:, None] * STEPS[y][:, None]  # (n, 5, 2)
    rows, columns = ((np.arange(CANVAS) - at[:, :, k, None]) % CANVAS for k in (0, 1))  # (n, 5, 12)
    x = canvas[np.arange(n)[:, None, None, None], rows[..., None], columns[:, :, None]]
    return np.maximum(x, rng.random(x.shape, np.float32) * noise), y


def direction_net(frames: int, rng) -> Sequential:
    """Frames as channels: the first layer's filters reach over space and time. Then the mean over all places."""
    return Sequential(Conv2d(frames, 16, 3, rng=rng), ReLU(), Conv2d(16, 16, 3, rng=rng), ReLU(), AdaptiveAvgPool2d(1),
                      Flatten(), Linear(16, 4, rng=rng))  # fmt: skip


def train_directions(x, y, epochs=6, seed=0) -> Sequential:
    """A `direction_net` taught on clips (N, frames, 12, 12)."""
    model = direction_net(x.shape[1], np.random.default_rng(seed))
    optimizer = Adam(model.parameters(), lr=1e-2)
    down = EachEpoch(CosineAnnealingLR(optimizer, epochs))
    fit(model, optimizer, cross_entropy, (x, y), epochs=epochs, batch_size=32, metrics={}, seed=seed, callbacks=[down])
    return model


def predict(model, x) -> np.ndarray:
    """Directions (N,)."""
    with no_grad():
        return model(Tensor(x)).data.argmax(1)


def difference_rule(x) -> np.ndarray:
    """No learning: shift the first frame one step each way, and see which looks most like the second."""
    fits = [((np.roll(x[:, 0], step, (1, 2)) - x[:, 1]) ** 2).sum((1, 2)) for step in STEPS]
    return np.argmin(fits, 0)


def out_of_order(x, seed=0) -> np.ndarray:
    """The same frames, each clip's in an order of its own."""
    rng = np.random.default_rng(seed)
    order = np.argsort(rng.random(x.shape[:2]), 1)  # (n, 5)
    return x[np.arange(len(x))[:, None], order]


def compare(images_train, images_test, n_train=600, n_test=400, seed=0) -> dict[str, tuple]:
    """Teach on clips of training digits, judge on clips of test digits: (accuracy, low, high) for each way of looking.

    one frame : the middle one. all frames : in order. frames out of order : taught and judged so. backwards : taught
    forwards, judged on clips that run backwards, the opposite direction being right. twice as fast : taught at one
    pixel a frame, judged at two. rule : `difference_rule`.
    """
    x, y = clips(images_train, n_train, seed=seed)
    u, v = clips(images_test, n_test, seed=seed + 1000)
    fast, w = clips(images_test, n_test, speed=2, seed=seed + 2000)
    one, mixed = train_directions(x[:, 2:3], y, seed=seed), train_directions(out_of_order(x), y, seed=seed)
    ordered = train_directions(x, y, seed=seed)
    right = {
        "one frame": predict(one, u[:, 2:3]) == v,
        "frames out of order": predict(mixed, out_of_order(u, 1)) == v,
        "all frames": predict(ordered, u) == v,
        "backwards": predict(ordered, np.ascontiguousarray(u[:, ::-1])) == OPPOSITE[v],
        "twice as fast": predict(ordered, fast) == w,
        "rule": difference_rule(u) == v,
    }
    return {name: share_interval(hits) for name, hits in right.items()}

