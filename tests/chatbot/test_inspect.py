"""Where a decoder looks: rows of attention, the logits behind them, and what hiding a token changes."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from course_lib.attention import causal_mask
from course_lib.chatbot import inspect, transformer
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.chatbot.weights import to_arrays
from tests.chatbot.models import CONFIGS, make

IDS = [1, 2, 3, 59, 0, 4, 1]


def decoder_and_model(name):
    model = make(name)
    return NumpyDecoder(model.config, to_arrays(model)), model


@pytest.mark.parametrize("name", CONFIGS)
def test_logits_are_torchs_and_rows_sum_to_one(name):
    decoder, model = decoder_and_model(name)
    logits, weights = inspect.look(decoder, IDS)
    with torch.inference_mode():
        np.testing.assert_allclose(logits, model(torch.tensor([IDS]))[0].numpy(), atol=1e-4)
    assert weights.shape == (2, 4, 7, 7)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert not weights[..., ~causal_mask(7)].any()


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_weights_are_those_of_torchs_attention(name, monkeypatch):
    decoder, model = decoder_and_model(name)
    seen = []

    def record(q, k, v, mask):
        k, v = (a.repeat_interleave(q.shape[1] // a.shape[1], 1) for a in (k, v))
        scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, -torch.inf)
        seen.append(scores.softmax(-1))
        return seen[-1] @ v

    monkeypatch.setattr(transformer, "fused_attention", record)
    with torch.inference_mode():
        model(torch.tensor([IDS]))
    np.testing.assert_allclose(inspect.look(decoder, IDS)[1], torch.cat(seen), atol=1e-5)


@pytest.mark.parametrize("name", CONFIGS)
def test_rows_of_a_position_are_those_of_the_whole(name):
    decoder, _ = decoder_and_model(name)
    whole = inspect.look(decoder, IDS)[1]
    for at in range(len(IDS)):
        rows = inspect.attention_rows(decoder, IDS, at)
        assert rows.shape == (2, 4, at + 1)
        np.testing.assert_allclose(rows, whole[:, :, at, : at + 1], atol=1e-6)
    np.testing.assert_array_equal(inspect.attention_rows(decoder, IDS), inspect.attention_rows(decoder, IDS, 6))


def test_masks_at_once_are_masks_one_by_one():
    decoder, _ = decoder_and_model("llama")
    rng = np.random.default_rng(0)
    masks = rng.random((5, 7, 7)) < 0.5
    masks |= np.eye(7, dtype=bool)
    logits, weights = inspect.look(decoder, IDS, masks)
    for mask, row, p in zip(masks, logits, weights, strict=True):
        alone = inspect.look(decoder, IDS, mask)
        np.testing.assert_allclose(row, alone[0], atol=1e-4)
        np.testing.assert_allclose(p, alone[1], atol=1e-5)
        assert not alone[1][..., ~mask].any()
        at = int(rng.integers(7))
        np.testing.assert_allclose(inspect.look(decoder, IDS, mask, at)[0], alone[0][at], atol=1e-4)
    some, none = inspect.look(decoder, IDS, masks, 3)
    np.testing.assert_allclose(some, logits[:, 3], atol=1e-4)
    assert none is None


def test_without_the_causal_mask_the_first_token_sees_the_last():
    decoder, _ = decoder_and_model("llama")
    full = np.ones((7, 7), bool)
    assert (inspect.look(decoder, IDS, full)[1][:, :, 0, -1] > 0).all()
    changed = [*IDS[:-1], 8]
    assert np.abs(inspect.look(decoder, IDS, full)[0][0] - inspect.look(decoder, changed, full)[0][0]).max() > 1e-3
    np.testing.assert_allclose(inspect.look(decoder, IDS)[0][0], inspect.look(decoder, changed)[0][0], atol=1e-5)


def test_hiding_a_token_is_leaving_its_column_out():
    decoder, _ = decoder_and_model("llama")
    mask, at, target = causal_mask(7), 5, 9
    found = inspect.effects(lambda *a: inspect.look(decoder, *a), IDS, mask, at, target)

    def log_p(mask):
        x = inspect.look(decoder, IDS, mask)[0][at].astype(float)
        return (x - np.log(np.exp(x).sum()))[target]

    for j in range(7):
        hidden = mask.copy()
        hidden[:, j] = False
        hidden[0, 0] = True  # the first token has nothing else
        np.testing.assert_allclose(found[j], log_p(hidden) - log_p(mask), atol=1e-4)
    assert found[6] == pytest.approx(0, abs=1e-5)  # what comes later plays no part
    assert np.abs(found[:5]).min() > 1e-4


@pytest.mark.parametrize(
    ("ids", "mask", "words"),
    [
        ([], None, "at least one"),
        ([0.5], None, "whole numbers"),
        ([[1, 2]], None, r"\(1, 2\)"),
        ([60], None, "id 60 is outside the vocabulary of 60"),
        ([-1], None, "id -1"),
        ([1] * 49, None, "49 tokens, but block_size is 48"),
        ([1, 2], np.ones((3, 3), bool), r"\(3, 3\)"),
        ([1, 2], np.ones((2, 2)), "Boolean"),
        ([1, 2], np.zeros((2, 2), bool), "nothing to look at"),
    ],
)
def test_what_does_not_fit_is_named(ids, mask, words):
    decoder, _ = decoder_and_model("llama")
    with pytest.raises(ValueError, match=words):
        inspect.look(decoder, ids, mask)


@pytest.mark.parametrize("at", [7, -8])
def test_a_position_that_is_not_there_is_named(at):
    decoder, _ = decoder_and_model("llama")
    for call in (inspect.look, inspect.attention_rows):
        with pytest.raises(ValueError, match=f"position among 7 tokens, got {at}"):
            call(decoder, IDS, at=at)


def test_it_needs_no_torch():
    code = "import sys; sys.modules['torch'] = None; import course_lib.chatbot.inspect, course_lib.chatbot.bpe"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_learners_attention_is_the_one_that_is_shown():
    """`use_mine` replaces the rule of the function; the weights shown are what that rule makes of the identity."""
    from course_lib.attention import scaled_dot_product_attention as own
    from course_lib.checks.chapter05 import attention_weights as exercise

    decoder, _ = decoder_and_model("llama")
    before, library = inspect.look(decoder, IDS)[1], own.rule

    def flat(q, k, causal=False):
        return np.tri(q.shape[-2], k.shape[-2]) / np.arange(1, q.shape[-2] + 1)[:, None] + 0 * (q @ k.swapaxes(-1, -2))

    rule = exercise.for_the_library(flat, lambda *a: library(*a)[0])
    try:
        own.rule = lambda *args: (rule(*args), library(*args)[1])
        np.testing.assert_allclose(inspect.look(decoder, IDS)[1][0, 0, 3], [1 / 4] * 4 + [0] * 3, atol=1e-6)
    finally:
        own.rule = library
    np.testing.assert_array_equal(inspect.look(decoder, IDS)[1], before)
