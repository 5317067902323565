"""Dropout inside a recurrent network: one mask for all time steps, or a new one at each step."""

import numpy as np

from course_lib import activations, losses, nn, optim
from course_lib.autograd import Tensor, no_grad
from course_lib.normalization import variational_dropout

KINDS = ("none", "new masks", "one mask")


def masks(kind: str, steps: int, n: int, width: int, p: float, rng) -> np.ndarray:
    """Factors (steps, n, width) for a recurrent state: 0 with probability p, else 1 / (1 - p).

    "one mask" repeats the first step's, "new masks" draws for each step, "none" is all 1. Gal & Ghahramani, NIPS 2016.

    Raises
    ------
    ValueError
        If the kind is another.
    """
    if kind not in KINDS:
        raise ValueError(f"masks: kind must be one of {', '.join(KINDS)}, got {kind!r}")
    ones = np.ones((steps, n, width), np.float32)
    if kind == "none":
        return ones
    if kind == "one mask":
        return variational_dropout(ones, p, rng=rng)
    return variational_dropout(ones.reshape(1, -1, width), p, rng=rng).reshape(ones.shape)


class Reader(nn.Module):
    """h_t = tanh(W x_t + U (m_t ⊙ h_{t-1}) + b), then a linear layer on the last h; m_t are the factors of `masks`.

    Shapes: x (T, N, D), factors (T, N, H) → logits (N, classes).
    """

    def __init__(self, inputs, width, classes, *, rng):
        self.enter, self.head = nn.Linear(inputs, width, rng=rng), nn.Linear(width, classes, rng=rng)
        self.stay = nn.Linear(width, width, bias=False, rng=rng)
        self.stay.weight.data[:] = np.eye(width)  # begins as a memory: Le, Jaitly & Hinton, 2015

    def forward(self, x, factors):
        """Step by step, because each step has its own factors."""
        h = Tensor(np.zeros(factors.shape[1:], np.float32))
        for x_t, m_t in zip(x, factors, strict=True):
            h = activations.tanh(self.enter(x_t) + self.stay(h * m_t))
        return self.head(h)


def recall(n: int, steps: int, rng):
    """x (steps, n, 4): a one-hot symbol at the first step, noise after it; y (n,), the symbol to be recalled."""
    y = rng.integers(0, 4, n)
    x = 0.3 * rng.normal(size=(steps, n, 4)).astype(np.float32)
    x[0] = np.eye(4)[y]
    return x, y


def train(kind: str, seed: int, p: float = 0.5, steps: int = 12, updates: int = 150) -> tuple[float, float]:
    """Train a reader on `recall`; return (loss under dropout, accuracy without it) on 500 new sequences."""
    rng = np.random.default_rng(seed)
    model = Reader(4, 32, 4, rng=rng)
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(updates):
        x, y = recall(32, steps, rng)
        optimizer.zero_grad()
        losses.cross_entropy(model(x, masks(kind, steps, 32, 32, p, rng)), y).backward()
        optimizer.step()
    x, y = recall(500, steps, rng)
    with no_grad():
        loss = losses.cross_entropy(model(x, masks(kind, steps, 500, 32, p, rng)), y)
        plain = model(x, masks("none", steps, 500, 32, p, rng))
    return loss.item(), float((plain.data.argmax(1) == y).mean())
