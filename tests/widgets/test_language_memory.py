"""Changes leave no memory behind."""

import gc
import tracemalloc
from collections import deque

import numpy as np
import pytest

from course_lib.topics import copying
from course_lib.widgets import AttnMap, SampleLab, TokenLab


def tokens():
    return TokenLab(text="the cat sat"), lambda lab, i: lab.set(t=i % 5, text=f"the cat {i % 7}")


def sample():
    return SampleLab(np.random.default_rng(0).normal(size=50)), lambda lab, i: lab.set(T=i % 9 / 4).act("draws")


def heads():
    model = copying.Attending(8, rng=np.random.default_rng(0))
    return AttnMap(model, list(range(8))), lambda lab, i: lab.set(t=i % 8 + 1)


@pytest.mark.parametrize("make", [tokens, sample, heads])
def test_updates_leave_nothing_behind(make):
    """A third round of changes leaves no more than the second did: caches and the history (short here) are full."""
    lab, move = make()
    lab._done = deque(maxlen=20)
    tracemalloc.start()
    left = []
    for _ in range(3):
        for i in range(120):
            move(lab, i)
        gc.collect()
        left.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert left[2] - left[1] < 50_000, left
