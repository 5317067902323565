"""8.8 The server's step of federated averaging."""

import numpy as np

from course_lib.topics import federated

from ..spec import Exercise, Mistake, numbers


def federated_mean(weights, counts):
    """Mean of the clients' weights, rows of weights (K, D), each counted by its number of samples counts (K,)."""
    share = counts / counts.sum()  # (K,)
    return (share[:, None] * weights).sum(axis=0)


def reference(weights, counts):
    """The library's, client by client."""
    return federated.weighted_mean([{"w": np.asarray(row, float)} for row in weights], counts.tolist())["w"]


def cases(rng):
    """Clients of different size."""
    for clients, size in ((1, 2), (2, 1), (2, 2), (3, 2), (3, 3), (4, 5)):
        yield numbers(rng, clients, size), rng.integers(1, 50, clients)
    yield numbers(rng, 2, 3).T, np.array([10, 20, 5])


SHARE, SUM = "counts / counts.sum()", "(share[:, None] * weights).sum(axis=0)"

EXERCISE = Exercise(
    id="8.8",
    title="Average the clients",
    answer=federated_mean,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[1.0], [4.0]]), np.array([2, 1])),
        (np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([3, 1])),
        (np.array([[2.0, 3.0]]), np.array([7])),
        (np.array([[1.0], [9.0]]), np.array([0, 5])),
        (np.array([[1e4], [-1e4]]), np.array([1, 3])),
    ),
    mistakes=(
        Mistake("unweighted", {SUM: "weights.mean(axis=0)"},
                "Every client counts the same. A client with more samples counts more: n_k / n."),
        Mistake("not-divided", {SHARE: "counts"},
                "The weights are multiplied by the counts and never divided by their sum."),
        Mistake("divided-by-clients", {SHARE: "counts / len(counts)"},
                "It divides by the number of clients. Divide by the number of samples of all clients together."),
        Mistake("divided-by-largest", {SHARE: "counts / counts.max()"},
                "It divides by the largest count, so the shares do not add up to 1."),
        Mistake("inverse-counts", {SHARE: "(counts.sum() - counts) / max((len(counts) - 1) * counts.sum(), 1)"},
                "Small clients get the large shares. It is the other way round: n_k / n."),
        Mistake("softmax", {SHARE: "np.exp(counts - counts.max()) / np.exp(counts - counts.max()).sum()"},
                "The counts go through a softmax: the largest client takes nearly all. Shares are proportional: n_k / "
                "n."),
        Mistake("root-counts", {SHARE: "np.sqrt(counts) / np.sqrt(counts).sum()"},
                "Shares follow the root of the counts. They are proportional to the counts."),
        Mistake("largest-client", {SUM: "weights[counts.argmax()]"},
                "It takes the largest client's weights and leaves out the others."),
        Mistake("twice-averaged", {SUM: "(share[:, None] * weights).mean(axis=0)"},
                "The shares add up to 1 already; mean divides by the number of clients once more."),
        Mistake("not-summed", {SUM: "share[:, None] * weights"},
                "These are the weighted rows. Add them up over the clients (axis 0)."),
    ),
    right=(
        lambda w, n: n @ w / n.sum(),
        lambda w, n: np.average(w, axis=0, weights=n),
        lambda w, n: np.array([sum(a * b for a, b in zip(c, n.tolist(), strict=True)) / n.sum() for c in w.T]),
    ),
    hints=(
        "The share of client k is its number of samples over that of all clients.",
        "Multiply each row by its share: share[:, None] * weights.",
        "Sum over axis 0; the shares add up to 1, so nothing else is divided.",
    ),
    minutes=8,
    difficulty=1,
    claims=("S0-8.1-privacy-trend",),
)  # fmt: skip
