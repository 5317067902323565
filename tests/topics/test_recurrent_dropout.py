"""Masks are tied or not, keep the mean, and do to the memory what the chapter says."""

import numpy as np
import pytest

from course_lib.topics import recurrent_dropout as topic


def made(kind, p=0.25):
    return topic.masks(kind, 6, 50, 40, p, np.random.default_rng(0))


def test_one_mask_is_the_same_at_every_step_and_new_ones_are_not():
    tied, new = made("one mask"), made("new masks")
    assert (tied == tied[:1]).all()
    assert not (new == new[:1]).all()


@pytest.mark.parametrize("kind", topic.KINDS)
def test_the_mean_is_kept(kind):
    assert made(kind).mean() == pytest.approx(1, abs=0.05)


def test_share_of_zeros():
    assert (made("new masks") == 0).mean() == pytest.approx(0.25, abs=0.02)


def test_the_symbol_stands_at_the_first_step():
    x, y = topic.recall(100, 5, np.random.default_rng(0))
    assert x.shape == (5, 100, 4)
    assert (x[0].argmax(1) == y).all()


def test_one_mask_keeps_the_memory():
    assert topic.train("one mask", 5)[1] > topic.train("new masks", 5)[1] + 0.3


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="got 'two masks'"):
        made("two masks")
