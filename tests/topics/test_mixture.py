"""The gate, the balance and the counts against sums written out."""

import numpy as np
import pytest
from scipy.special import softmax

from course_lib.topics import mixture

X = np.random.default_rng(1).normal(size=(6, 2)).astype(np.float32)


@pytest.mark.parametrize("top", [1, None])
def test_a_mixture_is_shares_times_experts(top):
    model = mixture.Mixture(2, 3, top, rng=np.random.default_rng(0))
    shares = softmax(X @ model.gate.weight.data.T + model.gate.bias.data, 1)
    outputs = X @ model.experts.weight.data.T + model.experts.bias.data
    best = shares.argmax(1)
    right = (shares * outputs).sum(1) if top is None else (shares * outputs)[np.arange(6), best]
    np.testing.assert_allclose(model(X).data, right, rtol=1e-5)


def test_balance_runs_from_1_to_the_number_of_experts():
    assert mixture.balance(np.eye(4)) == 1
    assert mixture.balance(np.eye(4)[[0, 0, 0]]) == 4


def test_counts():
    parameters, flops = mixture.counts(4, 8, 1)
    assert (parameters, flops) == (2 * 4 * 8 + 4, 2 * (2 * 4 * 8 + 4))
    assert mixture.counts(4, 8, 3) == (3 * 64 + 12, 2 * (64 + 12))


def test_each_quadrant_is_linear():
    x, y, which = mixture.quadrants(400, np.random.default_rng(0), noise=0)
    for k in range(4):
        a = np.column_stack([x[which == k], np.ones((which == k).sum())])
        _, residual, *_ = np.linalg.lstsq(a, y[which == k], rcond=None)
        assert residual.sum() < 1e-6


def test_experts_beat_one_expert():
    one, eight = (mixture.train(mixture.Mixture(2, e, rng=rng), rng, 0.1, 250)
                  for e, rng in ((1, np.random.default_rng(5)), (8, np.random.default_rng(5))))
    assert eight < one / 2


def test_shares_must_be_a_matrix():
    with pytest.raises(ValueError, match=r"expected shares \(N, E\)"):
        mixture.balance(np.ones(3))
