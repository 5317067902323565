"""Language models are distributions, equal to a count by hand; copies, repeats and invented numbers are found."""

import numpy as np
import pytest

from course_lib.topics import writing

TRAIN, TEST = writing.prose()
ALPHABET = "".join(sorted(set(TRAIN + TEST)))


def test_the_split_shares_nothing_and_loses_nothing():
    assert 8 < len(TRAIN) / len(TEST) < 11
    assert TEST[:400] not in TRAIN


def test_witten_bell_by_hand():
    model = writing.NGram("abab", 2, "ab")
    one = (2 + 2 * 0.5) / (4 + 2)  # a: counted twice, two kinds, uniform 1/2
    np.testing.assert_allclose(model.probabilities(""), [one, one])
    after_a = np.array([1 * one, 2 + 1 * one]) / (2 + 1)
    np.testing.assert_allclose(model.probabilities("bba"), after_a)


@pytest.mark.parametrize("order", [1, 3, 6])
def test_probabilities_sum_to_one_and_are_never_zero(order):
    model = writing.NGram(TRAIN[:5000], order, ALPHABET)
    for history in ("", "T", "The data", "\u00d7qqq"):
        p = model.probabilities(history)
        assert p.min() > 0
        assert p.sum() == pytest.approx(1)


def test_bits_of_a_uniform_guess_and_of_longer_histories():
    uniform = writing.NGram("", 1, "abcd")
    assert writing.bits_per_character(uniform, "abcdabcd") == pytest.approx(2)
    bits = [writing.bits_per_character(writing.NGram(TRAIN, n, ALPHABET), TEST) for n in (1, 2, 4)]
    assert bits == sorted(bits, reverse=True)


def test_a_network_learns_more_than_single_characters():
    network = writing.Network(TRAIN[:8000], ALPHABET, epochs=2)
    assert network.probabilities("abc").sum() == pytest.approx(1)
    single = writing.bits_per_character(writing.NGram(TRAIN[:8000], 1, ALPHABET), TEST[:1000])
    assert writing.bits_per_character(network, TEST[:1000]) < single


def test_sampling_follows_temperature_and_seed():
    model = writing.NGram("aaab" * 50, 1)
    cold, hot = (writing.sample(model, "", 300, t, seed=1).count("a") for t in (0.1, 10))
    assert cold == 300
    assert 120 < hot < 200
    assert writing.sample(model, "", 50, 1, seed=3) == writing.sample(model, "", 50, 1, seed=3)
    with pytest.raises(ValueError, match="temperature"):
        writing.sample(model, "", 1, 0)


def test_copies_repeats_words_and_numbers():
    assert writing.copy_rate("the cat sat on", "on the cat sat", 2) == pytest.approx(2 / 3)
    assert np.isnan(writing.copy_rate("one", "one two", 2))
    assert writing.distinct("a b a b a b") == pytest.approx(2 / 5)
    assert writing.word_rate("the catt sat", "the cat sat") == pytest.approx(2 / 3)
    assert writing.unsupported_numbers("569 rows, 31 columns, 1,5 each", "569 rows and 1,5 more") == ["31"]


def test_an_order_below_one_is_refused():
    with pytest.raises(ValueError, match="order"):
        writing.NGram("abc", 0)
