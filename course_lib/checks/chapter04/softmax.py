"""4.2 Softmax along an axis."""

import numpy as np

from course_lib import activations

from ..spec import Exercise, Mistake, Slot, numbers


def softmax(x, dim=-1):
    """e^x_i / sum_j e^x_j along the axis `dim`: positive numbers that sum to 1."""
    e = np.exp(x - x.max(axis=dim, keepdims=True))  # the largest exponent is 0
    return e / e.sum(axis=dim, keepdims=True)


def cases(rng):
    """Vectors, then matrices and a stack of matrices along each axis."""
    yield from ((numbers(rng, n),) for n in (2, 3))
    yield from ((numbers(rng, 2, 3), dim) for dim in (0, 1, -1))
    yield (numbers(rng, 3, 3),)
    yield (numbers(rng, 3, 3), 0)
    yield (rng.integers(-3, 3, (2, 4)),)
    yield (numbers(rng, 4, 3).T, -1)
    yield (numbers(rng, 2, 3, 2), 1)


SHIFT, TOTAL = "x - x.max(axis=dim, keepdims=True)", "e.sum(axis=dim, keepdims=True)"

EXERCISE = Exercise(
    id="4.2",
    title="Softmax",
    answer=softmax,
    reference=activations.softmax,
    cases=cases,
    edges=(
        (np.array([3.0]),),
        (np.array([0.0, 0.0]),),
        (np.array([1e4, 0.0, -1e4]),),
        (np.array([[-1e4, -1e4 + 1]]),),
        (np.array([[1.0], [2.0]]), 1),
        (np.array([[1e4, 1e4 - 1], [-1.0, 0.0]]), 1),
    ),
    mistakes=(
        Mistake("no-shift", {SHIFT: "x"},
                "exp overflows for large inputs, and inf/inf is nan. Softmax does not change when the same number is "
                "taken from all inputs: subtract the largest first."),
        Mistake("one-shift-for-all", {SHIFT: "x - x.max()"},
                "One maximum for the whole array is not enough: where a row lies far below it, all of its exponentials "
                "are 0, and 0/0 is nan. Subtract each row's own maximum."),
        Mistake("one-total", {TOTAL: "e.sum()"},
                "It divides by the sum over the whole array, so that everything sums to 1 together. Each slice along "
                "dim must sum to 1."),
        Mistake("rows-and-columns", {"x.max(axis=dim,": "x.max(axis=0,", "e.sum(axis=dim,": "e.sum(axis=0,"},
                "It always works along axis 0. The argument dim says which axis; the default -1 is the last."),
        Mistake("dim-ignored", {"x.max(axis=dim,": "x.max(axis=-1,", "e.sum(axis=dim,": "e.sum(axis=-1,"},
                "Right for the last axis, but dim is ignored."),
        Mistake("no-keepdims", {"e.sum(axis=dim, keepdims=True)": "e.sum(axis=dim)"},
                "Without keepdims=True the sums have one axis fewer, so that NumPy lines them up with the wrong axis "
                "(or cannot)."),
        Mistake("default-first", {"dim=-1": "dim=0"},
                "Right when dim is given, but without it the last axis is meant: dim=-1."),
        Mistake("not-normalised", {" / " + TOTAL: ""}, "These are the exponentials; divide by their sum."),
        Mistake("logarithm", {"return e / " + TOTAL: f"return {SHIFT} - np.log({TOTAL})"},
                "This is log_softmax, the logarithm of the answer."),
        Mistake("softmin", {SHIFT: "x.min(axis=dim, keepdims=True) - x"},
                "The smallest input gets the largest share: the sign of the exponent is wrong."),
        Mistake("hardmax", lambda x, dim=-1: 1.0 * (x == x.max(axis=dim, keepdims=True)),
                "It marks the largest with 1. Softmax leaves the others a share: e^x over the sum of e^x."),
        Mistake("sigmoid", lambda x, dim=-1: 0.5 * (1 + np.tanh(x / 2)),
                "This is the sigmoid of each number by itself; nothing makes them sum to 1."),
        Mistake("no-exponential", lambda x, dim=-1: x / x.sum(axis=dim, keepdims=True),
                "It divides x by its sum, without exponentials; negative inputs then give negative shares."),
    ),
    right=(
        lambda x, dim=-1: np.exp(x - np.logaddexp.reduce(x, axis=dim, keepdims=True)),
        lambda x, dim=-1: np.apply_along_axis(lambda row: np.exp(row - max(row)) / sum(np.exp(row - max(row))), dim,
                                              x * 1.0),
    ),
    hints=(
        "What do you get for [1, 2, 3] and for [1001, 1002, 1003]? What should you get?",
        "Subtract x.max(...) before exp. Which axis, and what must happen to that axis for the shapes to fit?",
        "Both the maximum and the sum want axis=dim, keepdims=True.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S3-4.2-relu-output",),
    slot=Slot("softmax", "course_lib.activations:softmax.rule"),
)
