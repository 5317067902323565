"""What a model offers as the next token: its probabilities, what the settings leave of them, and drawing from these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.chatbot.sampling import Sampling, distribution, draw

TOP = 10
PLAIN = Sampling(temperature=1.0)


@dataclass
class Offer:
    """The next token's probabilities, (V,): ``p`` the model's own, ``q`` after temperature, top-k and top-p."""

    p: np.ndarray
    q: np.ndarray

    @property
    def entropy(self) -> float:
        """-Σ p log₂ p of the model's own distribution, in bits."""
        p = self.p[self.p > 0]
        return float(max(0.0, -(p * np.log2(p)).sum()))

    def rows(self, tokenizer, chosen: int | None = None) -> tuple[list, list]:
        """Return ``[id, label, p, q]`` of the likeliest tokens and of the chosen one, and ``[p, q]`` of all others."""
        ids = np.argsort(-self.p, kind="stable")[:TOP].tolist()
        if chosen is not None and chosen not in ids:
            ids.append(chosen)
        rows = [[i, label(tokenizer, i), float(self.p[i]), float(self.q[i])] for i in ids]
        return rows, [max(0.0, 1 - sum(row[k] for row in rows)) for k in (2, 3)]


class Head:
    """The writing end of a reply: the model has read ``ids`` and says what may come next.

    Parameters
    ----------
    model : Transformer, NumpyDecoder, or anything with their ``session``
    ids : list of int
        Prompt and reply so far.
    room : int
        How many more tokens may be taken.
    """

    def __init__(self, model, ids: list[int], room: int):
        self.ids = list(ids)
        self.session = model.session([self.ids], room)

    def offer(self, sampling: Sampling) -> Offer:
        """Return the probabilities under these settings."""
        logits = self._logits()
        return Offer(distribution(logits, PLAIN), distribution(logits, sampling, self.ids))

    def draw(self, sampling: Sampling, position: int) -> int:
        """Draw a token as `course_lib.chatbot.generation.stream` draws the one at ``position`` of a reply."""
        rng = np.random.default_rng(sampling.seed)
        rng.random(position)  # one number for each token before
        return draw(self._logits(), sampling, rng, self.ids)

    def take(self, token: int) -> None:
        """Go on after this token."""
        self.session.step([token])
        self.ids.append(token)

    def _logits(self):
        logits = np.asarray(self.session.logits)
        if logits.ndim != 2 or len(logits) != 1:
            raise ValueError(f"the model's logits must be (1, V) for one prompt, got shape {logits.shape}")
        return logits[0]


def label(tokenizer, token: int) -> str:
    """Return a token's text with spaces and line ends made visible; bytes that are no text in hexadecimal."""
    for name, i in tokenizer.special.items():
        if i == token:
            return name
    data = tokenizer.decode_bytes([token])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return f"⟨{data.hex(' ')}⟩"
    return "".join({" ": "␣", "\n": "⏎"}.get(c, c if c.isprintable() else f"⟨{ord(c):02x}⟩") for c in text)
