"""Metrics of rankings: is what the user wants near the top? Rows are users or queries, columns are items.

Items with equal scores are taken in every order at once: the value is the mean over all of them, so a model that
scores all items alike cannot profit from the order in which they are stored.
"""

import math

import numpy as np


def hit_rate(input, target, k: int = 10) -> float:
    """Share of rows with at least one relevant item among the k of highest score.

    With a relevant item above the tie at place k the row counts 1; else the chance that a random order of the m tied
    items, r of them relevant, brings one into the s places left: 1 - C(m-r, s) / C(m, s).

    Parameters
    ----------
    input : array, (N, items)
        Scores.
    target : array, (N, items)
        Relevance; above 0 is relevant. A row without relevant items counts 0.
    k : int
    """
    scores, relevant = _rows("hit_rate", input, target, k)
    return _mean([_hit(s, r > 0, min(k, s.size)) for s, r in zip(scores, relevant, strict=True)])


def ndcg(input, target, k: int | None = None) -> float:
    """Normalised discounted cumulative gain: DCG = Σ_i rel_i / log₂(i + 1) at ranks i ≤ k, over the best possible DCG.

    Järvelin & Kekäläinen, ACM TOIS 20 (2002); ties as in McSherry & Najork, ECIR 2008. Gains are the relevances
    themselves, as in scikit-learn (2^rel - 1 is another convention). A row without relevant items counts 0.

    Parameters
    ----------
    input : array, (N, items)
        Scores.
    target : array, (N, items)
        Relevance, 0 or above.
    k : int, optional
        How many ranks count; all by default.
    """
    scores, relevance = _rows("ndcg", input, target, k)
    discount = 1 / np.log2(np.arange(scores.shape[1]) + 2)
    discount[len(discount) if k is None else k :] = 0
    best = np.sort(relevance, 1)[:, ::-1] @ discount
    gain = [_gain(s, r, discount) for s, r in zip(scores, relevance, strict=True)]
    return _mean(np.divide(gain, best, out=np.zeros(len(best)), where=best > 0))


def _gain(scores, relevance, discount):
    """DCG of one row; within a group of equal scores every item gets the group's mean discount."""
    _, group, size = np.unique(-scores, return_inverse=True, return_counts=True)  # best score first
    return float(np.bincount(group, relevance) / size @ np.add.reduceat(discount, np.cumsum(size) - size))


def _hit(scores, relevant, k):
    last = np.sort(scores)[-k]  # the score at place k
    if relevant[scores > last].any():
        return 1.0
    tied, places = scores == last, k - int((scores > last).sum())
    m, r = int(tied.sum()), int(relevant[tied].sum())
    return 1 - math.comb(m - r, places) / math.comb(m, places)


def _rows(name, input, target, k):
    scores, relevance = np.asarray(input, np.float64), np.asarray(target, np.float64)
    if scores.ndim != 2 or scores.shape != relevance.shape or not scores.shape[1]:
        raise ValueError(f"{name}: scores and relevance must both be (N, items), got {scores.shape} and "
                         f"{relevance.shape}")  # fmt: skip
    if k is not None and k < 1:
        raise ValueError(f"{name}: k must be at least 1, got {k}")
    if np.isnan(scores).any() or not (relevance >= 0).all():
        raise ValueError(f"{name}: scores must not be nan, and relevance must be 0 or above")
    return scores, relevance


def _mean(values):
    return float(np.mean(values)) if len(values) else float("nan")
