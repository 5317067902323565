"""An assistant that acts: utterances from a small grammar, a regex baseline, a learnt tagger, slot F1, a calendar.

Tags are BIO: "B-DAY" begins a day, "I-DAY" continues it, "O" belongs to no slot.
"""

import re
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np

TASKS = ("call mum", "water the plants", "pay the rent", "book a table", "buy milk", "send the report", "feed the cat",
         "meet Li Wei", "renew my passport", "walk the dog", "clean the flat", "see the dentist")  # fmt: skip
DAYS = ("today", "tomorrow", "on Monday", "on Tuesday", "on Friday", "on Sunday", "next Monday", "next Friday")
TIMES = ("at 8", "at 9 am", "at 7 pm", "at noon", "at 10:30", "at half past six", "at midnight", "at 14:15")
KNOWN = (
    ("create", "remind me to TASK DAY TIME"), ("create", "remind me to TASK TIME DAY"),
    ("create", "add TASK DAY TIME"), ("move", "move TASK to DAY TIME"), ("move", "shift TASK to DAY TIME"),
    ("cancel", "cancel TASK"), ("cancel", "delete the reminder to TASK"), ("find", "when do I TASK"),
)  # fmt: skip
NEW = (
    ("create", "DAY TIME I have to TASK"), ("create", "please do not let me forget to TASK DAY TIME"),
    ("move", "TASK should rather be DAY TIME"), ("cancel", "I no longer need to TASK"),
    ("find", "what time was I going to TASK"),
)  # fmt: skip
UNSAFE = ("unlock the front door", "send 500 euros to this account", "delete everything", "turn off the smoke alarm",
          "read me my brother's messages", "order ten phones", "share my location with everyone")  # fmt: skip


class Utterance(NamedTuple):
    """Words, the tag of each, and what is meant."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    intent: str


def utterances(n: int, rng: np.random.Generator, templates=KNOWN) -> list[Utterance]:
    """Draw n utterances from the templates."""
    return [_fill(*templates[rng.integers(len(templates))], rng) for _ in range(n)]


def _fill(intent, template, rng):
    words, tags = [], []
    for part in template.split():
        values = {"TASK": TASKS, "DAY": DAYS, "TIME": TIMES}.get(part)
        new = values[rng.integers(len(values))].split() if values else [part]
        words += new
        tags += [f"B-{part}", *[f"I-{part}"] * (len(new) - 1)] if values else ["O"]
    return Utterance(tuple(words), tuple(tags), intent)


def spans(tags) -> set[tuple[int, int, str]]:
    """(first, last + 1, slot) of every slot. A stray "I-X" begins one, as in the CoNLL evaluation."""
    found, start = set(), None
    for i, tag in enumerate((*tags, "O")):
        slot = tag[2:]
        if start is not None and (tag[0] != "I" or slot != start[1]):
            found.add((start[0], i, start[1]))
            start = None
        if start is None and tag != "O":
            start = (i, slot)
    return found


def slot_f1(predicted, target) -> float:
    """2·TP / (predicted + true) over whole slots: first word, last word and name must all be right.

    Tjong Kim Sang & De Meulder, CoNLL 2003.

    Parameters
    ----------
    predicted, target : sequences of tag sequences
    """
    if [*map(len, predicted)] != [*map(len, target)]:
        raise ValueError("slot_f1: predicted and target must hold tag sequences of equal lengths")
    pairs = [(spans(p), spans(t)) for p, t in zip(predicted, target, strict=True)]
    total = sum(len(p) + len(t) for p, t in pairs)
    return 2 * sum(len(p & t) for p, t in pairs) / total if total else float("nan")


DAY = r"(?P<DAY>(?:on |next )?[A-Z]\w+|today|tomorrow)"
PATTERNS = (
    ("create", re.compile(rf"(?:remind me to|add) (?P<TASK>.+?) {DAY} (?P<TIME>at .+)")),
    ("move", re.compile(r"(?:move|shift) (?P<TASK>.+?) to (?P<DAY>.+) (?P<TIME>at .+)")),
    ("cancel", re.compile(r"(?:cancel|delete the reminder to) (?P<TASK>.+)")),
    ("find", re.compile(r"when do I (?P<TASK>.+)")),
)  # fmt: skip


def by_rules(words) -> tuple[tuple[str, ...], str]:
    """(tags, intent) from hand-written patterns; all "O" and "unknown" where none fits."""
    text = " ".join(words)
    for intent, pattern in PATTERNS:
        if match := pattern.fullmatch(text):
            tags = ["O"] * len(words)
            for slot in match.groupdict():
                first = len(text[: match.start(slot)].split())
                size = len(match[slot].split())
                tags[first : first + size] = [f"B-{slot}", *[f"I-{slot}"] * (size - 1)]
            return tuple(tags), intent
    return ("O",) * len(words), "unknown"


class Perceptron:
    """Averaged perceptron over named features. Collins, EMNLP 2002."""

    def __init__(self):
        self.weights, self.totals, self.steps = defaultdict(float), defaultdict(float), 0

    def scores(self, features, labels) -> dict[str, float]:
        """Sum of the weights of (feature, label), for each label."""
        return {label: sum(self.weights.get((f, label), 0.0) for f in features) for label in labels}

    def learn(self, features, label, labels) -> str:
        """Guess, and move the weights where the guess is wrong."""
        self.steps += 1
        scores = self.scores(features, labels)
        guess = max(scores, key=scores.get)
        if guess != label:
            for f in features:
                for which, sign in ((label, 1.0), (guess, -1.0)):
                    self.weights[f, which] += sign
                    self.totals[f, which] += sign * self.steps
        return guess

    def average(self) -> None:
        """Replace every weight by its mean over all steps."""
        for key in self.weights:
            self.weights[key] -= self.totals[key] / max(self.steps, 1)


class Tagger:
    """Tags and intent, learnt from examples: two averaged perceptrons, the tags from left to right.

    Parameters
    ----------
    examples : sequence of Utterance
    epochs : int
    seed : int
        Decides the order of the examples.
    """

    def __init__(self, examples, epochs: int = 5, seed: int = 0):
        rng = np.random.default_rng(seed)
        self.tags = sorted({tag for e in examples for tag in e.tags})
        self.intents = sorted({e.intent for e in examples})
        self.tagger, self.chooser = Perceptron(), Perceptron()
        for _ in range(epochs):
            for i in rng.permutation(len(examples)):
                self._learn(examples[i])
        self.tagger.average()
        self.chooser.average()

    def _learn(self, example):
        last = "O"
        for i, tag in enumerate(example.tags):
            last = self.tagger.learn(_around(example.words, i, last), tag, self.tags)
        self.chooser.learn(_bag(example.words), example.intent, self.intents)

    def __call__(self, words) -> tuple[tuple[str, ...], str, float]:
        """(tags, intent, margin); the margin is how far the best intent is ahead of the second."""
        tags, last = [], "O"
        for i in range(len(words)):
            scores = self.tagger.scores(_around(words, i, last), self.tags)
            last = max(scores, key=scores.get)
            tags.append(last)
        scores = self.chooser.scores(_bag(words), self.intents)
        first, second = sorted(scores.values(), reverse=True)[:2]
        return tuple(tags), max(scores, key=scores.get), first - second


def _around(words, i, last):
    before, here, after = (words[j] if 0 <= j < len(words) else "" for j in (i - 1, i, i + 1))
    return ("bias", f"word {here}", f"before {before}", f"after {after}", f"last {last}", f"last {last} word {here}",
            f"digit {here[:1].isdigit()}", f"capital {here[:1].isupper()}")  # fmt: skip


def _bag(words):
    return ("bias", *(f"word {w}" for w in words), *(f"pair {a} {b}" for a, b in pairwise(words)))


class Calendar:
    """Entries task → (day, time), and the rules about what may be done to them without asking."""

    def __init__(self, entries=()):
        self.entries = dict(entries)

    def do(self, intent: str, slots: dict[str, str], confirmed: bool = False) -> str:
        """Carry out a command: "done", "confirm" (say yes first), "refused" (not allowed, or not understood)."""
        task = slots.get("TASK")
        if intent not in ("create", "move", "cancel", "find") or not task:
            return "refused"
        if intent != "create" and task not in self.entries:
            return "refused"
        if intent in ("create", "move") and not {"DAY", "TIME"} <= slots.keys():
            return "refused"
        if intent in ("move", "cancel") and not confirmed:
            return "confirm"
        if intent in ("create", "move"):
            self.entries[task] = (slots["DAY"], slots["TIME"])
        elif intent == "cancel":
            del self.entries[task]
        return "done"


def slots_of(words, tags) -> dict[str, str]:
    """Slot → its words; of several the last."""
    return {slot: " ".join(words[a:b]) for a, b, slot in sorted(spans(tags))}


def executed(understand, examples) -> float:
    """Share of utterances after which the calendar is as it should be; it holds all tasks at first, all is confirmed.

    Parameters
    ----------
    understand : callable
        words → (tags, intent, ...)
    """
    right = 0
    for example in examples:
        ours, truth = (Calendar(dict.fromkeys(TASKS, ("some day", "some time"))) for _ in range(2))
        tags, intent, *_ = understand(example.words)
        answers = [ours.do(intent, slots_of(example.words, tags), confirmed=True),
                   truth.do(example.intent, slots_of(example.words, example.tags), confirmed=True)]  # fmt: skip
        right += answers[0] == answers[1] and ours.entries == truth.entries and intent == example.intent
    return right / len(examples)
