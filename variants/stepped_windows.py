"""3.7v A variant of 3.7: windows of text that begin every `step` places, and overlap if the step is short."""

import numpy as np

from course_lib.checks.spec import Exercise, Mistake


def stepped_windows(ids, length, step):
    """(inputs, targets), arrays (N, length): windows that begin at 0, step, 2·step, …, and the same one place on.

    N is as large as possible: every window, and its targets, must lie within ids. There is room for one at least.
    """
    starts = np.arange(0, len(ids) - length, step)
    rows = starts[:, None] + np.arange(length)
    return ids[rows], ids[rows + 1]


def reference(ids, length, step):
    """Slices, one after the other."""
    starts = [start for start in range(0, len(ids), step) if start + length + 1 <= len(ids)]
    return (np.stack([ids[start : start + length] for start in starts]),
            np.stack([ids[start + 1 : start + length + 1] for start in starts]))


def cases(rng):
    """Steps shorter than a window, as long, and longer; texts that are used up and texts that are not."""
    for n, length, step in ((4, 2, 1), (6, 2, 2), (7, 2, 3), (9, 3, 2), (10, 4, 3), (11, 3, 4), (13, 4, 4)):
        yield rng.permutation(30)[:n], length, step


STARTS, ROWS, RETURN = "np.arange(0, len(ids) - length, step)", "starts[:, None] + np.arange(length)", "ids[rows + 1]"

EXERCISE = Exercise(
    id="3.7v",
    title="Windows with a step",
    answer=stepped_windows,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([7, 8]), 1, 1),
        (np.array([4, 5, 6]), 2, 1),
        (np.array([1, 2, 3, 4]), 2, 1),
        (np.array([1, 2, 3, 4]), 1, 2),
        (np.arange(10, 17), 2, 2),
        (np.arange(20), 4, 3),
        (np.arange(5), 1, 3),  # the last window is nearer to the end than a step
    ),
    mistakes=(
        Mistake("side-by-side", {STARTS: "np.arange(0, len(ids) - length, length)"},
                "The windows lie side by side, as in the practised exercise. They begin every `step` places."),
        Mistake("everywhere", {STARTS: "np.arange(0, len(ids) - length)"},
                "A window begins at every place. They begin every `step` places."),
        Mistake("one-too-many", lambda i, n, s: tuple(
            np.stack([np.append(i, i[-1])[a + k : a + k + n] for a in range(0, len(i) - n + 1, s)]) for k in (0, 1)),
                "The last window's last target lies outside the text: it has one window too many whenever the text "
                "ends with a window."),
        Mistake("one-too-few", lambda i, n, s: tuple(a[: max(len(a) - 1, 1)] for a in stepped_windows(i, n, s)),
                "The last window is missing, though its targets are still in the text."),
        Mistake("no-shift", {RETURN: "ids[rows]"},
                "The targets are the inputs. The target is the next character."),
        Mistake("shifted-by-step", {RETURN: "ids[np.minimum(rows + step, len(ids) - 1)]"},
                "The targets lie `step` places on. The target is the next character, whatever the step."),
        Mistake("backwards", {"ids[rows], ids[rows + 1]": "ids[rows + 1], ids[rows]"},
                "Inputs and targets have changed places: that model would write backwards."),
        Mistake("last-only", {RETURN: "ids[rows + 1][:, -1]"},
                "Only the character after the window is a target. Every place in the window has one."),
        Mistake("within-window", {RETURN: "np.roll(ids[rows], -1, axis=1)"},
                "The shift is made within each window, so its last place is to predict the window's own first "
                "character."),
        Mistake("length-first", {"ids[rows], ids[rows + 1]": "ids[rows].T, ids[rows + 1].T"},
                "The windows are columns. Return (N, length): one window per row."),
        Mistake("steps-inside", {ROWS: "np.minimum(starts[:, None] + step * np.arange(length), len(ids) - 2)"},
                "The step is taken within the window too. A window is a run of neighbours."),
        Mistake("places", lambda ids, length, step: stepped_windows(np.arange(len(ids)), length, step),
                "It returns the places. Return what stands there: ids[...]."),
    ),
    right=(
        lambda ids, length, step: tuple(
            np.lib.stride_tricks.sliding_window_view(part, length)[::step].copy() for part in (ids[:-1], ids[1:])),
        lambda ids, length, step: [np.array([[ids[start + i + shift] for i in range(length)]
                                             for start in range(0, len(ids) - length, step)]) for shift in (0, 1)],
    ),
    hints=(
        "Exercise 3.7 has windows that begin every `length` places. Here the step is a number of its own.",
        "A window that begins at s needs the characters s to s + length, the last target included.",
        "starts = np.arange(0, len(ids) - length, step); rows = starts[:, None] + np.arange(length).",
    ),
    minutes=10,
    difficulty=2,
    returns=("inputs", "targets"),
)
