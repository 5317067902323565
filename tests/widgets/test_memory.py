"""A thousand changes leave no memory behind, in any widget, and the last one is what it shows."""

import gc
import tracemalloc
from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest

from course_lib import nn, random
from course_lib import widgets as w
from course_lib.topics import char_lstm, copying
from tests.widgets.chats import new_chat

BEFORE, EACH = 900, 50  # changes before the count of bytes begins (it is slow), and in each round of it
X = np.random.default_rng(0).normal(size=(20, 8))


def reader(kind):
    model = char_lstm.CharLSTM("abc ", 6, 4, rng=np.random.default_rng(0))
    model.lstm = kind(4, 6, batch_first=True, rng=np.random.default_rng(1))
    return model


def mlp():
    random.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2))


def points():
    y = np.arange(20) % 2
    return SimpleNamespace(x_train=X, y_train=y, x_test=X, y_test=y)


def table():
    return [{"id": f"S0-{i}", "article": "S0", "chapter": 1, "verdict": "wrong", "says": "a", "correction": "b",
             "source": ""} for i in range(9)]  # fmt: skip


def fresh(new_trainer, name):
    """A widget, small where it can be, and what moves its main control to the i-th place."""
    return {
        "TrainDeck": lambda: (w.TrainDeck(new_trainer()), lambda i: {"lr": 1e-3 * (1 + i % 7)}),
        "GradFlow": lambda: (w.GradFlow(mlp(), (X, np.arange(20) % 2)), lambda i: {"lr": 1e-3 * (1 + i % 7)}),
        "OptiRace": lambda: (w.OptiRace(steps=3), lambda i: {"lr": 1e-2 * (1 + i % 7)}),
        "ActLab": lambda: (w.ActLab(mlp(), X), lambda i: {"scale": 1 + i % 7}),
        "LossLab": lambda: (w.LossLab(), lambda i: {"lr": 1e-2 * (1 + i % 7)}),
        "GraphStepper": lambda: (w.GraphStepper(lambda a=3.0: a * a), lambda i: {"leaf_a": 1 + i % 7}),
        "ConvStep": lambda: (w.ConvStep(), lambda i: {"stride": 1 + i % 3}),
        "GateTape": lambda: (w.GateTape(reader(nn.LSTM), "a cab", rnn=reader(nn.RNN)), lambda i: {"unit": 1 + i % 6}),
        "CompressDial": lambda: (w.CompressDial(mlp(), points()), lambda i: {"sparsity": 10 * (i % 7)}),
        "TokenLab": lambda: (w.TokenLab(text="the cat sat"), lambda i: {"t": i % 5}),
        "SampleLab": lambda: (w.SampleLab(X.ravel()), lambda i: {"T": i % 7 / 4}),
        "AttnMap": lambda: (w.AttnMap(copying.Attending(4, rng=np.random.default_rng(0)), list(range(4))),
                            lambda i: {"t": i % 4 + 1}),
        "ChatLab": lambda: (w.ChatLab(new_chat()), lambda i: {"temperature": i % 7 / 4}),
        "ClaimTable": lambda: (w.ClaimTable(table(), str), lambda i: {"words": "abc"[: i % 4]}),
    }[name]()  # fmt: skip


WIDGETS = sorted(set(w.__all__) - {"Lab", "Predict", "plot", "show", "style"})


@pytest.mark.parametrize("name", WIDGETS)
def test_a_thousand_changes_leave_nothing_behind(name, new_trainer):
    """A round leaves no more than the one before: caches and the history (short here) are full.

    What else lives in this process may be counted too, once; what a change leaves behind is there in every round.
    """
    lab, place = fresh(new_trainer, name)
    lab._done, left = deque(maxlen=20), []
    try:
        for count in (BEFORE, *[EACH] * 6):
            for i in range(count):
                lab.set(**place(i))
                assert lab.error == ""
            gc.collect()
            left.append(tracemalloc.get_traced_memory()[0])
            tracemalloc.start()
            if len(left) > 2 and left[-1] - left[-2] < 20_000:
                break
        assert left[-1] - left[-2] < 20_000, left
        (control, value), = place(EACH - 1).items()
        assert lab._meta["state"][control] == value
        assert len(lab.history) <= 20
    finally:
        tracemalloc.stop()
        lab.close()


def test_the_history_keeps_the_last_thousand():
    lab = w.OptiRace(steps=1)
    for i in range(1010):
        lab._note({"act": str(i)})
    assert [len(lab.history), lab.history[0], lab.history[-1]] == [1000, {"act": "10"}, {"act": "1009"}]


def test_draws_and_other_texts_leave_nothing_behind():
    """The same where a text is read anew and where tokens are drawn."""
    tokens, sample = w.TokenLab(text="the cat sat"), w.SampleLab(X.ravel())
    left = []
    tracemalloc.start()
    for lab in (tokens, sample):
        lab._done = deque(maxlen=20)
    for _ in range(3):
        for i in range(40):
            tokens.set(text=f"the cat {i % 7}")
            sample.set(T=i % 9 / 4).act("draws")
        gc.collect()
        left.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert left[2] - left[1] < 50_000, left
