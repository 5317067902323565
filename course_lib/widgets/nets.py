"""The deep networks that `GradFlow` builds, from the course's own layers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from course_lib import init, nn
from course_lib.nn import Linear, Module, Sequential

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}
INITS = {
    "Xavier": "init.xavier_normal_(weight, rng=rng)",
    "Kaiming": 'init.kaiming_normal_(weight, nonlinearity="relu", rng=rng)',
    "PyTorch default": "weight",
    "too small (σ = 0.01)": "init.normal_(weight, std=0.01, rng=rng)",
    "too large (σ = 0.5)": "init.normal_(weight, std=0.5, rng=rng)",
}
FILLS = {
    "Xavier": lambda weight, rng: init.xavier_normal_(weight, rng=rng),
    "Kaiming": lambda weight, rng: init.kaiming_normal_(weight, nonlinearity="relu", rng=rng),
    "PyTorch default": lambda weight, rng: weight,
    "too small (σ = 0.01)": lambda weight, rng: init.normal_(weight, std=0.01, rng=rng),
    "too large (σ = 0.5)": lambda weight, rng: init.normal_(weight, std=0.5, rng=rng),
}


class Residual(Module):
    """x + f(x)."""

    def __init__(self, inner):
        self.inner = inner

    def forward(self, x):
        """Add the input to what the inner module makes of it."""
        return x + self.inner(x)


def deep_net(sizes, activation: str, start: str, residual: bool, seed: int) -> Sequential:
    """Return a network of ``len(sizes) - 1`` linear layers; hidden layers of equal width may be residual.

    Parameters
    ----------
    sizes : sequence of int
        Widths: input, hidden ones, output.
    activation, start : str
        Keys of `ACTIVATIONS` and `INITS`.
    """
    rng = np.random.default_rng(seed)
    layers = []
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        linear = Linear(fan_in, fan_out, rng=rng)
        FILLS[start](linear.weight, rng)
        if i == len(sizes) - 2:
            return Sequential(*layers, linear)
        block = Sequential(linear, ACTIVATIONS[activation]())
        layers.append(Residual(block) if residual and fan_in == fan_out else block)


CODE = """\
import numpy as np
from course_lib import init, nn
from course_lib.autograd import Tensor
from course_lib.data.digits import digits
from course_lib.losses import cross_entropy
from course_lib.optim import SGD


class Residual(nn.Module):
    def __init__(self, inner):
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


data = digits()
x, y = data.x_train[:{samples}], data.y_train[:{samples}]
rng = np.random.default_rng({seed})
sizes = {sizes}
layers = []
for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
    linear = nn.Linear(fan_in, fan_out, rng=rng)
    weight = linear.weight
    {fill}
    last = len(layers) == len(sizes) - 2
    layer = linear if last else nn.Sequential(linear, nn.{activation}())
    layers.append({wrap})
model = nn.Sequential(*layers)
optimizer = SGD(model.parameters(), lr={lr!r})

for step in range({steps}):
    optimizer.zero_grad()
    loss = cross_entropy(model(Tensor(x)), y)
    loss.backward()
    grads = [np.abs(p.grad) for p in model.parameters() if p.ndim > 1]
    medians = [float(np.median(g[g > 0])) if g.any() else 0.0 for g in grads]
    optimizer.step()
print("median |gradient|, first layer to last:", medians)
"""


def net_code(*, sizes, activation, start, residual, seed, samples, lr, steps) -> str:
    """Return a program that builds the same network, trains it ``steps`` steps and prints the median gradients."""
    wrap = "Residual(layer) if fan_in == fan_out and not last else layer" if residual else "layer"
    return CODE.format(
        sizes=list(sizes), activation=ACTIVATIONS[activation].__name__, fill=INITS[start], wrap=wrap, seed=seed,
        samples=samples, lr=lr, steps=steps,
    )  # fmt: skip
