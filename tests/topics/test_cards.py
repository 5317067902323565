"""Parameters counted against published numbers, the library's own layers and PyTorch's; dates and citations."""

import pytest
import torch

from course_lib import nn
from course_lib.topics import cards

COUNTED = [card for card in cards.cards().values() if card.family]
# The authors of these count otherwise: BERT-large with its heads, GPT-1 and GPT-2 small by an estimate.
LOOSE = {"bert-large": 0.02, "gpt2-small": 0.07, "gpt2-xl": 0.04, "alexnet": 0.04, "t5-11b": 0.03}


@pytest.mark.parametrize("card", COUNTED, ids=lambda c: c.id)
def test_the_count_meets_the_published_number(card):
    assert abs(card.parameters / card.published - 1) < LOOSE.get(card.id, 0.012)


@pytest.mark.parametrize(("id", "known"), [
    ("gpt2-small", 124_439_808), ("gpt2-xl", 1_557_611_200), ("bert-base", 109_482_240), ("bert-large", 335_141_888),
    ("gpt1", 116_534_784), ("vit-b16", 86_567_656), ("t5-small", 60_506_624), ("smollm2-135m", 134_515_008),
])  # fmt: skip
def test_the_count_is_that_of_the_released_weights(id, known):
    """Sizes of the checkpoints that their authors released."""
    assert cards.cards()[id].parameters == known


def test_a_block_as_pytorch_builds_it():
    for d, d_ff in ((8, 32), (16, 24)):
        block = torch.nn.TransformerEncoderLayer(d, nhead=4, dim_feedforward=d_ff)
        assert cards.block_parameters(d, d_ff) == sum(p.numel() for p in block.parameters())
    assert cards.block_parameters(768, 3072) == 12 * 768**2 + 13 * 768


def test_a_layer_as_the_library_builds_it():
    assert cards.linear_parameters(5, 3) == sum(p.size for p in nn.Linear(5, 3).parameters())


def test_layers_by_hand():
    assert cards.count_parameters("layers", layers=[(2, 3), (3, 1)]) == 9 + 4


def test_cards_are_sorted_and_complete():
    found = list(cards.cards().values())
    assert [c.date for c in found] == sorted(c.date for c in found)
    for card in found:
        assert set(card.citation) == {"authors", "title", "venue", "year"}
        assert len(card.date) == 7
        assert bool(card.family) == bool(card.shape)
        assert card.citation["year"] >= card.year  # first shown, then published


def test_without_an_architecture_the_published_number_counts():
    assert cards.cards()["palm"].parameters == 540e9
    assert cards.cards()["clip"].parameters is None


@pytest.mark.parametrize(("family", "shape", "message"), [
    ("lstm", {}, "family must be one of gpt, bert"),
    ("gpt", {"vocab": 10, "context": 5, "d": -1, "layers": 2}, "d must not be negative, got -1"),
])  # fmt: skip
def test_errors_say_what_is_allowed(family, shape, message):
    with pytest.raises(ValueError, match=message):
        cards.count_parameters(family, **shape)
