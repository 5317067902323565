"""Four points, two classes: S1's listing, the regression it means, and S2's five steps with numbers."""

import numpy as np

from course_lib import activations, losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients

DATA = as_printed.LOGISTIC_REGRESSION
X, Y = DATA.X, DATA.y
XOR = np.array([0.0, 1, 1, 0])
DESIGN = np.column_stack([X, np.ones(4)])  # the bias is the weight of a constant input


def data():
    """What is there to learn in the four points?"""
    w, *_ = np.linalg.lstsq(DESIGN, Y, rcond=None)
    residual = float(np.abs(DESIGN @ w - Y).max())
    return Evidence(
        "least squares fits the four labels exactly with w = (1, 0), b = 0: the label is x₁, and no point is left to "
        "test on.",
        said={"the labels can be learnt from the points": residual < 1e-12},
        gap={"the label is a copy of x₁, and all points are trained on": bool(np.array_equal(Y, X[:, 0]))},
        right={"w = (1, 0), b = 0": close(w, [1, 0, 0], 12)},
        numbers={"w₁, w₂, b": w},
    )


def two_layers():
    """Count what the listing builds, and see where its output goes."""
    rng = np.random.default_rng(0)
    model = nn.Linear(2, 1, rng=rng)  # Keras: Dense(units=1, input_shape=(2,))
    count = sum(p.size for p in model.parameters())
    two = nn.Sequential(nn.Linear(2, 2, rng=rng), nn.Sigmoid(), nn.Linear(2, 1, rng=rng), nn.Sigmoid())
    w, b = as_printed.train_affine_mse(X, Y, [0, 0], 0, DATA.lr, DATA.epochs)
    outside = float(np.array([2, 0]) @ w + b)
    solved = sum(_xor(seed) == 4 for seed in range(10))
    affine = max(int(((X @ v[:2] + v[2] > 0) == XOR).sum()) for v in rng.normal(size=(1000, 3)))
    return Evidence(
        f"the listing has {count} parameters, the network that the text describes "
        f"{sum(p.size for p in two.parameters())}; trained, the listing answers {outside:.3f} at (2, 0), which is no "
        f"probability. On exclusive-or an affine model gets at most {affine} of 4, the network all four from {solved} "
        "of 10 starts.",
        said={"a hidden layer of two and an output of one (9 parameters)": count == 9},
        right={"one affine map: 3 parameters": count == 3, "its output leaves [0, 1]": outside > 1,
               "exclusive-or needs the hidden layer": solved > 0 and affine == 3},
        numbers={"parameters": count, "output at (2, 0)": outside, "starts that solve exclusive-or": solved},
    )


def squared_error():
    """The listing's loss against that of logistic regression."""
    zero = np.zeros(3)
    g = _gradient(zero)
    listing = np.append(2 * X.T @ -Y / 4, -2 * Y.mean())  # gradient of the mean squared error at 0
    path = dict(zip((1, 1000, 10_000), _train(1, 1000, 10_000), strict=True))
    loss = {steps: _loss(w) for steps, w in path.items()}
    w, _ = as_printed.train_affine_mse(X, Y, [0, 0], 0, DATA.lr, 3000)
    return Evidence(
        f"logistic regression: loss {_loss(zero):.6f}, then {loss[1]:.6f} after 1 step, {loss[1000]:.6f} after 1,000 "
        f"and {loss[10_000]:.6f} after 10,000 (α = 0.5), its first weight growing from {path[1000][0]:.2f} to "
        f"{path[10_000][0]:.2f}; the listing's settles at {w[0]:.2f}.",
        said={"the listing's gradient is that of logistic regression": close(listing, g, 3)},
        right={
            "gradient (1/n) Xᵀ(σ(Xw + b) - y), as on the tape": close(g, gradients(_tape_loss, zero)[0], 12),
            "loss 0.662873 after 1 step, 0.010314 after 1,000": close([loss[1], loss[1000]], [0.662873, 0.010314]),
            "the data are separable, so the weights never settle": path[10_000][0] > path[1000][0] + 4,
        },
        numbers={"first gradient": g, "p after 1,000 steps": _predict(path[1000])},
    )


def output():
    """Can any affine model print those four predictions?"""
    violation = DATA.predictions[0] + DATA.predictions[3] - DATA.predictions[1] - DATA.predictions[2]
    w, b = as_printed.train_affine_mse(X, Y, [0, 0], 0, DATA.lr, DATA.epochs)
    real = X @ w + b
    rng = np.random.default_rng(0)
    models = [X @ rng.normal(size=2) + rng.normal() for _ in range(100)]
    worst = max(abs(f[0] + f[3] - f[1] - f[2]) for f in models)
    return Evidence(
        "every affine model has f(0,0) + f(1,1) = f(0,1) + f(1,0); the printed predictions miss it by "
        f"{violation:.4f}; the listing really gives {', '.join(f'{v:.6f}' for v in real)} (from zero weights).",
        said={"the printed predictions are those of an affine model": close(violation, 0, 6)},
        right={
            "every affine model keeps the sum rule": worst < 1e-12,
            "trained from 0 for 1,000 steps": close(real, [0.015016, 0.005683, 0.999029, 0.989697]),
        },
        numbers={"printed": DATA.predictions, "real": real},
    )


def close_claim():
    """How close are the printed predictions to the labels?"""
    printed = float(losses.mse_loss(DATA.predictions, Y))
    constant = float(losses.mse_loss(np.full(4, 0.5), Y))
    hits = int(((DATA.predictions > 0.5) == Y).sum())
    (w,) = _train(1000)
    return Evidence(
        f"the printed predictions have a mean squared error of {printed:.5f} and {hits} of 4 right; answering 0.5 "
        f"always has {constant:g}.",
        said={"they are closer to the labels than a constant 0.5": printed < constant},
        right={"logistic regression gets all four": bool(np.all((_predict(w) > 0.5) == Y))},
        numbers={"printed MSE": printed, "constant MSE": constant, "right of 4": hits},
    )


def binary_example():
    """S2's five steps, with data, model and gradient filled in; then on points that were not trained on."""
    zero = np.zeros(3)
    first, later = _train(1, 1000)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 40, 3))  # 40 points to train on, 40 to test; the labels are coin tosses
    y = rng.integers(0, 2, size=(2, 40)).astype(float)
    w = np.zeros(3)
    for _ in range(1000):
        w -= 0.5 * _gradient(w, x[0], y[0])
    fit, test = (float(((_predict(w, x[i]) > 0.5) == y[i]).mean()) for i in (0, 1))
    return Evidence(
        f"loss {_loss(zero):.6f}, w₁ = {first[0]:g} and loss {_loss(first):.6f} after a step, {_loss(later):.6f} after "
        f"1,000; but on labels tossed by a coin the same steps reach {fit:.2f} in training and {test:.2f} on new "
        "points.",
        said={"the five steps lower the loss": _loss(later) < 0.011 < _loss(zero)},
        gap={"a low training loss is no well-performing model": fit > 0.55 and test < fit},
        right={
            "first gradient (-0.25, 0, 0)": close(_gradient(zero), [-0.25, 0, 0], 12),
            "loss 0.662873 after one step": close(_loss(first), 0.662873),
        },
        numbers={"gradient": _gradient(zero), "losses": [_loss(zero), _loss(first), _loss(later)], "coin": [fit, test]},
    )


def _xor(seed):
    """How many of exclusive-or's four answers a 2-2-1 network gets after 1,000 steps of Adam."""
    rng = np.random.default_rng(seed)
    model = nn.Sequential(nn.Linear(2, 2, rng=rng), nn.Tanh(), nn.Linear(2, 1, rng=rng))
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    for _ in range(1000):
        optimizer.zero_grad()
        loss = losses.binary_cross_entropy_with_logits(model(Tensor(X.astype(np.float32)))[:, 0], XOR)
        loss.backward()
        optimizer.step()
    return int(((model(Tensor(X.astype(np.float32))).data[:, 0] > 0) == XOR).sum())


def _predict(w, x=DESIGN):
    return activations.sigmoid(x @ w)


def _gradient(w, x=DESIGN, y=Y):
    return x.T @ (_predict(w, x) - y) / len(y)


def _train(*steps, lr=0.5):
    """The weights of gradient descent from zero after each of these numbers of steps."""
    w, seen = np.zeros(3), []
    for t in range(1, max(steps) + 1):
        w = w - lr * _gradient(w)
        if t in steps:
            seen.append(w)
    return seen


def _loss(w):
    return float(losses.binary_cross_entropy_with_logits(DESIGN @ w, Y))


def _tape_loss(w):
    return losses.binary_cross_entropy_with_logits(DESIGN @ w, Y)
