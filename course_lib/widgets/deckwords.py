"""A run of `TrainDeck` in words and as code."""

from __future__ import annotations

from .runs import Runs


def run_words(runs: Runs, metric: str | None) -> str:
    """Return in a few sentences where the active run is and what a hand has done to it."""
    trainer, run = runs.trainer, runs.active
    if not trainer.step_count:
        return "Nothing trained yet: press Play, or Step for a single batch."
    smooth = runs.smoothed(run)
    words = f"Run {run.name} at step {trainer.step_count}: batch loss {trainer.history.steps[-1]:.3g}"
    words += f" (smoothed {smooth[0]:.3g} at the start, {smooth[-1]:.3g} at the end of the curve)"
    words += f", learning rate {trainer.optimizer.lr:.3g}."
    for step, values in sorted(run.edits.items()):
        made = ", ".join(f"{name}[{place}] = {value:.3g}" for (name, place), value in values.items())
        words += f" By hand at step {step}: {made}."
    rows = trainer.history.epochs
    if metric and rows:
        words += f" Validation {metric} after epoch {rows[-1]['epoch']}: {rows[-1]['val_' + metric]:.3f}."
    return words


def run_code(runs: Runs) -> str:
    """Return code that repeats the active run on a new, equally built trainer."""
    end, run = runs.trainer.step_count, runs.active
    moves, edits = ({s: v for s, v in sorted(made.items()) if s < end} for made in (run.moves, run.edits))
    by_hand = """\
    for (name, place), value in edits.get(trainer.step_count, {}).items():
        dict(trainer.model.named_parameters())[name].data.flat[place] = value
"""
    return (
        "# `trainer`: a new Trainer, built as this one was\n"
        f"moves = {moves!r}  # step: learning rate set by hand\n"
        + (f"edits = {edits!r}  # step: weights set by hand\n" if edits else "")
        + f"while trainer.step_count < {end}:\n"
        "    trainer.optimizer.lr = moves.get(trainer.step_count, trainer.optimizer.lr)\n"
        + (by_hand if edits else "")
        + "    trainer.step()\n"
        f"# the last batch loss is {last_loss(runs)!r}\n"
    )


def last_loss(runs: Runs):
    """Return the loss of the last step, or None before the first."""
    return runs.trainer.history.steps[-1] if runs.trainer.step_count else None
