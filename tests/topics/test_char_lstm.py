"""The text generator: targets are the next characters, baselines are probabilities, and it learns."""

import numpy as np
import pytest

from course_lib.topics import char_lstm

TEXT = "abracadabra "


def test_unseen_characters_become_the_unknown_one():
    letters = char_lstm.alphabet("banana")
    assert letters == char_lstm.UNKNOWN + "abn"
    np.testing.assert_array_equal(char_lstm.encode("nab?", letters), [3, 1, 2, 0])


@pytest.mark.parametrize(("n", "length"), [(2, 1), (9, 4), (10, 4), (50, 7)])
def test_the_target_is_the_next_character(n, length):
    x, y = char_lstm.windows(np.arange(n), length)
    np.testing.assert_array_equal(y, x + 1)
    assert x.shape == y.shape == ((n - 1) // length, length)
    np.testing.assert_array_equal(x.ravel(), np.arange(x.size))


@pytest.mark.parametrize(("n", "length"), [(0, 3), (3, 3), (5, 0)])
def test_a_text_that_is_too_short_is_refused(n, length):
    with pytest.raises(ValueError, match="no window"):
        char_lstm.windows(np.arange(n), length)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_every_count_model_is_a_distribution(order):
    """The probabilities of all characters that could follow add up to 1, seen contexts and unseen ones alike."""
    train = char_lstm.encode(TEXT * 3, char_lstm.alphabet(TEXT))
    size = len(char_lstm.alphabet(TEXT))
    for context in ([1, 2], [0, 0], [5, 3]):
        logs = [len(context + [c]) * char_lstm.ngram_bits(train, np.array([*context, c]), size, order)
                - len(context) * char_lstm.ngram_bits(train, np.array(context), size, order)
                for c in range(size)]  # fmt: skip
        assert np.sum(2.0 ** -np.array(logs)) == pytest.approx(1)


def test_order_zero_is_uniform_and_order_one_counts():
    ids = np.array([1, 1, 1, 2])
    assert char_lstm.ngram_bits(ids, ids, 4, 0) == pytest.approx(2)
    p = np.array([3.25, 3.25, 3.25, 1.25]) / 5  # (count + 1/4) / (4 + 1)
    assert char_lstm.ngram_bits(ids, ids, 4, 1) == pytest.approx(-np.log2(p).mean())
    with pytest.raises(ValueError, match="order"):
        char_lstm.ngram_bits(ids, ids, 4, -1)


def trained():
    letters = char_lstm.alphabet(TEXT)
    model = char_lstm.CharLSTM(letters, hidden=24, rng=np.random.default_rng(0))
    ids = char_lstm.encode(TEXT * 40, letters)
    before = char_lstm.bits(model, ids, 64)
    char_lstm.train(model, ids, length=24, batch_size=8, steps=80, lr=2e-2)
    return model, ids, before


def test_it_learns_what_repeats_and_writes_it():
    model, ids, before = trained()
    assert before > 2.5
    assert char_lstm.bits(model, ids, 64) < 0.5 < char_lstm.ngram_bits(ids, ids, len(model.letters), 2)
    assert char_lstm.generate(model, TEXT, 24, 0) == TEXT * 3


def test_the_same_seed_writes_the_same_and_never_the_unknown_character():
    model = char_lstm.CharLSTM(char_lstm.alphabet(TEXT), hidden=4, rng=np.random.default_rng(0))
    one, two = (char_lstm.generate(model, "a", 200, 2.0, np.random.default_rng(3)) for _ in range(2))
    assert one == two
    assert len(one) == 201
    assert char_lstm.UNKNOWN not in one


@pytest.mark.parametrize(("prompt", "temperature"), [("", 1.0), ("a", -1.0)])
def test_bad_arguments_are_named(prompt, temperature):
    model = char_lstm.CharLSTM("?ab", hidden=4, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="prompt"):
        char_lstm.generate(model, prompt, 3, temperature)


def test_stepping_with_the_state_is_reading_at_once():
    model = char_lstm.CharLSTM("?abcd", hidden=6, rng=np.random.default_rng(0))
    ids = np.array([[1, 2, 3, 4, 1, 1]])
    whole = model(ids).data
    first, state = model.step(ids[:, :2])
    second, _ = model.step(ids[:, 2:], state)
    np.testing.assert_allclose(np.concatenate([first.data, second.data], 1), whole, rtol=1e-5, atol=1e-6)
