"""Text classifiers: a small BERT on the decoder's own blocks, and an LSTM that does not see padding.

Devlin, Chang, Lee & Toutanova, NAACL 2019. Shapes: B texts, T tokens of the longest, C = d_model, K classes; shorter
texts are filled with `seq2seq.PAD` behind.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.chatbot.config import Config
from course_lib.chatbot.seq2seq import PAD, padded
from course_lib.chatbot.train import Recipe, Trainer
from course_lib.chatbot.transformer import Transformer

MASKED = 0.15  # share of the tokens that are hidden in pre-training


class Encoder(Transformer):
    """A `Transformer` in which every token sees all the others; called with ids (B, T) it guesses them: (B, T, V)."""

    def features(self, ids: Tensor) -> Tensor:
        """What the last layer makes of each token, (B, T, C)."""
        real = ids != PAD
        x, turn = (
            self.embed(ids.clamp(min=0)),
            (self.cos[None, None, : ids.shape[1]], self.sin[None, None, : ids.shape[1]]),
        )
        for block in self.blocks:
            x = self.through(block, x, turn, real[:, None, None], None)  # the mask: (B, 1, 1, T), no order of time
        return self.norm(x)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of the tokens themselves."""
        return self.head(self.features(ids))

    def pooled(self, ids: Tensor) -> Tensor:
        """One vector for each text, (B, C): the mean over its real tokens."""
        return mean_of(self.features(ids), ids)


class Classifier(nn.Module):
    """A body that makes one vector of each text, and a linear layer: ids (B, T) to logits (B, K)."""

    def __init__(self, body, width: int, classes: int, dropout: float = 0.2):
        super().__init__()
        self.body, self.head, self.dropout = body, nn.Linear(width, classes), nn.Dropout(dropout)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.dropout(self.body.pooled(ids)))


class LSTMBody(nn.Module):
    """S1's Embedding and LSTM; the vector of a text is the state after its last real token, or after all padding."""

    def __init__(self, vocab: int, width: int = 128, masked: bool = True, length: int = 0):
        super().__init__()
        self.embed, self.lstm = nn.Embedding(vocab, width), nn.LSTM(width, width, batch_first=True)
        self.masked, self.length = masked, length

    def pooled(self, ids: Tensor) -> Tensor:
        """(B, T) → (B, C)."""
        ids = F.pad(ids, (0, max(0, self.length - ids.shape[1])), value=PAD)
        states, (h, _) = self.lstm(self.embed(ids.clamp(min=0)))
        if not self.masked:
            return h[0]
        return states[torch.arange(len(ids)), (ids != PAD).sum(1) - 1]


def mean_of(x: Tensor, ids: Tensor) -> Tensor:
    """Mean of x (B, T, C) over the tokens of ids (B, T) that are not padding."""
    real = (ids != PAD)[..., None]
    return (x * real).sum(1) / real.sum(1)


class Texts:
    """Texts as ids, with labels or without, drawn by chance for `Trainer`: rows of label, ids."""

    def __init__(self, ids, labels=None):
        self.ids, self.labels = ids, np.full(len(ids), PAD) if labels is None else np.asarray(labels)

    def batch(self, recipe: Recipe, step: int) -> np.ndarray:
        """Rows (B, 1 + T) of a step."""
        chosen = np.random.default_rng([recipe.seed, step]).integers(0, len(self.ids), recipe.batch)
        return np.column_stack([self.labels[chosen], padded([self.ids[i] for i in chosen])])


class LabelTrainer(Trainer):
    """Train a `Classifier`: cross-entropy of logits (B, K) against labels (B,), which are not token ids."""

    def _loss(self, rows):
        return F.cross_entropy(self.forward(rows[:, 1:]), rows[:, 0])


class MaskedTrainer(Trainer):
    """Train an `Encoder` to guess hidden tokens from both sides; `hidden` is the id that stands for them."""

    hidden = 0

    def _loss(self, rows):
        ids = rows[:, 1:]
        chosen = (torch.rand(ids.shape) < MASKED) & (ids != PAD)
        chosen[:, 0] |= ~chosen.any(1)  # one at least
        return F.cross_entropy(self.forward(ids.masked_fill(chosen, self.hidden))[chosen], ids[chosen])


@torch.inference_mode()
def predict(model: Classifier, ids: list[list[int]]) -> np.ndarray:
    """The most probable class of each text."""
    model.eval()
    return model(torch.from_numpy(padded(ids))).argmax(-1).numpy()


@torch.inference_mode()
def vectors(body, ids: list[list[int]]) -> np.ndarray:
    """Frozen features: one vector of each text, (N, C)."""
    return body.eval().pooled(torch.from_numpy(padded(ids))).float().numpy()


def small_bert(vocab: int) -> Encoder:
    """Two layers, 64 wide."""
    return Encoder(Config(vocab, block_size=64, n_layer=2, n_head=4, d_model=64))
