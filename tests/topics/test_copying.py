"""The copy task: attention's weights are a softmax, and the training does what the chapter says."""

import numpy as np
import pytest

from course_lib.topics import copying


def test_the_weights_are_shares():
    weights = copying.Attending(5, rng=np.random.default_rng(0)).weights()
    assert weights.shape == (5, 5)
    np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", copying.MODELS)
def test_logits_for_every_position(name):
    model = copying.MODELS[name](5, rng=np.random.default_rng(0))
    assert model(np.zeros((3, 5), int)).shape == (3, 5, copying.SYMBOLS)


def test_attention_copies():
    model, score = copying.train("attention", 5, seed=3, steps=150)
    assert score > 0.95
    assert (model.weights().argmax(1) == np.arange(5)).all()


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="attention, LSTM, got 'GRU'"):
        copying.train("GRU", 5, 0)
