"""The copy task: read symbols, then write them down again. Attention looks each one up; an LSTM has to remember all."""

import numpy as np

from course_lib import attention, losses, nn, optim
from course_lib.autograd import no_grad

SYMBOLS = 8


class Attending(nn.Module):
    """One head of attention: output position t asks with a query of its own, the keys say where a symbol stands.

    Shapes: ids (N, L) → logits (N, L, symbols); `weights` gives the (L, L) attention weights.
    Bahdanau, Cho & Bengio, ICLR 2015; Vaswani et al., NIPS 2017.
    """

    def __init__(self, length, dim=32, *, rng):
        self.embed, self.head = nn.Embedding(SYMBOLS, dim, rng=rng), nn.Linear(dim, SYMBOLS, rng=rng)
        self.query, self.key = (nn.Embedding(length, dim, rng=rng) for _ in range(2))

    def forward(self, ids):
        """Each output is a mean of the symbols' vectors, weighted by query · key."""
        return self.head(attention.scaled_dot_product_attention(self.query.weight, self.key.weight, self.embed(ids)))

    def weights(self):
        """Row t: how much output t looks at each input."""
        return attention.attention_weights(self.query.weight, self.key.weight).data

    def look(self, ids, mask=None):
        """Logits (L, symbols) of ids (L,), weights (1, 1, L, L); output i may look at input j only if mask[i, j]."""
        with no_grad():
            q, k = self.query.weight, self.key.weight
            read = attention.scaled_dot_product_attention(q, k, self.embed(np.asarray(ids)), mask)
            return self.head(read).data, attention.attention_weights(q, k, mask).data[None, None]


class Remembering(nn.Module):
    """An LSTM that reads all symbols, then writes; what it writes must have fitted into its state (dim numbers).

    Shapes as in `Attending`.
    """

    def __init__(self, length, dim=32, *, rng):
        self.length = length
        self.embed, self.head = nn.Embedding(SYMBOLS + 1, 16, rng=rng), nn.Linear(dim, SYMBOLS, rng=rng)
        self.lstm = nn.LSTM(16, dim, rng=rng)

    def forward(self, ids):
        """L symbols in, then L blanks (the last id), at which the outputs are read."""
        blanks = np.full_like(ids, SYMBOLS)
        outputs = self.lstm(self.embed(np.concatenate([ids, blanks], 1).T))[0]  # (2L, N, dim)
        return self.head(outputs[self.length :]).permute(1, 0, 2)


MODELS = {"attention": Attending, "LSTM": Remembering}


def accuracy(logits, ids) -> float:
    """Share of symbols whose largest logit stands at the right place."""
    return float((np.asarray(logits).argmax(-1) == ids).mean())


def train(name: str, length: int, seed: int, steps: int = 300, lr: float = 0.01):
    """Train a model of `MODELS` on random sequences; returns it with its accuracy on 500 new sequences.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    if name not in MODELS:
        raise ValueError(f"train: name must be one of {', '.join(MODELS)}, got {name!r}")
    rng = np.random.default_rng([seed, length])
    model = MODELS[name](length, rng=rng)
    optimizer = optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        ids = rng.integers(0, SYMBOLS, (32, length))
        optimizer.zero_grad()
        losses.cross_entropy(model(ids).reshape(-1, SYMBOLS), ids.ravel()).backward()
        optimizer.step()
    ids = rng.integers(0, SYMBOLS, (500, length))
    with no_grad():
        return model, accuracy(model(ids).data, ids)
