"""The gradient time machine: any step again bit for bit, one value changed, run on, nothing else different."""

import math

import numpy as np
import pytest

from course_lib import nn, optim, random
from course_lib.data.digits import digits
from course_lib.losses import cross_entropy
from course_lib.training import Trainer
from course_lib.widgets import TrainDeck
from course_lib.widgets.frames import unpack
from course_lib.widgets.runs import MAX_STATES
from course_lib.widgets.tape import MOST, observe, quantities

OPTIMIZERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: optim.RMSprop(p, lr=1e-3),
    "adam": lambda p: optim.Adam(p, lr=1e-3, weight_decay=1e-3),
    "adamw": lambda p: optim.AdamW(p, lr=1e-3),
}
every_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)


def trainer(name="adam"):
    """Dropout, batch norm, shuffling in small batches that do not divide the data."""
    random.manual_seed(0)
    data = digits()
    model = nn.Sequential(nn.Linear(64, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 10))
    return Trainer(model, OPTIMIZERS[name](model.parameters()), cross_entropy, (data.x_train[:210], data.y_train[:210]),
                   validation=(data.x_test[:50], data.y_test[:50]), batch_size=20, seed=3)  # fmt: skip


def everything(trainer):
    """All numbers of a trainer: weights, buffers, moments, gradients, losses."""
    state = trainer.state_dict()
    grads = [p.grad for p in trainer.model.parameters() if p.grad is not None]
    arrays = [*state["model"].values(), *(v for v in state["optimizer"].values() if isinstance(v, np.ndarray))]
    return [np.array(a) for a in (*arrays, *grads, state["history"]["steps"], state["order"])]


def same(a, b):
    return len(a) == len(b) and all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))


@every_optimizer
def test_every_step_comes_back_bit_for_bit_gradients_too(name):
    deck, seen = TrainDeck(trainer(name)), {}
    for step in range(1, 41):
        deck.advance(1)
        seen[step] = everything(deck.trainer)
    for step in (17, 3, 40, 39, 11, 12, 22, 1, 40):
        deck.set(rewind=step)
        assert deck.trainer.step_count == deck.state["rewind"] == step
        assert same(everything(deck.trainer), seen[step])
    assert [run.name for run in deck.runs.all] == ["A"]  # looking changes nothing


@every_optimizer
def test_going_on_from_any_step_repeats_the_losses(name):
    deck = TrainDeck(trainer(name))
    deck.advance(40)
    losses, end = list(deck.trainer.history.steps), everything(deck.trainer)
    for step in (0, 13, 33):
        deck.set(run="A") if len(deck.runs.all) > 1 else None
        deck.set(rewind=step)
        deck.advance(40 - step)
        assert deck.trainer.history.steps == losses
        assert same(everything(deck.trainer), end)


@every_optimizer
def test_an_edit_is_one_value_and_comes_back_bit_for_bit(name):
    deck = TrainDeck(trainer(name))
    deck.advance(30)
    before = list(deck.trainer.history.steps)
    deck.set(rewind=14)
    untouched = everything(deck.trainer)
    deck.edit("0.weight", 65, 1.5)
    edited = everything(deck.trainer)
    assert sum(int((x != y).sum()) for x, y in zip(untouched, edited, strict=True)) == 1
    deck.advance(16)
    after, end = list(deck.trainer.history.steps), everything(deck.trainer)
    assert after[:14] == before[:14]
    assert after[14:] != before[14:]
    for step in (20, 14, 29, 5, 30):
        deck.set(rewind=step)
        assert deck.trainer.history.steps == after[:step]
    assert same(everything(deck.trainer), end)
    deck.set(rewind=14)
    assert same(everything(deck.trainer)[:4], edited[:4])
    deck.set(run="A")
    assert deck.trainer.history.steps == before
    deck.set(run="B")
    assert same(everything(deck.trainer), end)


def test_edits_and_rates_at_several_steps_and_a_fork_of_the_fork():
    deck = TrainDeck(trainer())
    deck.advance(12)
    deck.set(lr=0.02).edit("4.bias", 3, -2.0).edit("4.bias", 4, 2.0)
    assert [run.name for run in deck.runs.all] == ["A", "B"]  # both values belong to one change
    deck.advance(6)
    deck.set(lr=0.004)
    deck.advance(6)
    deck.set(rewind=20).edit("0.weight", 0, 0.25)
    deck.advance(9)
    losses = list(deck.trainer.history.steps)
    for step in (13, 29, 12, 18, 19, 29):
        deck.set(rewind=step)
        assert deck.trainer.history.steps == losses[:step]
    again = trainer()
    exec(deck.as_code(), {"trainer": again})
    assert again.history.steps == losses
    assert "By hand at step 12: 4.bias[3] = -2, 4.bias[4] = 2." in deck.summary()


def test_the_slider_changes_the_weight_it_shows():
    deck = TrainDeck(trainer())
    deck.advance(7)
    deck.set(part="4.weight").set(place=17)
    weight = deck.runs.parameter("4.weight").data
    assert deck.state["value"] == float(weight.flat[17])
    deck.set(value=0.75)
    assert float(weight.flat[17]) == deck.state["value"] == 0.75
    assert deck.runs.active.edits == {7: {("4.weight", 17): 0.75}}
    deck.set(part="4.bias")
    assert deck.state["place"] == 9  # there are only ten
    deck.set(rewind=6)
    assert deck.error == ""
    assert deck.runs.active.edits == {7: {("4.weight", 17): 0.75}}


WRONG = [("9.weight", 0, 1.0), ("0.weight", 64 * 24, 1.0), ("0.weight", -1, 1.0), ("0.weight", 0, math.nan),
         ("0.weight", 0, math.inf)]  # fmt: skip


@pytest.mark.parametrize(("name", "place", "value"), WRONG)
def test_an_edit_that_cannot_be_made_is_refused(name, place, value):
    deck = TrainDeck(trainer())
    before = everything(deck.trainer)
    with pytest.raises(ValueError, match="edit: "):
        deck.edit(name, place, value)
    assert same(everything(deck.trainer), before)
    assert len(deck.runs.all) == 1


def test_a_run_that_breaks_on_the_way_back_says_so_and_recovers():
    deck = TrainDeck(trainer())
    deck.advance(30)
    losses, good = list(deck.trainer.history.steps), deck.trainer.loss_fn
    deck.trainer.loss_fn = lambda out, y: undefined_loss  # noqa: F821
    deck.set(rewind=15)
    assert "undefined_loss" in deck.error
    deck.trainer.loss_fn = good
    deck.set(rewind=16)
    assert deck.error == ""
    assert deck.trainer.history.steps == losses[:16]


def test_the_tape_shows_what_numpy_says():
    deck = TrainDeck(trainer())
    deck.advance(10)
    first, last = (deck.runs.parameter(name) for name in ("0.weight", "4.weight"))
    found = dict(zip(quantities(deck.trainer.optimizer), observe(deck.trainer).T, strict=True))
    assert list(found) == ["gradient", "weight", "m", "v", "dead units"]
    for name, arrays in {"gradient": (first.grad, last.grad), "weight": (first.data, last.data)}.items():
        np.testing.assert_allclose(found[name], [np.sqrt(np.mean(np.square(a))) for a in arrays], rtol=1e-5)
    m = deck.trainer.optimizer.state["m"]
    np.testing.assert_allclose(found["m"][0], np.sqrt(np.mean(m[: first.size] ** 2)), rtol=1e-5)
    np.testing.assert_allclose(found["dead units"], [np.mean(~g.grad.any(axis=1)) for g in (first, last)], atol=1e-7)
    deck.set(tape="m")
    arrays = unpack(deck._buffer, deck._meta["layout"])
    np.testing.assert_array_equal(arrays["tape"][:, 0], found["m"])
    np.testing.assert_array_equal(arrays["tape_x"], [10])


def test_dead_units_are_counted():
    deck = TrainDeck(trainer())
    deck.runs.parameter("1.bias").data[:5] = -1e3  # five units never fire after batch norm
    deck.act("step")
    assert deck._meta["facts"]["dead"][0] >= 5


def test_a_long_run_stays_small_and_exact():
    deck = TrainDeck(trainer())
    deck.runs.active.tape.every = 1
    deck.advance(11 * 60)
    assert len(deck.runs.active.states) <= MAX_STATES + 1
    assert MOST / 2 <= len(deck.runs.active.tape.records) <= MOST
    losses = list(deck.trainer.history.steps)
    deck.set(rewind=601)
    assert deck.trainer.history.steps == losses[:601]


def test_few_checkpoints_of_a_large_model(monkeypatch):
    from course_lib.widgets import runs

    monkeypatch.setattr(runs, "MAX_BYTES", 1)
    deck = TrainDeck(trainer())
    deck.advance(200)
    assert len(deck.runs.active.states) <= 4
    losses = list(deck.trainer.history.steps)
    deck.set(rewind=97)
    assert deck.trainer.history.steps == losses[:97]
