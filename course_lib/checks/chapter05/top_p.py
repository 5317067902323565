"""5.6 Nucleus sampling: the fewest tokens that reach a share."""

import numpy as np

from course_lib.chatbot import sampling

from ..spec import Exercise, Mistake, Slot


def top_p(p, share):
    """Keep the most probable tokens, as few as reach `share` together; the others get 0, and the rest sums to 1."""
    order = np.argsort(-p, kind="stable")
    before = np.cumsum(p[order]) - p[order]
    chosen = order[before < share]
    kept = np.zeros_like(p)
    kept[chosen] = p[chosen]
    return kept / kept.sum()


def cases(rng):
    """Distributions in eighths, so that no sum lies on the edge by rounding."""
    for n in (2, 3, 4, 6):
        weights = rng.multinomial(64, np.full(n, 1 / n)) + np.arange(n) / 128  # no two alike
        for share in (0.3, 0.55, 0.9):
            yield weights / weights.sum(), share


def one_by_one(p, share):
    """Token after token, until there are enough."""
    out, total = np.zeros(len(p)), 0.0
    for i in sorted(range(len(p)), key=lambda i: (-p[i], i)):
        if total >= share:
            break
        out[i] = p[i]
        total += p[i]
    return out / out.sum()


def stops_short(p, share, strictly=False):
    """Only tokens whose sum stays within the share, but at least one."""
    order = np.argsort(-p, kind="stable")
    total = np.cumsum(p[order])
    within = total < share if strictly else total <= share
    within[0] = True
    kept = np.zeros_like(p)
    kept[order[within]] = p[order[within]]
    return kept / kept.sum()


def for_the_library(mine, library):
    """The library's function also takes None for no limit."""
    return lambda p, share: library(p, share) if share is None or share == 1 else mine(p, share)


BEFORE, KEPT = "np.cumsum(p[order]) - p[order]", "before < share"

SHORT = ("It keeps only tokens whose sum stays within the share, so together they do not reach it, and a very probable "
         "token can be cut off. The token that crosses the share belongs to it.")  # fmt: skip

EXERCISE = Exercise(
    id="5.6",
    title="Top-p sampling",
    answer=top_p,
    reference=sampling.top_p,
    cases=cases,
    edges=(
        (np.array([1.0]), 0.5),
        (np.array([0.25, 0.75]), 0.5),
        (np.array([0.5, 0.25, 0.125, 0.125]), 0.7),
        (np.array([0.125, 0.5, 0.125, 0.25]), 0.7),
        (np.array([0.5, 0.25, 0.25]), 0.5),  # exactly reached: one token is enough
        (np.array([0.5, 0.25, 0.125, 0.125]), 0.75),  # by two
        (np.array([0.9375, 0.0625]), 0.01),  # never none at all
        (np.array([0.5, 0.5, 0.0]), 0.99),
    ),
    mistakes=(
        Mistake("stops-short", {BEFORE: "np.cumsum(p[order])", KEPT: "before <= share"}, SHORT),
        Mistake("stops-short-of-the-share", {BEFORE: "np.cumsum(p[order])"}, SHORT),
        Mistake("stops-short-but-one", stops_short, SHORT),
        Mistake("stops-short-of-it-but-one", lambda p, share: stops_short(p, share, True), SHORT),
        Mistake("not-normalised", {"return kept / kept.sum()": "return kept"},
                "What is kept must sum to 1 again: divide by its sum."),
        Mistake("smallest-first", {"np.argsort(-p": "np.argsort(p"},
                "It begins with the least probable tokens. Sort from the largest down: np.argsort(-p)."),
        Mistake("unsorted", {"np.argsort(-p, kind=\"stable\")": "np.arange(len(p))"},
                "It goes through the tokens in the order of their ids. The most probable ones come first."),
        Mistake("threshold", lambda p, share: np.where(p >= share, p, 0) / max(p[p >= share].sum(), 1e-300)
                if (p >= share).any() else np.where(p == p.max(), p, 0) / p[p == p.max()].sum(),
                "It keeps tokens whose own probability reaches the share. What counts is their sum, from the largest "
                "down."),
        Mistake("one-too-many", {KEPT: "before <= share"},
                "When the share is reached exactly, one token more is kept than needed: a token stays only if those "
                "before "
                "it do not yet reach the share."),
        Mistake("sorted-answer", {"return kept / kept.sum()": "return (kept / kept.sum())[order]"},
                "The result is in sorted order. Each token must keep its own place, or the wrong words are drawn."),
        Mistake("even", {"kept[chosen] = p[chosen]": "kept[chosen] = 1"},
                "All tokens that are kept get the same probability. They keep their proportions."),
        Mistake("rest-kept", {"return kept / kept.sum()": "return (p - kept) / max((p - kept).sum(), 1e-300)"},
                "It keeps the unlikely rest and drops the likely ones."),
    ),
    right=(one_by_one, lambda p, share: list(one_by_one(p, share)) and one_by_one(p, share)),
    hints=(
        "Sort from the largest down and add up: which tokens are needed until the sum reaches the share?",
        "A token stays if the sum of those *before* it is still below the share. So the first always stays.",
        "order = np.argsort(-p); before = np.cumsum(p[order]) - p[order]; keep order[before < share]; divide by the "
        "sum.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S0-5.5-more-data",),
    slot=Slot("top-p", "course_lib.chatbot.sampling:top_p", for_the_library),
)
