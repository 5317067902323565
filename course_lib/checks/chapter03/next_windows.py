"""3.7 Windows with next-character targets."""

import numpy as np

from course_lib.topics import char_lstm

from ..spec import Exercise, Mistake


def next_windows(ids, length):
    """(inputs, targets), arrays (N, length): windows side by side, and the same windows one place further on.

    N is as large as possible; what is left over at the end is not used.
    """
    n = (len(ids) - 1) // length
    x, y = ids[: n * length], ids[1 : n * length + 1]
    return x.reshape(n, length), y.reshape(n, length)


def reference(ids, length):
    """The library's."""
    return char_lstm.windows(ids, length)


def cases(rng):
    """Sequences that windows fill and sequences that they do not."""
    for n, length in ((3, 1), (5, 2), (7, 3), (8, 3), (9, 4), (11, 5), (13, 3)):
        yield rng.permutation(30)[:n], length


def overlapping(ids, length):
    """A window at every place."""
    rows = np.lib.stride_tricks.sliding_window_view(ids, length + 1)
    return rows[:, :-1].copy(), rows[:, 1:].copy()


def inside(ids, length):
    """The target is shifted within each window, so that its last place has the window's first."""
    n = (len(ids) - 1) // length
    x = ids[: n * length].reshape(n, length)
    return x, np.roll(x, -1, axis=1)


def skipping(ids, length):
    """Windows of length + 1, each cut into input and target: every (length + 1)-th character predicts nothing."""
    n = len(ids) // (length + 1)
    rows = ids[: n * (length + 1)].reshape(n, length + 1)
    return rows[:, :-1], rows[:, 1:]


COUNT, TARGET = "(len(ids) - 1) // length", "ids[1 : n * length + 1]"

EXERCISE = Exercise(
    id="3.7",
    title="Windows with next-character targets",
    answer=next_windows,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([7, 8]), 1),
        (np.array([4, 5, 6]), 2),
        (np.array([4, 9, 2, 7]), 2),  # the last target would be missing
        (np.arange(10, 17), 3),
        (np.arange(20), 4),
    ),
    mistakes=(
        Mistake("no-shift", {TARGET: "ids[: n * length]"},
                "The targets are the inputs. A model learns to copy, with a loss of nearly 0, and cannot write a word. "
                "The target is the next character."),
        Mistake("from-the-end", {"ids[: n * length], ids[1 : n * length + 1]":
                                 "ids[-n * length - 1 : -1], ids[-n * length :]"},
                "What fills no whole window is left out at the beginning. Leave it out at the end."),
        Mistake("backwards", {"x, y = ids[: n * length], ids[1 : n * length + 1]":
                              "y, x = ids[: n * length], ids[1 : n * length + 1]"},
                "The targets are the characters before. That model would write backwards."),
        Mistake("last-only", {"y.reshape(n, length)": "y.reshape(n, length)[:, -1]"},
                "Only the character after the window is a target. Every place in the window can learn: (N, length) "
                "targets."),
        Mistake("within-window", inside,
                "The shift is made within each window, so its last place is to predict the window's own first "
                "character. "
                "Shift the sequence before cutting."),
        Mistake("overlapping", overlapping,
                "There is a window at every place, so each character is trained on many times. Lay windows side by "
                "side."),
        Mistake("skips-characters", skipping,
                "Each window eats length + 1 characters, so one in length + 1 is never an input. The last target of a "
                "window is the first input of the next."),
        Mistake("two-ahead", {"(len(ids) - 1)": "(len(ids) - 2)", TARGET: "ids[2 : n * length + 2]"},
                "The targets are two places ahead."),
        Mistake("forgets-the-last-target", {COUNT: "len(ids) // length"},
                "The last window has no next character, so the targets are one short and reshape fails. Only "
                "len(ids) - 1 characters have a successor."),
        Mistake("transposed-windows", {"x.reshape(n, length), y.reshape(n, length)":
                                       "x.reshape(length, n).T, y.reshape(length, n).T"},
                "Neighbours in the text have become neighbours down the columns. reshape(n, length) keeps runs "
                "together."),
        Mistake("length-first", {"x.reshape(n, length), y.reshape(n, length)":
                                 "x.reshape(n, length).T, y.reshape(n, length).T"},
                "The windows are columns. Return (N, length): one window per row."),
        Mistake("flat", {"x.reshape(n, length), y.reshape(n, length)": "x, y"},
                "Inputs and targets are right but not cut into windows."),
        Mistake("inputs-only", {"x.reshape(n, length), y.reshape(n, length)": "x.reshape(n, length)"},
                "Only the inputs are returned; this is S1's listing, which trains without targets."),
    ),
    right=(
        lambda ids, length: tuple(
            np.array([part[i : i + length] for i in range(0, (len(ids) - 1) // length * length, length)])
            for part in (ids[:-1], ids[1:])
        ),
        lambda ids, length: [np.lib.stride_tricks.sliding_window_view(part, length)[::length].copy()
                             for part in (ids[:-1], ids[1:])],
    ),
    hints=(
        "Lay the text and the text without its first character below each other: input above, target below.",
        "How many characters have a successor? How many whole windows do they fill?",
        "n = (len(ids) - 1) // length; ids[: n*length] and ids[1 : n*length + 1], each reshaped to (n, length).",
    ),
    minutes=10,
    difficulty=2,
    claims=("S1-3.6-code",),
    returns=("inputs", "targets"),
)
