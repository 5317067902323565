"""One small Transformer that is a decoder (like GPT) or an encoder (like BERT): only the mask differs.

Vaswani et al., "Attention Is All You Need", NeurIPS 2017; pre-norm blocks and learned positions as in GPT-2.
"""

import numpy as np

from course_lib import losses, nn
from course_lib.autograd import Tensor, no_grad

IGNORED = -100  # cross_entropy leaves such targets out


class TinyTransformer(nn.Module):
    """Embedding plus positions, blocks of attention and feed-forward network, a normalisation, a linear head.

    Parameters
    ----------
    embed : Module
        Makes (N, T, width) of the input: `nn.Embedding` for symbols, `nn.Linear` for rows of an image.
    width, outputs, length : int
        Features inside, numbers that leave the head at each position, longest input.
    causal : bool
        True: a decoder, position t sees positions ≤ t. False: an encoder, every position sees all.
    positions : bool
        Whether a learned vector for each position is added.
    layers, heads : int
    rng : numpy.random.Generator
    """

    def __init__(self, embed, width, outputs, length, *, causal, positions=True, layers=1, heads=2, rng):
        self.embed, self.causal, self.layers = embed, causal, layers
        self.positions = nn.Parameter(rng.normal(0, 0.5, (length, width)).astype(np.float32)) if positions else None
        for i in range(layers):
            block = nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, batch_first=True, norm_first=True, rng=rng)
            setattr(self, f"block{i}", block)
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, outputs, rng=rng)

    def forward(self, x):
        """(N, T) symbols or (N, T, D) rows → (N, T, outputs)."""
        h = self.embed(x)
        if self.positions is not None:
            h = h + self.positions[: h.shape[1]]
        for i in range(self.layers):
            h = getattr(self, f"block{i}")(h, is_causal=self.causal)
        return self.head(self.norm(h))


def symbol_loss(logits, target):
    """Cross-entropy over all positions, in nats; logits (N, T, V), target (N, T), -100 where nothing is asked."""
    n, t, v = logits.shape
    return losses.cross_entropy(logits.reshape(n * t, v), np.reshape(target, n * t), ignore_index=IGNORED)


def mean_loss(logits, target):
    """Cross-entropy of the mean over positions, one answer for a whole input; logits (N, T, C), target (N,)."""
    return losses.cross_entropy(logits.mean(1), target)


def encode(text: str) -> tuple[np.ndarray, str]:
    """The text as indices into its alphabet (sorted), and the alphabet."""
    alphabet = "".join(sorted(set(text)))
    index = {c: i for i, c in enumerate(alphabet)}
    return np.array([index[c] for c in text]), alphabet


def next_symbol(ids, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut ids into rows: x (N, length), and y, each row one step later: the task of GPT."""
    rows = (len(ids) - 1) // length
    return ids[: rows * length].reshape(rows, length), ids[1 : rows * length + 1].reshape(rows, length)


def hidden_symbol(ids, length: int, mask: int, stride: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Windows of ids with the middle symbol replaced by `mask`; y is -100 but for the hidden symbol: the task of BERT.

    BERT hides 15 % of the symbols at random places; one in the middle of each window is enough here.
    """
    x = np.lib.stride_tricks.sliding_window_view(ids, length)[::stride].copy()
    y = np.full_like(x, IGNORED)
    y[:, length // 2] = x[:, length // 2]
    x[:, length // 2] = mask
    return x, y


def generate(model, start, steps: int, rng) -> list[int]:
    """Continue a list of symbols: each is drawn from softmax(logits) at the last position, and read in again."""
    ids, longest = list(start), len(model.positions.data)
    with no_grad():
        for _ in range(steps):
            logits = model(Tensor(np.array([ids[-longest:]]))).data[0, -1]
            p = np.exp(logits - logits.max(), dtype=float)
            ids.append(int(rng.choice(len(p), p=p / p.sum())))
    return ids
