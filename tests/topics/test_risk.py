"""Precision-recall as scikit-learn computes it; thresholds, contributions and orders that no other choice beats."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from course_lib.topics import risk

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 2, 200)
SCORE = (RNG.normal(size=200) + Y).round(1)  # with ties


def test_precision_and_recall_equal_scikit_learns():
    precision, recall, threshold = precision_recall_curve(Y, SCORE)
    ours = risk.precision_recall(SCORE, Y)
    for mine, theirs in zip(ours, (precision[:-1], recall[:-1], threshold), strict=True):
        np.testing.assert_allclose(mine, theirs[::-1])
    assert risk.average_precision(SCORE, Y) == pytest.approx(average_precision_score(Y, SCORE))


def test_no_threshold_is_cheaper():
    t = risk.cheapest_threshold(SCORE, Y, 1, 5)
    best = risk.total_cost(SCORE, Y, t, 1, 5)
    assert best == min(risk.total_cost(SCORE, Y, s, 1, 5) for s in [*np.linspace(-5, 5, 500), np.inf])
    assert risk.cheapest_threshold([0.3, 0.2], [0, 0], 1, 5) == np.inf


def test_calibrated_scores_reach_the_textbook_threshold():
    p = RNG.random(50_000)
    y = (RNG.random(50_000) < p).astype(int)
    assert risk.cheapest_threshold(p[:4000], y[:4000], 1, 4) == pytest.approx(0.2, abs=0.06)


def test_the_cost_counts_both_errors():
    assert risk.total_cost([0.9, 0.9, 0.1, 0.1], [1, 0, 1, 0], 0.5, 3, 10) == 13


def test_fairness_by_hand():
    rows = risk.fairness_table([1, 0, 1, 1], [1, 1, 0, 1], [0, 0, 1, 1])
    assert rows[0][:4] == (0, 2, 0.5, 0.5)
    assert np.isnan(rows[0][4])
    assert rows[1] == (1, 2, 1, 1, 1)


def test_contributions_add_up():
    w, x, mean = RNG.normal(size=(3, 5))
    assert risk.contributions(w, x, mean).sum() == pytest.approx(w @ x - w @ mean)


def test_no_other_order_is_cheaper():
    demand = RNG.integers(0, 50, 99).astype(float)
    cost = lambda q: (4 * np.maximum(demand - q, 0) + np.maximum(q - demand, 0)).sum()  # noqa: E731
    assert cost(risk.order_quantity(demand, 4, 1)) == min(map(cost, range(51)))
    with pytest.raises(ValueError, match="positive costs"):
        risk.order_quantity(demand, 0, 1)


def test_cases_are_rare_and_one_group_is_noisier():
    cases = risk.make_cases(6000)
    assert 0.005 < cases.y.mean() < 0.03
    assert cases.x[cases.group == 1].std() > cases.x[cases.group == 0].std()
