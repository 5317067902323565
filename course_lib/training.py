"""The training loop: data in, `History` out.

`Trainer` is the loop as an object that can be stopped between any two steps, looked at, saved and continued; widgets
and `fit` drive the same one. Order of a step: batch, forward, loss, backward, callbacks' `on_backward`, update.
"""

import math

import numpy as np

from course_lib import random
from course_lib.autograd import Tensor, no_grad
from course_lib.history import History
from course_lib.metrics import accuracy


class Callback:
    """Something that watches a run, or steps in. Override what you need; each method gets the trainer."""

    def on_backward(self, trainer):
        """Gradients are there, the parameters have not moved yet: the place to clip."""

    def on_step(self, trainer):
        """One optimizer step has been taken."""

    def on_epoch(self, trainer):
        """An epoch has ended and its row is in the history: the place for a schedule."""

    def state_dict(self) -> dict:
        """What a resumed run must know of this callback: numbers, text and arrays."""
        return {}

    def load_state_dict(self, state):
        """Continue from a `state_dict`."""


class Trainer:
    """Trains a model, step by step.

    Parameters
    ----------
    model : Module
    optimizer : Optimizer
        Over the model's parameters.
    loss_fn : callable
        (output Tensor, target array) → Tensor holding a single number.
    train, validation : (x, y)
        Arrays with samples on the first axis.
    batch_size : int
    metrics : dict of name → callable
        (output array, target array) → float. By default accuracy where the targets are class indices, else none.
    callbacks : sequence of Callback
    seed : int
        Decides the order of the samples.
    """

    def __init__(self, model, optimizer, loss_fn, train, *, validation=None, batch_size=32, metrics=None,
                 callbacks=(), seed=0):  # fmt: skip
        self.model, self.optimizer, self.loss_fn = model, optimizer, loss_fn
        self.x, self.y = _pair("train", train)
        self.validation = None if validation is None else _pair("validation", validation)
        if batch_size < 1:
            raise ValueError(f"Trainer: batch_size must be at least 1, got {batch_size}")
        self.batch_size = batch_size
        default = {} if self.y.dtype.kind == "f" else {"accuracy": accuracy}
        self.metrics = default if metrics is None else dict(metrics)
        self.callbacks = list(callbacks)
        self.rng = np.random.default_rng(seed)
        self.history = History()
        self.stopped = False  # a callback sets this to end `run` early
        self._order, self._position = self.rng.permutation(len(self.x)), 0

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch; the last may be smaller."""
        return math.ceil(len(self.x) / self.batch_size)

    @property
    def step_count(self) -> int:
        """Optimizer steps taken so far."""
        return len(self.history.steps)

    @property
    def epoch(self) -> int:
        """Whole epochs finished."""
        return len(self.history)

    def step(self) -> float:
        """Take exactly one optimizer step and return the batch's loss before it."""
        index = self._order[self._position : self._position + self.batch_size]
        if not self.model.training:
            self.model.train()
        self.optimizer.zero_grad()
        loss = self.loss_fn(self.model(Tensor(self.x[index])), self.y[index])
        loss.backward()
        for callback in self.callbacks:
            callback.on_backward(self)
        self.optimizer.step()
        self.history.add_step(loss.item(), self.optimizer.lr)
        self._position += self.batch_size
        for callback in self.callbacks:
            callback.on_step(self)
        if self._position >= len(self.x):
            self._end_epoch()
        return self.history.steps[-1]

    def run(self, epochs: int, progress: bool = False) -> History:
        """Train until `epochs` more epochs are done, or a callback sets `stopped`."""
        self.stopped = False
        for _ in _progress_bar(epochs, progress):
            end = self.epoch + 1
            while self.epoch < end and not self.stopped:
                self.step()
            if self.stopped:
                break
        return self.history

    def evaluate(self, x, y, batch_size: int = 1024) -> dict[str, float]:
        """Mean loss and metrics on (x, y), in evaluation mode and without recording gradients."""
        x, y = _pair("the data to evaluate on", (x, y))
        self.model.eval()
        with no_grad():
            outputs = [self.model(Tensor(x[i : i + batch_size])).data for i in range(0, len(x), batch_size)]
            output = np.concatenate(outputs)
            loss = self.loss_fn(Tensor(output), y).item()
        return {"loss": loss} | {name: metric(output, y) for name, metric in self.metrics.items()}

    def _end_epoch(self):
        self._order, self._position = self.rng.permutation(len(self.x)), 0
        recent = self.history.steps[-self.steps_per_epoch :]
        row = {"epoch": self.epoch + 1, "loss": float(np.mean(recent)), "lr": self.optimizer.lr}
        if self.validation is not None:
            row |= {f"val_{name}": value for name, value in self.evaluate(*self.validation).items()}
        self.history.add_epoch(row)
        for callback in self.callbacks:
            callback.on_epoch(self)

    def state_dict(self) -> dict:
        """All that the rest of the run depends on; continuing from it is bit for bit the same run."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "history": self.history.state_dict(),
            "order": self._order.copy(),
            "position": self._position,
            "rng": self.rng.bit_generator.state,
            "library_rng": random.get_state(),
            "layer_rngs": {name: rng.bit_generator.state for name, rng in self._layer_rngs()},
            "callbacks": [callback.state_dict() for callback in self.callbacks],
        }

    def load_state_dict(self, state: dict) -> None:
        """Go back (or on) to a state that `state_dict` returned."""
        if len(state["order"]) != len(self.x):
            raise ValueError(f"Trainer: the state is of a run on {len(state['order'])} samples, "
                             f"train has {len(self.x)}")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.history.load_state_dict(state["history"])
        self._order, self._position = state["order"].copy(), state["position"]
        self.rng.bit_generator.state = state["rng"]
        random.set_state(state["library_rng"])
        for name, rng in self._layer_rngs():
            rng.bit_generator.state = state["layer_rngs"][name]
        for callback, its_state in zip(self.callbacks, state["callbacks"], strict=False):  # there may be more
            callback.load_state_dict(its_state)

    def _layer_rngs(self):
        """The generators that layers such as dropout have for themselves."""
        return [(name, m.rng) for name, m in self.model.named_modules() if getattr(m, "rng", None) is not None]


def fit(model, optimizer, loss_fn, train, *, epochs, progress=False, **options) -> History:
    """Train for `epochs` epochs and return the `History`; the other options are `Trainer`'s."""
    return Trainer(model, optimizer, loss_fn, train, **options).run(epochs, progress)


class EarlyStopping(Callback):
    """Stop when a row of the history has not improved for `patience` epochs, and put the best weights back.

    Parameters
    ----------
    monitor : str
        A column of the history, "val_loss" by default.
    patience : int
    min_delta : float
        What counts as an improvement.
    mode : {"min", "max"}
    """

    def __init__(self, monitor="val_loss", patience=5, min_delta=0.0, mode="min"):
        if mode not in ("min", "max"):
            raise ValueError(f'EarlyStopping: mode must be "min" or "max", got {mode!r}')
        self.monitor, self.patience, self.min_delta = monitor, patience, min_delta
        self.sign = 1 if mode == "min" else -1
        self.best, self.best_epoch, self.best_weights = math.inf, 0, None

    def state_dict(self):
        """The best so far."""
        return {"best": self.best, "best_epoch": self.best_epoch, "best_weights": self.best_weights}

    def load_state_dict(self, state):
        """Go back to a `state_dict`."""
        self.best, self.best_epoch, self.best_weights = state["best"], state["best_epoch"], state["best_weights"]

    def on_epoch(self, trainer):
        """Compare with the best so far."""
        row = trainer.history.epochs[-1]
        if self.monitor not in row:
            raise ValueError(f"EarlyStopping: no column {self.monitor!r} in the history; it has {', '.join(row)}")
        value = self.sign * row[self.monitor]
        if value < self.best - self.min_delta:
            self.best, self.best_epoch, self.best_weights = value, row["epoch"], trainer.model.state_dict()
        elif row["epoch"] - self.best_epoch >= self.patience:
            trainer.stopped = True
            if self.best_weights is not None:
                trainer.model.load_state_dict(self.best_weights)


class EachEpoch(Callback):
    """Move a learning-rate schedule on after every epoch."""

    def __init__(self, schedule):
        self.schedule = schedule

    def on_epoch(self, trainer):
        """Take one schedule step."""
        self.schedule.step()

    def state_dict(self):
        """The schedule's."""
        return self.schedule.state_dict()

    def load_state_dict(self, state):
        """The schedule's."""
        self.schedule.load_state_dict(state)


def _progress_bar(epochs, wanted):
    if not wanted:
        return range(epochs)
    from tqdm.auto import trange

    return trange(epochs, desc="epochs")


def _pair(name, data):
    x, y = (np.asarray(part) for part in data)
    if len(x) != len(y):
        raise ValueError(f"Trainer: {name} has {len(x)} inputs and {len(y)} targets")
    if not len(x):
        raise ValueError(f"Trainer: {name} is empty")
    return x, y
