"""What several experiments need: gradients two ways, layers with given weights, gradient descent."""

import numpy as np

from course_lib import nn, optim
from course_lib.autograd import Tensor


def gradients(loss, *values) -> list[np.ndarray]:
    """Gradient of loss(*tensors) with respect to each value, from the tape."""
    leaves = [Tensor(np.array(value, float), requires_grad=True) for value in values]
    loss(*leaves).backward()
    return [leaf.grad for leaf in leaves]


def differences(loss, value, h: float = 1e-5) -> np.ndarray:
    """Gradient of loss(array) by central differences: two evaluations for each number."""
    value = np.array(value, float)
    out = np.empty_like(value)
    for i in np.ndindex(value.shape):
        up, down = value.copy(), value.copy()
        up[i] += h
        down[i] -= h
        out[i] = (float(loss(up)) - float(loss(down))) / (2 * h)
    return out


def linear(weight, bias) -> nn.Linear:
    """A float64 `Linear` with these weights; weight (out, in), bias (out,)."""
    weight = np.array(weight, float)
    rng = np.random.default_rng(0)  # the library's own generator is left alone: a chapter may be using it
    layer = nn.Linear(weight.shape[1], weight.shape[0], rng=rng, dtype=np.float64)
    layer.load_state_dict({"weight": weight, "bias": np.array(bias, float)})
    return layer


def raises(error, function, *args) -> bool:
    """Whether function(*args) raises this error."""
    try:
        function(*args)
    except error:
        return True
    return False


def samples_needed(batch: int) -> int:
    """Single-sample gradients until a linear model of 1,000 samples is within 1 % of its least mean squared error."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 5))
    y = x @ np.arange(1, 6) + rng.normal(size=1000)
    best = np.mean((x @ np.linalg.lstsq(x, y, rcond=None)[0] - y) ** 2)
    w, used = np.zeros(5), 0
    while np.mean((x @ w - y) ** 2) > 1.01 * best and used < 100_000:
        i = rng.permutation(1000)[:batch]
        w, _ = optim.sgd_update(w, 2 / batch * x[i].T @ (x[i] @ w - y[i]), 0.0, 0.02 if batch < 1000 else 0.3)
        used += batch
    return used
