"""Rare events: precision-recall, thresholds from costs, a fairness table, a score explained, how much to order."""

from typing import NamedTuple

import numpy as np


class Cases(NamedTuple):
    """Applicants or transactions: features, label (1 is the rare bad case), group of each."""

    x: np.ndarray  # (N, D)
    y: np.ndarray  # (N,)
    group: np.ndarray  # (N,) 0 or 1


def make_cases(n: int = 30_000, seed: int = 0) -> Cases:
    """Synthetic cases with about 1 % bad ones, made by scikit-learn's make_classification; no real person is in them.

    Group 1 is a third of the cases. All its features are measured with more noise, so that the same model knows it
    less well: a common source of unequal error rates.
    """
    from sklearn.datasets import make_classification

    x, y = make_classification(n, 12, n_informative=6, n_redundant=2, weights=[0.99], flip_y=0.004,
                               n_clusters_per_class=1, random_state=seed)  # fmt: skip
    rng = np.random.default_rng(seed)
    group = (rng.random(n) < 1 / 3).astype(int)
    x = x + group[:, None] * rng.normal(size=x.shape)
    return Cases(x, y, group)


def precision_recall(score, y) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision and recall of "score ≥ t" for every different score t, from the highest down; and these thresholds."""
    score, y = np.asarray(score, float), np.asarray(y, int)
    if score.shape != y.shape or score.ndim != 1:
        raise ValueError(f"precision_recall: score and y must both be (N,), got {score.shape} and {y.shape}")
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)[: len(score)]  # the last of equal scores
    found, called = y[order].cumsum()[last], np.flatnonzero(last) + 1
    return found / called, found / max(y.sum(), 1), score[order][last]


def average_precision(score, y) -> float:
    """Σ (R_k - R_(k-1))·P_k over the thresholds of `precision_recall`; a random score gives the share of positives."""
    precision, recall, _ = precision_recall(score, y)
    return float(np.sum(np.diff(recall, prepend=0) * precision))


def total_cost(score, y, threshold: float, false_alarm: float, missed: float) -> float:
    """What the decision "score ≥ threshold is bad" costs on these cases."""
    called, y = np.asarray(score) >= threshold, np.asarray(y)
    return float(false_alarm * (called & (y == 0)).sum() + missed * (~called & (y == 1)).sum())


def cheapest_threshold(score, y, false_alarm: float, missed: float) -> float:
    """The threshold of least `total_cost`, among all scores and infinity (call nothing bad); of equal ones the largest.

    With calibrated probabilities it would be false_alarm / (false_alarm + missed). Elkan, IJCAI 2001.
    """
    candidates = [np.inf, *np.unique(np.asarray(score, float))[::-1]]
    costs = [total_cost(score, y, t, false_alarm, missed) for t in candidates]
    return float(candidates[int(np.argmin(costs))])


def fairness_table(called, y, group) -> list[tuple[int, int, float, float, float]]:
    """For each group (group, size, share called bad, recall, false-alarm rate). Hardt, Price & Srebro, NeurIPS 2016."""
    called, y, group = np.asarray(called, bool), np.asarray(y), np.asarray(group)
    mean = lambda values: float(values.mean()) if values.size else float("nan")  # noqa: E731
    return [
        (int(g), int((group == g).sum()), mean(called[group == g]), mean(called[(group == g) & (y == 1)]),
         mean(called[(group == g) & (y == 0)]))
        for g in np.unique(group)
    ]  # fmt: skip


def contributions(weights, x, mean) -> np.ndarray:
    """What each feature adds to a linear score, compared with the average case: w_j·(x_j - mean_j).

    They add up to score(x) - score(mean): the Shapley values of a linear model with independent features. Lundberg &
    Lee, NeurIPS 2017.
    """
    return np.asarray(weights, float) * (np.asarray(x, float) - np.asarray(mean, float))


def order_quantity(demand, short: float, left: float) -> float:
    """How much to order for a demand seen in the past: its quantile short / (short + left). Arrow et al., 1951.

    `short` is lost for each piece too few, `left` for each piece too many.
    """
    demand = np.sort(np.asarray(demand, float))
    if not len(demand) or short <= 0 or left <= 0:
        raise ValueError(f"order_quantity: expected demands and positive costs, got {len(demand)}, {short}, {left}")
    return float(demand[int(np.ceil(short / (short + left) * len(demand) - 1e-9)) - 1])
