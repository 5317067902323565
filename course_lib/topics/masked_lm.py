"""A masked language model over letters: hide some, guess them from both sides. BERT in miniature."""

import re

import numpy as np

from course_lib import losses, nn, optim
from course_lib.autograd import no_grad

LETTERS = " abcdefghijklmnopqrstuvwxyz"
MASK = len(LETTERS)  # the id of the symbol that stands for a hidden letter
IGNORE = -100  # the target of a letter that was not hidden


def encode(text: str) -> np.ndarray:
    """Letters as ids 1 to 26, everything between them as one 0."""
    return np.array([LETTERS.index(c) for c in re.sub("[^a-z]+", " ", text.lower())])


def windows(ids, length: int, n: int, rng) -> np.ndarray:
    """n random pieces (n, length) of a text."""
    starts = rng.integers(0, len(ids) - length + 1, n)
    return ids[starts[:, None] + np.arange(length)]


def hide(ids, picked, roll, others):
    """BERT's rule: of the picked letters 80 % become MASK, 10 % another symbol, 10 % stay. Devlin et al., 2019, §3.1.

    Parameters
    ----------
    ids, others : array of int
        The letters, and one random letter for each place.
    picked : array of bool
        Which letters are to be guessed.
    roll : array of float in [0, 1)
        Below 0.8: MASK. From 0.8 to below 0.9: the other letter. Else the letter stays.

    Returns
    -------
    inputs, targets : arrays like ids
        Targets are IGNORE where nothing was picked.
    """
    hidden = np.where(roll < 0.8, MASK, np.where(roll < 0.9, others, ids))
    return np.where(picked, hidden, ids), np.where(picked, ids, IGNORE)


class Encoder(nn.Module):
    """One Transformer block over letters; with `causal` a place sees only what is to its left, as in GPT.

    Shapes: ids (N, T) → logits (N, T, letters).
    """

    def __init__(self, length, dim=32, causal=False, *, rng):
        self.letters, self.places = nn.Embedding(MASK + 1, dim, rng=rng), nn.Embedding(length, dim, rng=rng)
        self.block = nn.TransformerEncoderLayer(dim, 4, 2 * dim, 0.0, batch_first=True, norm_first=True, rng=rng)
        self.head, self.causal = nn.Linear(dim, len(LETTERS), rng=rng), causal

    def forward(self, ids):
        """Letter and place, mixed by attention, to a guess at each place."""
        x = self.letters(ids) + self.places(np.arange(ids.shape[1]))
        return self.head(self.block(x, is_causal=self.causal))


def draw(ids, length, n, rng, share=0.15):
    """n windows with a share of their letters hidden by `hide`: (inputs, targets)."""
    ids = windows(ids, length, n, rng)
    picked = rng.random(ids.shape) < share
    return hide(ids, picked, rng.random(ids.shape), rng.integers(0, len(LETTERS), ids.shape))


def train(ids, seed: int, causal: bool = False, length: int = 7, steps: int = 250, batch: int = 64) -> Encoder:
    """Train an encoder to guess hidden letters of a text."""
    rng = np.random.default_rng(seed)
    model = Encoder(length, causal=causal, rng=rng)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        inputs, targets = draw(ids, length, batch, rng)
        optimizer.zero_grad()
        losses.cross_entropy(model(inputs).reshape(-1, len(LETTERS)), targets.ravel(), ignore_index=IGNORE).backward()
        optimizer.step()
    return model


def guess(model: Encoder, ids) -> np.ndarray:
    """Logits (n, letters) for the middle letter of windows (n, length), that letter hidden."""
    middle = ids.shape[1] // 2
    inputs = ids.copy()
    inputs[:, middle] = MASK
    with no_grad():
        return model(inputs).data[:, middle]


def perplexity(log_p) -> float:
    """exp of the mean of -log p: among how many equally likely letters one might as well choose."""
    return float(np.exp(-np.mean(log_p)))
