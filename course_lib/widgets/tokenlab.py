"""`TokenLab`: how byte-pair encoding cuts a text, merge by merge."""

from __future__ import annotations

import random

from course_lib.chatbot import bpe

from .base import Lab
from .bundle import esm
from .controls import Button, Choice, Slider, Text, Toggle
from .merging import Merging
from .pieces import pieces
from .plain import ANY, describe
from .predict import Predict
from .tokenlab_figure import draw_tokens

TEXT = "The cat sat on the mat. 你好，今天天气怎么样？🙂"
GIVEN, LEARNED = "the tokenizer's", "learned from this text"
MOST = 400  # merges learned from a text


class TokenLab(Lab):
    """A text as tokens, and the merges that led there, one at a time.

    Parameters
    ----------
    tokenizer : Tokenizer, optional
        Yours, from `train_bpe` or a file; the course's by default.
    text : str
    merge : callable, optional
        Your (ids, pair, new) → ids; it makes every merge that is shown.
    ask : bool
        Ask before each merge which pair comes next; the answers are kept in ``log``.
    predict : bool, str or Predict
    seed : int
        Of the order in which candidates are offered.
    """

    _esm = esm("tokenlab.js")
    title = "TokenLab"
    size = (7.2, 3.4)

    def __init__(self, tokenizer=None, text=TEXT, *, merge=None, ask=False, predict=False, seed=0):
        if missing := [n for n in ("vocab", "merges", "special", "split") if tokenizer and not hasattr(tokenizer, n)]:
            raise TypeError(f"TokenLab: expected a Tokenizer, got {type(tokenizer).__name__} without {missing[0]}")
        self.bound, self.given = tokenizer is not None, tokenizer or _course_tokenizer()
        self.merge, self._first = merge or bpe.merge, {"text": Text("text", "Text").check(text), "ask": ask}
        self.tokenizer, self.merging = self.given, Merging("", self.given)
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Play, Step, +10, Reset; text, where merges come from, vocabulary size, guessing; the step shown."""
        base, learned = self.base, len(self.tokenizer.merges)
        return (
            Button("play", "Play", "Space"),
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("reset", "Reset", "R"),
            Text("text", "Text", self._first["text"]),
            Choice("source", "Merges", GIVEN, (GIVEN, LEARNED)),
            Slider("vocab", "Vocabulary size", base + learned, base, base + max(1, learned), whole=True),
            Toggle("ask", "Guess each merge", self._first["ask"]),
            Slider("t", "Merges made in this text", self.last, 0, max(1, self.last), whole=True, group="time"),
        )

    def question(self):
        """Ask for the first merge."""
        merging = Merging(self._first["text"], self.given)
        pairs = _candidates(merging, 0, self.seed) if merging.steps else []
        if len(pairs) < 2:
            return None
        names = tuple(_name(self.given, pair) for pair in pairs)
        right = _name(self.given, merging.steps[0].pair)
        return Predict("which pair of neighbours does the tokenizer merge first?", names, lambda lab: right)

    # -- computing -------------------------------------------------------------------------------------------------
    @property
    def base(self) -> int:
        """Tokens that no merge made: bytes and control tokens."""
        return len(self.tokenizer.vocab) - len(self.tokenizer.merges)

    @property
    def last(self) -> int:
        """Merges in this text that the vocabulary size allows."""
        merges = self._state["vocab"] - self.base if "_state" in vars(self) else len(self.tokenizer.merges)
        return self.merging.used(merges)

    def _set(self, values):
        """The step last: how many there are depends on the others."""
        for names in ({"text", "source"}, {"vocab", "ask"}, {"t"}):
            super()._set({name: v for name, v in values.items() if name in names})

    def update(self, changed):
        """Cut the text anew, or only show another step of it."""
        s = self._state
        if changed & {"text", "source"}:
            self._cut()
            s["vocab"] = len(self.tokenizer.vocab)
        if changed & {"text", "source", "vocab"}:
            s["t"] = self.last
        s["t"] = min(s["t"], self.last)

    def _cut(self):
        text, learn = self._state["text"], self._state["source"] == LEARNED
        self.tokenizer = bpe.train_bpe([text], 256 + MOST, split=self.given.split) if learn else self.given
        try:
            self.merging = Merging(text, self.tokenizer, self.merge)
        except ANY as error:
            self.merging = Merging(text, self.tokenizer)
            self.error = f"{describe(error)}\nThe library's own merge is shown."

    def _reset(self):
        self.tokenizer = self.given
        super()._reset()

    def act_on(self, name):
        """Go on by a merge or ten; "guess 2": the second candidate (from 0) is the answer."""
        if name.startswith("guess "):
            self._guess(int(name.removeprefix("guess ")))
        else:
            self._state["t"] = min(self.last, self._state["t"] + (1 if name == "step" else 10))

    def play_step(self):
        """Go on by one merge."""
        self.act_on("step")
        return self._state["t"] < self.last

    # -- guessing --------------------------------------------------------------------------------------------------
    def candidates(self) -> list[str]:
        """Up to four pairs of neighbours, one of which is merged next."""
        t = self._state["t"]
        return [_name(self.tokenizer, p) for p in _candidates(self.merging, t, self.seed)] if t < self.last else []

    def guess(self, pair: str):
        """Answer which of `candidates` is merged next; the merge is made, the answer kept in ``log``."""
        if pair not in self.candidates():
            raise ValueError(f"guess: expected one of {self.candidates()}, got {pair!r}")
        self._handle({"act": f"guess {self.candidates().index(pair)}"})
        return self

    def _guess(self, i):
        names, t = self.candidates(), self._state["t"]
        if not 0 <= i < len(names):
            raise ValueError(f"guess: expected a number below {len(names)}, got {i}")
        outcome = _name(self.tokenizer, self.merging.steps[t].pair)
        question = f"which pair is merged after {t} merges?"
        self._log.append({"question": question, "answer": names[i], "outcome": outcome, "right": names[i] == outcome})
        self.act_on("step")

    # -- what is shown ---------------------------------------------------------------------------------------------
    def ids(self) -> list[int]:
        """Token ids of the text at the step shown."""
        return self.merging.ids(self._state["t"])

    def frame(self):
        """Bytes, the id of each, when a token ceased to begin at each; of every merge: rank, id, times, tokens left."""
        m, steps = self.merging, self.merging.steps
        return {
            "bytes": list(m.data), "first": m.ids(0), "gone": m.gone,
            "rank": [s.rank for s in steps], "new": [s.new for s in steps],
            "times": [s.times for s in steps], "tokens": [s.tokens for s in steps],
        }  # fmt: skip

    def facts(self):
        """Names of the merged pieces, the limits, candidates if they are asked for."""
        names = [pieces(self.tokenizer, (*s.pair, s.new)) for s in self.merging.steps]
        return {
            "status": f"{len(self.tokenizer.vocab)} tokens in all, {len(self.tokenizer.merges)} merges",
            "names": names,
            "last": self.last,
            "base": self.base,
            "merges": len(self.tokenizer.merges),
            "same": self.same(),
            "candidates": self.candidates() if self._state["ask"] else [],
        }

    def same(self) -> bool:
        """True if the tokens shown decode to the text."""
        return self.tokenizer.decode(self.ids()) == self._state["text"]

    def summary(self):
        """Count tokens and bytes; name the last merge."""
        t, ids, data = self._state["t"], self.ids(), self.merging.data
        if not data:
            return "An empty text has no tokens."
        done = f"After {t} of {self.last} merges" if t else "Before any merge"
        back = "decode to the same text" if self.same() else "do NOT decode to the same text"
        words = f"{done}, {len(data)} bytes are {len(ids)} tokens, {len(data) / len(ids):.2f} bytes each; they {back}."
        if not t:
            return words
        step = self.merging.steps[t - 1]
        return f"{words} The last joined {_name(self.tokenizer, step.pair)}, learned as number {step.rank + 1}."

    def caption(self):
        """Name the picture."""
        return "TokenLab. In a running notebook: type a text, change the vocabulary size, step through the merges."

    def draw(self, fig):
        """Draw the tokens and the bytes per token."""
        draw_tokens(fig, self)

    def as_code(self):
        """Return a program that cuts the text in the same way."""
        s, t = self._state, self._state["t"]
        merges = self.merging.steps[t - 1].rank + 1 if t else 0
        if s["source"] == LEARNED:
            made = (f"from course_lib.chatbot import train_bpe\n\n"
                    f"tokenizer = train_bpe([text], {256 + MOST}, split={self.given.split!r})\n")  # fmt: skip
        elif self.bound:
            made = "# `tokenizer` is yours\n"
        else:
            made = "from course_lib.chatbot.weights import course_weights\n\ntokenizer = course_weights()[2]\n"
        return (
            f"from course_lib.chatbot import Tokenizer\n\ntext = {s['text']!r}\n{made}"
            f"smaller = Tokenizer(tokenizer.vocab, tokenizer.merges[:{merges}], tokenizer.special, tokenizer.split,\n"
            "                    tokenizer.unknown)\n"
            "ids = smaller.encode(text)\n"
            "print(len(ids), [smaller.vocab[i] for i in ids])\n"
        )


def _course_tokenizer():
    from course_lib.chatbot.tokenizer import Tokenizer
    from course_lib.chatbot.weights import COURSE, TOKENIZER

    return Tokenizer.load(COURSE / TOKENIZER)


def _name(tokenizer, pair) -> str:
    return " + ".join(pieces(tokenizer, pair))


def _candidates(merging, t: int, seed: int) -> list[tuple[int, int]]:
    """The pair that is merged next and up to three others that occur, the most frequent, in an order of chance."""
    right, found = merging.steps[t].pair, merging.neighbours(t)
    names = {_name(merging.tokenizer, right): right}
    for pair, _ in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        if len(names) < 4:
            names.setdefault(_name(merging.tokenizer, pair), pair)
    pairs = list(names.values())
    random.Random(f"{seed} {t}").shuffle(pairs)
    return pairs
