"""S4's two-class example: relu everywhere, one shared bias, mean squared error."""

import numpy as np

from course_lib import activations, losses, optim
from course_lib.autograd import Tensor
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close

STARTS, POINTS, STEPS, RATE = 200, 50, 500, 0.05


def dying():
    """200 random starts of the printed classifier on label [x > 0], trained side by side."""
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(-1, 1, POINTS))
    y = (x > 0).astype(float)
    parameters = [Tensor(rng.normal(size=(STARTS, n)), requires_grad=True) for n in (4, 4, 1)]  # w, v, b
    sgd = optim.SGD(parameters, lr=RATE)
    for _ in range(STEPS):
        sgd.zero_grad()
        out = as_printed.relu_classifier(x, *parameters)
        (losses.mse_loss(out, np.tile(y, (STARTS, 1))) * STARTS).backward()  # each start has its own mean
        sgd.step()
    out = as_printed.relu_classifier(x, *(p.data for p in parameters))
    accuracy = ((out > 0.5) == y).mean(1)
    dead, good = float((out == 0).all(1).mean()), float((accuracy > 0.95).mean())
    logistic = _logistic_accuracy(x, y)
    return Evidence(
        f"of {STARTS} starts {dead:.0%} end with the output 0 everywhere, {good:.0%} exceed 0.95 accuracy, the median "
        f"is {np.median(accuracy):.2f}; logistic regression reaches {logistic:.2f}.",
        said={"most starts learn the two classes": good > 0.5},
        right={
            "relu outputs die: gradient 0 where the output is 0": dead > 0.2,
            "relu outputs are no probabilities: they exceed 1": out.max() > 1,
            "sigmoid and log loss solve it": logistic > 0.95,
        },
        numbers={"dead": round(dead, 2), "above 0.95": round(good, 2), "median": round(float(np.median(accuracy)), 2)},
    )


def width():
    """Does it matter how the weights of the printed sum are distributed?"""
    rng = np.random.default_rng(0)
    x = np.linspace(-2, 2, 41)
    w, v, b = rng.normal(size=5), rng.normal(size=5), np.array([0.3])
    wide = as_printed.relu_classifier(x, w, v, b)
    narrow = as_printed.relu_classifier(x, w.sum(keepdims=True), v.sum(keepdims=True), b)
    bent = activations.relu(np.outer([1, -1], x)).sum(0)  # two units with weights of their own: |x|
    best = min(_worst_fit(x, a, c, d) for a in (-1, 1) for c in np.linspace(-2, 2, 41) for d in np.linspace(-2, 2, 41))
    return Evidence(
        f"five weights or their sum give the same output at {len(x)} points, so the width is 1; two units with their "
        f"own weights make |x|, which the printed form misses by {best:.2f} at best on a grid of settings.",
        said={"m weights are more than one": not close(wide, narrow, 9)},
        right={"h_j with its own w_j: two units make |x|": close(bent, np.abs(x), 12) and best > 0.5},
        numbers={"largest difference": float(np.abs(wide - narrow).max()), "best miss of |x|": best},
    )


def _worst_fit(x, w, v, b):
    """Largest distance of the printed classifier from |x|."""
    one = lambda value: np.array([value], float)  # noqa: E731
    return float(np.abs(as_printed.relu_classifier(x, one(w), one(v), one(b)) - np.abs(x)).max())


def _logistic_accuracy(x, y):
    w = np.zeros(2)
    design = np.column_stack([x, np.ones_like(x)])
    for _ in range(STEPS):
        w -= design.T @ (activations.sigmoid(design @ w) - y) / len(y)
    return float(((design @ w > 0) == y).mean())
