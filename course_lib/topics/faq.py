"""Answering from a list of answered questions: retrieval, a score that allows abstaining, and what a query costs."""

import re
from collections import Counter

import numpy as np

from course_lib.data import Pair, chatterbot

KNOWLEDGE = ("trivia", "science", "computers")
SMALL_TALK = ("emotion", "psychology", "conversations")
WORD = re.compile(r"\w+")


def trigrams(text: str) -> list[str]:
    """Three characters at a time, within words padded by one blank on each side: robust to a wrong letter."""
    padded = (f" {word} " for word in WORD.findall(text.lower()))
    return [word[i : i + 3] for word in padded for i in range(len(word) - 2)]


def terms(text: str) -> list[str]:
    """Words in lower case."""
    return WORD.findall(text.lower())


class TfIdf:
    """Texts as vectors of unit length: count of each term times ln((1 + N) / (1 + df)) + 1.

    N texts, df of them with the term; the smoothed form of scikit-learn's TfidfVectorizer. Spärck Jones, Journal of
    Documentation 28 (1972).

    Parameters
    ----------
    texts : sequence of str
        They give the vocabulary and the document frequencies.
    split : callable
        Text → list of terms.
    """

    def __init__(self, texts, split=terms):
        self.split = split
        frequency = Counter(term for text in texts for term in set(split(text)))
        self.column = {term: i for i, term in enumerate(sorted(frequency))}
        df = np.array([frequency[term] for term in self.column], float)
        self.idf = np.log((1 + len(texts)) / (1 + df)) + 1

    def __call__(self, texts) -> np.ndarray:
        """(N, V); a text without any known term is a row of zeros."""
        out = np.zeros((len(texts), len(self.column)))
        for row, text in zip(out, texts, strict=True):
            for term in self.split(text):
                if term in self.column:
                    row[self.column[term]] += 1
        out *= self.idf
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


def cosine_nearest(query, documents) -> tuple[int, float]:
    """Index of the document (D, V) with the largest cosine to query (V,), and that cosine; a zero vector has cosine 0.

    Of equal documents the first.
    """
    query, documents = np.asarray(query, float), np.asarray(documents, float)
    if documents.ndim != 2 or documents.shape[1:] != query.shape or not len(documents):
        raise ValueError(f"cosine_nearest: expected query (V,) and documents (D, V), got {query.shape} and "
                         f"{documents.shape}")  # fmt: skip
    lengths = np.linalg.norm(documents, axis=1) * np.linalg.norm(query)
    cosine = np.divide(documents @ query, lengths, out=np.zeros(len(documents)), where=lengths > 0)
    best = int(cosine.argmax())
    return best, float(cosine[best])


def retrieve(index: TfIdf, documents, questions) -> tuple[np.ndarray, np.ndarray]:
    """For every question the nearest of the documents (D, V), made by the index: indices and cosines, both (Q,)."""
    similarity = index(questions) @ documents.T  # (Q, D): rows have unit length already
    return similarity.argmax(1), similarity.max(1)


def knowledge() -> list[Pair]:
    """Real questions with their answers, each question once, from chatterbot-corpus (`data.dialogue.CHATTERBOT`)."""
    questions = [pair for pair in chatterbot(topics=KNOWLEDGE) if pair.prompt.endswith("?")]
    return list({pair.prompt.lower(): pair for pair in reversed(questions)}.values())[::-1]


def small_talk() -> list[str]:
    """What people say to a bot that no answer in `knowledge` fits."""
    return sorted({pair.prompt for pair in chatterbot(topics=SMALL_TALK)})


def typed(text: str, rng: np.random.Generator, dropped: float = 0.3, typos: float = 0.05) -> str:
    """The text as a hurried customer types it: words left out (never all), letters replaced, lower case."""
    words = text.lower().split()
    kept = [word for word in words if rng.random() >= dropped] or words[-1:]
    letters = "abcdefghijklmnopqrstuvwxyz"
    change = lambda c: letters[rng.integers(26)] if c.isalpha() and rng.random() < typos else c  # noqa: E731
    return "".join(map(change, " ".join(kept)))


def selective(score, correct, threshold: float) -> tuple[float, float]:
    """(coverage, accuracy) of a system that answers only where score ≥ threshold.

    Coverage is the share of all questions that are answered, accuracy the share of right ones among the answered; nan
    if none is. El-Yaniv & Wiener, JMLR 11 (2010).
    """
    score, correct = np.asarray(score, float), np.asarray(correct, float)
    if score.shape != correct.shape or score.ndim != 1:
        raise ValueError(f"selective: score and correct must both be (N,), got {score.shape} and {correct.shape}")
    answered = score >= threshold
    right = float(correct[answered].mean()) if answered.any() else float("nan")
    return float(answered.mean()) if len(score) else float("nan"), right


def cost_per_query(score, correct, threshold: float, bot: float, human: float, wrong: float) -> float:
    """Mean cost of a query: each costs `bot`; below the threshold a `human` takes over; a wrong answer costs `wrong`.

    c = bot + (1 - coverage)·human + coverage·(1 - accuracy)·wrong
    """
    coverage, right = selective(score, correct, threshold)
    errors = coverage * (1 - right) if coverage else 0.0
    return bot + (1 - coverage) * human + errors * wrong


def topics_of(least: int = 20) -> tuple[list[str], np.ndarray, list[str]]:
    """Prompts, the number of each one's topic, and the topics with at least `least` different prompts."""
    from course_lib.data.dialogue import CHATTERBOT
    from course_lib.data.source import find

    folder = find(CHATTERBOT, "chatterbot_corpus", "data", "english", "greetings.yml").parent
    known = sorted(path.stem for path in folder.glob("*.yml"))
    found = {topic: sorted({pair.prompt for pair in chatterbot(topics=[topic])}) for topic in known}
    found = {topic: prompts for topic, prompts in found.items() if len(prompts) >= least}
    labels = np.repeat(np.arange(len(found)), [len(prompts) for prompts in found.values()])
    return [prompt for prompts in found.values() for prompt in prompts], labels, list(found)
