"""`GateTape`: an LSTM reads a text; its gates unit by unit, and how far back the gradient of each guess reaches."""

from __future__ import annotations

import numpy as np

from course_lib import nn

from .base import Lab
from .bundle import esm
from .controls import Button, Choice, Slider, Text
from .gatetape_figure import draw_tape
from .gatework import Reader, course_pair, width
from .predict import Predict

FORGET = {"learned": None, "f = 0": 0, "f = 1": 1}
MOST = 100  # characters read
TEXT = "the features are measured for each face, and the data are split."
QUESTION = Predict(
    "every forget gate is held at 1. Compared with an RNN's, the gradient of the last guess then reaches back",
    ("less far", "about as far", "farther"),
    lambda lab: lab._compare_reach(),
)


class GateTape(Lab):
    """Gates, cell and gradients of an LSTM along a text, with an RNN beside it.

    Parameters
    ----------
    model : Module, optional
        A trained `topics.char_lstm.CharLSTM` of yours, or a model with the same parts; by default the course's,
        trained for a few seconds on scikit-learn's descriptions.
    text : str
        At most 100 characters are read.
    rnn : Module, optional
        The same with an `nn.RNN`; by default the course's.
    predict : bool, str or Predict
    """

    _esm = esm("gatetape.js")
    title = "GateTape"
    size = (7.6, 4.4)

    def __init__(self, model=None, text=TEXT, *, rnn=None, predict=False, seed=0):
        self.bound = model is not None or rnn is not None
        self.lstm = Reader(course_pair()[0] if model is None else model, nn.LSTM)
        self.rnn = Reader(course_pair()[1] if rnn is None else rnn, nn.RNN)
        self._text = Text("text", "Text", text).check(text)
        self.gates, self.reach, self.read = {}, {}, ""
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Play, Step, +10, Reset; text, forget gate, unit; the character."""
        start = max(0, len(self._text[:MOST]) - 2)
        return (
            Button("play", "Play", "Space"),
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("reset", "Reset", "R"),
            Text("text", "Text", self._text),
            Choice("forget", "Forget gate", "learned", tuple(FORGET)),
            Slider("unit", "Unit", 1, 1, max(2, self.lstm.cell.hidden_size), whole=True),
            Slider("t", "Character", start, 0, max(1, self.last), whole=True, group="time"),
        )

    def question(self):
        """Ask how far the gradient reaches with f = 1."""
        return QUESTION

    def _compare_reach(self):
        rows = self.lstm.reach(self.read, 1)[-1], self.rnn.reach(self.read)[-1]
        open_, plain = map(width, rows)
        return QUESTION.choices[1 + (open_ > 1.25 * plain) - (open_ < 0.8 * plain)]

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Read the text again if text or forget gate changed; a text that cannot be read leaves the old picture."""
        s = self._state
        if changed & {"text", "forget"} or not self.gates:
            self.lstm.encode(s["text"])
            self._read(s["text"][:MOST], FORGET[s["forget"]])
        moved = "text" in changed and "t" not in changed
        s["t"], s["unit"] = self.last if moved else min(s["t"], self.last), min(s["unit"], self.lstm.cell.hidden_size)

    def _read(self, text, forget):
        gates, plain = self.lstm.states(text, forget), self.rnn.states(text)
        reach = {"lstm": self.lstm.reach(text, forget), "rnn": self.rnn.reach(text)}
        if forget is not None:
            reach["learned"] = self.lstm.reach(text)
        self.gates, self.reach, self.read = gates | {"rnn": plain["h"]}, reach, text
        self._refresh_backdrop()

    def identity(self) -> float:
        """Return the largest |c_t - (f_t c_{t-1} + i_t c̃_t)|: 0, for the library computes just that."""
        g = self.gates
        before = np.concatenate([np.zeros_like(g["c"][:1]), g["c"][:-1]])
        return float(np.abs(g["f"] * before + g["i"] * g["g"] - g["c"]).max())

    @property
    def last(self) -> int:
        """The last character that has a next one."""
        return max(0, len(self.read) - 2)

    def act_on(self, name):
        """Go on by one character, or ten (the browser does this by itself)."""
        self._state["t"] = min(self.last, self._state["t"] + (1 if name == "step" else 10))

    def play_step(self):
        """Go to the end (the browser plays by itself)."""
        self._state["t"] = self.last
        return False

    # -- what is shown ---------------------------------------------------------------------------------------------
    def backdrop(self):
        """All gates and states (T, H), and all gradients (T, T): the browser picks unit and character."""
        return self.gates | {f"reach_{name}": matrix for name, matrix in self.reach.items()}

    def facts(self):
        """The characters read."""
        return {"status": f"{len(self.read)} characters", "text": list(self.read)}

    def widths(self) -> dict[str, int]:
        """Return how many characters back each gradient of the loss at the character shown reaches."""
        t = self._state["t"]
        return {name: width(matrix[t, : t + 1]) for name, matrix in self.reach.items()}

    def summary(self):
        """Say the identity of the unit shown, and compare the reaches."""
        if not self.gates:
            return "Nothing has been read."
        s, g = self._state, self.gates
        t, u = s["t"], s["unit"] - 1
        before = g["c"][t - 1, u] if t else 0.0
        f, i, new, c = (float(g[name][t, u]) for name in "figc")
        held = "" if s["forget"] == "learned" else f", {s['forget']} held everywhere,"
        w = self.widths()
        return (
            f"Reading {self.read[t]!r} (character {t}), unit {u + 1}: c = f·c + i·c̃ = {f:.2f}·{before:.2f} + "
            f"{i:.2f}·{new:.2f} = {c:.2f}; over all units and characters the two sides differ by {self.identity():g}. "
            f"The gradient of the guess of {self.read[t + 1]!r} reaches {w['lstm']} characters back in the LSTM{held} "
            f"and {w['rnn']} in the RNN, down to 1 % of its largest value."
        )

    def caption(self):
        """Name the picture."""
        return "GateTape. In a running notebook: type a text, pick a unit, hold the forget gate at 0 or 1."

    def static_run(self):
        """Hold the forget gates at 1."""
        self._set({"forget": "f = 1", "unit": 2})

    def draw(self, fig):
        """Draw gates and gradients."""
        if self.gates:
            draw_tape(fig, self)
        else:
            fig.text(0.02, 0.5, self.error or "Nothing has been read.", wrap=True)

    def as_code(self):
        """Return a program that computes gates and gradients of the present setting."""
        s, where = self._state, "# `lstm` and `rnn` are yours\n" if self.bound else "lstm, rnn = course_pair()\n"
        return (
            "from course_lib import nn\n"
            "from course_lib.widgets.gatework import Reader, course_pair, width\n\n"
            f"{where}text, t, unit = {self.read!r}, {s['t']}, {s['unit'] - 1}\n"
            f"gates = Reader(lstm, nn.LSTM).states(text, forget={FORGET[s['forget']]})\n"
            f"reach = Reader(lstm, nn.LSTM).reach(text, forget={FORGET[s['forget']]})\n"
            "plain = Reader(rnn, nn.RNN).reach(text)\n"
            "print({name: float(v[t, unit]) for name, v in gates.items()})\n"
            "print(width(reach[t, : t + 1]), width(plain[t, : t + 1]))\n"
        )
