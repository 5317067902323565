"""What the course's own model learns from: the seed grammar, and dialogue from packages with a clear licence.

A conversation becomes ``<|start|> <|user|> remark <|bot|> reply <|end|> <|user|> …``. Talk between people begins with
``<|people|>`` instead: the model learns English from it, and yet can be asked to speak as itself.
"""

import random
import re
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from course_lib.chatbot.chat import COURSE
from course_lib.chatbot.grammar import conversation
from course_lib.data.dialogue import Pair, chatterbot, chitchat

FIXED_PROMPTS = ("Hello, how is the weather today?", "你好，今天天气怎么样？")
HELD_OUT = 20  # one remark in 20 is never trained on
SHORT = 6  # characters: remarks like "Bye" are always trained on
BLOCK = 200  # pairs of people's talk that stay together, so that no conversation is on both sides
CHATTERBOT_TOPICS = ("food", "health", "history", "humor", "literature", "money", "movies", "psychology",
                     "science", "sports", "trivia")  # fmt: skip
Conversation = list[Pair]


def is_held_out(pair: Pair) -> bool:
    """Whether an exchange of the grammar is kept from training.

    Decided by a checksum of the remark's letters, so that variants in case or punctuation stay together; for sums, of
    the numbers, so that no phrasing of the same sum is trained on. The fixed prompts are held out in any case.
    """
    key = _letters(pair.reply if " = " in pair.reply else pair.prompt)
    if " = " not in pair.reply and key in map(_letters, FIXED_PROMPTS):
        return True
    return (len(key) >= SHORT or " = " in pair.reply) and zlib.crc32(key.encode()) % HELD_OUT == 0


def _letters(text):
    return re.sub(r"[^\w+×-]|(?<!\d) |_", "", text.lower())


def grown(language: str, n: int, seed: int = 0, at_once: bool = True) -> Iterator[Conversation]:
    """Yield n conversations of the grammar in which nothing is held out, English remarks partly typed carelessly."""
    rng = random.Random(f"{language} {seed}")
    while n:
        talk = conversation(language, rng, at_once)
        if not any(map(is_held_out, talk)):
            n -= 1
            yield [Pair(_careless(p.prompt, rng), p.reply) if language == "en" else p for p in talk]


def _careless(text, rng):
    text = text.lower() if rng.random() < 0.15 else text
    return text.rstrip(".?!") if rng.random() < 0.15 else text


def held_out(language: str, n: int, seed: int = 1) -> Conversation:
    """n different exchanges of the grammar, each held out; one exchange is one conversation."""
    rng, found = random.Random(f"{language} {seed}"), {}
    while len(found) < n:
        found |= {p.prompt: p for p in conversation(language, rng)[:1] if is_held_out(p)}
    return list(found.values())[:n]


def people(held: bool = False, max_words: int = 10) -> list[Conversation]:
    """Pairs of people's short English talk (chitchat-dataset), for training or held out."""
    pairs = chitchat(max_words)
    return [[p] for i, p in enumerate(pairs) if (i // BLOCK % HELD_OUT == 0) == held]


def facts(max_words: int = 25) -> list[Conversation]:
    """Questions and answers about the world in English (chatterbot-corpus)."""
    return [[p] for p in chatterbot("en", CHATTERBOT_TOPICS) if len(p.reply.split()) <= max_words]


def corpus(n: int = 100_000, seed: int = 0, at_once: bool = True) -> tuple[list[Conversation], list[Conversation]]:
    """Conversations to train on: with the bot (n from the grammar, and `facts`), and between people."""
    bot = [*grown("en", n // 2, seed, at_once), *grown("zh", n - n // 2, seed, at_once), *facts()]
    return bot, people()


def encode(tokenizer, talk: Conversation, between_people: bool = False) -> list[int]:
    """Token ids of a conversation."""
    special = tokenizer.special
    ids = [special["<|people|>" if between_people else COURSE.begin]]
    for prompt, reply in talk:
        ids += [special[COURSE.user], *tokenizer.encode(prompt), special[COURSE.bot], *tokenizer.encode(reply)]
        ids.append(special[COURSE.end])
    return ids


def tokens(tokenizer, bot: Iterable[Conversation], between: Iterable[Conversation], seed: int = 0):
    """All conversations in one row, shuffled.

    Returns
    -------
    ids : array, (N,), uint16
    starts : array
        Where conversations begin in it.
    """
    rows = [encode(tokenizer, talk) for talk in bot] + [encode(tokenizer, talk, True) for talk in between]
    random.Random(seed).shuffle(rows)
    lengths = np.array([len(row) for row in rows])
    return np.concatenate([np.array(row, np.uint16) for row in rows]), np.cumsum(lengths) - lengths


def texts(conversations: Iterable[Conversation]) -> Iterator[str]:
    """All remarks and replies, for the tokenizer to learn from."""
    return (side for talk in conversations for pair in talk for side in pair)


