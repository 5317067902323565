"""8.1 Which weights to prune."""

import numpy as np

from course_lib.compression import magnitude_masks

from ..spec import Exercise, Mistake, numbers


def magnitude_mask(w, amount):
    """True where a weight of w (out, in) stays: the round(amount · size) smallest |w| go.

    Of equals those go that come first, row by row.
    """
    drop = np.argsort(np.abs(w).ravel(), kind="stable")[: round(amount * w.size)]
    keep = np.ones(w.size, dtype=bool)
    keep[drop] = False
    return keep.reshape(w.shape)


def reference(w, amount):
    """The library's, for one matrix."""
    return magnitude_masks({"w": w}, amount)["w"]


def cases(rng):
    """Matrices of several shapes, some with ties."""
    for shape, amount in (((2, 2), 0.5), ((2, 3), 0.5), ((3, 2), 1 / 3), ((3, 4), 0.25), ((5, 4), 0.9)):
        yield numbers(rng, *shape), amount
    yield numbers(rng, 4, 3).T, 0.5
    yield rng.integers(-2, 3, (4, 5)).astype(float), 0.4


DROP, SORT = "[: round(amount * w.size)]", "np.argsort(np.abs(w).ravel(), kind=\"stable\")"

EXERCISE = Exercise(
    id="8.1",
    title="Prune by magnitude",
    answer=magnitude_mask,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[3.0, -1.0]]), 0.5),
        (np.array([[-3.0, 1.0]]), 0.5),
        (np.array([[-3.0, 1.0], [2.0, -0.5]]), 0.25),
        (np.array([[1.0, 1.0, 1.0, 1.0]]), 0.5),
        (np.array([[1.0, -2.0]]), 0.0),
        (np.array([[1.0, -2.0]]), 1.0),
        (np.array([[1e4, -1e-4, 0.0]]), 1 / 3),
        (np.array([[1.0, 2.0, 3.0]]), 0.6),
        (np.array([[1.0, 2.0, 3.0]]), 0.4),
        (np.where(np.arange(40) % 3, 1.0, 2.0).reshape(5, 8), 0.375),  # only a stable sort keeps the order of equals
    ),
    mistakes=(
        Mistake("signed", {"np.abs(w).ravel()": "w.ravel()"},
                "It sorts the weights themselves, so the most negative go first. Small means near 0: sort |w|."),
        Mistake("largest-go", {SORT: "np.argsort(-np.abs(w).ravel(), kind=\"stable\")"},
                "The largest weights go and the smallest stay. It is the other way round."),
        Mistake("inverted", {"keep.reshape": "(~keep).reshape"},
                "The mask is upside down: True must stand where a weight stays."),
        Mistake("keeps-amount", {DROP: "[: w.size - round(amount * w.size)]"},
                "amount is the share that goes, not the share that stays."),
        Mistake("rounded-up", {"round(amount * w.size)": "int(np.ceil(amount * w.size))"},
                "The number that goes is rounded up. Round it to the nearest."),
        Mistake("per-row", lambda w, amount: np.argsort(np.argsort(np.abs(w), 1, kind="stable"), 1)
                >= round(amount * w.shape[1]),
                "The same number goes from each row. Compare all weights of the matrix with one another."),
        Mistake("relative-threshold", lambda w, amount: np.abs(w) > amount * np.abs(w).max(initial=0),
                "amount is used as a threshold on |w|. It is a share of the number of weights."),
        Mistake("absolute-threshold", lambda w, amount: np.abs(w) > amount,
                "amount is compared with |w| itself. It is a share of the number of weights: count how many go."),
        Mistake("threshold-ties", lambda w, amount: np.abs(w) > np.sort(np.abs(w), axis=None)[
                round(amount * w.size) - 1] if round(amount * w.size) else np.ones(w.shape, bool),
                "Everything up to a threshold goes. With ties that is more than the share asked for: count, by "
                "position in the sorted order."),
        Mistake("ties-last", lambda w, amount: (np.argsort(np.argsort(np.abs(w).ravel()[::-1], kind="stable"))
                                               >= round(amount * w.size))[::-1].reshape(w.shape),
                "Of equally small weights the last ones go. Those that come first should: a stable sort of |w|."),
        Mistake("pruned-weights", {"keep.reshape(w.shape)": "np.where(keep.reshape(w.shape), w, 0)"},
                "It returns the pruned weights. A mask is asked for: True and False."),
        Mistake("floor", {"round(amount * w.size)": "int(amount * w.size)"},
                "The number is cut off, not rounded: of three weights and 0.6, two go."),
        Mistake("flat", {"keep.reshape(w.shape)": "keep"}, "The mask is flat; give it the shape of w."),
    ),
    right=(
        lambda w, amount: (np.argsort(np.argsort(abs(w), axis=None, kind="stable")) >= round(amount * w.size))
        .reshape(w.shape),
        lambda w, amount: np.array([[sum(abs(b) < abs(a) for b in w.flat)
                                     + sum(abs(b) == abs(a) for b in w.flat[: i * w.shape[1] + j])
                                     >= round(amount * w.size) for j, a in enumerate(row)] for i, row in enumerate(w)]),
    ),
    hints=(
        "Sort by size, regardless of sign. np.argsort gives positions.",
        "The first round(amount · w.size) positions of np.argsort(np.abs(w), axis=None, kind='stable') go.",
        "Start from an array of True, set those positions to False, and reshape it like w.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S0-8.1-compression-trend", "S3-8.1-compression"),
)  # fmt: skip
