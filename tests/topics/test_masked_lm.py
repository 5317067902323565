"""Hiding follows BERT's rule; a causal encoder cannot see to the right; perplexity is that of the distribution."""

import numpy as np
import pytest

from course_lib.topics import masked_lm


def test_encoding():
    assert masked_lm.encode("Ab, z!").tolist() == [1, 2, 0, 26, 0]


def test_windows_are_pieces_of_the_text():
    found = masked_lm.windows(np.arange(10), 4, 50, np.random.default_rng(0))
    assert (np.diff(found) == 1).all()
    assert found.min() == 0
    assert found.max() == 9


def test_shares_of_hiding():
    rng = np.random.default_rng(0)
    ids = np.ones(100_000, int)
    inputs, targets = masked_lm.hide(ids, np.ones(len(ids), bool), rng.random(len(ids)), np.full(len(ids), 5))
    shares = [(inputs == value).mean() for value in (masked_lm.MASK, 5, 1)]
    np.testing.assert_allclose(shares, [0.8, 0.1, 0.1], atol=0.01)
    assert (targets == ids).all()


def test_what_is_not_picked_stays_and_has_no_target():
    inputs, targets = masked_lm.hide(np.arange(5), np.zeros(5, bool), np.zeros(5), np.zeros(5, int))
    assert inputs.tolist() == [0, 1, 2, 3, 4]
    assert set(targets.tolist()) == {masked_lm.IGNORE}


@pytest.mark.parametrize("causal", [False, True])
def test_only_a_causal_encoder_is_blind_to_the_right(causal):
    model = masked_lm.Encoder(6, causal=causal, rng=np.random.default_rng(0))
    one, other = np.zeros((1, 6), int), np.array([[0, 0, 0, 0, 0, 7]])
    same = np.allclose(model(one).data[:, :5], model(other).data[:, :5], atol=1e-6)
    assert same == causal


def test_perplexity_of_equal_chances():
    assert masked_lm.perplexity(np.log(np.full(7, 1 / 27))) == pytest.approx(27)


def test_training_beats_a_guess_on_a_text_that_repeats():
    ids = np.tile(np.arange(1, 6), 200)
    model = masked_lm.train(ids, 0, steps=80)
    pieces = masked_lm.windows(ids, 7, 200, np.random.default_rng(1))
    assert (masked_lm.guess(model, pieces).argmax(1) == pieces[:, 3]).mean() > 0.9
