"""3.4 When to stop."""

from types import SimpleNamespace

import numpy as np

from course_lib.training import EarlyStopping

from ..spec import Exercise, Mistake


def early_stop(val_loss, patience):
    """(epoch of the lowest loss, last epoch run), counted from 1; stop after `patience` epochs without a new low."""
    best, best_epoch = val_loss[0], 1
    for epoch, loss in enumerate(val_loss, 1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_loss)


def reference(val_loss, patience):
    """The library's callback, shown one row after the other."""
    stopping = EarlyStopping(patience=patience)
    rows, stopped = [], 0
    weights = SimpleNamespace(state_dict=dict, load_state_dict=lambda state: None)
    trainer = SimpleNamespace(history=SimpleNamespace(epochs=rows), model=weights, stopped=False)
    for loss in val_loss:
        stopped += 1
        rows.append({"epoch": stopped, "val_loss": loss})
        stopping.on_epoch(trainer)
        if trainer.stopped:
            break
    return stopping.best_epoch, stopped


def cases(rng):
    """Curves that fall, rise, and fall again."""
    for n, patience in ((2, 1), (3, 1), (5, 2), (6, 2), (8, 3), (10, 2), (12, 3)):
        curve = np.cumsum(rng.normal(-0.1, 0.4, n)) + 2
        yield curve.round(1).tolist(), patience
    yield (np.abs(np.linspace(-1, 1.5, 12)) + rng.normal(0, 0.05, 12)).round(2).tolist(), 3


def variant(better, waited, last_best=False):
    """The same loop with other rules."""

    def rule(val_loss, patience):
        best, best_epoch, previous = np.inf, 0, np.inf
        for epoch, loss in enumerate(val_loss, 1):
            if better(loss, best, previous):
                best, best_epoch = loss, epoch
            elif waited(epoch, best_epoch, patience):
                return best_epoch, epoch
            previous = loss
        return best_epoch, len(val_loss)

    return rule


def whole_curve(val_loss, patience):
    """The lowest of all epochs, those included that were never run."""
    return int(np.argmin(val_loss)) + 1, early_stop(val_loss, patience)[1]


def consecutive_rises(val_loss, patience):
    """Counts rises in a row, not epochs without a new low."""
    best_epoch, rises = 1, 0
    for epoch, loss in enumerate(val_loss, 1):
        best_epoch = epoch if loss < val_loss[best_epoch - 1] else best_epoch
        rises = rises + 1 if epoch > 1 and loss >= val_loss[epoch - 2] else 0
        if rises >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_loss)


EXERCISE = Exercise(
    id="3.4",
    title="When to stop",
    answer=early_stop,
    reference=reference,
    cases=cases,
    edges=(
        ([1.0], 1),
        ([1.0, 2.0], 1),
        ([3.0, 2.0, 2.0, 2.0, 1.0], 2),  # an equal loss is no new low
        ([3.0, 1.0, 2.0, 1.5, 1.2, 0.5], 3),
        ([5.0, 4.0, 3.0], 2),
        ([1.0, 3.0, 2.0, 2.5], 3),  # a dip that is no new low
        ([2.0, 1.0, 1.5, 1.4, 1.3, 1.2, 0.1], 3),
        ([3.0, 2.0, 2.5, 1.0, 1.5, 1.6, 0.5], 2),
    ),
    mistakes=(
        Mistake("one-too-late", {"epoch - best_epoch >= patience": "epoch - best_epoch > patience"},
                "It waits one epoch too long: stop as soon as `patience` epochs have passed without a new low."),
        Mistake("from-zero", {"enumerate(val_loss, 1)": "enumerate(val_loss)"},
                "Epochs count from 1, so that the epoch number is also how many were run."),
        Mistake("both-from-zero", lambda v, p: tuple(e - 1 for e in early_stop(v, p)),
                "Both epochs are counted from 0. They count from 1: enumerate(val_loss, 1)."),
        Mistake("lowest-from-zero", lambda v, p: (early_stop(v, p)[0] - 1, early_stop(v, p)[1]),
                "The epoch of the lowest loss is counted from 0, as an index is; epochs count from 1."),
        Mistake("equal-is-better", {"loss < best": "loss <= best"},
                "An equal loss is counted as a new low. Without an improvement the waiting goes on."),
        Mistake("returns-last", {"return best_epoch, epoch": "return epoch, epoch"},
                "It gives the epoch at which it stopped as the best. The weights to keep are those of the lowest "
                "loss."),
        Mistake("whole-curve", whole_curve,
                "The best epoch is looked for in the whole curve. After the stop there are no more epochs to look at."),
        Mistake("never-stops", {"return best_epoch, epoch": "continue"},
                "It never stops before the end of the curve."),
        Mistake("rises-in-a-row", consecutive_rises,
                "It counts how often in a row the loss rose. A small dip after a rise is no new low: count the epochs "
                "since the lowest."),
        Mistake("previous", variant(lambda loss, best, previous: loss < previous, lambda e, b, p: e - b >= p),
                "Each loss is compared with the one before it; compare it with the lowest so far."),
        Mistake("highest", {"loss < best": "loss > best"},
                "It looks for the highest loss. For a loss lower is better."),
        Mistake("first-rise", {"epoch - best_epoch >= patience": "True"},
                "It stops at the first epoch without a new low and does not look at patience."),
        Mistake("by-epoch", {"epoch - best_epoch >= patience": "epoch >= patience"},
                "patience is compared with the epoch number; it counts epochs since the lowest loss."),
        Mistake("loss-for-epoch", {"return best_epoch, epoch": "return best, epoch",
                                   "return best_epoch, len(val_loss)": "return best, len(val_loss)"},
                "The first number is the lowest loss; its epoch is asked for."),
        Mistake("swapped", lambda v, p: early_stop(v, p)[::-1], "The right two numbers in the wrong order."),
    ),
    right=(
        lambda v, p: next(((int(np.argmin(v[:e])) + 1, e) for e in range(1, len(v) + 1)
                           if e - int(np.argmin(v[:e])) - 1 >= p), (int(np.argmin(v)) + 1, len(v))),
        lambda v, p: (lambda e: (v.index(min(v[:e])) + 1, e))(
            next((e for e in range(p + 1, len(v) + 1) if min(v[e - p : e]) >= min(v[: e - p])), len(v))),
    ),
    hints=(
        "Keep two things while walking along the curve: the lowest loss so far, and the epoch that had it.",
        "A new low resets the waiting. Otherwise compare the epochs since the lowest with patience.",
        "if loss < best: remember both; elif epoch - best_epoch >= patience: return best_epoch, epoch.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S3-3.2-train-monitor", "S1-3.3-best-on-train"),
    returns=("best_epoch", "last_epoch"),
)
