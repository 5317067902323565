"""Rates against a confusion matrix; thresholds and synthetic groups against their definitions."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from course_lib.topics import fairness

rng = np.random.default_rng(0)
Y, CHOSEN, GROUP = rng.integers(0, 2, 300), rng.integers(0, 2, 300), rng.choice(["a", "b", "c"], 300)


def test_rates_are_those_of_the_confusion_matrix():
    for g, rates in fairness.group_rates(CHOSEN, Y, GROUP).items():
        tn, fp, fn, tp = confusion_matrix(Y[g == GROUP], CHOSEN[g == GROUP]).ravel()
        right = (tp + fp) / rates["n"], tp / (tp + fn), fp / (fp + tn), tp / (tp + fp)
        np.testing.assert_allclose([rates[k] for k in ("selected", "tpr", "fpr", "ppv")], right)


def test_gap_is_zero_for_equal_groups_and_one_at_worst():
    y = np.array([0, 1, 0, 1])
    group = np.array([0, 0, 1, 1])
    assert fairness.equalized_odds_gap(np.array([0, 1, 0, 1]), y, group) == 0
    assert fairness.equalized_odds_gap(np.array([0, 0, 0, 1]), y, group) == 1


def test_thresholds_reach_the_rate_and_no_higher_one_does():
    score = rng.random(300)
    for g, cut in fairness.equal_opportunity_thresholds(score, Y, GROUP, 0.7).items():
        positive = score[(g == GROUP) & (Y == 1)]
        assert (positive >= cut).mean() >= 0.7 > (positive > cut).mean()


def test_scores_are_calibrated_within_each_group():
    score, y, group = fairness.calibrated_groups(40_000, (0.3, 0.6), np.random.default_rng(0))
    for g, base in ((0, 0.3), (1, 0.6)):
        assert abs(y[group == g].mean() - base) < 0.01
        for low in np.arange(0, 1, 0.2):
            here = (group == g) & (score >= low) & (score < low + 0.2)
            assert abs(y[here].mean() - score[here].mean()) < 0.03


@pytest.mark.parametrize(("call", "message"), [
    (lambda: fairness.group_rates(CHOSEN[:2], Y, GROUP), "shapes differ"),
    (lambda: fairness.equal_opportunity_thresholds(Y, Y, GROUP, 0), r"tpr must lie in \(0, 1\]"),
    (lambda: fairness.equal_opportunity_thresholds(Y, 0 * Y, GROUP, 0.5), "no positive sample"),
    (lambda: fairness.calibrated_groups(5, (0.0, 0.5), rng), "means must lie"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
