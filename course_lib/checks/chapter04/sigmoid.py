"""4.1 The sigmoid that never overflows."""

import numpy as np

from course_lib import activations

from ..spec import Exercise, Mistake, Slot, numbers


def sigmoid(x):
    """1 / (1 + e^-x) for an array x of any shape, without overflow."""
    e = np.exp(-np.abs(x))  # in (0, 1], whatever x is
    return np.where(x >= 0, 1, e) / (1 + e)


def cases(rng):
    """Vectors, a matrix, an integer array, and one that does not lie in order in memory."""
    yield from ((numbers(rng, n),) for n in (1, 2, 3))
    yield (numbers(rng, 2, 3),)
    yield (rng.integers(-9, 9, 4),)
    yield (numbers(rng, 2, 4).T,)


def _masked(x, out):
    out[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
    out[x < 0] = np.exp(x[x < 0]) / (1 + np.exp(x[x < 0]))
    return out


BODY = "np.where(x >= 0, 1, e) / (1 + e)"

EXERCISE = Exercise(
    id="4.1",
    title="A sigmoid that never overflows",
    answer=sigmoid,
    reference=activations.sigmoid,
    cases=cases,
    edges=tuple((np.array(x),) for x in ([], [0.0], [1.0], [-1.0], [-40.0], [1e4], [-1e4], [-2, 0, 3], [1e4, -1e4])),
    mistakes=(
        Mistake("naive", lambda x: 1 / (1 + np.exp(-x)),
                "For x far below zero, exp(-x) overflows: e^10000 is too large for a float. The value still comes out "
                "right here, by luck of 1/inf = 0, but NumPy warns, and in float32 it starts at x = -89."),
        Mistake("naive-exp-x", lambda x: np.exp(x) / (1 + np.exp(x)),
                "For large x this is inf/inf = nan. Divide numerator and denominator by e^x where x is positive."),
        Mistake("both-branches", lambda x: np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))),
                "The right two formulas, but np.where computes both for every x and only then chooses, so the one that "
                "overflows still runs. Make its argument harmless first, for instance with -np.abs(x)."),
        Mistake("one-branch-for-all",
                lambda x: 1 / (1 + np.exp(-x)) if np.all(x >= 0) else np.exp(x) / (1 + np.exp(x)),
                "One formula is chosen for the whole array. Where it holds both signs, one of the two overflows: "
                "choose number by number."),
        Mistake("decreasing-naive", lambda x: 1 / (1 + np.exp(x)),
                "The minus is missing: 1 / (1 + exp(x)) falls where it should rise. It overflows for large x, too."),
        Mistake("decreasing", {BODY: "np.where(x >= 0, e, 1) / (1 + e)"},
                "This is 1 - sigmoid(x): it falls where it should rise. The exponent's sign is the wrong way round."),
        Mistake("twice-x", {"-np.abs(x)": "-np.abs(2 * x)"},
                "This is sigmoid(2x), twice too steep: the 2 belongs to tanh(x) = 2·sigmoid(2x) - 1."),
        Mistake("tanh-of-half", lambda x: np.tanh(x / 2),
                "tanh(x/2) runs from -1 to 1; the sigmoid is half of one more than it: (1 + tanh(x/2)) / 2."),
        Mistake("tanh", lambda x: np.tanh(x), "This is tanh: it runs from -1 to 1, the sigmoid from 0 to 1."),
        Mistake("derivative", {BODY: "e / (1 + e) ** 2"}, "This is the derivative, sigmoid(x)·(1 - sigmoid(x))."),
        Mistake("precedence", lambda x: 1 / 1 + np.exp(-x),
                "1 / 1 + exp(-x) is (1/1) + exp(-x): the denominator needs parentheses."),
        Mistake("integer-output", lambda x: _masked(x, np.zeros_like(x)),
                "With integers in, np.zeros_like(x) makes an integer array, and every result is cut down to 0. Ask for "
                "floats: np.zeros(x.shape)."),
    ),
    right=(
        lambda x: 0.5 * (1 + np.tanh(x / 2)),
        lambda x: np.exp(-np.logaddexp(0, -x)),
        lambda x: _masked(x, np.zeros(x.shape)),
    ),
    hints=(
        "Which x makes e^-x too large for a float, and what is the sigmoid there?",
        "Multiply numerator and denominator by e^x: e^x / (1 + e^x). Which form is safe for which sign of x?",
        "e = np.exp(-np.abs(x)) is never above 1. With it, the answer is 1/(1+e) for x >= 0 and e/(1+e) below.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S3-4.1-sigmoid", "S4-4.2-sigmoid"),
    quiet=True,
    slot=Slot("sigmoid", "course_lib.activations:sigmoid.rule"),
)
