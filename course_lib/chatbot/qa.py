"""S1's question answering, made to work: look the answer up in a local corpus, or say that it is not there.

Passages and questions are compared by the cosine of their TF-IDF vectors over pairs of neighbouring characters, which
works for English and Chinese alike. No PyTorch. Spärck Jones, Journal of Documentation 28 (1972).
"""

import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_lib.chatbot.grammar.notation import capitals, expand, fill, read

HIDDEN = 4  # of four countries one is left out of the corpus
TRIES = 20  # draws in which a template shows two of its wordings


class Passage(NamedTuple):
    """A sentence of the corpus, and what it answers."""

    text: str
    answer: str


class Question(NamedTuple):
    """A question; its answer is None if the corpus does not hold it."""

    text: str
    answer: str | None


class Retriever:
    """Answer from the nearest passage, or None if none is near enough.

    Parameters
    ----------
    passages : sequence of Passage
    threshold : float
        The least cosine; 0 always answers.
    """

    def __init__(self, passages: Sequence[Passage], threshold: float = 0.0):
        self.passages, self.threshold = list(passages), threshold
        grams = [_grams(p.text) for p in self.passages]
        seen = Counter(g for gram in grams for g in gram)
        self.index = {g: i for i, g in enumerate(sorted(seen))}
        self.rarity = np.array([np.log(len(grams) / seen[g]) + 1 for g in self.index])
        self.unit = np.stack([self._vector(gram) for gram in grams])  # (N, V)

    def _vector(self, grams: Counter) -> np.ndarray:
        x = np.zeros(len(self.index))
        for gram, count in grams.items():
            if gram in self.index:
                x[self.index[gram]] = count * self.rarity[self.index[gram]]
        return x / max(np.linalg.norm(x), 1e-12)

    def nearest(self, question: str) -> tuple[Passage, float]:
        """The passage with the largest cosine, and the cosine."""
        cosines = self.unit @ self._vector(_grams(question))
        best = int(cosines.argmax())
        return self.passages[best], float(cosines[best])

    def answer(self, question: str) -> str | None:
        """The answer, or None: "I do not know"."""
        passage, cosine = self.nearest(question)
        return passage.answer if cosine >= self.threshold else None


def corpus() -> list[Passage]:
    """Capitals of three countries in four, and opposites and translations, as English and Chinese sentences."""
    lists, found = read("facts.txt")[1], []
    for i, (country, capital, country_zh, capital_zh) in enumerate(capitals()):
        if i % HIDDEN:
            found.append(Passage(f"The capital of {country} is {capital}.", capital))
            found.append(Passage(f"{country_zh}的首都是{capital_zh}。", capital_zh))
    for pair in lists["opposite en"]:
        a, b = pair.split("/")
        found += [Passage(f"The opposite of {a} is {b}.", b), Passage(f"The opposite of {b} is {a}.", a)]
    for pair in lists["translation"]:
        english, chinese = pair.split("/")
        found.append(Passage(f"{english} in Chinese is {chinese}.", chinese))
    return found


def questions(held_out: bool, seed: int = 0) -> list[Question]:
    """Up to two questions in each language for every country, in words used for tuning or kept for the test.

    A quarter of the countries is not in the corpus: the right answer is then None. Neither the wordings nor the
    countries of the tuning questions are asked in the test.
    """
    rng, found = random.Random(f"qa {seed}"), []
    for i, (country, capital, country_zh, capital_zh) in enumerate(capitals()):
        if (i // HIDDEN % 2 == 1) != held_out:
            continue
        known = bool(i % HIDDEN)
        for language, words, answer in (("en", country, capital), ("zh", country_zh, capital_zh)):
            template = read("facts.txt")[0][f"capital {language}"].prompts[-1 if held_out else 0]
            texts = {fill(expand(template, rng), {"country": words}): None for _ in range(TRIES)}
            found += [Question(text, answer if known else None) for text in list(texts)[:2]]
    return found


def tune(passages: Sequence[Passage], asked: Sequence[Question]) -> Retriever:
    """Choose the threshold with the most right answers, abstentions included."""
    found = Retriever(passages)
    near = [(question, *found.nearest(question.text)) for question in asked]

    def right(threshold):
        return sum((p.answer if cosine >= threshold else None) == q.answer for q, p, cosine in near)

    found.threshold = max([0.0, *sorted({round(cosine, 3) for *_, cosine in near})], key=right)
    return found


def score(answer, asked: Sequence[Question], exact: bool = True) -> dict:
    """How many questions `answer` gets right: in the corpus (exact match), and not in it (None).

    With ``exact=False`` an answer is right if it holds the truth, as in a chat's full sentence.
    """
    found = {"right": 0, "known": 0, "known_right": 0, "unknown": 0, "abstained": 0, "n": len(asked)}
    for question in asked:
        said = answer(question.text)
        if question.answer is None:
            found["unknown"] += 1
            right = said is None
            found["abstained"] += right
        else:
            found["known"] += 1
            right = said is not None and (said == question.answer if exact else question.answer in said)
            found["known_right"] += right
        found["right"] += right
    return found


def _grams(text: str) -> Counter:
    text = f" {text.lower().strip(' .?!。？！')} "
    return Counter(text[i : i + n] for n in (2, 3) for i in range(len(text) - n + 1))
