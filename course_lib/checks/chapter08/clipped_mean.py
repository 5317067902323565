"""8.7 Clip each sample's gradient."""

import numpy as np

from course_lib.topics import privacy

from ..spec import Exercise, Mistake, numbers


def clipped_mean(grads, bound):
    """Mean over the samples of their gradients, rows of grads (N, P), each shortened to norm `bound` if longer."""
    norm = np.sqrt((grads**2).sum(axis=1, keepdims=True))  # (N, 1)
    factor = 1 / np.maximum(1, norm / bound)
    return (grads * factor).mean(axis=0)


def reference(grads, bound):
    """The library's clipping, averaged."""
    return privacy.clip_per_sample(grads, bound).mean(0)


def cases(rng):
    """Some samples beyond the bound, some within."""
    for n, p, bound in ((1, 2, 1.0), (2, 1, 0.5), (2, 2, 2.0), (3, 2, 1.5), (4, 3, 3.0), (6, 5, 4.0)):
        yield numbers(rng, n, p), bound
    yield numbers(rng, 3, 4).T, 2.0


FACTOR, NORM = "1 / np.maximum(1, norm / bound)", "np.sqrt((grads**2).sum(axis=1, keepdims=True))"

EXERCISE = Exercise(
    id="8.7",
    title="Clip each sample's gradient",
    answer=clipped_mean,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[3.0, 4.0]]), 1.0),
        (np.array([[0.3, 0.4]]), 1.0),
        (np.array([[3.0, 4.0], [0.3, 0.4]]), 1.0),
        (np.array([[30.0, 40.0], [0.0, 1.0]]), 5.0),
        (np.array([[0.0, 0.0], [2.0, 0.0]]), 1.0),
        (np.array([[1e4, 0.0], [0.0, 1e-4]]), 0.1),
        (np.array([[3.0, 4.0], [-3.0, -4.0], [6.0, 8.0]]), 5.0),
    ),
    mistakes=(
        Mistake("after-the-mean", lambda g, c: g.mean(0) / max(1, np.linalg.norm(g.mean(0)) / c),
                "The mean is clipped. A single sample can then still move it by any amount: clip each row first."),
        Mistake("whole-batch", {NORM: "np.sqrt((grads**2).sum())"},
                "One norm is taken over the whole batch. Every sample has its own."),
        Mistake("by-value", lambda g, c: np.clip(g, -c, c).mean(0),
                "Each number is clipped by itself, which turns the direction and does not bound the norm."),
        Mistake("always-scaled", {FACTOR: "bound / np.maximum(norm, 1e-12)"},
                "Every gradient gets the norm `bound`; the short ones are stretched. Those within stay as they are."),
        Mistake("always-scaled-nan", {FACTOR: "bound / norm"},
                "Every gradient gets the norm `bound`, short ones are stretched, and a gradient of 0 gives 0/0. Those "
                "within the bound stay as they are."),
        Mistake("squared-norm", {NORM: "(grads**2).sum(axis=1, keepdims=True)"},
                "This is the square of the norm: the root is missing."),
        Mistake("columns", {"axis=1, keepdims=True": "axis=0, keepdims=True"},
                "The norms run over the samples (axis 0). Each row is a sample: axis 1."),
        Mistake("sum-norm", {NORM: "np.abs(grads).sum(axis=1, keepdims=True)"},
                "It takes the sum of absolute values for the norm. The Euclidean norm is meant."),
        Mistake("dropped", {FACTOR: "(norm <= bound)"},
                "Samples beyond the bound are thrown away. Shorten them and keep their direction."),
        Mistake("unit-length", {FACTOR: "1 / np.maximum(1, norm)"},
                "The gradients are clipped to norm 1, whatever the bound."),
        Mistake("normalised-when-long", {FACTOR: "np.where(norm > bound, 1 / np.maximum(norm, 1e-12), 1)"},
                "Long gradients get norm 1 in place of `bound`: multiply by bound / norm."),
        Mistake("summed", {".mean(axis=0)": ".sum(axis=0)"},
                "The clipped gradients are added up. Asked is their mean."),
        Mistake("not-clipped", {"(grads * factor)": "grads"}, "Nothing is clipped: this is the plain mean."),
    ),
    right=(
        lambda g, c: np.mean([r * min(1.0, c / n) if (n := float(np.linalg.norm(r))) else r for r in g], axis=0),
        lambda g, c: np.minimum(1, c / np.maximum(np.linalg.norm(g, axis=1), 1e-300)) @ g / len(g),
    ),
    hints=(
        "One norm for each row: axis=1, and keepdims=True so that it divides the row.",
        "The factor is 1 where the norm is at most the bound, else bound / norm; one formula: 1 / max(1, norm / "
        "bound).",
        "Multiply the rows by their factors, then take the mean over axis 0.",
    ),
    minutes=12,
    difficulty=3,
    claims=("S2-8.2-privacy",),
)  # fmt: skip
