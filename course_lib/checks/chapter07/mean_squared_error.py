"""7.2 The broadcast that nobody asked for."""

import numpy as np

from course_lib.topics import numerics

from ..spec import Exercise, Mistake, numbers


def mean_squared_error(pred, target):
    """Mean of (pred - target)², where pred and target hold N numbers each, as (N,) or (N, 1)."""
    difference = np.ravel(pred) - np.ravel(target)
    return np.mean(difference**2)


def cases(rng):
    """Every pair of the two shapes."""
    for n in (2, 3, 5):
        yield numbers(rng, n, 1), numbers(rng, n)
        yield numbers(rng, n), numbers(rng, n, 1)
        yield numbers(rng, n), numbers(rng, n)
        yield numbers(rng, n, 1), numbers(rng, n, 1)


DIFFERENCE, MEAN = "np.ravel(pred) - np.ravel(target)", "np.mean(difference**2)"

EXERCISE = Exercise(
    id="7.2",
    title="A loss that does not broadcast",
    answer=mean_squared_error,
    reference=numerics.mean_squared_error,
    cases=cases,
    edges=(
        (np.array([[1.0], [2.0]]), np.array([1.0, 2.0])),
        (np.array([1.0, 2.0]), np.array([[1.0], [2.0]])),
        (np.array([3.0]), np.array([[1.0]])),
        (np.array([[1.0], [2.0], [4.0]]), np.array([[0.0], [2.0], [8.0]])),
        (np.array([1e4, -1e4]), np.array([[-1e4], [1e4]])),
        (np.array([0, 3]), np.array([[1], [1]])),
    ),
    mistakes=(
        Mistake("broadcasts", {DIFFERENCE: "pred - target"},
                "(N, 1) minus (N,) is an (N, N) table: every prediction against every target. No error is raised, and "
                "the mean of N² differences looks like a loss. Give both the same shape first."),
        Mistake("one-side", {DIFFERENCE: "pred.reshape(-1) - target"},
                "Only pred is made flat; where target is (N, 1) it still broadcasts to (N, N)."),
        Mistake("other-side", {DIFFERENCE: "pred - target.reshape(-1)"},
                "Only target is made flat; where pred is (N, 1) it still broadcasts to (N, N)."),
        Mistake("as-column", {DIFFERENCE: "pred.reshape(-1, 1) - target"},
                "pred becomes a column, (N, 1); where target is (N,) the difference is (N, N). Both need the same "
                "shape."),
        Mistake("diagonal", {MEAN: "np.sum(difference**2) / np.size(pred)", DIFFERENCE: "pred - target"},
                "Dividing the sum by N does not undo the broadcast: N² differences were added."),
        Mistake("sum", {"np.mean": "np.sum"}, "It is the sum; the mean is asked for."),
        Mistake("root", {MEAN: "np.sqrt(np.mean(difference**2))"}, "It is the root of the mean squared error."),
        Mistake("absolute", {MEAN: "np.mean(np.abs(difference))"}, "It is the mean absolute error; square instead."),
        Mistake("half", {MEAN: "np.mean(difference**2) / 2"}, "It carries a factor ½; the plain mean is asked for."),
        Mistake("one-less", {MEAN: "np.sum(difference**2) / max(len(difference) - 1, 1)"},
                "It divides by N - 1, as for a variance. Here it is N."),
        Mistake("bias", {MEAN: "np.mean(difference) ** 2"},
                "It averages first and squares afterwards: errors of different sign cancel. Square each one."),
        Mistake("unsquared", {"difference**2": "difference"}, "The errors are not squared, so they cancel."),
        Mistake("per-sample", {MEAN: "difference**2"}, "It returns one number per sample; take their mean."),
    ),
    right=(
        lambda pred, target: float(((pred.reshape(-1, 1) - target.reshape(-1, 1)) ** 2).mean()),
        lambda pred, target: sum((a - b) ** 2 for a, b in zip(pred.flat, target.flat, strict=True)) / pred.size,
    ),
    hints=(
        "Print (pred - target).shape for pred (3, 1) and target (3,).",
        "np.ravel makes both of them (N,); so does reshape(-1).",
        "np.mean((np.ravel(pred) - np.ravel(target)) ** 2)",
    ),
    minutes=6,
    difficulty=1,
)
