"""The smallest language model that `generate` can use: counts of which token follows which. NumPy only."""

from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace

import numpy as np


class Bigram:
    """p(b | a) = (n(a, b) + add) / (n(a) + add·V).

    Parameters
    ----------
    rows : sequence of sequences of token ids
    vocab : int
    add : float
        Added to every count.
    """

    def __init__(self, rows: Sequence[Sequence[int]], vocab: int, add: float = 0.1):
        counts = np.full((vocab, vocab), add)
        for row in rows:
            np.add.at(counts, (row[:-1], row[1:]), 1)
        self.logs = np.log(counts / counts.sum(1, keepdims=True))  # (V, V)
        self.config = SimpleNamespace(vocab_size=vocab, block_size=10_000)

    def session(self, prompts, room: int) -> "_Last":
        """Begin after the last token of each prompt."""
        return _Last(self, [prompt[-1] for prompt in prompts])

    def nats(self, rows: Sequence[Sequence[int]]) -> float:
        """Mean cost of each token that has one before it."""
        return float(np.mean([-self.logs[a, b] for row in rows for a, b in pairwise(row)]))


class _Last:
    """All that a bigram model remembers."""

    def __init__(self, model, tokens):
        self.model = model
        self.step(tokens)

    def step(self, tokens) -> np.ndarray:
        self.logits = self.model.logs[np.asarray(tokens)]
        return self.logits
