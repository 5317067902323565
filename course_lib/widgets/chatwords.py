"""A conversation in words: transcript, summary, the real prompt, the score of a guess."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from course_lib.chatbot.sampling import Sampling

from .nexttoken import Offer, label
from .talk import Talk, Turn

MOST_BITS = 64.0
ENDS = {"end": "It ended by itself.", "length": "It was cut at its greatest length.", "stopped": "It was stopped.",
        "error": "An error ended it.", "": "It is not finished."}  # fmt: skip


def transcript(talk: Talk) -> str:
    """Return the conversation, a line for each remark."""
    return "\n".join(line for turn in talk.turns for line in (f"you: {turn.text}", f"bot: {turn.reply.text}"))


def bits(p: float) -> float:
    """Return the surprise -log₂ p, at most 64 bits."""
    return min(MOST_BITS, -math.log2(p)) if p > 0 else MOST_BITS


def summary(talk: Talk) -> str:
    """Return in a few sentences how the last reply went."""
    if not talk.turns:
        return "Nothing said yet: type a message and press Send."
    turn = talk.turns[-1]
    reply = turn.reply
    words = [f"You said “{_short(turn.text)}”; the reply is “{_short(reply.text)}”."]
    if reply.tokens:
        surprises = [bits(token.p) for token in reply.tokens]
        most = int(np.argmax(surprises))
        words.append(f"Its {len(reply.tokens)} tokens surprise the model by {np.mean(surprises):.1f} bits on average, "
                     f"most of all “{_name(reply.tokens[most])}” with {surprises[most]:.1f} bits.")  # fmt: skip
    words.append(ENDS[reply.ended])
    if turn.dropped:
        words.append(dropped(turn.dropped))
    return " ".join(words)


def dropped(n: int) -> str:
    """Say what did not fit into the context."""
    if not n:
        return ""
    return (f"The model no longer sees the first {'exchange' if n == 1 else f'{n} exchanges'} of this conversation: "
            "its context is too short.")  # fmt: skip


def _short(text, length=80):
    return text if len(text) <= length else text[: length - 1] + "…"


def _name(token):
    return next(row[1] for row in token.top if row[0] == token.id)


def prompt_chips(turn: Turn | None, chat) -> list | None:
    """Return ``[label, special?]`` for each token that the model has really read."""
    if turn is None:
        return []
    special = set(chat.tokenizer.special.values())
    return [[label(chat.tokenizer, i), i in special] for i in turn.ids + turn.reply.ids]


def score(offer: Offer, tokenizer, text: str) -> dict:
    """Score a guess of the next token in bits: -log₂ of the model's probability for it.

    A word may begin with its space or without: the likelier token counts.

    Raises
    ------
    ValueError
        If nothing was guessed.
    """
    word = str(text)[:200].strip()
    first = [ids[0] for ids in map(tokenizer.encode, (word, f" {word}")) if word and ids]
    if not first:
        raise ValueError("guess: type the beginning of what comes next")
    token = max(first, key=lambda i: offer.p[i])
    best = int(offer.p.argmax())
    return {"guess": word, "token": label(tokenizer, token), "bits": bits(float(offer.p[token])),
            "best": label(tokenizer, best), "best_bits": bits(float(offer.p[best]))}  # fmt: skip


def asked_again(sampling: Sampling) -> Sampling:
    """Return the settings for another reply: the next seed, if chance has a part in it."""
    return replace(sampling, seed=sampling.seed + 1) if sampling.temperature else sampling
