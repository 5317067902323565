"""The tape deck of `TrainDeck`: runs, rewinding to any step bit for bit, changing one value there, and going on.

A checkpoint holds all that the rest of a run depends on (`Trainer.state_dict`): any step between two of them is
reached by taking the steps since the earlier one again, changes by hand included.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .tape import Tape

MAX_RUNS, MAX_STATES, MAX_POINTS = 4, 24, 500
MAX_BYTES = 128 << 20  # of the checkpoints of one run


@dataclass
class Run:
    """A line of training: where it left its parent, its checkpoints (step → state), and what was changed by hand.

    A state at a step has the changes made at that step. ``moves``: step → learning rate; ``edits``: step → values set,
    {(parameter, place): value}.
    """

    name: str
    series: int
    start: int
    states: dict = field(default_factory=dict)
    moves: dict = field(default_factory=dict)
    tip: int = 0
    edits: dict = field(default_factory=dict)
    tape: Tape = field(default_factory=Tape)


class Runs:
    """Up to four runs of one trainer, one of them active. Going back loads a checkpoint, so it is exact.

    Training on from an earlier step leaves the old run as it was and goes on in a new one.
    """

    def __init__(self, trainer):
        self.trainer = trainer
        step = trainer.step_count
        self.active = Run("A", 0, step, {step: trainer.state_dict()}, {}, step)
        self.all = [self.active]
        self._first, self._letter = step, 0
        self._every = trainer.steps_per_epoch

    def step(self) -> float:
        """Take one optimizer step in the active run; returns the loss."""
        if self.trainer.step_count < self.active.tip:
            self.fork()
        loss = self.trainer.step()
        self.active.tip = self.trainer.step_count
        self.active.tape.hear(self.trainer)
        if (self.active.tip - self._first) % self._every == 0:
            self._keep()
        return loss

    def _keep(self):
        """Make a checkpoint here. With too many, every second one goes and they come half as often."""
        states = self.active.states
        states[self.trainer.step_count] = state = self.trainer.state_dict()
        if len(states) > max(3, min(MAX_STATES, MAX_BYTES // _weight(state))):
            ends = {min(states), max(states)}
            self.active.states = {s: v for i, (s, v) in enumerate(sorted(states.items())) if i % 2 == 0 or s in ends}
            self._every *= 2

    def rewind(self, step: int) -> int:
        """Go to a step of the active run, back or forth, bit for bit; returns it."""
        self._save_tip()
        step = min(max(step, self._first), self.active.tip)
        self._go(step)
        return step

    def _go(self, step):
        """Load the checkpoint before a step and take the steps from there again: so the gradients are right too."""
        states, trainer = self.active.states, self.trainer
        trainer.load_state_dict(states[max(s for s in states if s < step or s == self._first)])
        trainer.optimizer.zero_grad()
        self._redo()
        while trainer.step_count < step:
            trainer.step()
            self._redo()

    def _redo(self):
        """Make the changes again that a hand has made at this step."""
        here = self.trainer.step_count
        self.trainer.optimizer.lr = self.active.moves.get(here, self.trainer.optimizer.lr)
        for (name, place), value in self.active.edits.get(here, {}).items():
            self._put(name, place, value)

    def parameter(self, name: str):
        """Return a parameter of the model by its name."""
        return dict(self.trainer.model.named_parameters())[name]

    def _put(self, name, place, value):
        self.parameter(name).data.flat[place] = value

    def edit(self, name: str, place: int, value: float) -> Run:
        """Set one weight here (``place`` counts along the flattened array) and go on in a run of its own.

        More changes at the same step, before it has gone on, belong to that same run.
        """
        run, here = self.active, self.trainer.step_count
        if not (run.edits.get(here) and run.start == run.tip == here):
            run = self.fork()
        self._put(name, place, value)
        run.edits.setdefault(here, {})[name, place] = value
        run.states[here] = self.trainer.state_dict()
        return run

    def _save_tip(self):
        if self.trainer.step_count == self.active.tip:
            self.active.states[self.active.tip] = self.trainer.state_dict()

    def fork(self) -> Run:
        """Go on in a new run that shares everything up to here. Beyond four runs the oldest idle one is dropped."""
        self._save_tip()
        here, old = self.trainer.step_count, self.active
        states = {s: v for s, v in old.states.items() if s < here} | {here: self.trainer.state_dict()}
        moves, edits = ({s: v for s, v in made.items() if s <= here} for made in (old.moves, old.edits))
        edits = {s: dict(values) for s, values in edits.items()}
        self._letter += 1
        if len(self.all) == MAX_RUNS:
            self.all.remove(next(run for run in self.all if run is not old))
        used = {run.series for run in self.all}
        series = next(i for i in range(MAX_RUNS) if i not in used)
        self.active = Run(_letters(self._letter), series, here, states, moves, here, edits, old.tape.until(here))
        self.all.append(self.active)
        return self.active

    def switch(self, name: str) -> None:
        """Make another run the active one and go to its end."""
        self._save_tip()
        self.active = next(run for run in self.all if run.name == name)
        self._go(self.active.tip)
        self.trainer.load_state_dict(self.active.states[self.active.tip])

    def set_lr(self, lr: float) -> None:
        """Use another learning rate from the next step on."""
        self.trainer.optimizer.lr = lr
        if self.trainer.step_count == self.active.tip:
            self.active.moves[self.trainer.step_count] = lr
        else:
            self.fork().moves[self.trainer.step_count] = lr

    def reset(self) -> None:
        """Go back to where the first run began and forget the rest."""
        state = next(run.states[self._first] for run in self.all if self._first in run.states)
        self.trainer.load_state_dict(state)
        self.__init__(self.trainer)

    def curves(self, run: Run) -> dict:
        """Return what to draw: step ``x``, loss ``raw`` and ``smooth``, ``lr``; per epoch ``ex``, ``loss``, ``metric``.

        Long runs are averaged in blocks to at most 500 points.
        """
        steps, lrs, rows = self._history(run)
        loss, lr = np.array(steps, float), np.array(lrs, float)
        metric = next((k for k in (rows[-1] if rows else ()) if k.startswith("val_") and k != "val_loss"), "")
        every = self.trainer.steps_per_epoch
        columns = {
            "x": np.arange(len(loss), dtype=float),
            "raw": loss,
            "smooth": smooth(loss),
            "lr": lr,
            "ex": np.array([row["epoch"] * every for row in rows], float),
            "loss": np.array([row.get("val_loss", np.nan) for row in rows], float),
            "metric": np.array([row.get(metric, np.nan) for row in rows], float),
        }
        return {name: blocks(values, MAX_POINTS) for name, values in columns.items()}

    def smoothed(self, run: Run) -> np.ndarray:
        """Return the smoothed loss as `curves` has it."""
        return blocks(smooth(np.array(self._history(run)[0], float)), MAX_POINTS)

    def _history(self, run):
        """Losses, learning rates and epochs up to the end of a run."""
        if run is self.active and self.trainer.step_count == run.tip:
            history = self.trainer.history
            return history.steps, history.lrs, history.epochs
        return [run.states[run.tip]["history"][name] for name in ("steps", "lrs", "epochs")]


def _weight(state) -> int:
    """Bytes of the arrays in a state."""
    if isinstance(state, dict):
        return sum(map(_weight, state.values())) or 1
    return getattr(state, "nbytes", 0)


def smooth(values: np.ndarray, width: int = 15) -> np.ndarray:
    """Return the mean over the last ``width`` values (fewer at the beginning)."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    end = np.arange(1, len(values) + 1)
    begin = np.maximum(0, end - width)
    return (sums[end] - sums[begin]) / (end - begin)


def blocks(values: np.ndarray, most: int) -> np.ndarray:
    """Return block means so that at most ``most`` values are left; the last block may be smaller."""
    size = -(-len(values) // most) if len(values) > most else 1
    if size == 1:
        return values
    starts = np.arange(0, len(values), size)
    return np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values)))


def _letters(n: int) -> str:
    """Return A, B, ..., Z, AA, AB, ..."""
    return (_letters(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)
