"""8.5 Temperature scaling."""

import numpy as np

from course_lib.topics import explain

from ..spec import Exercise, Mistake, numbers


def best_temperature(logits, y, grid):
    """The T of grid (G,) with the lowest mean of -log softmax(logits / T) at the true classes y (N,).

    logits (N, C) may be in the thousands.
    """
    losses = []
    for t in grid:
        z = logits / t
        z = z - z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))  # (N, C)
        losses.append(-log_p[np.arange(len(y)), y].mean())
    return float(grid[np.argmin(losses)])


def reference(logits, y, grid):
    """The library's."""
    return explain.best_temperature(logits, y, grid)


def cases(rng):
    """Logits that are too sure, about right, and too timid."""
    grid = np.array([0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0])
    for n, classes, sure in ((3, 2, 4.0), (4, 3, 0.5), (8, 3, 3.0), (12, 4, 1.5), (20, 3, 0.3), (30, 3, 6.0)):
        y = rng.integers(0, classes, n)
        yield sure * (numbers(rng, n, classes, scale=1.0) + np.eye(classes)[y]), y, grid


LOSS, BEST = "-log_p[np.arange(len(y)), y].mean()", "grid[np.argmin(losses)]"
LOGITS = np.array([[4.0, 0.0], [0.0, 4.0], [4.0, 0.0], [0.0, 4.0]])
GRID = np.array([0.5, 1.0, 2.0, 4.0])

EXERCISE = Exercise(
    id="8.5",
    title="Temperature scaling",
    answer=best_temperature,
    reference=reference,
    cases=cases,
    edges=(
        (LOGITS, np.array([0, 1, 0, 0]), GRID),
        (LOGITS, np.array([0, 1, 0, 1]), GRID),
        (LOGITS, np.array([1, 0, 1, 0]), GRID),
        (LOGITS / 8, np.array([0, 1, 0, 1]), GRID),
        (LOGITS * 1e4, np.array([0, 1, 0, 0]), GRID * 1e4),
        (np.array([[-2.0, 3.0], [3.0, 3.0], [-1.0, -2.0]]), np.array([1, 0, 1]), GRID),
        (np.array([[0.0, 1.0], [3.0, 4.0], [-2.0, 4.0]]), np.array([1, 0, 1]), GRID),
        (LOGITS * 1e3, np.array([0, 1, 0, 0]), GRID),
        (LOGITS * 1e3 - np.array([[0.0], [0.0], [0.0], [2e4]]), np.array([0, 1, 0, 0]), GRID),
        (np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 2.0]]), np.array([0, 0, 0]), GRID),
        (np.array([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0], [3.0, 0.0, 1.0]]), np.array([1, 1, 0]), GRID),
    ),
    mistakes=(
        Mistake("multiplies", {"logits / t": "logits * t"},
                "It multiplies by T. A temperature above 1 must soften: divide."),
        Mistake("worst", {BEST: "grid[np.argmax(losses)]"},
                "It picks the highest loss: argmax for argmin, or a minus sign is missing."),
        Mistake("index", {BEST: "np.argmin(losses)"},
                "This is the position in the grid. Return the temperature that stands there."),
        Mistake("lowest-loss", {BEST: "min(losses)"}, "This is the lowest loss. Return the temperature that gives it."),
        Mistake("confidence", {LOSS: "-log_p.max(axis=1).mean()"},
                "It looks at the largest probability, right or not (or at accuracy, which no temperature changes), so "
                "the "
                "lowest temperature wins every time. Look at the probability of the true class."),
        Mistake("probability", {LOSS: "-np.exp(log_p)[np.arange(len(y)), y].mean()"},
                "It averages the probability of the true class. The loss is its logarithm, which punishes being sure "
                "and wrong."),
        Mistake("no-normaliser", {"z - np.log(np.exp(z).sum(axis=1, keepdims=True))": "z"},
                "These are scaled logits, not log probabilities: the log of the sum of exponentials is missing."),
        Mistake("not-stable", {"z = z - z.max(axis=1, keepdims=True)": "z = z + 0.0"},
                "Right for small logits only. With large ones exp overflows, or a probability is rounded to 0 before "
                "its logarithm is taken (an ε is no help): subtract the row's maximum, and take the log of the sum."),
        Mistake("shift-of-all", {"z.max(axis=1, keepdims=True)": "z.max()"},
                "The largest of all logits is subtracted. In a row far below it every exponential rounds to 0, whose "
                "logarithm is -inf: subtract each row's own largest."),
        Mistake("brier", {LOSS: "((np.exp(log_p) - np.eye(z.shape[1])[y]) ** 2).mean()"},
                "This is the squared error of the probabilities (Brier score). The mean of -log p is asked for."),
        Mistake("wrong-axis", {"np.log(np.exp(z).sum(axis=1, keepdims=True))": "np.log(np.exp(z).sum(axis=0))"},
                "The softmax runs over the samples. It must run over the classes, axis 1."),
        Mistake("always-one", {BEST: "1.0"}, "It always returns 1: that is no scaling at all."),
        Mistake("after-softmax", {"logits / t": "np.exp(logits - logits.max(1, keepdims=True)) / np.exp(logits - "
                                  "logits.max(1, keepdims=True)).sum(1, keepdims=True) / t"},
                "The probabilities are divided by T and go through a second softmax. Divide the logits."),
    ),
    right=(
        lambda logits, y, grid: min(grid.tolist(), key=lambda t: np.mean(
            [np.logaddexp.reduce(row / t) - row[k] / t for row, k in zip(logits, y.tolist(), strict=True)])),
        lambda logits, y, grid: float(grid[np.argmax([np.sum(
            (logits / t)[np.arange(len(y)), y] - np.logaddexp.reduce(logits / t, axis=1)) for t in grid])]),
    ),
    hints=(
        "For each T: divide the logits by it, take log softmax, pick the true classes.",
        "log_p[np.arange(len(y)), y] picks one number from each row; the loss is minus their mean.",
        "Return the T at the position np.argmin(losses).",
    ),
    minutes=12,
    difficulty=2,
    claims=("S2-8.1-explainability",),
)  # fmt: skip
