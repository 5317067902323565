"""What `GateTape` computes: the gates of an LSTM along a text, and how far the gradient of each loss reaches back."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from course_lib import losses, nn, recurrent
from course_lib.autograd import Tensor
from course_lib.topics import char_lstm

TITLES = ("lfw", "covtype", "twenty_newsgroups", "olivetti_faces")
SURE = 1e4  # a bias so large that σ is exactly 0 or 1
FAINT = 0.01  # a gradient below this share of the largest counts as gone


@cache
def course_pair(hidden: int = 24, steps: int = 150):
    """Return an LSTM and an RNN of the same size, trained alike to guess the next letter of the course's prose."""
    letters, ids = _prose()
    models = []
    for kind in (nn.LSTM, nn.RNN):
        model = char_lstm.CharLSTM(letters, hidden, 12, rng=np.random.default_rng(0))
        model.lstm = kind(12, hidden, batch_first=True, rng=np.random.default_rng(1))
        char_lstm.train(model, ids, length=32, steps=steps)
        models.append(model)
    return tuple(models)


@cache
def _prose():
    from course_lib.data.text import descriptions

    found = " ".join(text for title, text in descriptions() if title in TITLES)
    text = re.sub(r"\s+", " ", re.sub(r"[^A-Za-z ,.\n]", "", found)).lower()
    letters = char_lstm.alphabet(text)
    return letters, char_lstm.encode(text, letters)


class Reader:
    """A character model taken apart: its letters, embedding, one-layer LSTM or RNN, and head.

    Parameters
    ----------
    model : Module
        With ``letters``, one `Embedding`, one `LSTM` or `RNN` of one layer, and a `Linear` as its head: a `CharLSTM`.
    kind : type
        `nn.LSTM` or `nn.RNN`.
    """

    def __init__(self, model, kind):
        self.letters = getattr(model, "letters", None)
        self.embedding = self.cell = self.head = None
        for _, child in model.named_children():
            for name, wanted in (("embedding", nn.Embedding), ("cell", kind), ("head", nn.Linear)):
                if isinstance(child, wanted):
                    setattr(self, name, child)
        parts = {"letters": self.letters, "an Embedding": self.embedding, f"an {kind.__name__}": self.cell,
                 "a Linear head": self.head}  # fmt: skip
        if missing := [name for name, part in parts.items() if part is None]:
            raise ValueError(f"GateTape: the model needs {', '.join(missing)}, such as topics.char_lstm.CharLSTM has")
        if self.cell.num_layers != 1 or len(self.cell.suffixes) != 1:
            raise ValueError("GateTape: the recurrent layer must have one layer and one direction, "
                             f"got {self.cell.num_layers} and {len(self.cell.suffixes)}")  # fmt: skip

    def encode(self, text):
        """Inputs (T, 1, D) and the next characters (T,) of a text of T + 1 characters."""
        if len(text) < 2:
            raise ValueError("GateTape: type at least two characters; the second is what the first should foretell")
        ids = char_lstm.encode(text, self.letters)
        return self.embedding.weight.data[ids[:-1], None], ids[1:]

    def weights(self, forget=None):
        """The layer's weights and biases; ``forget`` 0 or 1 holds every forget gate there."""
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        w_ih, w_hh, b_ih, b_hh = (getattr(self.cell, name, None) for name in names)
        zero = np.zeros(len(w_ih.data), w_ih.data.dtype)
        biases = [(zero if b is None else b.data).copy() for b in (b_ih, b_hh)]
        if forget is not None:
            size = self.cell.hidden_size
            biases[0][size : 2 * size] = SURE if forget else -SURE
        return w_ih.data, w_hh.data, *biases

    def states(self, text, forget=None) -> dict[str, np.ndarray]:
        """The gates "i", "f", "o", the candidate "g" and the states "c", "h" (T, H); of an RNN only "h"."""
        x, _ = self.encode(text)
        if isinstance(self.cell, nn.LSTM):
            return {name: v[:, 0] for name, v in recurrent.lstm_gates(x, None, None, *self.weights(forget)).items()}
        return {"h": self._run(Tensor(x)).data[: len(x), 0]}

    def _run(self, x, forget=None):
        if isinstance(self.cell, nn.LSTM):
            return recurrent.lstm(x, None, None, *self.weights(forget))
        return recurrent.rnn(x, None, *self.weights(), None, False, self.cell.nonlinearity)

    def reach(self, text, forget=None) -> np.ndarray:
        """‖dL_t/dx_k‖ in row t, column k, (T, T): L_t = -log p(character t + 1).

        One pass back for all t: the text is read T times side by side, and copy t has the loss L_t only.
        """
        x, targets = self.encode(text)
        copies = Tensor(np.repeat(x, len(x), axis=1), requires_grad=True)  # (T, T copies, D)
        steps = np.arange(len(x))
        h = self._run(copies, forget)[steps, steps]  # (T, H): copy t at step t
        losses.cross_entropy(self.head(h), targets, reduction="sum").backward()
        return np.sqrt((copies.grad.astype(float) ** 2).sum(2)).T


def width(row) -> int:
    """How many characters back a row of `Reader.reach` stays above 1 % of its largest value."""
    row = np.asarray(row, float)
    return int(len(row) - 1 - np.flatnonzero(row >= FAINT * row.max(initial=0)).min(initial=len(row) - 1))
