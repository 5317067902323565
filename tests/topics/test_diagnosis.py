"""Sensitivity, thresholds, intervals: equal to scikit-learn's or to a count by hand, and covering as promised."""

import numpy as np
import pytest
from sklearn.metrics import recall_score

from course_lib.topics import diagnosis as d


def test_the_splits_are_disjoint_and_the_model_beats_the_majority():
    found = d.diagnose(seed=0)
    assert len(found.p_test) == 171
    assert ((found.p_test >= 0.5) == found.y_test).mean() > 0.9 > 1 - found.y_test.mean()
    assert found.x_test.shape == (171, len(found.names)) == (171, 30)


def test_sensitivity_and_specificity_are_two_recalls():
    rng = np.random.default_rng(0)
    p, y = rng.random(80).round(1), rng.integers(0, 2, 80)
    want = recall_score(y, p >= 0.6), recall_score(y, p >= 0.6, pos_label=0)
    assert d.sensitivity_specificity(p, y, 0.6) == pytest.approx(want)
    assert np.isnan(d.sensitivity_specificity([0.5], [0])[0])
    with pytest.raises(ValueError, match=r"\(2,\) and \(1,\)"):
        d.sensitivity_specificity([0.5, 0.6], [1])


@pytest.mark.parametrize("wanted", [0.5, 0.9, 1.0])
def test_the_threshold_finds_enough_and_no_higher_one_does(wanted):
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 60)
    p = rng.random(60)
    t = d.threshold_for_sensitivity(p, y, wanted)
    assert d.sensitivity_specificity(p, y, t)[0] >= wanted
    higher = p[p > t].min()
    assert d.sensitivity_specificity(p, y, higher)[0] < wanted


def test_a_wish_that_cannot_be_met_is_refused():
    with pytest.raises(ValueError, match="0 ill"):
        d.threshold_for_sensitivity([0.5], [0], 0.9)


def test_conformal_intervals_cover():
    rng = np.random.default_rng(0)
    covered = [np.mean(np.abs(rng.standard_t(3, 200)) <= d.conformal_radius(rng.standard_t(3, 99), 0.9))
               for _ in range(100)]  # fmt: skip
    assert 0.89 < np.mean(covered) < 0.92
    assert d.conformal_radius([1, -3, 2, 4], 0.6) == 3
    assert d.conformal_radius([1, 2], 0.9) == np.inf
