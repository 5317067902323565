"""Scaling: one small language model in several sizes, and the power law that its losses follow."""

import numpy as np

from course_lib import losses, nn, optim, schedules
from course_lib.training import Callback, Trainer

ALPHABET = "\n abcdefghijklmnopqrstuvwxyz'.,?!"
CONTEXT = 8  # characters that the model sees


def encode(text: str) -> np.ndarray:
    """Characters as positions in `ALPHABET`, lower case; all others are left out. Shape (characters,), int64."""
    table = np.full(0x110000, -1, np.int64)
    table[[ord(c) for c in ALPHABET]] = np.arange(len(ALPHABET))
    ids = table[np.frombuffer(text.lower().encode("utf-32-le"), np.uint32)]
    return ids[ids >= 0]


def decode(ids) -> str:
    """The text that `encode` turned into ids."""
    return "".join(ALPHABET[i] for i in ids)


def windows(ids: np.ndarray, starts=None, context: int = CONTEXT) -> tuple[np.ndarray, np.ndarray]:
    """(x, y): `context` characters (N, context) and the one that follows (N,), from each start or from all.

    Raises
    ------
    ValueError
        If the text is shorter than a window.
    """
    if len(ids) <= context:
        raise ValueError(f"windows: the text has {len(ids)} characters, a window needs {context + 1}")
    both = np.lib.stride_tricks.sliding_window_view(ids, context + 1)
    both = both if starts is None else both[starts]
    return both[:, :context], both[:, context]


def next_character_model(hidden: int, width: int = 12, context: int = CONTEXT, seed: int = 0) -> nn.Sequential:
    """A table of character vectors, one hidden layer, scores for the next character (Bengio et al., JMLR 2003).

    Shapes: (N, context) ids → (N, context · width) → (N, hidden) → (N, characters).
    """
    rng = np.random.default_rng(seed)
    characters = len(ALPHABET)
    return nn.Sequential(
        nn.Embedding(characters, width, rng=rng), nn.Flatten(),
        nn.Linear(context * width, hidden, rng=rng), nn.ReLU(), nn.Linear(hidden, characters, rng=rng),
    )  # fmt: skip


class EachStep(Callback):
    """Move a learning-rate schedule on after every step."""

    def __init__(self, schedule):
        self.schedule = schedule

    def on_step(self, trainer):
        """Take one schedule step."""
        self.schedule.step()


def next_character_trainer(model, ids: np.ndarray, steps: int, batch_size: int = 128, lr: float = 1e-2, seed: int = 0):
    """A `Trainer` whose first epoch has `steps` steps, each on new windows; the rate falls to 0 along a cosine."""
    starts = np.random.default_rng(seed).integers(0, len(ids) - CONTEXT, steps * batch_size)
    optimizer = optim.Adam(model.parameters(), lr=lr)
    follow = EachStep(schedules.CosineAnnealingLR(optimizer, steps))
    return Trainer(model, optimizer, losses.cross_entropy, windows(ids, starts), batch_size=batch_size, seed=seed,
                   callbacks=[follow])  # fmt: skip


def power_law(n, a: float, b: float, c: float = 0.0):
    """Loss at size n: a · n^-b + c. c is what no size removes (Kaplan et al., 2020; Hoffmann et al., 2022)."""
    return a * np.asarray(n, float) ** -b + c


def fit_line(n, loss) -> tuple[float, float]:
    """(a, b) of a · n^-b, by the straight line log L = log a - b · log n.

    Raises
    ------
    ValueError
        With fewer than two sizes, or numbers that have no logarithm.
    """
    n, loss = _pairs("fit_line", n, loss, 2)
    slope, intercept = np.polyfit(np.log(n), np.log(loss), 1)
    return float(np.exp(intercept)), float(-slope)


def fit_power_law(n, loss, exponents=None) -> tuple[float, float, float]:
    """(a, b, c) of a · n^-b + c with the least squared error, a ≥ 0 and c ≥ 0.

    For a given b the best a and c follow from a straight line in n^-b, so only b is searched: on a grid, then finer.
    """
    n, loss = _pairs("fit_power_law", n, loss, 3)
    grid = np.linspace(0.005, 2.0, 400) if exponents is None else np.asarray(exponents, float)
    for _ in range(4):
        errors, _, _ = _best_line(n ** -grid[:, None], loss)  # (B,)
        best, step = grid[int(np.argmin(errors))], grid[1] - grid[0]
        grid = np.linspace(max(best - step, 1e-4), best + step, 41)
    _, a, c = _best_line(n**-best, loss)
    return float(a), float(best), float(c)


def _best_line(x, y):
    """(squared error, a, c) of the best y ≈ a·x + c with a, c ≥ 0, for each row of x (..., M), positive; y (M,)."""
    middle = x.mean(-1)
    spread = x - middle[..., None]
    a = np.maximum(spread @ y / np.maximum((spread**2).sum(-1), 1e-300), 0.0)
    c = y.mean() - a * middle
    a, c = np.where(c < 0, x @ y / (x**2).sum(-1), a), np.maximum(c, 0.0)
    return np.sum((a[..., None] * x + c[..., None] - y) ** 2, -1), a, c


def bootstrap_power_law(n, losses_by_seed, at: float, draws: int, rng) -> np.ndarray:
    """The fit's value at size `at`, for `draws` resamples of the seeds; losses_by_seed (sizes, seeds) → (draws,)."""
    table = np.asarray(losses_by_seed, float)
    out = np.empty(draws)
    for i in range(draws):
        chosen = rng.integers(0, table.shape[1], table.shape)
        out[i] = power_law(at, *fit_power_law(n, np.take_along_axis(table, chosen, 1).mean(1)))
    return out


def _pairs(who, n, loss, least):
    n, loss = np.asarray(n, float), np.asarray(loss, float)
    if n.shape != loss.shape or n.ndim != 1 or len(n) < least:
        raise ValueError(f"{who}: needs as many losses as sizes, at least {least}, got {loss.shape} and {n.shape}")
    if not (n > 0).all() or not (loss > 0).all():
        raise ValueError(f"{who}: sizes and losses must be positive")
    return n, loss
