"""`AttnMap`: where each token looks, head by head, and what it is worth: the change of log p if a token is hidden."""

from __future__ import annotations

import numpy as np
import traitlets

from course_lib.activations import log_softmax
from course_lib.chatbot import inspect

from .attnmap_figure import draw_attention
from .base import Lab
from .bundle import esm
from .controls import Button, Slider, Text, Toggle
from .learners import kind
from .looking import looker
from .pieces import piece
from .predict import Predict

MOST, THUMB = 64, 16  # tokens shown; cells along the side of a thumbnail


class AttnMap(Lab):
    """The attention of a model over one text.

    Parameters
    ----------
    model : Chat, NumpyDecoder, Transformer, Module or object with ``look(x, mask)``, optional
        See `course_lib.widgets.looking.looker`. The course's chat model by default.
    source : str or array
        A text, if there is a tokenizer; else what the model reads: T token ids, or T rows.
    tokenizer : Tokenizer, optional
    labels : sequence of str, optional
        Names of the T tokens.
    targets : sequence of int, optional
        What is to come out at each position; by default the next token, and at the last position the most probable one.
    layer, head : int
        Counted from 1.
    predict : bool, str or Predict
    seed : int
    """

    _esm = esm("attnmap.js")
    _rows = traitlets.Bytes(b"").tag(sync=True)  # weights of the chosen head, (T, T) float16
    title = "AttnMap"
    size = (7.2, 3.4)

    def __init__(self, model=None, source="Hello! My name is Maria.", *, tokenizer=None, labels=None, targets=None,
                 layer=1, head=1, predict=False, seed=0):  # fmt: skip
        chat = _course_chat() if model is None else model if hasattr(model, "prompt") else None
        self.bound, self.chat = model is not None, chat
        self.tokenizer = chat.tokenizer if chat else tokenizer
        self.look, self.targets, self.labels = looker(chat.model if chat else model), targets, labels
        if isinstance(source, str) and self.tokenizer is None:
            raise ValueError("AttnMap: a text needs a tokenizer; give tokenizer=, or token ids instead of the text")
        self.x, self._start, self._first = source, source, {"layer": layer, "head": head}
        self.weights, self.logits = np.ones((1, 1, 1, 1)), np.zeros((1, 1))
        self.causal, self.cut, self.effect, self.plain = False, 0, np.zeros(1), 0.0
        self._drawn = None  # the weights of which the thumbnails are
        self._read(source)
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Step, Reset; the text; layer, head, mask; the token that looks."""
        layers, heads, n = *self.weights.shape[:2], len(self.weights[0, 0])
        return (
            Button("step", "Step", "N"),
            Button("reset", "Reset", "R"),
            *((Text("text", "Text", self.x),) if isinstance(self._start, str) else ()),
            Slider("layer", "Layer", self._first["layer"], 1, max(2, layers), whole=True),
            Slider("head", "Head", self._first["head"], 1, max(2, heads), whole=True),
            *((Toggle("mask", "Causal mask", True),) if self.causal else ()),
            Slider("t", "Token that looks", n, 1, max(2, n), whole=True, group="time"),
        )

    def question(self):
        """Ask where the last token looks."""
        row = self.weights[self._first["layer"] - 1, self._first["head"] - 1, -1]
        order = [int(row.argmax()), 0, len(row) - 1, len(row) // 2]
        names = tuple(self.name(i) for i in sorted(set(order)))
        if len(names) < 2:
            return None
        where = f"layer {self._first['layer']}, head {self._first['head']}"
        words = f"at which token does the last one, {self.name(len(row) - 1)}, look most ({where})?"
        return Predict(words, names, lambda lab: self.name(order[0]))

    # -- computing -------------------------------------------------------------------------------------------------
    def _read(self, source):
        """Run the model over a text or over what it reads, unmasked and masked as it wants."""
        ids = source
        if isinstance(source, str):
            ids = self.chat.prompt(source) if self.chat else self.tokenizer.encode(source)
        if not np.ndim(ids):
            raise ValueError(f"AttnMap: expected a text or what the model reads, got {kind(source)}")
        if not len(ids):
            raise ValueError("AttnMap: the text is empty; there is no token to look at")
        self.cut, self.x = max(0, len(ids) - MOST), source
        self.ids = np.asarray(ids)[:MOST]
        self.logits, self.weights = self.look(self.ids)
        n = len(self.ids)
        if self.labels is not None and len(self.labels) != n:
            raise ValueError(f"AttnMap: {n} tokens, but {len(self.labels)} labels")
        if self.targets is not None and len(self.targets) != n:
            raise ValueError(f"AttnMap: {n} tokens, but {len(self.targets)} targets")
        self.causal = n > 1 and not self.weights[..., ~np.tri(n, dtype=bool)].any()
        self.plain = self.nats()

    def update(self, changed):
        """Read a new text; put the mask on or off; weigh the tokens that the chosen one sees."""
        s = self._state
        if "text" in changed and s["text"] != self.x:
            self._read(s["text"])
            s["t"] = len(self.ids)
        if "mask" in changed or not self.masked:
            self.logits, self.weights = self.look(self.ids, None if self.masked else self.mask)
        if self.weights is not self._drawn:
            self._drawn = self.weights
            self._refresh_backdrop()
        layers, heads, n, _ = self.weights.shape
        s["layer"], s["head"], s["t"] = min(s["layer"], layers), min(s["head"], heads), min(s["t"], n)
        self._rows = self.weights[s["layer"] - 1, s["head"] - 1].astype(np.float16).tobytes()
        if changed & {"text", "mask", "t"}:
            self.effect = np.zeros(n)
            self.effect = self._effect()

    def _set(self, values):
        """The token last: how many there are depends on the text."""
        super()._set({name: v for name, v in values.items() if name != "t"})
        super()._set({name: v for name, v in values.items() if name == "t"})

    @property
    def masked(self) -> bool:
        """True if the model sees what it always sees."""
        return not self.causal or self._state.get("mask", True)

    @property
    def mask(self) -> np.ndarray:
        """Who may look at whom now, (T, T)."""
        n = len(self.ids)
        return np.tri(n, dtype=bool) if self.causal and self.masked else np.ones((n, n), bool)

    def target(self, t: int) -> int:
        """What is to come out at position t (from 0)."""
        if self.targets is not None:
            return int(self.targets[t])
        return int(self.ids[t + 1]) if self._has_next(t) else int(self.logits[t].argmax())

    def _has_next(self, t):
        return self.ids.ndim == 1 and t + 1 < len(self.ids) and self.ids[t + 1] < self.logits.shape[1]

    def _effect(self):
        """Change of log p(target) if nobody may look at token j, for each j, (T,)."""
        t, n = self._state["t"] - 1, len(self.ids)
        end = t + 1 if self.causal and self.masked else n  # what comes later plays no part
        found = inspect.effects(self.look, self.ids[:end], self.mask[:end, :end], t, self.target(t))
        return np.concatenate([found, np.zeros(n - end)])

    def nats(self) -> float:
        """Mean -log p of the targets that are known (all but the most probable one at the end)."""
        known = [t for t in range(len(self.ids)) if self.targets is not None or self._has_next(t)]
        log_p = log_softmax(np.asarray(self.logits, float), -1)
        return -float(np.mean([log_p[t, self.target(t)] for t in known])) if known else 0.0

    def _reset(self):
        self._read(self._start)
        super()._reset()

    def act_on(self, name):
        """The next token looks; after the last the first."""
        self._state["t"] = self._state["t"] % len(self.ids) + 1
        self.update({"t"})

    # -- what is shown ---------------------------------------------------------------------------------------------
    def name(self, i: int) -> str:
        """A token with its position, counted from 1."""
        return f"{i + 1} {self.label(i)}"

    def label(self, i: int) -> str:
        """A token's text."""
        if self.labels is not None:
            return str(self.labels[i])
        if self.tokenizer:
            return piece(self.tokenizer.vocab[int(self.ids[i])])
        return str(self.ids[i]) if self.ids.ndim == 1 else ""

    def outcome(self, token: int) -> str:
        """Text of what comes out."""
        return piece(self.tokenizer.vocab[token]) if self.tokenizer else str(token)

    def row(self) -> np.ndarray:
        """Weights of the token that looks, in the chosen head, (T,)."""
        s = self._state
        return self.weights[s["layer"] - 1, s["head"] - 1, s["t"] - 1]

    def backdrop(self):
        """A small picture of each head: the largest weight in each cell, (layers, heads, m, m)."""
        n = len(self.ids)
        edges = np.linspace(0, n, min(n, THUMB) + 1).astype(int)[:-1]
        small = np.maximum.reduceat(np.maximum.reduceat(self.weights, edges, 2), edges, 3)
        return {"thumbs": small}

    def frame(self):
        """The change of log p when each token is hidden."""
        return {"effect": self.effect}

    def facts(self):
        """Names, the prediction that is weighed, and whether the model cheats."""
        t = self._state["t"] - 1
        n = len(self.ids)
        return {
            "status": f"{n}{f' of {n + self.cut}' if self.cut else ''} tokens{'' if self.masked else ', cheating'}",
            "labels": [self.label(i) for i in range(n)],
            "target": self.outcome(self.target(t)),
            "p": float(np.exp(log_softmax(np.asarray(self.logits[t], float), -1)[self.target(t)])),
            "causal": bool(self.causal and self.masked),
            "cheating": self.cheating(),
        }

    def cheating(self) -> str:
        """What to say when the causal mask is off."""
        if self.masked:
            return ""
        now = self.nats()
        gain = "It profits." if now < self.plain else "It was not trained to use them."
        return ("Cheating: without the mask each token sees those after it, its own answer among them. Mean -log p of "
                f"the next token: {now:.2f} nats, with the mask {self.plain:.2f}. {gain}")  # fmt: skip

    def summary(self):
        """Say where the token looks most and which one matters most."""
        s, row = self._state, self.row()
        t, most, worst = s["t"] - 1, int(row.argmax()), int(self.effect.argmin())
        words = (f"In layer {s['layer']}, head {s['head']}, token {self.name(t)} looks most at {self.name(most)} "
                 f"({row[most]:.2f}).")  # fmt: skip
        target = self.outcome(self.target(t))
        if self.effect[worst] < 0:
            words += (f" Hiding {self.name(worst)} from all heads changes log p({target}) most, by "
                      f"{self.effect[worst]:+.2f} nats.")  # fmt: skip
        else:
            words += f" Hiding any single token does not lower log p({target})."
        return f"{self.cheating()} {words}".strip()

    def caption(self):
        """Name the picture."""
        return "AttnMap. In a running notebook: choose a token and a head, take the mask off, type another text."

    def draw(self, fig):
        """Draw the matrix of the chosen head, and weight and effect of each token."""
        draw_attention(fig, self)

    def as_code(self):
        """Return a program that computes the same weights and effects."""
        s = self._state
        look = "look = looker(chat.model)\n" if self.chat else "look = looker(model)\n"
        if self.chat:
            ours = "from course_lib.chatbot import load_chat\n\nchat = load_chat()\n"
            own = "# `chat` is yours\n" if self.bound else ours
            ids = f"ids = chat.prompt({self.x!r})[:{MOST}]\n"
        else:
            own = "# `model` is yours" + (", `tokenizer` too\n" if self.tokenizer else ", and `ids`, what it reads\n")
            ids = f"ids = tokenizer.encode({self.x!r})[:{MOST}]\n" if self.tokenizer else ""
        mask = "np.tri(len(ids), dtype=bool)" if self.causal and self.masked else "np.ones((len(ids), len(ids)), bool)"
        return (
            "import numpy as np\nfrom course_lib.chatbot.inspect import effects\n"
            f"from course_lib.widgets.looking import looker\n{own}{look}{ids}"
            f"mask = {mask}\n"
            "logits, weights = look(ids, mask)\n"
            f"row = weights[{s['layer'] - 1}, {s['head'] - 1}, {s['t'] - 1}]\n"
            f"effect = effects(look, ids, mask, {s['t'] - 1}, target={self.target(s['t'] - 1)})\n"
            "print(row.round(2), effect.round(2))\n"
        )


def _course_chat():
    from course_lib.chatbot.chat import load_chat

    return load_chat()
