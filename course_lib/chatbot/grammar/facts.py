"""What can be looked up or computed: words for the slots of `facts.txt`."""

import random

from course_lib.chatbot.grammar.notation import capitals, read

FACTS = {"capital": 0.45, "arithmetic": 0.3, "opposite": 0.1, "translation": 0.15}  # shares among each other


def words_of(fact: str, language: str, rng: random.Random) -> dict[str, str]:
    """Words for a fact's slots, by chance."""
    lists = read("facts.txt")[1]
    if fact == "capital":
        row = rng.choice(capitals())
        return dict(zip(("country", "capital"), row[:2] if language == "en" else row[2:], strict=True))
    if fact == "arithmetic":
        return _sum(language, rng)
    if fact == "opposite":
        return dict(zip("ab", rng.sample(rng.choice(lists[f"opposite {language}"]).split("/"), 2), strict=True))
    return dict(zip(("en", "zh"), rng.choice(lists["translation"]).split("/"), strict=True))


def _sum(language, rng):
    """A sum or difference of numbers up to 20, or a product of numbers up to 10; no negative results."""
    kind = rng.randrange(3)
    a, b = (rng.randrange(11 if kind == 2 else 21) for _ in range(2))
    a, b = (max(a, b), min(a, b)) if kind == 1 else (a, b)
    word = ("plus", "minus", "times")[kind] if language == "en" else "加减乘"[kind]
    return {"a": str(a), "b": str(b), "c": str((a + b, a - b, a * b)[kind]), "sign": "+-×"[kind], "word": word}
