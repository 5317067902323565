"""6.5 NDCG of one ranked list."""

import numpy as np

from course_lib import metrics

from ..spec import Exercise, Mistake


def ndcg(scores, relevance, k):
    """DCG of the k items of highest score, over the best DCG that k items can have; gain relevance / log₂(rank + 1)."""
    order = np.argsort(-scores)[:k]
    discount = np.log2(np.arange(k) + 2)
    found = (relevance[order] / discount).sum()
    best = (np.sort(relevance)[::-1][:k] / discount).sum()
    return found / best


def reference(scores, relevance, k):
    """The library's metric for a single row."""
    return metrics.ndcg(scores[None], relevance[None], k)


def cases(rng):
    """No equal scores; at least one relevant item; k up to all items."""
    for n in (3, 4, 5, 6, 8):
        relevance = rng.integers(0, 4, n).astype(float)
        relevance[rng.integers(n)] = 3.0
        yield rng.permutation(n) / 10, relevance, max(2, n // 2)
        yield rng.permutation(n) / 10, rng.permutation(relevance), n
        yield rng.permutation(n) / 10 - 0.3, rng.permutation(relevance), 2


RANKED, BEST = "np.argsort(-scores)[:k]", "np.sort(relevance)[::-1][:k]"

EXERCISE = Exercise(
    id="6.5",
    title="NDCG",
    answer=ndcg,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([0.1]), np.array([1.0]), 1),
        (np.array([0.1, 0.2]), np.array([1.0, 0.0]), 1),
        (np.array([0.1, 0.2]), np.array([1.0, 0.0]), 2),
        (np.array([0.1, 0.2, 0.3]), np.array([3.0, 1.0, 0.0]), 2),
        (np.array([0.1, 0.2, 0.3]), np.array([3.0, 2.0, 1.0]), 3),
        (np.array([0.3, 0.2, 0.1, 0.4]), np.array([3.0, 2.0, 1.0, 2.0]), 3),
        (np.array([1e4, -1e4, 0.0, 5.0]), np.array([0.0, 3.0, 1.0, 1.0]), 3),
    ),
    mistakes=(
        Mistake("not-normalised", {"return found / best": "return found"},
                "This is DCG. Divide by the DCG of the best possible order, or lists cannot be compared."),
        Mistake("lowest-first", {"-scores": "scores"}, "The items are ranked from the lowest score up."),
        Mistake("ideal-of-the-found", {BEST: "np.sort(relevance[order])[::-1]"},
                "The ideal list is made of the k items that were found. It must be made of the best k of all items, or "
                "missing a relevant item costs nothing."),
        Mistake("exponential-gain", {"relevance[order] / discount": "(2 ** relevance[order] - 1) / discount",
                                     "(np.sort(relevance)[::-1][:k] / discount)":
                                     "((2 ** np.sort(relevance)[::-1][:k] - 1) / discount)"},
                "The gain is 2^relevance - 1, another convention. Here the gain is the relevance itself."),
        Mistake("binary", {"relevance[order] /": "(relevance[order] > 0) /",
                           "(np.sort(relevance)[::-1][:k] /": "((np.sort(relevance)[::-1][:k] > 0) /"},
                "It only asks whether an item is relevant. A 3 gains three times as much as a 1."),
        Mistake("rank-plus-two", {"+ 2)": "+ 3)"},
                "The discount is log₂(rank + 1) with the first rank 1: log₂ 2 for the first place."),
        Mistake("reciprocal-rank", {"np.log2(np.arange(k) + 2)": "np.arange(k) + 1.0"},
                "It divides by the rank. NDCG divides by log₂(rank + 1), which falls more slowly."),
        Mistake("no-discount", {"np.log2(np.arange(k) + 2)": "np.ones(k)"},
                "Every place counts the same. The gain at rank r is divided by log₂(r + 1)."),
        Mistake("discount-is-zero", {"np.arange(k) + 2": "np.arange(k) + 1"},
                "The first place is divided by log₂ 1 = 0. Ranks begin at 1, so the first discount is log₂ 2."),
        Mistake("k-ignored", lambda s, r, k: metrics.ndcg(s[None], r[None]),
                "It looks at all items. Only the first k places count, in the list and in the ideal."),
        Mistake("precision-at-k", lambda s, r, k: float((r[np.argsort(-s)[:k]] > 0).mean()),
                "This is precision at k: the share of relevant items among k. Order and grades do not enter."),
        Mistake("by-relevance", {"np.argsort(-scores)": "np.argsort(-relevance)"},
                "It ranks by the truth and so always gives 1. Rank by the scores."),
    ),
    right=(
        lambda s, r, k: sum(r[i] / np.log2(n + 2) for n, i in enumerate(sorted(range(len(s)), key=lambda i: -s[i])[:k]))
        / sum(g / np.log2(n + 2) for n, g in enumerate(sorted(r, reverse=True)[:k])),
        lambda s, r, k: (r[np.argsort(s)[::-1][:k]] @ (1 / np.log(np.arange(2, k + 2))))
        / (np.sort(r)[-k:][::-1] @ (1 / np.log(np.arange(2, k + 2)))),
    ),
    hints=(
        "Sort the items by score, look at their relevance in that order, and stop after k.",
        "The gain at place r = 1, 2, … is relevance / log₂(r + 1).",
        "Do the same for the relevances sorted from high to low, and divide the two sums.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S0-6.5-recommendation", "S2-6.3-recommendation"),
)
