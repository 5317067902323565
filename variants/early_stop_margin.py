"""3.4v A variant of 3.4: a new low counts only when it is lower by a margin."""

from course_lib.checks.spec import Exercise, Mistake


def early_stop_margin(val_loss, patience, margin):
    """(epoch of the last new low, last epoch run), counted from 1.

    An epoch is a new low if its loss is below the last new low's by more than `margin`; the first epoch is one. Stop
    after `patience` epochs in a row that are none.
    """
    low, low_epoch = val_loss[0], 1
    for epoch, loss in enumerate(val_loss, 1):
        if loss < low - margin:
            low, low_epoch = loss, epoch
        elif epoch - low_epoch >= patience:
            return low_epoch, epoch
    return low_epoch, len(val_loss)


def reference(val_loss, patience, margin):
    """With a counter instead of a difference of epochs."""
    low, low_epoch, waited = val_loss[0], 1, 0
    for number in range(1, len(val_loss)):
        if low - val_loss[number] > margin:
            low, low_epoch, waited = val_loss[number], number + 1, 0
        else:
            waited += 1
        if waited == patience:
            return low_epoch, number + 1
    return low_epoch, len(val_loss)


def cases(rng):
    """Curves in steps of a quarter, which binary numbers hold exactly, with margins between the steps."""
    for n, patience in ((2, 1), (4, 1), (5, 2), (6, 2), (8, 3), (10, 2), (12, 3), (14, 4)):
        steps = rng.integers(-3, 3, n)
        yield (steps.cumsum() * 0.25 + 4).tolist(), patience, float(rng.choice([0.125, 0.375, 0.625]))


def creeping(val_loss, patience, margin):
    """Compares with the lowest loss so far, which small improvements lower too."""
    low, low_epoch = val_loss[0], 1
    for epoch, loss in enumerate(val_loss, 1):
        if loss < low - margin:
            low_epoch = epoch
        elif epoch - low_epoch >= patience:
            return low_epoch, epoch
        low = min(low, loss)
    return low_epoch, len(val_loss)


NEW, WAITED = "loss < low - margin", "epoch - low_epoch >= patience"

EXERCISE = Exercise(
    id="3.4v",
    title="When to stop, with a margin",
    answer=early_stop_margin,
    reference=reference,
    cases=cases,
    edges=(
        ([1.0], 1, 0.125),
        ([1.0, 0.5], 1, 0.125),
        ([1.0, 0.75, 0.5], 1, 0.375),  # falling, but too slowly
        ([4.0, 3.75, 3.5, 3.25, 3.0], 3, 0.375),  # slow steps add up to a new low
        ([3.0, 2.0, 1.75, 1.75, 0.5], 2, 0.5),
        ([2.0, 1.5, 1.75], 2, 0.5),  # lower by exactly the margin is none
        ([5.0, 4.0, 3.0], 2, 0.125),
        ([2.0, 3.0, 2.5, 1.0, 0.0], 3, 0.5),
        ([3.0, 1.0, 2.0, 1.5, 1.25, 0.5], 3, 0.0),
        ([4.0, 5.0, 3.0, 4.0, 2.0], 2, 0.5),  # two epochs without a new low, but not in a row
    ),
    mistakes=(
        Mistake("no-margin", {NEW: "loss < low"},
                "Every lower loss counts as a new low. It must be lower by more than the margin."),
        Mistake("margin-upwards", {NEW: "loss < low + margin"},
                "The margin is added: even a slightly higher loss counts as a new low. Subtract it."),
        Mistake("exactly-the-margin", {NEW: "loss <= low - margin"},
                "A loss that is lower by exactly the margin counts here. It must be lower by more."),
        Mistake("creeping", creeping,
                "Each loss is compared with the lowest so far. Compare it with the last one that counted as a new low: "
                "small steps that add up to more than the margin then count as one."),
        Mistake("relative", {NEW: "loss < low * (1 - margin)"},
                "The margin is taken as a share of the loss. It is a difference of losses."),
        Mistake("one-too-late", {WAITED: "epoch - low_epoch > patience"},
                "It waits one epoch too long: stop as soon as `patience` epochs have passed without a new low."),
        Mistake("first-miss", {WAITED: "True"},
                "It stops at the first epoch without a new low and does not look at patience."),
        Mistake("by-epoch", {WAITED: "epoch >= patience"},
                "patience is compared with the epoch number; it counts epochs since the last new low."),
        Mistake("never-stops", {"return low_epoch, epoch": "continue"}, "It never stops before the end of the curve."),
        Mistake("returns-last", {"return low_epoch, epoch": "return epoch, epoch"},
                "It gives the epoch at which it stopped as the best. The weights to keep are those of the last new "
                "low."),
        Mistake("loss-for-epoch", {"return low_epoch, epoch": "return low, epoch",
                                   "return low_epoch, len(val_loss)": "return low, len(val_loss)"},
                "The first number is the lowest loss; its epoch is asked for."),
        Mistake("swapped", lambda v, p, m: early_stop_margin(v, p, m)[::-1], "The right two numbers, the wrong way "
                "round."),
    ),
    right=(
        lambda v, p, m: reference(list(v), p, m),
        lambda v, p, m: (lambda walk: walk(walk, 1, v[0], 1))(
            lambda walk, low_epoch, low, epoch:
            (low_epoch, epoch) if epoch == len(v) or epoch - low_epoch == p
            else walk(walk, epoch + 1, v[epoch], epoch + 1) if low - v[epoch] > m
            else walk(walk, low_epoch, low, epoch + 1)),
    ),
    hints=(
        "Exercise 3.4 with another meaning of \"new low\". Keep the loss that counted last, and its epoch.",
        "A loss that is lower, but not by more than the margin, changes neither of the two you keep.",
        "if loss < low - margin: remember both; elif epoch - low_epoch >= patience: return low_epoch, epoch.",
    ),
    minutes=10,
    difficulty=2,
    returns=("low_epoch", "last_epoch"),
)
