"""BERT on the decoder's own attention and feed-forward layers: every token sees all the others.

Devlin, Chang, Lee & Toutanova, NAACL 2019. Shapes: B texts, T tokens of the longest, C = d_model; shorter texts are
filled with `seq2seq.PAD` behind. `pretrained.convert` arranges the weights of `transformers`' BertModel for it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.chatbot.config import Config
from course_lib.chatbot.encoder import mean_of
from course_lib.chatbot.seq2seq import PAD
from course_lib.chatbot.transformer import Block, make_norm
from course_lib.chatbot.weights import fill


class PostNormBlock(Block):
    """norm(x + attention(x)), then norm(x + feed-forward(x)): the order of Vaswani et al., NeurIPS 2017."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.norm1(x + self._drop(self.attention(x, None, mask, None)))  # (B, T, C)
        return self.norm2(x + self._drop(self.feed(x)))


class Bert(nn.Module):
    """Token ids (B, T) to what the last layer makes of each token, (B, T, C).

    Parameters
    ----------
    config : Config
        With learned positions; its `tied` says nothing here, for there is no output layer.
    types : int
        How many kinds of tokens there are: BERT tells a first sentence from a second one.
    """

    def __init__(self, config: Config, types: int = 2):
        super().__init__()
        self.config = c = config
        self.embed, self.positions, self.types = (
            nn.Embedding(n, c.d_model) for n in (c.vocab_size, c.block_size, types)
        )
        self.norm = make_norm(c)
        self.blocks = nn.ModuleList(PostNormBlock(c, i) for i in range(c.n_layer))

    def embedded(self, ids: Tensor, types: Tensor | None = None) -> Tensor:
        """Norm of token + position + type, (B, T, C); every token is of type 0 by default."""
        if ids.shape[1] > self.config.block_size:
            raise ValueError(f"Bert: {ids.shape[1]} tokens, but block_size is {self.config.block_size}")
        at = torch.arange(ids.shape[1], device=ids.device)
        place = self.positions(at) + self.types(ids * 0 if types is None else types)
        return F.dropout(self.norm(self.embed(ids.clamp(min=0)) + place), self.config.dropout, self.training)

    def forward(self, ids: Tensor, types: Tensor | None = None, until: int | None = None) -> Tensor:
        """(B, T) → (B, T, C), after all blocks or after the first `until`."""
        return through(self.blocks[:until], self.embedded(ids, types), ids != PAD)

    def pooled(self, ids: Tensor) -> Tensor:
        """One vector for each text, (B, C): the mean over its real tokens."""
        return mean_of(self(ids), ids)


def through(blocks, x: Tensor, real: Tensor) -> Tensor:
    """x (B, T, C) after these blocks, which look at the tokens where `real` (B, T) is True."""
    for block in blocks:
        x = block(x, real[:, None, None])
    return x


def build_bert(config: Config, arrays: dict) -> Bert:
    """Make a `Bert` with the weights that `convert` returned, float32, in evaluation mode.

    Raises
    ------
    ValueError
        Naming a weight that is missing, unknown, or of another shape.
    """
    if "types.weight" not in arrays:
        raise ValueError("build_bert: these are not BERT's weights (types.weight is missing)")
    with torch.device("meta"):
        model = Bert(config, len(arrays["types.weight"]))
    return fill(model, arrays)
