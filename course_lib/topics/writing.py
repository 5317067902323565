"""Writing by machine: character n-grams and a small network, their bits per character, samples, and what was copied."""

import re
from collections import Counter, defaultdict

import numpy as np

from course_lib import nn, optim
from course_lib.activations import softmax
from course_lib.data import descriptions
from course_lib.losses import cross_entropy
from course_lib.training import fit

NUMBER = re.compile(r"\d[\d,.]*\d|\d")
RULES = re.compile(r"[=~_-]{3,}")  # lines of tables and under titles
BLOCK = 500


def prose() -> tuple[str, str]:
    """scikit-learn's descriptions of its data sets without table rules: (train, test); every tenth block is test."""
    text = " ".join(RULES.sub(" ", " ".join(d.text for d in descriptions())).split())
    blocks = [text[i : i + BLOCK] for i in range(0, len(text), BLOCK)]
    test = [block for i, block in enumerate(blocks) if i % 10 == 9]
    return "".join(block for i, block in enumerate(blocks) if i % 10 != 9), "".join(test)


class NGram:
    """Next-character model: counts of what followed the last n-1 characters, smoothed by shorter histories.

    p_n(c | h) = (count(h, c) + T(h)·p_(n-1)(c | h')) / (count(h) + T(h)), with T(h) the number of different characters
    seen after h, h' the history without its first character, and p_0 uniform. Witten & Bell, IEEE Trans. Information
    Theory 37 (1991).

    Parameters
    ----------
    text : str
    order : int
        n: 1 looks at no history, 2 at one character.
    alphabet : str, optional
        All characters that can occur; default: those of the text.
    """

    def __init__(self, text: str, order: int, alphabet: str | None = None):
        if order < 1:
            raise ValueError(f"NGram: order must be at least 1, got {order}")
        self.order, self.alphabet = order, alphabet or "".join(sorted(set(text)))
        place, self.counts = {c: i for i, c in enumerate(self.alphabet)}, defaultdict(Counter)
        for i, c in enumerate(text):
            for n in range(min(order, i + 1)):
                self.counts[text[i - n : i]][place[c]] += 1

    def probabilities(self, history: str) -> np.ndarray:
        """Distribution of the next character, (V,), in the order of `alphabet`."""
        p = np.full(len(self.alphabet), 1 / len(self.alphabet))
        for n in range(min(self.order, len(history) + 1)):
            seen = self.counts.get(history[len(history) - n :])
            if seen is None:
                break
            p = p * len(seen)
            p[list(seen)] += list(seen.values())
            p /= seen.total() + len(seen)
        return p


class Network:
    """Next-character model: the last `context` characters as vectors, one hidden layer. Bengio et al., JMLR 3 (2003).

    Parameters
    ----------
    text, alphabet : str
    context : int
    epochs : int
    seed : int
    """

    def __init__(self, text: str, alphabet: str, context: int = 8, epochs: int = 3, seed: int = 0):
        rng = np.random.default_rng(seed)
        self.alphabet, self.context = alphabet, context
        self.model = nn.Sequential(nn.Embedding(len(alphabet), 16, rng=rng), nn.Flatten(),
                                   nn.Linear(16 * context, 128, rng=rng), nn.ReLU(),
                                   nn.Linear(128, len(alphabet), rng=rng))  # fmt: skip
        codes = self._codes(alphabet[0] * context + text)
        windows = np.lib.stride_tricks.sliding_window_view(codes, context + 1)
        fit(self.model, optim.Adam(self.model.parameters(), lr=4e-3), cross_entropy,
            (windows[:, :-1], windows[:, -1]), epochs=epochs, batch_size=128, metrics={}, seed=seed)  # fmt: skip

    def probabilities(self, history: str) -> np.ndarray:
        """Distribution of the next character, (V,), in the order of `alphabet`."""
        recent = (self.alphabet[0] * self.context + history)[-self.context :]
        return softmax(self.model(self._codes(recent)[None]).data[0].astype(float))

    def _codes(self, text):
        place = {c: i for i, c in enumerate(self.alphabet)}
        return np.array([place[c] for c in text])


def bits_per_character(model, text: str) -> float:
    """Mean of -log2 p(character | what came before it); log2 V for a uniform guess over V characters.

    The perplexity per character is 2 to this power.
    """
    place = {c: i for i, c in enumerate(model.alphabet)}
    p = [model.probabilities(text[max(0, i - 20) : i])[place[c]] for i, c in enumerate(text)]
    return float(-np.mean(np.log2(p)))


def sample(model, prefix: str, length: int, temperature: float = 1.0, seed: int = 0) -> str:
    """`length` characters after the prefix, each drawn from p^(1/T), normalised."""
    if temperature <= 0:
        raise ValueError(f"sample: temperature must be above 0, got {temperature}")
    rng, text = np.random.default_rng(seed), prefix
    for _ in range(length):
        logits = np.log(model.probabilities(text[-20:])) / temperature
        text += model.alphabet[min(int(np.searchsorted(softmax(logits).cumsum(), rng.random())), len(logits) - 1)]
    return text[len(prefix) :]


def windows(text: str, n: int) -> list[str]:
    """All runs of n words."""
    words = text.split()
    return [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]


def copy_rate(text: str, source: str, n: int) -> float:
    """Share of the text's runs of n words that occur, as such a run, in the source; nan for fewer than n words."""
    known, runs = set(windows(source, n)), windows(text, n)
    return sum(run in known for run in runs) / len(runs) if runs else float("nan")


def distinct(text: str, n: int = 2) -> float:
    """Share of different ones among the text's runs of n words. Li et al., NAACL 2016. 1 means that nothing repeats."""
    runs = windows(text, n)
    return len(set(runs)) / len(runs) if runs else float("nan")


def word_rate(text: str, source: str) -> float:
    """Share of the text's words that are words of the source: a cheap test of spelling."""
    known, words = set(source.split()), text.split()
    return sum(word in known for word in words) / len(words) if words else float("nan")


def unsupported_numbers(text: str, source: str) -> list[str]:
    """Numbers in the text that the source does not contain: a fact check that finds inventions, not mix-ups."""
    known = set(NUMBER.findall(source))
    return [number for number in NUMBER.findall(text) if number not in known]
