"""A self-assessment: questions from all chapters, drawn by a seed."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np


@dataclass(frozen=True)
class Question:
    """A question with its choices; `answer` is one of them."""

    id: str
    chapter: int
    question: str
    choices: tuple[str, ...]
    answer: str


@cache
def questions() -> tuple[Question, ...]:
    """All questions of ``quiz.toml``; the first choice in the file is the right one."""
    rows = tomllib.loads(files("course_lib.topics").joinpath("quiz.toml").read_text("utf-8"))
    return tuple(Question(id, int(row["chapter"]), row["question"], tuple(row["choices"]), row["choices"][0])
                 for id, row in rows.items())  # fmt: skip


def draw(seed: int) -> list[Question]:
    """One question of every chapter, in the chapters' order, choices shuffled; another seed, other questions."""
    rng, drawn = np.random.default_rng(seed), []
    for chapter in sorted({q.chapter for q in questions()}):
        pool = [q for q in questions() if q.chapter == chapter]
        q = pool[rng.integers(len(pool))]
        drawn.append(Question(q.id, q.chapter, q.question, tuple(rng.permutation(q.choices).tolist()), q.answer))
    return drawn
