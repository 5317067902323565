"""S3's digits network and S4's scaling, run."""

import math

import numpy as np

from course_lib import losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close

SEEDS, EPOCHS, BATCH = 3, 10, 32


def facts():
    """Run S3's listing: sizes, scaling, labels, updates, and an accuracy."""
    x, y, parts = _data()
    hot = np.eye(10)[y]
    run = _Run(0)
    steps = run.fit(EPOCHS)
    accuracy = run.accuracy("test")
    return Evidence(
        f"of {len(x)} digits {len(parts['train'])} are trained on, in {steps // EPOCHS} updates an epoch, and "
        f"{len(parts['validation'])} and {len(parts['test'])} held back; the network is right on {accuracy:.2f} of "
        "the test.",
        said={
            "pixels divided by 16 lie in 0 to 1": x.min() == 0 and x.max() == 1,
            "one-hot labels have one 1 of ten": hot.shape == (1797, 10) and close(hot.sum(1), 1),
            "the listing learns": accuracy > 0.9,
            "a fifth is for validation": len(parts["validation"]) == 288,
        },
        right={"36 updates an epoch, the last of 29": steps // EPOCHS == 36 and 35 * BATCH + 29 == 1149},
        numbers={"updates": steps, "accuracy": round(accuracy, 2)},
    )


def accuracy():
    """Ten epochs with several seeds: curves, gap, accuracy."""
    runs = [_Run(seed) for seed in range(SEEDS)]
    for run in runs:
        run.fit(EPOCHS)
    mean, sd = np.mean([r.accuracy("test") for r in runs]), np.std([r.accuracy("test") for r in runs])
    first, last = (np.mean([[r.curve[k] for r in runs]], axis=(0, 1)) for k in (0, -1))  # (train, validation)
    error = math.sqrt(mean * (1 - mean) / 360)
    return Evidence(
        f"{SEEDS} fresh runs: training loss from {first[0]:.1f} to {last[0]:.2f}, validation from {first[1]:.1f} to "
        f"{last[1]:.2f}, so a gap opens; test accuracy {mean:.2f}, and 360 digits fix it to {2 * error:.2f} either "
        "way.",
        said={"both losses fall": (last < first).all(), "accuracy is near 0.95": abs(mean - 0.95) < 0.02},
        gap={
            "the gap between the losses widens, which is the opposite of generalising better": last[1] - last[0]
            > first[1] - first[0] + 0.02,
            "one number hides its error": error > 0.005,
        },
        right={"several seeds and an interval say how sure it is": 0.9 < mean - 2 * error < mean < 0.99},
        numbers={"accuracy": round(float(mean), 2), "spread": round(float(sd), 2), "standard error": error},
    )


def claims_made():
    """A second fit, convergence, size, simpler methods, a shift by one pixel, and what an epoch is."""
    x, y, parts = _data()
    run = _Run(0)
    steps = run.fit(EPOCHS)
    once = run.curve[-1][0]
    run.fit(EPOCHS)
    again, twice = run.curve[EPOCHS][0], run.curve[-1][0]
    size = sum(p.size for p in run.model.parameters())
    nearest = float((_nearest(x[parts["learn"]], y[parts["learn"]], x[parts["test"]]) == y[parts["test"]]).mean())
    moved = run.accuracy("test", _shift(x[parts["test"]]))
    test = run.accuracy("test")
    return Evidence(
        f"the second fit begins at a loss of {again:.2f}, not {math.log(10):.2f}, and ends at {twice:.2f}: it had not "
        f"converged; the network has {size:,} numbers; its nearest neighbour is right on {nearest:.2f}, it on "
        f"{test:.2f}, "
        f"and on {moved:.1f} once the digits move by a pixel; 10 epochs are {steps} updates.",
        said={
            "the second history starts from scratch": again > 1,
            "after ten epochs the loss is stable": twice > 0.8 * once,
            "it is a large model": size > 1e6,
            "it generalises highly": moved > 0.8 and test > nearest,
            "ten epochs are ten iterations": steps == EPOCHS,
        },
        right={
            "8,970 parameters": size == 8970,
            "a fresh model starts near ln 10": abs(_Run(0).loss("train") - math.log(10)) < 0.4,
        },
        numbers={"updates": steps, "parameters": size, "nearest neighbour": round(nearest, 2)},
    )


def scaling():
    """S4's two lines, run; the same with the training columns' mean and deviation kept."""
    x, y = _cancer()
    order = np.random.default_rng(42).permutation(len(x))
    test, train = order[:114], order[114:]
    a = (x[train] - x[train].mean()) / x[train].std()
    b = (x[test] - a.mean()) / a.std()  # a has taken the place of the training data
    mean, std = x[train].mean(0), x[train].std(0)
    wrong, right = (
        _logistic(a, y[train], b, y[test]),
        _logistic((x[train] - mean) / std, y[train], (x[test] - mean) / std, y[test]),
    )
    most = max(y[test].mean(), 1 - y[test].mean())
    spread = a.std(0)
    return Evidence(
        f"as printed, the test columns keep a mean of {b.mean():.0f} and a deviation of {b.std():.0f}, and the "
        "training "
        f"columns deviations from {spread.min():.0e} to {spread.max():.1f}; logistic regression is right on "
        f"{wrong:.2f} of "
        f"the test, where always saying the commoner class gives {most:.2f}; with columns scaled by the training "
        "data, on "
        f"{right:.2f}.",
        said={
            "the test data are scaled like the training data": abs(b.mean()) < 0.5 and 0.5 < b.std() < 2,
            "all columns have the same scale": spread.max() < 2 * spread.min(),
        },
        right={"columns scaled by the training data: better than the commoner class": right > 0.9 > wrong},
        numbers={"as printed": round(wrong, 2), "right": round(right, 2), "commoner": round(float(most), 2)},
    )


class _Run:
    """S3's 64-64-10 network with Keras's first weights."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        sizes = [(64, 64), (64, 64), (64, 10)]
        layers = [nn.Linear(i, o, rng=self.rng) for i, o in sizes]
        for layer, (i, o) in zip(layers, sizes, strict=True):  # Glorot & Bengio, AISTATS 2010
            bound = math.sqrt(6 / (i + o))
            weight = self.rng.uniform(-bound, bound, (o, i)).astype(np.float32)
            layer.load_state_dict({"weight": weight, "bias": np.zeros(o, np.float32)})
        self.model = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
        self.adam = optim.Adam(self.model.parameters(), lr=1e-3)
        (self.x, self.y, self.parts), self.curve = _data(), []

    def fit(self, epochs):
        steps = 0
        for _ in range(epochs):
            order = self.rng.permutation(self.parts["train"])
            for i in range(0, len(order), BATCH):
                rows = order[i : i + BATCH]
                losses.cross_entropy(self.model(Tensor(self.x[rows])), self.y[rows]).backward()
                self.adam.step()
                self.adam.zero_grad()
                steps += 1
            self.curve.append((self.loss("train"), self.loss("validation")))
        return steps

    def loss(self, part):
        rows = self.parts[part]
        return float(losses.cross_entropy(self.model(Tensor(self.x[rows])).data, self.y[rows]))

    def accuracy(self, part, x=None):
        rows = self.parts[part]
        scores = self.model(Tensor(self.x[rows] if x is None else x)).data
        return float((scores.argmax(-1) == self.y[rows]).mean())


def _data():
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    found = load_digits()
    learn, test = train_test_split(np.arange(len(found.target)), test_size=0.2, random_state=42)
    parts = {"learn": learn, "test": test, "train": learn[:1149], "validation": learn[1149:]}
    return (found.data / 16).astype(np.float32), found.target, parts


def _cancer():
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer(return_X_y=True)


def _logistic(x, y, x_test, y_test):
    from sklearn.linear_model import LogisticRegression

    return float(LogisticRegression(max_iter=5000).fit(x, y).score(x_test, y_test))


def _nearest(x, y, queries):
    """Labels of the nearest neighbours."""
    return y[((queries[:, None] - x[None]) ** 2).sum(-1).argmin(1)]


def _shift(x):
    """Digits moved one pixel to the right."""
    images = x.reshape(-1, 8, 8)
    return np.pad(images, ((0, 0), (0, 0), (1, 0)))[:, :, :8].reshape(-1, 64)
