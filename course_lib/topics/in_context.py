"""Learning in context: the examples stand in the prompt, the weights stay as they are."""

import numpy as np

from course_lib import nn, optim
from course_lib.autograd import Tensor, no_grad


class LinearAttention(nn.Module):
    """ŷ = Σ_i (q · M x_i) y_i / (n + c): attention without softmax from the query q to the examples (x_i, y_i).

    M and c are trained, once; the task, y = w · x, changes with every prompt. Von Oswald et al., ICML 2023, show that
    such a layer takes a step of gradient descent on the examples.

    Shapes: x (B, n, D), y (B, n), query (B, D) → (B,). n = 0 is allowed.
    """

    def __init__(self, dim, *, rng):
        self.match = nn.Parameter(0.1 * rng.normal(size=(dim, dim)).astype(np.float32))
        self.none = nn.Parameter(np.ones(1, np.float32))  # c: the weight of "no example"

    def forward(self, x, y, query):
        """Scores of the query with every example, times the examples' answers."""
        summary = Tensor((x * y[..., None]).sum(1))  # (B, D)
        return ((Tensor(query) @ self.match) * summary).sum(-1) / (self.none + float(x.shape[1]))


def tasks(batch: int, n: int, dim: int, rng, noise: float = 0.0):
    """Prompts of n examples of a random linear task each: x (B, n, D), y (B, n), query (B, D), answer (B,)."""
    w = rng.normal(size=(batch, dim, 1)) / dim**0.5
    x = rng.normal(size=(batch, n + 1, dim))
    y = (x @ w)[..., 0]
    seen = y[:, :n] + noise * rng.normal(size=(batch, n))
    return tuple(a.astype(np.float32) for a in (x[:, :n], seen, x[:, n], y[:, n]))


def train(dim: int, seed: int, steps: int = 400, noise: float = 0.5) -> LinearAttention:
    """Train on prompts of 0 to 32 examples."""
    rng = np.random.default_rng(seed)
    model = LinearAttention(dim, rng=rng)
    optimizer = optim.Adam(model.parameters(), lr=0.03)
    for _ in range(steps):
        *prompt, answer = tasks(128, int(rng.integers(0, 33)), dim, rng, noise)
        optimizer.zero_grad()
        ((model(*prompt) - Tensor(answer)) ** 2).mean().backward()
        optimizer.step()
    return model


def error(predict, n: int, dim: int, rng, noise: float = 0.5, batch: int = 2000) -> float:
    """Mean squared error of predict(x, y, query) on new tasks; 1 is what always answering 0 gets."""
    *prompt, answer = tasks(batch, n, dim, rng, noise)
    with no_grad():
        found = predict(*prompt)
    return float(np.mean((getattr(found, "data", found) - answer) ** 2))


def ridge(x, y, query, penalty: float = 1.0) -> np.ndarray:
    """Fit each prompt anew: query · (XᵀX + λI)⁻¹ Xᵀ y; with λ = D σ² the best that can be done on `tasks`."""
    gram = x.mT @ x + penalty * np.eye(x.shape[-1])  # (B, D, D)
    w = np.linalg.solve(gram, x.mT @ y[..., None])
    return (query * w[..., 0]).sum(-1)
