"""`TrainDeck`: a training run on a tape deck: play, rewind to any step, change one value, run on, compare."""

from __future__ import annotations

import math

import numpy as np

from course_lib.activations import softmax
from course_lib.autograd import Tensor, no_grad

from .base import Lab
from .bundle import esm
from .controls import Button, Choice, Slider
from .deckwords import last_loss, run_code, run_words
from .gradlog import weights_of
from .predict import Predict
from .runs import Runs
from .tape import dead, quantities
from .traindeck_figure import draw_deck

HALVE = Predict(
    "you halve the learning rate now and train 50 more steps. Compared with leaving it alone, the loss will end up",
    ("lower", "higher"),
    lambda deck: deck._try_halving(),
)


class TrainDeck(Lab):
    """Live controls for a `Trainer`. The trainer is yours: what the deck does to it is done.

    Parameters
    ----------
    trainer : course_lib.training.Trainer
    watch : int
        How many samples (of the validation data, else of the training data) to show with their predictions.
    predict : bool, str or Predict
        Ask for a prediction first; True asks what halving the learning rate does, and then tries it.
    static_steps : int
        Steps run for the picture when ``COURSE_STATIC=1``; the trainer is rewound afterwards.
    max_steps : int
        Where Play ends by itself.

    Examples
    --------
    >>> deck = TrainDeck(trainer)  # doctest: +SKIP
    >>> deck.act("step").set(lr=1e-2).act("ten").state  # doctest: +SKIP
    """

    _esm = esm("traindeck.js")
    title = "TrainDeck"
    size = (7.2, 4.4)

    def __init__(self, trainer, *, watch=8, predict=False, seed=0, static_steps=200, max_steps=20_000):
        if not hasattr(trainer, "step_count"):
            raise TypeError(f"TrainDeck: expected a Trainer of course_lib.training, got {type(trainer).__name__}")
        self.trainer, self.static_steps, self.max_steps = trainer, static_steps, max_steps
        self.runs = Runs(trainer)
        self._first_lr = trainer.optimizer.lr
        self._names = tuple(name for name, p in trainer.model.named_parameters() if p.size)
        self._span = max(1.0, *(2 * float(np.abs(p.data).max(initial=0)) for p in trainer.model.parameters()))
        x, y = trainer.validation or (trainer.x, trainer.y)
        self._x, self._y = x[:watch], np.asarray(y[:watch])
        super().__init__(seed=seed, predict=predict)

    # -- controls --------------------------------------------------------------------------------------------------
    def controls(self):
        """Play, Step, +10, Fork, Reset; learning rate, rewind, and the run shown once there are several."""
        runs, lr = self.runs, self._first_lr
        run = [Choice("run", "Run", runs.active.name, tuple(r.name for r in runs.all))] if len(runs.all) > 1 else []
        return (
            Button("play", "Play", "Space"),
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("fork", "Fork", "F"),
            Button("reset", "Reset", "R"),
            Slider("lr", "Learning rate", lr, lr / 1000, lr * 1000, log=True),
            Slider("rewind", "Rewind to step", 0, 0, max(1, runs.active.tip), whole=True, group="time"),
            *run,
            *self._weight_controls(),
            Choice("tape", "Recorded", "gradient", quantities(self.trainer.optimizer)),
        )

    def _weight_controls(self):
        """Which weight, and its value: moving that one changes it, in a run of its own."""
        data = self.runs.parameter(self._part).data
        return (
            Choice("part", "Parameter", self._names[0], self._names),
            Slider("place", "Weight number", 0, 0, max(1, data.size - 1), whole=True),
            Slider("value", "Its value", float(data.flat[self._place]), -self._span, self._span),
        )

    @property
    def _part(self):
        return self.__dict__.get("_state", {}).get("part", self._names[0])

    @property
    def _place(self):
        place = self.__dict__.get("_state", {}).get("place", 0)
        return min(place, self.runs.parameter(self._part).size - 1)

    def question(self):
        """Ask about halving the learning rate."""
        return HALVE

    def update(self, changed):
        """Carry a moved control over to the trainer."""
        if "lr" in changed and self._state["lr"] != self.trainer.optimizer.lr:
            self.runs.set_lr(self._state["lr"])
        if "rewind" in changed and self._state["rewind"] != self.trainer.step_count:
            self.loop.stop()
            self.runs.rewind(self._state["rewind"])
        if "run" in changed and self._state["run"] != self.runs.active.name:
            self.loop.stop()
            self.runs.switch(self._state["run"])
        if "value" in changed and not changed & {"part", "place", "rewind", "run"}:
            self.loop.stop()
            self.edit(self._part, self._place, self._state["value"])

    def edit(self, name: str, place: int, value: float):
        """Set one weight at the present step and go on in a run of its own. Returns the widget.

        Parameters
        ----------
        name : str
            As in ``model.named_parameters()``.
        place : int
            Counted along the flattened parameter.
        value : float
        """
        if name not in self._names:
            raise ValueError(f"edit: name must be one of {', '.join(self._names)}, got {name!r}")
        parameter = self.runs.parameter(name)
        if not 0 <= place < parameter.size or not math.isfinite(value):
            raise ValueError(f"edit: expected a place below {parameter.size} and a finite value, got {place}, {value}")
        with self._lock:
            if float(parameter.data.flat[place]) != value:
                self.runs.edit(name, place, value)
        return self

    def act_on(self, name):
        """Step, ten steps, fork."""
        if name in ("step", "ten"):
            self.loop.stop()
            self.advance(1 if name == "step" else 10)
        elif name == "fork":
            self.runs.fork()

    def _reset(self):
        self.loop.stop()
        self.runs.reset()

    # -- training --------------------------------------------------------------------------------------------------
    def advance(self, steps: int) -> None:
        """Take up to ``steps`` optimizer steps; stops at a loss that is not a number."""
        for _ in range(steps):
            self._insist_on_numbers()
            self.runs.step()
        self._insist_on_numbers()
        self._follow()

    def _insist_on_numbers(self):
        losses = self.trainer.history.steps
        if losses and not math.isfinite(losses[-1]):
            first = next(i for i, loss in enumerate(losses) if not math.isfinite(loss))
            raise FloatingPointError(
                f"the loss became {losses[first]} at step {first}. Rewind to an earlier step; "
                "is the learning rate too large?"
            )

    def play_step(self):
        """Take one step, until ``max_steps``; the controls follow with the next picture."""
        self._insist_on_numbers()
        self.runs.step()
        return self.trainer.step_count < self.max_steps

    def _try_halving(self) -> str:
        """Train 50 steps as they are and, in a second run from the same state, 50 with half the learning rate."""
        start = self.trainer.step_count
        self.advance(50)
        left_alone = np.mean(self.trainer.history.steps[-10:])
        self.runs.rewind(start)
        self.runs.fork()
        self.runs.set_lr(self.trainer.optimizer.lr / 2)
        self.advance(50)
        return "lower" if np.mean(self.trainer.history.steps[-10:]) < left_alone else "higher"

    def static_run(self):
        """Train ``static_steps`` steps."""
        self.advance(self.static_steps)

    # -- what is shown ---------------------------------------------------------------------------------------------
    def frame(self):
        """Curves of every run, gradients per parameter."""
        self._follow()
        arrays = {"grads": np.array([row[1:] for row in self.gradients()], np.float32).reshape(-1, 4)}
        steps, records = self.runs.active.tape.table()
        if len(steps):
            kind = quantities(self.trainer.optimizer).index(self._state["tape"])
            arrays |= {"tape_x": steps, "tape": records[:, :, kind].T}  # (weights, n)
        for i, run in enumerate(self.runs.all):
            curves = self.runs.curves(run)
            arrays |= {
                f"{name}{i}": values for name, values in curves.items() if name != "raw" or run is self.runs.active
            }
        return arrays

    def _follow(self):
        """Let the controls show what the trainer does (a schedule may have changed the learning rate)."""
        self._state |= {"lr": self.trainer.optimizer.lr, "rewind": self.trainer.step_count, "place": self._place}
        self._state["value"] = float(self.runs.parameter(self._part).data.flat[self._place])
        self._state.pop("run", None)
        if len(self.runs.all) > 1:
            self._state["run"] = self.runs.active.name

    def gradients(self) -> list[tuple]:
        """Return (name, 10, 50, 90 % of the non-zero |gradient|, share of zeros) for every weight that has one."""
        rows = []
        for name, p in self._weights():
            found = np.abs(p.grad[p.grad != 0])
            sizes = np.quantile(found, (0.1, 0.5, 0.9)).tolist() if found.size else [0.0] * 3
            rows.append((name, *sizes, 1 - found.size / p.grad.size))
        return rows

    def _weights(self):
        return [(name, p) for name, p in weights_of(self.trainer.model) if p.grad is not None]

    def predictions(self) -> list[tuple[int, float]]:
        """Return (class, probability) for each watched sample; empty if the model is no classifier."""
        model, training = self.trainer.model, self.trainer.model.training
        model.eval()  # or dropout would draw numbers that belong to the run
        with no_grad():
            scores = model(Tensor(self._x)).data
        model.train(training)
        if scores.ndim != 2 or scores.shape[1] < 2 or self._y.dtype.kind not in "iu":
            return []
        p = softmax(scores)
        return [(int(row.argmax()), float(row.max())) for row in p]

    def backdrop(self):
        """The watched samples as images, if they are square."""
        side = math.isqrt(int(np.prod(self._x.shape[1:])))
        if not len(self._x) or side < 4 or side * side != int(np.prod(self._x.shape[1:])):
            return {}
        images = self._x.reshape(-1, side, side).astype(np.float32)
        return {"images": images / (np.abs(images).max() or 1)}

    def facts(self):
        """Names, events and the latest numbers."""
        trainer, runs = self.trainer, self.runs
        return {
            "status": f"{self.doing} · step {trainer.step_count} · epoch {trainer.epoch}",
            "runs": [
                {"name": r.name, "start": r.start, "series": r.series, "active": r is runs.active} for r in runs.all
            ],
            "position": trainer.step_count,
            "marks": sorted(runs.active.states),
            "events": [[step, lr] for step, lr in sorted(runs.active.moves.items()) if step],
            "metric": self.metric,
            "loss": last_loss(self.runs),
            "layers": [name for name, _ in self._weights()],
            "dead": [round(dead(p.grad) * len(p.grad)) for _, p in self._weights()],
            "tapes": [name for name, _ in weights_of(self.trainer.model)],
            "edits": sorted(step for step in runs.active.edits),
            "predictions": self.predictions(),
            "targets": self._y.tolist(),
        }

    @property
    def metric(self) -> str | None:
        """Name of the validation metric shown: the first of the trainer's, or None without validation data."""
        return next(iter(self.trainer.metrics), None) if self.trainer.validation else None

    def summary(self):
        """Say where the run is."""
        return run_words(self.runs, self.metric)

    def caption(self):
        """Name the picture."""
        return f"TrainDeck after {self.trainer.step_count} steps. In a running notebook: play, pause, rewind, fork."

    def draw(self, fig):
        """Draw loss, learning rate, metric and gradients."""
        draw_deck(fig, self)

    def as_code(self):
        """Return code that repeats the active run on a new, equally built trainer, bit for bit."""
        return run_code(self.runs)
