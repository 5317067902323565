"""The loop: resuming, early stopping, history, bad data."""

import csv

import numpy as np
import pytest

from course_lib import losses, nn, optim, random, schedules
from course_lib.history import History
from course_lib.training import Callback, EachEpoch, EarlyStopping, Trainer, fit

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(50, 4)).astype(np.float32), RNG.integers(0, 3, 50)


def make(lr=0.01, **options):
    model = nn.Sequential(
        nn.Linear(4, 8, rng=np.random.default_rng(1)), nn.ReLU(), nn.Linear(8, 3, rng=np.random.default_rng(2))
    )
    options = {"validation": (X[:10], Y[:10]), "batch_size": 16} | options
    return Trainer(model, optim.Adam(model.parameters(), lr), losses.cross_entropy, (X, Y), **options)


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 7], ids=lambda n: f"after {n} steps")
def test_resume_is_bit_for_bit(cut):
    """Within an epoch, at its end and before the first step."""
    whole, first = make(), make()
    expected = [whole.step() for _ in range(12)]
    losses_ = [first.step() for _ in range(cut)]
    state = first.state_dict()
    [first.step() for _ in range(3)]  # a state is a copy: going on does not change it
    second = make(seed=99)
    second.load_state_dict(state)
    assert losses_ + [second.step() for _ in range(12 - cut)] == expected
    assert second.history.table() == whole.history.table()
    assert second.epoch == whole.epoch


def test_going_back_is_possible():
    trainer = make()
    trainer.step()
    state = trainer.state_dict()
    once = [trainer.step() for _ in range(5)]
    trainer.load_state_dict(state)
    assert [trainer.step() for _ in range(5)] == once


def test_state_holds_the_librarys_generator():
    before = random.get_state()
    try:
        trainer = make()
        state = trainer.state_dict()
        draws = random.generator().random(3)
        trainer.load_state_dict(state)
        assert np.array_equal(random.generator().random(3), draws)
    finally:
        random.set_state(before)


def test_early_stopping_puts_the_best_weights_back():
    trainer = make(lr=0.5, callbacks=[EarlyStopping(patience=3)])
    history = trainer.run(100)
    values = history["val_loss"]
    assert len(values) == int(np.argmin(values)) + 1 + 3 < 100
    assert trainer.evaluate(X[:10], Y[:10])["loss"] == min(values)


def test_early_stopping_can_maximise_and_wants_more_than_min_delta():
    trainer = make()
    stopping = EarlyStopping("val_accuracy", patience=2, min_delta=0.1, mode="max")
    for epoch, value in enumerate([0.5, 0.55, 0.58, 0.9], 1):
        trainer.history.add_epoch({"epoch": epoch, "val_accuracy": value})
        stopping.on_epoch(trainer)
        if trainer.stopped:
            break
    assert epoch == 3
    assert stopping.best_epoch == 1


def test_early_stopping_does_not_take_nan_for_an_improvement():
    trainer = make()
    stopping = EarlyStopping("loss", patience=2)
    for epoch, value in enumerate([1.0, float("nan"), float("nan")], 1):
        trainer.history.add_epoch({"epoch": epoch, "loss": value})
        stopping.on_epoch(trainer)
    assert trainer.stopped
    assert stopping.best == 1.0


def test_a_callback_can_stop_a_run_within_an_epoch():
    class Stop(Callback):
        def on_step(self, trainer):
            trainer.stopped = trainer.step_count == 6

    trainer = make(callbacks=[Stop()])
    trainer.run(5)
    assert trainer.step_count == 6
    trainer.callbacks.clear()
    trainer.run(1)
    assert trainer.step_count == 8  # the rest of the second epoch


def test_the_learning_rate_may_change_between_steps():
    trainer = make()
    trainer.callbacks.append(EachEpoch(schedules.StepLR(trainer.optimizer, 1, 0.1)))
    history = trainer.run(3)
    assert np.allclose(history["lr"], [1e-2, 1e-3, 1e-4])
    assert np.allclose(history.lrs, np.repeat([1e-2, 1e-3, 1e-4], 4))


def test_training_lowers_the_loss_and_fit_is_the_same_run():
    trainer = make()
    history = trainer.run(30)
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    other = make()
    again = fit(other.model, other.optimizer, losses.cross_entropy, (X, Y), epochs=30, batch_size=16)
    assert again.steps == history.steps


def test_evaluation_records_nothing_and_sees_evaluation_mode():
    seen = []

    class Watch(nn.Module):
        def forward(self, x):
            seen.append(self.training)
            return x

    model = nn.Sequential(nn.Linear(4, 3), Watch())
    trainer = Trainer(model, optim.SGD(model.parameters()), losses.cross_entropy, (X, Y), batch_size=50)
    trainer.step()
    trainer.evaluate(X, Y)
    trainer.step()
    assert seen == [True, False, True]


def test_csv_is_complete_or_absent(tmp_path):
    history, path = make().run(2), tmp_path / "history.csv"
    history.to_csv(path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [{k: float(v) for k, v in row.items()} for row in rows] == history.table()
    history.epochs.append({"unknown column": 1})
    with pytest.raises(ValueError, match="unknown column"):
        history.to_csv(path)
    assert len(path.read_text().splitlines()) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["history.csv"]  # no half-written file is left


def test_history_plots_itself_and_can_be_empty(tmp_path):
    assert len(make().run(2).plot().axes) == 2
    assert len(History().plot().axes) == 1
    History().to_csv(tmp_path / "empty.csv")
    assert repr(History()) == "History(0 steps; no epoch finished)"


@pytest.mark.parametrize("bad", [np.nan, np.inf], ids=["nan", "inf"])
def test_bad_data_shows_in_the_loss(bad):
    """A nan in the data is not hidden: the loss says so at the step that met it."""
    x = X.copy()
    x[0, 0] = bad
    trainer = make(batch_size=50)
    trainer.x = x
    with np.errstate(invalid="ignore"):
        assert np.isnan(trainer.step())


def test_text_as_data_is_refused():
    model = nn.Linear(4, 3)
    trainer = Trainer(model, optim.SGD(model.parameters()), losses.cross_entropy, (X.astype(str), Y))
    with pytest.raises(TypeError, match="real numbers"):
        trainer.step()
