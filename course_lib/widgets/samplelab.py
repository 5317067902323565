"""`SampleLab`: how logits become a token, with temperature, top-k, top-p and chance."""

from __future__ import annotations

import numpy as np

from .base import Lab
from .bundle import esm
from .controls import Button, Slider, Text
from .learners import kind, numbers
from .picking import deviation, draws, rules, stages
from .pieces import piece
from .plain import ANY, describe
from .predict import Predict
from .samplelab_figure import draw_sampling

ROWS = 12  # tokens shown, the most probable
QUESTION = "at temperature 1, how many tokens does top-p = 0.9 keep here?"


class SampleLab(Lab):
    """The next token of a model, from its logits to the draw.

    Parameters
    ----------
    source : Chat or array of logits (V,), optional
        A chat model with its tokenizer, which goes on with every token taken; or logits alone. The course's chat model
        by default.
    prompt : str
        What the chat model is asked.
    labels : sequence of str, optional
        Names of the tokens, when logits are given.
    temperature, top_p, penalty : float
    top_k : int, optional
    distribution : callable, optional
        Your (logits, sampling, seen) → probabilities (V,), in place of `course_lib.chatbot.sampling.distribution`.
    predict : bool, str or Predict
    seed : int

    The browser computes what sliders change; Python's numbers take their place as soon as they arrive.
    """

    _esm = esm("samplelab.js")
    title = "SampleLab"
    size = (7.2, 3.6)

    def __init__(self, source=None, prompt="Hello!", *, labels=None, temperature=1.0, top_k=None, top_p=1.0,
                 penalty=1.0, distribution=None, predict=False, seed=0):  # fmt: skip
        self.bound, self.distribution, self.labels = source is not None, distribution, labels
        self.chat = source if hasattr(source, "tokenizer") else None if self.bound else _course_chat()
        self.logits = np.array([0.0]) if self.chat else _checked(source, labels)
        if self.chat and not isinstance(prompt, str):
            raise ValueError(f"SampleLab: prompt must be a text, got {kind(prompt)}")
        size = self.chat.model.config.vocab_size if self.chat else len(self.logits)
        self._first = {"prompt": prompt, "T": temperature, "k": top_k or size, "p": top_p, "penalty": penalty}
        self.taken, self.counts, self.stages = [], np.zeros(size, int), None
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Step, draws, Reset; the prompt; temperature, k, p, penalty, seed."""
        first, size = self._first, len(self.counts)
        return (
            Button("step", "Step", "N"),
            Button("draw", "Draw 1", "D"),
            Button("draws", "Draw 1000", "Shift+D"),
            Button("reset", "Reset", "R"),
            *((Text("prompt", "Prompt", first["prompt"]),) if self.chat else ()),
            Slider("T", "Temperature (0: greedy)", first["T"], 0.0, 3.0, step=0.01),
            Slider("k", "Top-k", first["k"], 1, max(2, size), log=True, whole=True),
            Slider("p", "Top-p", first["p"], 0.0, 1.0, step=0.01),
            Slider("penalty", "Repetition penalty", first["penalty"], 1.0, 2.0, step=0.05),
            Slider("seed", "Seed", self.seed, 0, 99, whole=True),
        )

    def question(self):
        """Ask how many tokens top-p keeps."""
        return Predict(QUESTION, None, lambda lab: lab._keeps(0.9), tolerance=0.25)

    def _keeps(self, share):
        return int(stages(self.logits, rules(1.0, 1 << 30, share, 1.0, 0, 1)).kept.sum())

    # -- computing -------------------------------------------------------------------------------------------------
    def ids(self) -> list[int]:
        """The tokens so far: the prompt's and those taken."""
        return (self.chat.prompt(self._state["prompt"]) if self.chat else []) + self.taken

    @property
    def rule(self):
        """The sliders as a `Sampling`."""
        s = self._state
        return rules(s["T"], s["k"], s["p"], s["penalty"], s["seed"], len(self.counts))

    def update(self, changed):
        """New logits if the tokens are others; the stages; draws are forgotten."""
        if "prompt" in changed:
            self.taken = []
        self.stages, self.counts = None, np.zeros_like(self.counts)
        if changed & {"prompt", "taken"}:
            self._read()
        seen = self.ids()
        try:
            self.stages = stages(self.logits, self.rule, seen, self.distribution)
        except ANY as error:
            self.error = describe(error)
            if self.distribution is not None:
                self.stages = stages(self.logits, self.rule, seen)
                self.error += "\nThe library's own distribution is shown."

    def _read(self):
        if self.chat:
            logits = self.chat.model.session([self.ids()], 0).logits[0]
            self.logits = np.asarray(logits, np.float32)
        self._refresh_backdrop()

    def _reset(self):
        self.taken = []
        super()._reset()
        if not self.chat:
            self._refresh_backdrop()

    def act_on(self, name):
        """Draw one or a thousand; Step: draw one and take it; "take 17": take token 17."""
        if name.startswith("take "):
            self._take(int(name.removeprefix("take ")))
        elif name == "step":
            self._take(self._next())
        else:
            self._draw(1 if name == "draw" else 1000)

    def _next(self) -> int:
        """The token that `generate` with this seed would draw at this place."""
        chance = np.random.default_rng(self.rule.seed)
        chance.random(len(self.taken))
        return int(draws(self._ready().p, 1, chance)[0])

    def _draw(self, n):
        """Draws go on where the last ones ended."""
        chance = np.random.default_rng([self.rule.seed, len(self.taken)])
        chance.random(self.counts.sum())
        self.counts += np.bincount(draws(self._ready().p, n, chance), minlength=len(self.counts))

    def _ready(self):
        if self.stages is None:
            raise ValueError("there is no distribution to draw from")
        return self.stages

    def _take(self, token):
        if not 0 <= token < len(self.counts):
            raise ValueError(f"take: expected a token id below {len(self.counts)}, got {token}")
        if self.ended:
            raise ValueError("the reply has ended; Reset begins it anew")
        self.taken.append(token)
        try:
            self.update({"taken"})
        except Exception:
            self.taken.pop()
            self.update({"taken"})
            raise

    def take(self, token: int):
        """Choose a token by its id, as a click does. Returns the widget."""
        self._handle({"act": f"take {int(token)}"})
        return self

    @property
    def ended(self) -> bool:
        """True if the last token taken ends the reply."""
        return bool(self.chat and self.taken and [self.taken[-1]] in self.chat.ends)

    def static_run(self):
        """A thousand draws."""
        self.act_on("draws")

    # -- what is shown ---------------------------------------------------------------------------------------------
    def name(self, token: int) -> str:
        """A token's text."""
        if self.chat:
            return piece(self.chat.tokenizer.vocab[token])
        return str(self.labels[token] if self.labels is not None else token).encode("utf-8", "replace").decode()

    def rows(self) -> np.ndarray:
        """Ids of the tokens shown: the largest logits; of equals the lower ids."""
        return np.argsort(-self.logits, kind="stable")[:ROWS]

    def folded(self, values) -> np.ndarray:
        """Values of the tokens shown, then the sum of all others."""
        rows = values[self.rows()]
        return np.append(rows, values.sum() - rows.sum() if len(values) > len(rows) else 0)

    def backdrop(self):
        """All logits, and which tokens have been seen."""
        seen = np.zeros(len(self.counts))
        seen[np.unique(np.array(self.ids(), int))] = 1
        return {"logits": self.logits, "seen": seen}

    def frame(self):
        """Of the tokens shown and all others: softmax, probability, count."""
        rows = {"ids": self.rows()}
        if self.stages is None:
            return rows
        kept = self.stages.kept
        parts = {"plain": self.stages.plain, "p": self.stages.p, "counts": self.counts, "kept": kept.astype(int)}
        return rows | {name: self.folded(values) for name, values in parts.items()}

    def facts(self):
        """Names, the tokens taken, how many are kept, the largest deviation of the draws."""
        return {
            "status": f"{len(self.counts):,} tokens" + (", reply ended" if self.ended else ""),
            "names": [self.name(i) for i in self.rows()],
            "taken": [self.name(i) for i in self.taken],
            "size": len(self.counts),
            "drawn": int(self.counts.sum()),
            "sigma": self.sigma(),
            "own": self.distribution is not None,
        }

    def sigma(self) -> float:
        """Largest deviation of the draws from the probabilities, in standard deviations, over the rows shown."""
        return deviation(self.folded(self.counts), self.folded(self.stages.p)) if self.stages else 0.0

    def summary(self):
        """Say what is kept, what is most probable, and how the draws came out."""
        if self.stages is None:
            return "There is no distribution."
        p, kept, n = self.stages.p, self.stages.kept, int(self.counts.sum())
        best = int(p.argmax())
        had = self.stages.plain[kept].sum()
        words = (f"{kept.sum():,} of {len(p):,} tokens can be drawn; before the cut they had {had:.3f} of the "
                 f"probability. The most probable, {self.name(best)!r}, has {p[best]:.3f}.")  # fmt: skip
        if n:
            words += f" {n:,} draws: the shares lie within {self.sigma():.1f} standard deviations of the probabilities."
        return words

    def caption(self):
        """Name the picture."""
        return "SampleLab. In a running notebook: move temperature, k and p, draw, and choose tokens yourself."

    def draw(self, fig):
        """Draw probabilities before and after the cut, and the draws over them."""
        if self.stages is None:
            fig.text(0.02, 0.5, self.error or "There is no distribution.", wrap=True)
        else:
            draw_sampling(fig, self)

    def as_code(self):
        """Return a program that makes the same draws."""
        rule, n = self.rule, int(self.counts.sum())
        if self.chat:
            ours = "from course_lib.chatbot import load_chat\n\nchat = load_chat()\n"
            own = "# `chat` is yours\n" if self.bound else ours
            made = (f"{own}ids = chat.prompt({self._state['prompt']!r}) + {self.taken}\n"
                    "logits = chat.model.session([ids], 0).logits[0]\n")  # fmt: skip
        else:
            made = f"# `logits` are yours\nids = {self.taken}\n"
        if self.distribution:
            made += "# `distribution` is yours\n"
        return (
            "import numpy as np\nfrom course_lib.chatbot import Sampling\n"
            f"from course_lib.chatbot.sampling import distribution\n{made}"
            f"rule = {rule!r}\n"
            "p = distribution(logits, rule, ids)\n"
            f"rng = np.random.default_rng([rule.seed, {len(self.taken)}])\n"
            f"drawn = np.searchsorted(np.cumsum(p), rng.random({n}) * p.sum(), side='right')\n"
            "print((p > 0).sum(), p.max(), len(drawn))\n"
        )


def _checked(logits, labels) -> np.ndarray:
    """The logits as float32, which is what the browser gets."""
    logits = numbers("SampleLab: source, a chat or logits (V,)", logits).astype(np.float32)
    if logits.ndim != 1 or not len(logits):
        raise ValueError(f"SampleLab: logits must be (V,), got shape {logits.shape}")
    if labels is not None and len(labels) != len(logits):
        raise ValueError(f"SampleLab: {len(logits)} logits, but {len(labels)} labels")
    return logits


def _course_chat():
    from course_lib.chatbot.chat import load_chat

    return load_chat()
