"""A bilingual seed grammar: short exchanges in English and Chinese, written for this course.

No large, clean and clearly licensed Chinese dialogue corpus could be found, so this one is grown from some hundred
templates: their choices and slots make many thousand different exchanges.
"""

import random

from course_lib.chatbot.grammar.facts import FACTS, words_of
from course_lib.chatbot.grammar.notation import SLOT, Topic, expand, fill, read
from course_lib.data.dialogue import Pair

FILES = {"en": "english.txt", "zh": "chinese.txt"}
FACT_SHARE = 0.3  # of all exchanges
WEIGHTS = {"greeting": 2, "weather": 4, "who_are_you": 2, "joke": 2, "help": 2, "how_are_you": 2}  # others: 1
NAME_SHARE, STRANGER_SHARE = 0.15, 0.15  # conversations with a name; of these, those where it is asked but not told


def topics(language: str) -> list[str]:
    """Names of all topics."""
    return [name for name in _topics(language) if not name.startswith("@")] + list(FACTS)


def exchange(language: str, rng: random.Random, topic: str | None = None) -> Pair:
    """A remark and its reply.

    Parameters
    ----------
    language : {"en", "zh"}
    rng : random.Random
    topic : str, optional
        One of `topics`; by chance otherwise.
    """
    if topic is None:
        topic = _draw_topic(language, rng)
    if topic in FACTS:
        prompts, replies = read("facts.txt")[0][f"{topic} {language}"]
        words = words_of(topic, language, rng)
        return Pair(*(fill(expand(rng.choice(side), rng), words) for side in (prompts, replies)))
    return _exchange(_topics(language)[topic], _words(language, rng), rng)


def conversation(language: str, rng: random.Random, at_once: bool = True) -> list[Pair]:
    """One to four exchanges. In some, a name is given and asked for later: only the history has the answer.

    Parameters
    ----------
    language : {"en", "zh"}
    rng : random.Random
    at_once : bool
        Whether a name may be asked for straight after it was given. In the course model's first stage it never was,
        and the model learned the place instead of the meaning; see weights/MODEL_CARD.md.
    """
    turns = [exchange(language, rng) for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))]
    if rng.random() > NAME_SHARE:
        return turns
    known, words = _topics(language), _words(language, rng)
    if rng.random() < STRANGER_SHARE:
        return [*turns[:1], _exchange(known["@stranger"], words, rng)]
    asked = [_exchange(known["@memory"], words, rng)] if rng.random() < (0.8 if at_once else 0.7) else []
    return [_exchange(known["@introduction"], words, rng), *turns[: rng.randrange(3) if at_once else 2], *asked]


def _exchange(topic: Topic, words: dict[str, str], rng) -> Pair:
    """A reply uses the slots of the remark, where it can, and no others, where it need not."""
    prompt = expand(rng.choice(topic.prompts), rng)
    asked = set(SLOT.findall(prompt))
    fitting = [r for r in topic.replies if set(SLOT.findall(r)) <= asked] or topic.replies
    echoing = [r for r in fitting if SLOT.search(r)]
    reply = expand(rng.choice(echoing if echoing and rng.random() < 0.8 else fitting), rng)
    return Pair(fill(prompt, words), fill(reply, words))


def _topics(language):
    if language not in FILES:
        raise ValueError(f"grammar: language must be one of {', '.join(FILES)}, got {language!r}")
    return read(FILES[language])[0]


def _words(language, rng):
    return {slot: rng.choice(words) for slot, words in read(FILES[language])[1].items()}


def _draw_topic(language, rng):
    if rng.random() < FACT_SHARE:
        return rng.choices(list(FACTS), list(FACTS.values()))[0]
    names = [name for name in topics(language) if name not in FACTS]
    return rng.choices(names, [WEIGHTS.get(name, 1) for name in names])[0]
