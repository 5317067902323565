"""How a model is trained, and on which rows: plain data, no PyTorch."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes
    ----------
    steps, batch, length : int
        Optimizer steps; rows in each; tokens in a row.
    lr : float
        The highest learning rate: reached after `warmup` steps, down to 0 at the end.
    schedule : {"linear", "cosine", "constant"}
        How it falls.
    weight_decay, beta2, clip : float
        AdamW's decay (matrices only) and second beta; the largest norm of a gradient, 0 for any.
    muon : float
        Learning rate of Muon for the matrices between the first and the last layer; 0 leaves these to AdamW too.
    accumulate : int
        Parts into which a batch is cut, to save memory: the gradient is the same up to rounding.
    recompute : bool
        Keep only what goes into each block, and compute the rest again in the backward pass: less memory, a third more
        work, the same gradient.
    bf16 : bool
        Matrix products in bfloat16.
    compile : bool
        Let torch.compile make the forward and backward pass: a faster step after a minute's wait.
    seed : int
        Of the order of the data.
    """

    steps: int = 1000
    batch: int = 16
    length: int = 128
    lr: float = 4e-3
    warmup: int = 50
    schedule: str = "linear"
    weight_decay: float = 0.1
    beta2: float = 0.95
    clip: float = 1.0
    muon: float = 0.0
    accumulate: int = 1
    recompute: bool = False
    bf16: bool = False
    compile: bool = False
    seed: int = 0

    def __post_init__(self):
        for name in ("steps", "batch", "length", "accumulate"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ValueError(f"Recipe: {name} must be a whole number of at least 1, got {getattr(self, name)!r}")
        if self.schedule not in ("linear", "cosine", "constant"):
            raise ValueError(f"Recipe: schedule must be linear, cosine or constant, got {self.schedule!r}")
        if self.batch % self.accumulate:
            raise ValueError(f"Recipe: batch ({self.batch}) must be a multiple of accumulate ({self.accumulate})")

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if step < self.warmup:
            return self.lr * (step + 1) / (self.warmup + 1)
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        fall = {"linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2, "constant": 1.0}
        return self.lr * max(0.0, fall[self.schedule])


class Rows:
    """Rows of `length` + 1 tokens that begin where a conversation does, or anywhere.

    Parameters
    ----------
    ids : array of int, (N,)
    starts : array of int, optional
        Where rows may begin; everywhere by default.
    """

    def __init__(self, ids: np.ndarray, starts: np.ndarray | None = None):
        self.ids, self.starts = np.asarray(ids), None if starts is None else np.asarray(starts)

    def batch(self, recipe: Recipe, step: int) -> np.ndarray:
        """The rows of a step, (batch, length + 1), a function of seed and step alone."""
        last = len(self.ids) - recipe.length - 1
        if last < 0:
            raise ValueError(f"Rows: {len(self.ids)} tokens are too few for rows of {recipe.length + 1}")
        rng = np.random.default_rng([recipe.seed, step])
        if self.starts is None:
            first = rng.integers(0, last + 1, recipe.batch)
        else:
            first = rng.choice(self.starts[self.starts <= last], recipe.batch)
        return self.ids[first[:, None] + np.arange(recipe.length + 1)].astype(np.int64)
