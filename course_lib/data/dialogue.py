"""Pairs of a remark and its reply, in English and Chinese, without the crude ones."""

import codecs
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from course_lib.data.lines import read_json
from course_lib.data.source import Malformed, MissingData, Source, find
from course_lib.data.text import read_text

CHATTERBOT = Source(
    "chatterbot",
    "the PyPI package chatterbot-corpus by G. Cox and contributors",
    "BSD (as the package declares)",
    "question and answer by topic; English counted; of the Chinese, badly translated otherwise, the 25 greetings",
    "2,359 pairs",
    "pip install chatterbot-corpus==1.3.3 pyyaml",
)
CHITCHAT = Source(
    "chitchat",
    "Chit-Chat Challenge, BYU Perception, Control & Cognition laboratory, 2018, in the PyPI package chitchat-dataset",
    "MIT (package)",
    "7,168 conversations between people, as consecutive turns",
    "131,178 pairs",
    "pip install chitchat-dataset==0.9.0",
)
LANGUAGES = {"en": "english", "zh": "chinese"}
DEEPEST = 4  # document, conversations, conversation, turn
CHINESE_TOPICS = ("greetings",)  # read by hand
# Stems of crude words, in rot13 so that nobody meets them here by chance.
CRUDE = re.compile(
    codecs.decode(
        r"s+h+p+x\j*|fuvg+\j*|ovgpu\j*|phag\j*|qvpxf?|qvpxurnq\j*|nffubyr\j*|onfgneq\j*|chffl|fyhg\j*|juber\j*|snt|sntf|"
        r"snttbg\j*|avtt\j*|ergneq\j*|jgs|fgsh|encr[qf]?|encvfg\j*|cbea\j*|cravf\j*|intvan\j*|obbof?|pbpx|pbpxf|pbpxfhpx\j*|"
        r"ubeal|frkl?|frkhny\j*|ahqrf?|qnza\j*|pencc?\j*|nff|zbgures\j*",
        "rot13",
    )
)
WORD = re.compile(r"[a-z]+")


class Pair(NamedTuple):
    """A remark and the reply to it."""

    prompt: str
    reply: str


def is_clean(text: str) -> bool:
    """Whether a text holds no crude English word. A word list: it knows neither context nor spelling tricks."""
    return not any(map(_is_crude, WORD.findall(text.lower())))


@cache
def _is_crude(word: str) -> bool:
    return CRUDE.fullmatch(word) is not None


def pairs_of(turns: Sequence[str]) -> list[Pair]:
    """Each turn with the one that follows it: the first answered by the second, that by the third, …"""
    return [Pair(a, b) for a, b in pairwise(turns) if a and b]


def chatterbot(language: str = "en", topics: Iterable[str] | None = None) -> list[Pair]:
    """Question and answer by topic; en: 2,359 pairs, zh: 25 greetings. See `CHATTERBOT`.

    Parameters
    ----------
    language : {"en", "zh"}
    topics : iterable of str, optional
        Names of the corpus's files ("food", "science", …). Default: all in English, greetings in Chinese.
    """
    if language not in LANGUAGES:
        raise ValueError(f"chatterbot: language must be 'en' or 'zh', got {language!r}")
    folder = find(CHATTERBOT, "chatterbot_corpus", "data", LANGUAGES[language], "greetings.yml").parent
    known = sorted(path.stem for path in folder.glob("*.yml"))
    chosen = list(topics or (CHINESE_TOPICS if language == "zh" else known))
    if unknown := sorted(set(chosen) - set(known)):
        raise ValueError(f"chatterbot: no topic {unknown[0]!r}; there are {', '.join(known)}")
    talks = [talk for topic in chosen for talk in _read_chatterbot(folder / f"{topic}.yml")]
    return _clean(talks)


def _read_chatterbot(path: Path) -> list[list[str]]:
    try:
        import yaml
    except ImportError:
        raise MissingData(f"chatterbot: PyYAML is not installed; install it: {CHATTERBOT.install}") from None
    text, loader = read_text(path), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if not _is_flat(yaml, text, loader):
            raise Malformed(path.name, "expected a list of conversations, found deep nesting or an alias")
        talks = yaml.load(text, loader)["conversations"]
        return [[_turn(turn) for turn in talk] for talk in talks]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise Malformed(path.name, f"is not YAML: {error.problem}", line) from None
    except (yaml.YAMLError, KeyError, TypeError):
        raise Malformed(path.name, "expected a list of conversations") from None


def _is_flat(yaml, text: str, loader) -> bool:
    """Look before loading: PyYAML's C loader recurses without a limit, and aliases can unfold without end."""
    depth = 0
    for event in yaml.parse(text, loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
            return False
    return True


def _turn(turn) -> str:
    if isinstance(turn, list | dict):
        raise TypeError("a turn is a text")
    return str(turn).strip()


def chitchat(max_words: int | None = None) -> list[Pair]:
    """Consecutive turns of 7,168 English conversations: 131,178 pairs. See `CHITCHAT`.

    Parameters
    ----------
    max_words : int, optional
        Leave out pairs with a longer side.
    """
    path = find(CHITCHAT, "chitchat_dataset", "dataset.json")
    try:
        talks = [[_joined(messages) for messages in talk["messages"]] for talk in read_json(path).values()]
    except (AttributeError, KeyError, TypeError):
        raise Malformed(path.name, "expected conversations of messages with a text") from None
    found = _clean(talks)
    return found if max_words is None else [p for p in found if max(len(t.split()) for t in p) <= max_words]


def _joined(messages) -> str:
    return " ".join(message["text"].strip() for message in messages)


def _clean(talks: Iterable[Sequence[str]]) -> list[Pair]:
    """Drop crude turns, and with each the pair before and after it."""
    checked = ([turn if is_clean(turn) else "" for turn in talk] for talk in talks)
    return [pair for talk in checked for pair in pairs_of(talk)]
