"""Prototypes agree with scikit-learn's nearest centroid; attributes with its ridge regression."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.neighbors import NearestCentroid

from course_lib.topics import few_shot, zero_shot

rng = np.random.default_rng(0)
LABELS = np.array([0, 0, 1, 1, 1, 2, 2])
SUPPORT, QUERIES = rng.normal(size=(7, 4)) + LABELS[:, None], rng.normal(size=(50, 4)) + 1


def test_nearest_prototype_is_nearest_centroid():
    found = few_shot.nearest(QUERIES, few_shot.prototypes(SUPPORT, LABELS))
    np.testing.assert_array_equal(found, NearestCentroid().fit(SUPPORT, LABELS).predict(QUERIES))


def test_ties_go_to_the_lower_class():
    assert few_shot.nearest(np.array([[1.0]]), np.array([[0.0], [2.0]])).tolist() == [0]


def test_shots_are_distinct_and_balanced():
    labels = np.repeat([0, 1, 2], 10)
    found = few_shot.draw_shots(labels, 4, np.random.default_rng(0))
    assert len(set(found.tolist())) == 12
    assert np.bincount(labels[found]).tolist() == [4, 4, 4]


def test_attributes_are_ridge_regression():
    attributes = rng.normal(size=(7, 2))
    weights = zero_shot.attribute_weights(SUPPORT, attributes, 0.5)
    ones = np.column_stack([SUPPORT, np.ones(7)])  # the constant is penalised like the rest
    right = Ridge(alpha=0.5, fit_intercept=False).fit(ones, attributes)
    np.testing.assert_allclose(weights, right.coef_.T, rtol=1e-9)
    np.testing.assert_allclose(zero_shot.predict_attributes(weights, SUPPORT), right.predict(ones), rtol=1e-9)


def test_every_digit_lights_other_segments():
    assert len({tuple(row) for row in zero_shot.SEGMENTS}) == 10


@pytest.mark.parametrize(("call", "message"), [
    (lambda: few_shot.prototypes(np.zeros((2, 3)), np.array([0, 2])), "no sample of class 1"),
    (lambda: few_shot.prototypes(np.zeros(2), np.array([0, 1])), r"features \(N, D\)"),
    (lambda: few_shot.nearest(np.zeros((2, 3)), np.zeros((2, 4))), r"\(K, D\)"),
    (lambda: few_shot.draw_shots(np.array([0, 0, 1]), 2, rng), r"1\.\.1, got 2"),
    (lambda: zero_shot.attribute_weights(np.zeros((2, 3)), np.zeros((3, 1))), "2 inputs and 3"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
