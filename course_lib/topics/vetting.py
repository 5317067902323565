"""Vetting a source: count by a stated rule, compare copies, find leftover instructions, ask what a case needs."""

import re

HAN = "\u4e00-\u9fff"
RULES = {  # what one match of each pattern counts as 1
    "Chinese characters": f"[{HAN}]",
    "with Chinese punctuation": f"[{HAN}\u3000-\u303f\uff00-\uffef]",
    "with Latin words": f"[{HAN}]|[A-Za-z0-9]+",
    "without spaces": r"\S",
    "everything": r"(?s).",
}
CASE = ("who", "data", "result", "source")  # what a case must name before it can be checked
ORDERS = re.compile(r"^\W*(格式要求|完整性要求|字数要求|format|completeness|length)\W", re.IGNORECASE)


def count(text: str, rule: str) -> int:
    """Length of a text by one of `RULES`.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    if rule not in RULES:
        raise ValueError(f"count: rule must be one of {', '.join(RULES)}, got {rule!r}")
    return len(re.findall(RULES[rule], text))


def overlap(a, b) -> float:
    """|A ∩ B| / |A ∪ B| of two collections, 1 if both are empty. Jaccard, New Phytologist 11 (1912)."""
    a, b = set(a), set(b)
    return len(a & b) / len(a | b) if a | b else 1.0


def orders(lines) -> list[str]:
    """Lines that tell a writer what to do: they belong to a prompt, not to an article."""
    return [line for line in lines if ORDERS.match(line)]


def missing(case: dict) -> list[str]:
    """What a case does not name, of who, data, result and source."""
    return [field for field in CASE if not case.get(field)]
