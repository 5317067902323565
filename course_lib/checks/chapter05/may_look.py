"""5.2 Who may look at whom: padding and time."""

import numpy as np

from course_lib import attention

from ..spec import Exercise, Mistake


def may_look(lengths, size):
    """(B, size, size) Booleans: token i of text b may look at token j, which is real and not later."""
    at = np.arange(size)
    earlier = at[None, :] <= at[:, None]
    real = at[None, :] < np.asarray(lengths)[:, None]
    return earlier[None] & real[:, None, :]


def reference(lengths, size):
    """The library's two masks together."""
    return attention.padding_mask(lengths, size)[:, None, :] & attention.causal_mask(size)[None]


def cases(rng):
    """Batches of one to four texts."""
    for batch, size in ((1, 2), (2, 3), (3, 4), (4, 5), (2, 6)):
        yield rng.integers(1, size + 1, batch), size


def by_loops(lengths, size):
    """One by one."""
    return np.array([[[j <= i and j < n for j in range(size)] for i in range(size)] for n in lengths])


EXERCISE = Exercise(
    id="5.2",
    title="Masks: padding and time",
    answer=may_look,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1]), 1),
        (np.array([2]), 3),
        (np.array([3]), 3),
        (np.array([1, 3]), 3),
        (np.array([2, 1, 3]), 4),
    ),
    mistakes=(
        Mistake("inverted", {"return earlier[None] & real[:, None, :]": "return ~(earlier[None] & real[:, None, :])"},
                "True and False are exchanged: True is for what may be seen."),
        Mistake("padding-ignored", {"return earlier[None] & real[:, None, :]":
                                    "return np.repeat(earlier[None], len(lengths), 0)"},
                "The padding can be seen. Position j must be smaller than the text's length."),
        Mistake("future-seen", {"return earlier[None] & real[:, None, :]":
                                "return np.repeat(real[:, None, :], size, 1)"},
                "Tokens see what comes after them: j must not be larger than i."),
        Mistake("not-itself", {"<= at[:, None]": "< at[:, None]"},
                "A token must see itself too, or the first one sees nothing: j ≤ i, not j < i."),
        Mistake("backwards", {"<= at[:, None]": ">= at[:, None]"},
                "Tokens see the future and not the past: compare j ≤ i."),
        Mistake("queries-masked", {"real[:, None, :]": "real[:, :, None]"},
                "The mask removes the padded queries (rows i). The padded keys (columns j) are the ones to hide."),
        Mistake("one-too-many", {"< np.asarray": "<= np.asarray"},
                "One padded position is seen: with length n, the real positions are 0 to n - 1."),
        Mistake("either", {"earlier[None] & real": "earlier[None] | real"},
                "It asks for one of the two; both must hold: real and not later."),
    ),
    right=(by_loops, lambda lengths, size: np.tril(np.ones((len(lengths), size, size), bool)) & (
        np.arange(size) < np.reshape(lengths, (-1, 1, 1)))),
    hints=(
        "Two questions for every pair (i, j): is j a real token, and is it not later than i?",
        "np.arange(size) compared with itself as a column gives (size, size); compared with the lengths, (B, size).",
        "Bring both to (B, size, size) with None axes, and combine them with &.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S0-5.2-post-padding", "S1-5.2-no-labels"),
)
