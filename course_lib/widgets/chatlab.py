"""`ChatLab`: a conversation token by token: what was likely, what was taken, where the model looked, and other ways."""

from __future__ import annotations

from dataclasses import replace

from course_lib.chatbot.chat import load_chat
from course_lib.chatbot.sampling import Sampling
from course_lib.data.dialogue import Pair

from .base import Lab
from .bundle import esm
from .chatlab_figure import draw_chat
from .chatwords import asked_again, prompt_chips, summary, transcript
from .chatwriting import Writing
from .controls import Button, Slider, Toggle
from .latest import LatestQueue
from .predict import Predict
from .talk import Talk, clean, written
from .worker import Worker

WARM = Sampling(temperature=0.7, top_p=0.9, seed=1)
LENGTH = 48  # tokens of a reply
OURS = f'from course_lib.chatbot import load_chat\n\nchat = load_chat("course", max_new_tokens={LENGTH})'
SHARES = ("less than 10 %", "10 to 50 %", "more than 50 %")
QUESTION = Predict(
    "you greet the model with “Hello!”. Of all its tokens, the likeliest first one of the reply has",
    SHARES,
    lambda lab: lab._likeliest(),
)


class ChatLab(Writing, Lab):
    r"""Talk to a model and watch it choose every token. The chat is yours: its history and its sampling follow.

    Parameters
    ----------
    chat : course_lib.chatbot.Chat, optional
        As `load_chat` makes them; the course's own model, run by NumPy, by default.
    example : str
        What is said for the picture that is stored with the notebook; the conversation itself begins empty.
    predict : bool, str or Predict

    Examples
    --------
    >>> lab = ChatLab()
    >>> lab.set(temperature=0).say("What is the capital of France?").wait()  # doctest: +SKIP
    >>> lab.transcript  # doctest: +SKIP
    'you: What is the capital of France?\nbot: The capital of France is Paris.'
    """

    _esm = esm("chatlab.js")
    title = "ChatLab"
    size = (7.2, 3.6)

    def __init__(self, chat=None, *, example="Hello! My name is Maria.", predict=False):
        if chat is not None and not hasattr(chat, "sampling"):
            raise TypeError(f"ChatLab: chat must be a Chat, such as load_chat() gives, got {type(chat).__name__}")
        self.bound = chat is not None
        self.chat = load_chat("course", max_new_tokens=LENGTH, sampling=WARM) if chat is None else chat
        self.example, self._first = example, self.chat.sampling
        self.guesses = []
        self._restart()
        self._waiting, self._due, self._decoder = [], 0.0, None
        super().__init__(predict=predict)
        self.loop = Worker(self._failed, self._finished)
        self._looking = LatestQueue(lambda message: self._look(*message["set"]["at"]))
        self.on_msg(self._hear)

    def _restart(self):
        self.talk = Talk(self.chat)
        self._turn = self._head = self._offer = None  # the turn being answered, where it is written, what comes next

    # -- controls --------------------------------------------------------------------------------------------------
    def controls(self):
        """Send, Stop, Step, Regenerate, Reset; temperature, top-k, top-p, seed; sampler, guess, prompt."""
        first, vocab = self._first, self.chat.model.config.vocab_size
        warm, k = first.temperature, first.top_k or 0
        return (
            Button("send", "Send", "S"),
            Button("stop", "Stop", "Escape"),
            Button("step", "Step", "N"),
            Button("again", "Regenerate", "G"),
            Button("reset", "Reset", "R"),
            Slider("temperature", "Temperature (0: likeliest)", warm, 0, max(2, warm), step=0.05),
            Slider("top_k", "Top-k (0: all)", k, 0, min(vocab, max(100, k)), whole=True),
            Slider("top_p", "Top-p (1: all)", first.top_p or 1, 0.05, 1, step=0.05),
            Slider("seed", "Seed", first.seed, 0, max(99, first.seed), whole=True),
            Toggle("sampler", "You are the sampler", False),
            Toggle("guess", "Guess the next token", False),
            Toggle("prompt", "Show the prompt", False),
        )  # fmt: skip

    def question(self):
        """Ask how sure the model is."""
        return QUESTION

    def _likeliest(self):
        talk = Talk(self.chat)
        turn = talk.begin("Hello!")
        top = talk.head(turn, turn.reply).offer(self.chat.sampling).p.max()
        return SHARES[0 if top < 0.1 else 1 if top <= 0.5 else 2]

    def update(self, changed):
        """Carry the settings over to the chat; show what they make of the next token."""
        s = self._state
        if changed & {"temperature", "top_k", "top_p", "seed"}:
            self.chat.sampling = replace(self.chat.sampling, temperature=s["temperature"], top_k=s["top_k"] or None,
                                         top_p=s["top_p"] if s["top_p"] < 1 else None, seed=s["seed"])  # fmt: skip
        if self._head is not None:
            self._offer = self._head.offer(self.chat.sampling)

    def act_on(self, name):
        """Send (go on with what was begun), Stop, Step, Regenerate."""
        if name == "stop":
            self.stop()
        elif name == "again":
            self._again()
        else:
            self._write(self._open_turn(), 1 if name == "step" else None)

    def _open_turn(self):
        turn = self._turn
        if self.loop.running:
            raise RuntimeError("the reply is still being written: press Stop first")
        if turn is None or turn.reply.ended not in ("", "stopped"):
            raise ValueError("there is nothing to go on with: type a message first")
        return turn

    def _again(self):
        """Another reply to the last message, with the next seed."""
        self.stop()
        turn = self.talk.turns[-1] if self.talk.turns else None
        if turn is None:
            raise ValueError("there is no reply to write again: type a message first")
        self.talk.branch(turn)
        self.chat.sampling = asked_again(self.chat.sampling)
        self._begin(turn)

    def _reset(self):
        super()._reset()
        self.talk.reset()
        self.guesses = []
        self._restart()

    def stop(self):
        """End the reply that is being written; what has come stays."""
        self.loop.stop()
        if self._turn and not self._turn.reply.ended:
            self._turn.reply.ended = "stopped"
            self.talk.remember()

    def _hear(self, widget, message, buffers):
        if message.get("act") == "stop":
            self.loop.stop()  # at once: the queue may have other things to do first

    def close(self):
        """End the widget and its threads."""
        if "_looking" in self.__dict__:
            self._looking.close()
        super().close()

    # -- for the learner -------------------------------------------------------------------------------------------
    @property
    def transcript(self) -> str:
        """The conversation as it is shown: a line for each remark."""
        return transcript(self.talk)

    def say(self, text: str):
        """Send a message; the reply is written in the background. Returns the widget."""
        clean(text, self.chat)
        self._handle({"say": text})
        return self

    def wait(self, timeout: float | None = None):
        """Wait until nothing is being written. Returns the widget."""
        self.loop.join(timeout)
        return self

    def fork(self, place: int, token: int, key: int | None = None):
        """Take another token at this place of a reply (the last one's, or exchange ``key``'s) and go on from there."""
        key = self.talk.turns[-1].key if key is None and self.talk.turns else key
        self._handle({"fork": [key, place, token]})
        return self

    # -- what is shown ---------------------------------------------------------------------------------------------
    def publish(self):
        """Send the present picture, after the tokens that belong to it."""
        with self._lock:
            self._flush()
            super().publish()

    def frame(self):
        """No arrays; take over what happened to the chat elsewhere."""
        if not self.loop.running:
            self.talk.follow()
            s = self.chat.sampling
            self._state |= {"temperature": s.temperature, "top_k": s.top_k or 0, "top_p": s.top_p or 1, "seed": s.seed}
        return {}

    def facts(self):
        """Which exchanges there are, the next token if a hand is to choose it, and how full the context is."""
        offer = None
        if self._offer is not None and not self._state["guess"]:
            rows, rest = self._offer.rows(self.chat.tokenizer)
            offer = {"top": rows, "rest": rest, "entropy": self._offer.entropy}
        return {
            "status": self._status(),
            "turns": [[t.key, t.reply.key, len(t.reply.tokens), t.reply.ended, t.active, len(t.replies)]
                      for t in self.talk.turns],
            "offer": offer,
            "waits": self._offer is not None,
            "guesses": self.guesses[-3:],
            "guessed": [len(self.guesses), sum(g["bits"] for g in self.guesses)],
            "prompt": prompt_chips(self._turn, self.chat) if self._state["prompt"] else None,
        }  # fmt: skip

    def _status(self):
        turn, limit = self._turn, self.chat.model.config.block_size
        if turn is None:
            return f"{self.doing} · context 0 of {limit}"
        tokens = turn.reply.tokens
        used = len(turn.ids) + len(tokens)
        speed = f" · {sum(t.ms for t in tokens) / len(tokens):.1f} ms/token" if tokens else ""
        return f"{self.doing} · {len(tokens)} tokens{speed} · context {used} of {limit}"

    @property
    def doing(self):
        """Writing, waiting for a choice, or ready."""
        return "writing" if self.loop.running else "your choice" if self._offer is not None else "ready"

    # -- words, code, picture --------------------------------------------------------------------------------------
    def summary(self):
        """Say what the last reply was like."""
        return summary(self.talk)

    def caption(self):
        """Name the picture."""
        return "ChatLab: each token with its probability. In a running notebook: talk to the model and steer it."

    def as_code(self):
        """Return code that repeats the conversation on an equal chat; what a hand has changed stands there as text."""
        lines = [
            "# `chat`: a Chat of the same model, as it was given to ChatLab" if self.bound else OURS,
            "from course_lib.chatbot import Sampling",
            "from course_lib.data.dialogue import Pair",
        ]
        for turn in self.talk.turns[len(self.talk.first) :]:
            if turn.reply.sampling and turn.reply.ended in ("end", "length"):
                lines += [f"chat.sampling = {turn.reply.sampling!r}", f"print(chat.reply({turn.text!r}))"]
            else:
                lines += [f"chat.history.append({Pair(turn.text, turn.reply.text)!r})"]
        return "\n".join(lines) + "\n"

    def draw(self, fig):
        """Draw the last reply with the probability of each token, and what else the least likely could have been."""
        draw_chat(fig, self.talk.turns[-1] if self.talk.turns else None)

    def picture(self):
        """Return the present picture; before anything has been said, that of the example."""
        with self._lock:
            mine = self.talk
            try:
                if not mine.turns:
                    self.talk = self._guarded(written, self.chat, self.example) or mine
                return super().picture()
            finally:
                self.talk = mine

    def _static_bundle(self):
        return self.picture()._repr_mimebundle_()
