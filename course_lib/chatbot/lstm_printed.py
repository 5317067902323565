"""S0's chatbot as printed, in PyTorch: Embedding, LSTM(128), Dense with softmax. It says one word.

What the listing leaves out is filled in as kindly as possible: words split at spaces, and the reply's first word as
the label, since one softmax cannot hold more. Padding behind, without a mask, stays as printed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.chatbot.encoder import LabelTrainer, Texts
from course_lib.chatbot.train import Recipe
from course_lib.data.dialogue import Pair

MAX_WORDS, LENGTH, UNITS = 10_000, 100, 128  # the listing's own numbers
PADDING, UNKNOWN = 0, 1


class OneWord(nn.Module):
    """Word ids (B, 100) to the logits of one word (B, V)."""

    def __init__(self, vocab: int, vectors: np.ndarray | None = None, width: int = 50):
        super().__init__()
        if vectors is None:
            self.embed = nn.Embedding(vocab, width)
            self.embed.weight.requires_grad_(False)  # frozen as printed, at random
        else:
            self.embed = nn.Embedding.from_pretrained(torch.as_tensor(np.asarray(vectors), dtype=torch.float32))
        self.lstm = nn.LSTM(self.embed.embedding_dim, UNITS, batch_first=True)
        self.dense = nn.Linear(UNITS, vocab)

    def forward(self, ids: Tensor) -> Tensor:
        """The state after all 100 places, padding or not."""
        return self.dense(self.lstm(self.embed(ids))[1][0][0])


class Printed:
    """The listing's tokenizer, network and reply function.

    Parameters
    ----------
    pairs : iterable of Pair
        Remarks and replies to train on.
    pretrained : bool
        Whether to look the vectors up in GloVe (the package of `course_lib.data.glove`); otherwise they are random.
    length : int
        To how many places remarks are filled up behind; 100 as printed.
    """

    def __init__(self, pairs: Iterable[Pair], pretrained: bool = False, length: int = LENGTH):
        self.pairs, self.length = list(pairs), length
        counts = Counter(word for pair in self.pairs for side in pair for word in words(side))
        self.vocab = ["<padding>", "<unknown>", *(w for w, _ in counts.most_common(MAX_WORDS - 2))]
        self.index = {word: i for i, word in enumerate(self.vocab)}
        torch.manual_seed(0)
        self.model = OneWord(len(self.vocab), _glove(self.vocab) if pretrained else None)

    def encode(self, text: str) -> list[int]:
        """Ids of the words, padding behind."""
        ids = [self.index.get(word, UNKNOWN) for word in words(text)][: self.length]
        return ids + [PADDING] * (self.length - len(ids))

    def train(self, steps: int, batch: int = 32) -> list[float]:
        """Train with the sparse loss; the label is the first word of the reply."""
        rows = Texts([self.encode(p.prompt) for p in self.pairs], [self.index[words(p.reply)[0]] for p in self.pairs])
        recipe = Recipe(steps=steps, batch=batch, lr=3e-3, warmup=10, weight_decay=0.0)
        return LabelTrainer(self.model, rows, recipe, "cpu").run()

    @torch.inference_mode()
    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """One softmax for each text, (N, V)."""
        self.model.eval()
        return self.model(torch.tensor([self.encode(t) for t in texts])).softmax(-1).numpy()

    def reply(self, text: str) -> str:
        """All that the listing can say: the most probable word."""
        return self.vocab[int(self.probabilities([text])[0].argmax())]


def words(text: str) -> list[str]:
    """Split at spaces, lower case, without punctuation at the ends, as Keras's tokenizer roughly did."""
    return [w.strip(".,!?;:\"'") or w for w in text.lower().split()]


def _glove(vocab):
    """GloVe's vectors, 0 for words that it lacks."""
    from course_lib.data import glove

    found = glove()
    out = np.zeros((len(vocab), found.matrix.shape[1]), np.float32)
    for i, word in enumerate(vocab):
        if word in found:
            out[i] = found[word]
    return out
