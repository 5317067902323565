"""TrainDeck: rewinding is exact, forks are kept apart, the numbers shown are the trainer's."""

import math

import numpy as np
import pytest

from course_lib.training import Trainer
from course_lib.widgets import TrainDeck
from course_lib.widgets.frames import unpack
from course_lib.widgets.runs import MAX_RUNS, MAX_STATES, blocks, smooth


def weights(trainer):
    return np.concatenate([p.data.ravel() for p in trainer.model.parameters()])


def test_rewinding_and_going_on_repeats_the_run_bit_for_bit(new_trainer):
    deck = TrainDeck(new_trainer())
    deck.advance(120)
    losses, end = list(deck.trainer.history.steps), weights(deck.trainer)
    deck.set(rewind=45)
    assert deck.trainer.step_count == 45
    assert deck.trainer.history.steps == losses[:45]
    deck.advance(75)
    assert deck.trainer.history.steps == losses
    np.testing.assert_array_equal(weights(deck.trainer), end)


def test_scrubbing_forth_again_returns_to_the_end(new_trainer):
    deck = TrainDeck(new_trainer())
    deck.advance(100)
    end = weights(deck.trainer)
    deck.set(rewind=0).set(rewind=100)
    np.testing.assert_array_equal(weights(deck.trainer), end)
    assert len(deck.runs.all) == 1


def test_watching_does_not_change_the_run(new_trainer):
    deck, alone = TrainDeck(new_trainer()), new_trainer()
    for _ in range(60):
        deck.act("step")
        deck.publish()
        alone.step()
    assert deck.trainer.history.steps == alone.history.steps


def test_going_on_from_an_earlier_step_keeps_the_old_run(new_trainer):
    deck = TrainDeck(new_trainer())
    deck.advance(90)
    old = list(deck.trainer.history.steps)
    deck.set(rewind=45).set(lr=0.02)
    deck.advance(30)
    assert [(r.name, r.start, r.tip) for r in deck.runs.all] == [("A", 0, 90), ("B", 45, 75)]
    np.testing.assert_allclose(deck.runs.curves(deck.runs.all[0])["raw"], old)
    deck.set(run="A")
    assert deck.trainer.history.steps == old
    assert deck.trainer.optimizer.lr == 1e-3


def test_learning_rate_used_is_the_one_shown(new_trainer):
    deck = TrainDeck(new_trainer())
    deck.advance(3)
    deck.set(lr=0.004)
    deck.advance(2)
    assert deck.trainer.history.lrs == [1e-3] * 3 + [0.004] * 2
    assert deck.state["lr"] == deck._meta["state"]["lr"] == 0.004


def test_a_schedule_moves_the_slider(new_trainer):
    deck = TrainDeck(new_trainer())
    deck.trainer.optimizer.lr = 0.5
    deck.publish()
    assert deck.state["lr"] == 0.5


def test_curves_and_gradients_shown_equal_numpy(new_trainer):
    deck = TrainDeck(new_trainer())
    deck.advance(50)
    deck.publish()
    arrays = unpack(deck._buffer, deck._meta["layout"])
    np.testing.assert_array_equal(arrays["raw0"], np.float32(deck.trainer.history.steps))
    name, p = next((n, p) for n, p in deck.trainer.model.named_parameters() if p.ndim > 1)
    sizes = np.abs(p.grad)
    assert deck._meta["facts"]["layers"][0] == name
    np.testing.assert_allclose(arrays["grads"][0, :3], np.quantile(sizes[sizes > 0], (0.1, 0.5, 0.9)), rtol=1e-5)
    np.testing.assert_allclose(arrays["grads"][0, 3], (sizes == 0).mean(), rtol=1e-5)
    np.testing.assert_allclose(arrays["metric0"], np.float32(deck.trainer.history["val_accuracy"]))


def test_predictions_are_the_models(new_trainer):
    deck = TrainDeck(new_trainer(), watch=5)
    deck.advance(60)
    x, _ = deck.trainer.validation
    scores = deck.trainer.model(x[:5])
    assert [label for label, _ in deck.predictions()] == np.asarray(getattr(scores, "data", scores)).argmax(1).tolist()
    assert deck._backdrop_layout == [["images", [5, 8, 8], 0]]


def test_code_repeats_the_run(new_trainer):
    deck = TrainDeck(new_trainer())
    deck.set(lr=5e-3).act("ten").set(lr=1e-2).act("ten")
    trainer = new_trainer()
    exec(deck.as_code(), {"trainer": trainer})
    assert trainer.history.steps == deck.trainer.history.steps
    assert f"{trainer.history.steps[-1]!r}" in deck.as_code()


def test_code_of_a_fork_holds_its_own_moves_only(new_trainer):
    deck = TrainDeck(new_trainer())
    deck.advance(45)
    deck.set(lr=0.1)
    deck.advance(45)
    deck.set(rewind=45).set(lr=0.003)
    deck.advance(5)
    trainer = new_trainer()
    exec(deck.as_code(), {"trainer": trainer})
    assert trainer.history.steps == deck.trainer.history.steps


def test_nan_loss_is_named_and_can_be_rewound(new_trainer):
    trainer = new_trainer()
    inner = trainer.loss_fn
    trainer.loss_fn = lambda out, y: inner(out, y) * (math.nan if trainer.step_count >= 50 else 1.0)
    deck = TrainDeck(trainer)
    for _ in range(10):
        deck.act("ten")
    assert "the loss became nan at step 50" in deck.error
    trainer.loss_fn = inner
    deck.set(rewind=45).act("ten")
    assert deck.error == ""
    assert math.isfinite(deck.trainer.history.steps[-1])


def test_a_raising_loss_function_is_shown(new_trainer):
    trainer = new_trainer()
    trainer.loss_fn = lambda out, y: out.no_such_thing
    deck = TrainDeck(trainer).act("step")
    assert "no_such_thing" in deck.error


def test_halving_is_really_tried(new_trainer):
    deck = TrainDeck(new_trainer(), predict=True).answer("higher")
    a, b = (deck.runs.curves(run) for run in deck.runs.all)
    assert (a["lr"][-1], b["lr"][-1]) == (1e-3, 5e-4)
    outcome = "lower" if b["raw"][-10:].mean() < a["raw"][-10:].mean() else "higher"
    assert deck.log[0]["outcome"] == outcome


def test_memory_is_bounded(new_trainer):
    deck = TrainDeck(new_trainer())
    for _ in range(6):
        deck.advance(45 * 10)
        deck.runs.fork()
    assert len(deck.runs.all) == MAX_RUNS
    assert all(len(run.states) <= MAX_STATES + 1 for run in deck.runs.all)
    assert len(deck.runs.curves(deck.runs.active)["x"]) <= 500


def test_a_run_of_many_epochs_is_no_more_to_draw(new_trainer):
    """With all samples in one batch, every step is an epoch."""
    trainer = new_trainer()
    data = (trainer.x[:8], trainer.y[:8])
    deck = TrainDeck(Trainer(trainer.model, trainer.optimizer, trainer.loss_fn, data, validation=data, batch_size=8))
    deck.advance(1100)
    curves, rows = deck.runs.curves(deck.runs.active), deck.trainer.history.epochs
    assert len(rows) == 1100
    assert {len(values) for values in curves.values()} == {367}  # blocks of three
    for name, column in (("loss", "val_loss"), ("metric", "val_accuracy")):
        assert curves[name][0] == pytest.approx(np.mean([row[column] for row in rows[:3]]), abs=1e-12)
    np.testing.assert_array_equal(deck.runs.smoothed(deck.runs.active), curves["smooth"])


def test_reset_goes_back_to_the_beginning(new_trainer):
    deck, first = TrainDeck(new_trainer()), weights(new_trainer())
    deck.set(lr=0.3).act("ten").act("fork").act("ten").reset()
    np.testing.assert_array_equal(weights(deck.trainer), first)
    assert deck.trainer.step_count == 0
    assert len(deck.runs.all) == 1
    assert deck.state["lr"] == 1e-3


def test_regression_without_validation_works(new_trainer):
    trainer = new_trainer()
    trainer = Trainer(trainer.model, trainer.optimizer, trainer.loss_fn, (trainer.x, trainer.y), metrics={})
    deck = TrainDeck(trainer).act("ten")
    assert deck.error == ""
    assert deck.metric is None


def test_play_stops_at_a_loss_that_is_no_number(new_trainer):
    trainer = new_trainer()
    inner = trainer.loss_fn
    trainer.loss_fn = lambda out, y: inner(out, y) * (math.nan if trainer.step_count >= 30 else 1.0)
    deck = TrainDeck(trainer).act("play")
    deck.loop._thread.join(30)
    assert "the loss became nan at step 30" in deck.error
    assert trainer.step_count == 31


def test_static_figure_is_deterministic_and_leaves_the_trainer_alone(new_trainer, monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    decks = [TrainDeck(new_trainer()) for _ in range(2)]
    first, second = (deck._repr_mimebundle_() for deck in decks)
    assert first["text/html"] == second["text/html"]
    assert "at step 200" in first["text/html"]
    assert decks[0].trainer.step_count == 0
    np.testing.assert_array_equal(weights(decks[0].trainer), weights(new_trainer()))


def test_smoothing_and_blocks():
    values = np.arange(40.0)
    np.testing.assert_allclose(smooth(values, 15), [values[max(0, i - 14) : i + 1].mean() for i in range(40)])
    np.testing.assert_allclose(blocks(values, 7), [values[i : i + 6].mean() for i in range(0, 40, 6)])


@pytest.mark.parametrize("steps", [0, 1])
def test_figure_of_a_run_hardly_begun(new_trainer, steps):
    deck = TrainDeck(new_trainer())
    deck.advance(steps)
    assert deck.picture().png.startswith(b"\x89PNG")
    assert deck.error == ""
