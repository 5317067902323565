"""Prompts as an experiment: one small language model, frozen, and several ways to put the same question to it."""

import hashlib
import re

import numpy as np

from course_lib import losses, nn, optim
from course_lib.autograd import no_grad
from course_lib.training import Trainer

TOKEN = re.compile(r"\w+|[?:]")
CONTEXT = 24  # words that the model sees


def words(text: str) -> list[str]:
    """Words in lower case; "?" and ":" count as words."""
    return TOKEN.findall(text.lower())


def fill(template: str, **values: str) -> str:
    """The template with each {name} replaced by its value, once: braces inside a value stay as they are.

    Raises
    ------
    KeyError
        If a value is missing.
    """
    return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), template)


class WordModel(nn.Module):
    """Log-linear next-word model: logits = W [mean of the context's vectors; last word's vector] + b.

    (N, CONTEXT) word numbers, 0 for empty places on the left → logits (N, V). A model of the kind of Mnih & Hinton,
    ICML 2007, with equal weight for all but the last word.

    Parameters
    ----------
    vocabulary : sequence of str
    rng : numpy Generator
    size : int
        Numbers for each word.
    """

    def __init__(self, vocabulary, rng, size: int = 32):
        super().__init__()
        self.vocabulary = ["", "?unknown", *vocabulary]
        self.number = {word: i for i, word in enumerate(self.vocabulary)}
        self.bag = nn.Embedding(len(self.vocabulary), size, rng=rng)
        self.last = nn.Embedding(len(self.vocabulary), size, rng=rng)
        self.bag_out = nn.Linear(size, len(self.vocabulary), rng=rng)
        self.last_out = nn.Linear(size, len(self.vocabulary), rng=rng)

    def forward(self, codes):
        """(N, CONTEXT) → (N, V)."""
        codes = np.asarray(getattr(codes, "data", codes)).astype(int)
        seen = (codes > 0)[..., None].astype(np.float32)  # (N, CONTEXT, 1)
        mean = (self.bag(codes) * seen).sum(1) * (1 / np.maximum(seen.sum(axis=1), 1))
        return self.bag_out(mean) + self.last_out(self.last(codes[:, -1]))

    def encode(self, text: str) -> np.ndarray:
        """The last CONTEXT words as numbers, empty places on the left."""
        codes = [self.number.get(word, 1) for word in words(text)][-CONTEXT:]
        return np.array([0] * (CONTEXT - len(codes)) + codes)

    def scores(self, prompts) -> np.ndarray:
        """Logits of the word after each prompt: (N, V)."""
        with no_grad():
            return np.asarray(self(np.stack([self.encode(p) for p in prompts])).data)


def lines_of(texts, labels, rng) -> list[str]:
    """What the model reads: a third of the texts alone, the others followed by their topic, said in two ways."""
    endings = ("", " : this is about {label}", " : topic {label}")
    kinds = rng.integers(0, len(endings), len(texts))
    return [text + fill(endings[k], label=label) for text, label, k in zip(texts, labels, kinds, strict=True)]


def train_model(lines, epochs: int = 6, seed: int = 0, lr: float = 1e-2) -> WordModel:
    """A `WordModel` of the lines: it learns to guess every word from those before it in its line."""
    counts = {}
    for line in lines:
        for word in words(line):
            counts[word] = counts.get(word, 0) + 1
    model = WordModel(sorted(w for w, n in counts.items() if n > 1), np.random.default_rng(seed))
    pairs = [(" ".join(w[:i]), w[i]) for w in map(words, lines) for i in range(1, len(w))]
    x = np.stack([model.encode(before) for before, _ in pairs])
    y = np.array([model.number.get(word, 1) for _, word in pairs])
    optimizer = optim.Adam(model.parameters(), lr=lr)
    Trainer(model, optimizer, losses.cross_entropy, (x, y), batch_size=128, metrics={}, seed=seed).run(epochs)
    return model


def weights_hash(model) -> str:
    """SHA-256 of all weights, 64 hexadecimal digits: equal before and after means that nothing was learned."""
    digest = hashlib.sha256()
    for name, weight in sorted(model.state_dict().items()):
        digest.update(name.encode() + np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def hits(model: WordModel, template: str, texts, labels, allowed=None) -> np.ndarray:
    """Whether the most probable next word after the filled template is the label: (N,) of bool.

    With `allowed` words the most probable among those is taken.
    """
    scores = model.scores([fill(template, text=text) for text in texts])
    names = np.array(model.vocabulary if allowed is None else list(allowed))
    columns = slice(None) if allowed is None else [model.number[word] for word in allowed]
    return names[scores[:, columns].argmax(1)] == np.asarray(labels)
