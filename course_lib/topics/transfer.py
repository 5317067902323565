"""Pre-training, then fine-tuning (预训练与微调), on the smallest scale: a two-layer body, and a head for each task."""

import numpy as np

from course_lib import losses, nn, optim
from course_lib.training import fit


def body(rng, inputs: int = 64, width: int = 64) -> nn.Sequential:
    """Two hidden layers, the part that is pre-trained: (N, inputs) → (N, width)."""
    return nn.Sequential(nn.Linear(inputs, width, rng=rng), nn.ReLU(), nn.Linear(width, width, rng=rng), nn.ReLU())


def with_head(trunk: nn.Module, outputs: int, rng, width: int = 64) -> nn.Sequential:
    """The trunk with a new linear head; the trunk's weights are shared, not copied."""
    return nn.Sequential(trunk, nn.Linear(width, outputs, rng=rng))


def hidden_pixels(x, share: float, rng, copies: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Copies of x with a share of the pixels set to 0, and x: restore what was hidden, which needs no labels."""
    x = np.concatenate([x] * copies)
    return (x * (rng.random(x.shape) >= share)).astype(x.dtype), x


def few_per_class(y, k: int, rng) -> np.ndarray:
    """Indices of k random samples of every class."""
    return np.concatenate([rng.permutation(np.flatnonzero(y == c))[:k] for c in np.unique(y)])


def train_steps(model, x, y, steps: int, batch_size: int, seed: int, lr: float = 3e-3) -> None:
    """Adam for about this many steps (whole epochs): squared error for real targets, cross-entropy for classes."""
    loss = losses.mse_loss if y.dtype.kind == "f" else losses.cross_entropy
    epochs = -(-steps * batch_size // len(x))
    fit(model, optim.Adam(model.parameters(), lr=lr), loss, (x, y), epochs=epochs, batch_size=batch_size, seed=seed,
        metrics={})
