"""Reading the grammar's files, and what their notation means."""

import random
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

CHOICE, SLOT = re.compile(r"\[([^\[\]]*)\]"), re.compile(r"\{(\w+)\}")
SENTENCE = re.compile(r"(^|[.!?] )([a-z])")
AFTER_COMMA = re.compile(r"(?<=, )(Who|What|How|Is|Will|Do|Tell|Can|May|Which|Introduce)\b")
ARTICLE = re.compile(r"\b([Aa])\(n\) (\w)")


class Topic(NamedTuple):
    """Templates of remarks, and of replies to any of them."""

    prompts: list[str]
    replies: list[str]


@cache
def read(name: str) -> tuple[dict[str, Topic], dict[str, list[str]]]:
    """Topics and slots of a file beside this one."""
    topics: dict[str, Topic] = {}
    slots: dict[str, list[str]] = {}
    topic = None
    for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            slot, words = line[2:].split(": ")
            slots[slot] = words.split()
        elif line.startswith(("> ", "< ")):
            (topic.prompts if line[0] == ">" else topic.replies).append(line[2:])
        elif line and not line.startswith("#"):
            topic = topics[line] = Topic([], [])
    return topics, slots


@cache
def capitals() -> list[list[str]]:
    """Rows of country, capital, country in Chinese, capital in Chinese."""
    lines = Path(__file__).with_name("capitals.csv").read_text(encoding="utf-8").splitlines()
    return [line.split(",") for line in lines[1:]]


def expand(template: str, rng: random.Random) -> str:
    """Make all choices of a template, the innermost first."""
    while match := CHOICE.search(template):
        template = template[: match.start()] + rng.choice(match[1].split("|")) + template[match.end() :]
    return template


def fill(text: str, words: dict[str, str]) -> str:
    """Put words into slots, then tidy: capitals where English sentences begin, "an" before vowels, single spaces."""
    text = " ".join(SLOT.sub(lambda m: words[m[1]], text).split())
    text = ARTICLE.sub(lambda m: m[1] + ("n " if m[2] in "aeiou" else " ") + m[2], text)
    text = SENTENCE.sub(lambda m: m[1] + m[2].upper(), text)
    return AFTER_COMMA.sub(lambda m: m[1].lower(), text)
