"""An encoder and a decoder, both LSTMs: what S0's chatbot needs in order to answer with more than one word.

Sutskever, Vinyals & Le, NeurIPS 2014; attention: Luong, Pham & Manning, EMNLP 2015. Shapes: B pairs, S tokens of a
source, T of a target, E the width of a word vector, H of a state, V tokens in the vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.chatbot.train import Recipe, Trainer

PAD = -1  # never embedded and never a target


@dataclass(frozen=True)
class Shape:
    """What `generate` asks of a model's config, and the model's own sizes."""

    vocab_size: int
    d_embed: int = 32
    hidden: int = 128
    attention: bool = False
    block_size: int = 256
    start: int = 0  # the token before a reply


class Seq2Seq(nn.Module):
    """Source ids to the logits of each token of a reply.

    The encoder's state after the last real token, h, is where the decoder begins (its cell with a linear image of h).
    With attention each decoder state also looks back: softmax(h Eᵀ) E over the encoder's states E, joined with h.
    """

    def __init__(self, config: Shape):
        super().__init__()
        self.config, c = config, config
        self.embed = nn.Embedding(c.vocab_size, c.d_embed)
        self.encoder = nn.LSTM(c.d_embed, c.hidden, batch_first=True)
        self.decoder = nn.LSTM(c.d_embed, c.hidden, batch_first=True)
        self.cell = nn.Linear(c.hidden, c.hidden)
        self.join = nn.Linear(2 * c.hidden, c.hidden) if c.attention else None
        self.head = nn.Linear(c.hidden, c.vocab_size)

    def encode(self, source: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """States (B, S, H) of a padded source (B, S), and the decoder's first memory, (1, B, H) each.

        Padding stands behind, so that no state up to the last real token has seen any: that one is taken.
        """
        states, _ = self.encoder(self.embed(source.clamp(min=0)))
        last = (source != PAD).sum(1) - 1  # (B,)
        h = states[torch.arange(len(source)), last][None]
        return states, (h, self.cell(h))

    def decode(self, ids: Tensor, states: Tensor, mask: Tensor, memory):
        """Logits (B, T, V) after each of ids (B, T), and the decoder's memory; mask (B, S) is True at real tokens."""
        h, memory = self.decoder(self.embed(ids), memory)  # (B, T, H)
        if self.join:
            h = torch.tanh(self.join(torch.cat([h, look(h, states, mask) @ states], -1)))
        return self.head(h), memory

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Logits of every target token, given the right ones before it: teacher forcing. (B, S), (B, T) → (B, T, V)."""
        states, last = self.encode(source)
        start = torch.full_like(target[:, :1], self.config.start)
        return self.decode(torch.cat([start, target[:, :-1].clamp(min=0)], 1), states, source != PAD, last)[0]

    def loss(self, rows: Tensor, reduction: str = "mean") -> Tensor:
        """Cross-entropy of the real target tokens of (B, 2, W): sources and targets, padded."""
        source, target = (part[:, : int((part != PAD).sum(1).max())] for part in rows.unbind(1))
        logits = self(source, target).flatten(0, 1)
        return F.cross_entropy(logits, target.flatten(), ignore_index=PAD, reduction=reduction)

    def session(self, prompts: Sequence[Sequence[int]], room: int) -> "Reply":
        """Begin to reply to these sources; what `generate` calls."""
        return Reply(self, prompts)

    def n_parameters(self) -> int:
        """Numbers learned."""
        return sum(p.numel() for p in self.parameters())


class Reply:
    """One token after the other for a batch of sources; `logits` (B, V) as in `session.Session`."""

    @torch.inference_mode()
    def __init__(self, model: Seq2Seq, prompts):
        source = torch.from_numpy(padded(prompts))
        self.model, self.mask = model, source != PAD
        self.states, self.memory = model.encode(source)
        self.step([model.config.start] * len(prompts))

    @torch.inference_mode()
    def step(self, tokens) -> np.ndarray:
        """Add one token (B,) to each reply; return the next logits (B, V)."""
        ids = torch.as_tensor(np.asarray(tokens, np.int64))[:, None]
        logits, self.memory = self.model.decode(ids, self.states, self.mask, self.memory)
        self.logits = logits[:, -1].numpy()
        return self.logits


class Pairs:
    """Sources and targets, token ids, drawn by chance for `Trainer`."""

    def __init__(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]):
        if len(sources) != len(targets) or not all(map(len, sources)):
            raise ValueError("Pairs: each source needs a target and at least one token")
        self.sources, self.targets = sources, targets

    def __len__(self):
        return len(self.sources)

    def rows(self, indices) -> np.ndarray:
        """(B, 2, W): sources and targets of these pairs, padded behind."""
        both = [self.sources[i] for i in indices] + [self.targets[i] for i in indices]
        return padded(both).reshape(2, len(indices), -1).swapaxes(0, 1)

    def batch(self, recipe: Recipe, step: int) -> np.ndarray:
        """The rows of a step, a function of seed and step alone."""
        rng = np.random.default_rng([recipe.seed, step])
        return self.rows(rng.integers(0, len(self), recipe.batch))


class PairTrainer(Trainer):
    """`Trainer`, with the model's own loss."""

    def _loss(self, rows):
        return self.model.loss(rows)


def look(h: Tensor, states: Tensor, mask: Tensor) -> Tensor:
    """softmax(h Eᵀ) over the real tokens: h (B, T, H), states (B, S, H), mask (B, S) → weights (B, T, S)."""
    return (h @ states.mT).masked_fill(~mask[:, None], -torch.inf).softmax(-1)


def padded(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Lists of ids as one array (B, W), `PAD` behind the shorter ones."""
    out = np.full((len(rows), max(map(len, rows))), PAD, np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


@torch.inference_mode()
def nats_per_token(model: Seq2Seq, pairs: Pairs, batch: int = 64) -> float:
    """Mean cross-entropy of all target tokens, the end included; its exponential is the perplexity."""
    model.eval()
    parts = [range(i, min(i + batch, len(pairs))) for i in range(0, len(pairs), batch)]
    total = sum(float(model.loss(torch.from_numpy(pairs.rows(part)), "sum")) for part in parts)
    return total / sum(map(len, pairs.targets))
