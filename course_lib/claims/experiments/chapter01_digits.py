"""A network that reads digits: how well, and how little it takes to mislead it."""

from functools import cache

import numpy as np

from course_lib import losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence
from course_lib.data import digits
from course_lib.training import Trainer


@cache
def trained(seed: int = 0) -> nn.Sequential:
    """A 64-64-10 network, ten epochs."""
    data, rng = digits(), np.random.default_rng(seed)
    model = nn.Sequential(nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Linear(64, 10, rng=rng))
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    Trainer(model, optimizer, losses.cross_entropy, (data.x_train, data.y_train), seed=seed).run(10)
    return model


def _accuracy(model, x, y) -> float:
    """Share of rows read rightly."""
    return float((model(Tensor(x.astype(np.float32))).data.argmax(1) == y).mean())


def generalisation():
    """Training digits, held-out digits, and the held-out ones moved by a pixel."""
    data, model = digits(), trained()
    moved = np.roll(data.x_test.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64)
    fit, test, shifted = (_accuracy(model, x, y) for x, y in (
        (data.x_train, data.y_train), (data.x_test, data.y_test), (moved, data.y_test)))  # fmt: skip
    return Evidence(
        f"accuracy {fit:.2f} on training digits, {test:.2f} on held-out ones, {shifted:.2f} on the same moved by one "
        "pixel.",
        said={"held-out digits of the same kind are read": test > 0.9},
        gap={"a shift of one pixel breaks it": shifted < test - 0.2},
        right={"there is a gap, and it can be measured": fit >= test},
        numbers={"train": round(fit, 2), "test": round(test, 2), "moved": round(shifted, 2)},
    )


def adversarial():
    """Move every pixel a little along the sign of the gradient (the fast gradient sign method)."""
    data, model = digits(), trained()
    x = Tensor(data.x_test.astype(np.float32), requires_grad=True)
    losses.cross_entropy(model(x), data.y_test).backward()
    noise = np.random.default_rng(0).choice([-1.0, 1.0], x.shape)
    step = np.sign(x.grad)
    by_eps = {e: _accuracy(model, np.clip(data.x_test + e * step, 0, 1), data.y_test) for e in (0, 0.1, 0.2)}
    random = _accuracy(model, np.clip(data.x_test + 0.2 * noise, 0, 1), data.y_test)
    return Evidence(
        f"accuracy {by_eps[0]:.2f}; with every pixel moved by 0.1 along the gradient's sign {by_eps[0.1]:.2f}, by 0.2 "
        f"{by_eps[0.2]:.2f}; moved by 0.2 at random still {random:.2f}.",
        said={"there is a risk: chosen changes mislead it": by_eps[0.2] < 0.3},
        gap={"random changes of that size do not": random > by_eps[0.2] + 0.4},
        right={"the larger the step, the worse": by_eps[0] > by_eps[0.1] > by_eps[0.2]},
        numbers={"accuracies": [round(v, 2) for v in by_eps.values()]},
    )
