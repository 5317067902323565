"""Metrics of rankings, beside scikit-learn's and beside the mean over every order that ties allow."""

import math
from itertools import permutations, product

import numpy as np
from sklearn import metrics as reference

from course_lib import metrics as ours
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.specs.metrics import worst


def ranked(dtype=np.float64, relevant=0.3):
    """Scores with ties, and graded relevance."""
    rng = np.random.default_rng(4)
    for n, items, decimals in ((1, 2, 9), (5, 7, 0), (20, 30, 0), (20, 30, 9)):
        grades = rng.integers(1, 5, (n, items)) * (rng.random((n, items)) < relevant)
        yield np.round(rng.normal(size=(n, items)), decimals).astype(dtype), grades


def ndcg_error(dtype):
    return worst((ours.ndcg(s, r, k), reference.ndcg_score(r, s, k=k))
                 for s, r in ranked(dtype) for k in (None, 1, 3, 100))  # fmt: skip


def orders(scores):
    """Every ranking that the scores allow, best first."""
    return [p for p in permutations(range(len(scores))) if (np.diff(scores[list(p)]) <= 0).all()]


def over_orders(value):
    """Mean of a value over all rankings that the scores allow, for each row, then over rows."""
    return lambda scores, relevance: np.mean(
        [np.mean([value(r[list(p)]) for p in orders(s)]) for s, r in zip(scores, relevance, strict=True)]
    )


def small_ranked():
    rng = np.random.default_rng(5)
    for _ in range(6):
        yield rng.integers(0, 3, (4, 5)).astype(float), rng.integers(0, 3, (4, 5)) * (rng.random((4, 5)) < 0.6)


def dcg_ratio(k):
    def value(gains):
        dcg = lambda g: sum(x / math.log2(i + 2) for i, x in enumerate(g[:k]))  # noqa: E731
        return dcg(gains) / dcg(sorted(gains, reverse=True)) if any(gains) else 0.0

    return value


def ndcg_by_orders_error(dtype):
    return worst((ours.ndcg(s, r, 3), over_orders(dcg_ratio(3))(s, r)) for s, r in small_ranked())


def hits_by_orders_error(dtype):
    twin = over_orders(lambda gains: float(any(gains[:2] > 0)))
    return worst((ours.hit_rate(s, r, 2), twin(s, r)) for s, r in small_ranked())


def top_k_error(dtype):
    """One relevant item in each row and no ties: scikit-learn's top-k accuracy."""
    pairs, rng = [], np.random.default_rng(6)
    for items, k in product((3, 10), (1, 2)):
        scores, target = rng.normal(size=(40, items)).astype(dtype), rng.integers(0, items, 40)
        expected = reference.top_k_accuracy_score(target, scores, k=k, labels=range(items))
        pairs.append((ours.hit_rate(scores, np.eye(items)[target], k), expected))
    return worst(pairs)


@holds(rng=seeds())
def order_of_the_items_does_not_matter(rng):
    scores, relevance = rng.integers(0, 4, (2, 3, 8)).astype(float)
    order = rng.permutation(8)
    for metric in (ours.ndcg, ours.hit_rate):
        assert np.isclose(metric(scores[:, order], relevance[:, order], 3), metric(scores, relevance, 3))


@holds(rng=seeds(), k=st.integers(1, 8))
def ranking_by_relevance_itself_is_perfect(rng, k):
    relevance = np.c_[rng.integers(0, 4, (3, 7)), np.ones(3)]
    assert np.isclose(ours.ndcg(relevance, relevance, k), 1)
    assert ours.hit_rate(relevance, relevance, k) == 1


@holds(rng=seeds())
def grows_with_k_up_to_1(rng):
    scores, relevance = rng.integers(0, 4, (3, 8)), np.c_[rng.integers(0, 2, (3, 7)), np.ones(3)]
    rates = [ours.hit_rate(scores, relevance, k) for k in range(1, 9)]
    assert rates == sorted(rates)
    assert rates[-1] == 1


SPECS = (
    Spec("metrics.hit_rate", parity=Measured("sklearn.metrics.top_k_accuracy_score", top_k_error),
         second=Measured("all orders of tied items", hits_by_orders_error),
         properties=(order_of_the_items_does_not_matter, ranking_by_relevance_itself_is_perfect, grows_with_k_up_to_1)),
    Spec("metrics.ndcg", parity=Measured("sklearn.metrics.ndcg_score", ndcg_error),
         second=Measured("all orders of tied items", ndcg_by_orders_error),
         properties=(order_of_the_items_does_not_matter, ranking_by_relevance_itself_is_perfect)),
)  # fmt: skip
