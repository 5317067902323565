"""8.3 Class prototypes."""

import numpy as np

from course_lib.topics import few_shot

from ..spec import Exercise, Mistake, numbers


def classify(support, labels, queries):
    """Class of each query (M, D): the one whose mean of support (N, D) is nearest; labels 0..K-1, ties to the lower."""
    means = np.array([support[labels == k].mean(axis=0) for k in range(labels.max() + 1)])  # (K, D)
    distance = ((queries[:, None, :] - means[None, :, :]) ** 2).sum(axis=2)  # (M, K)
    return distance.argmin(axis=1)


def reference(support, labels, queries):
    """The library's prototypes and the nearest of them."""
    return few_shot.nearest(queries, few_shot.prototypes(support, labels))


def cases(rng):
    """Two to four classes with unequal numbers of samples."""
    for classes, extra, size, queries in ((2, 0, 1, 2), (2, 3, 2, 3), (3, 4, 2, 4), (3, 5, 3, 6), (4, 6, 2, 12)):
        labels = rng.permutation(np.concatenate([np.arange(classes), rng.integers(0, classes, extra)]))
        yield numbers(rng, len(labels), size) + labels[:, None], labels, numbers(rng, queries, size) + 1.0
    labels = np.array([0, 0, 1, 1, 1, 2])
    yield numbers(rng, 6, 3), labels, numbers(rng, 20, 3)


MEANS, NEAR = "support[labels == k].mean(axis=0)", "distance.argmin(axis=1)"
SQUARE = "((queries[:, None, :] - means[None, :, :]) ** 2).sum(axis=2)"
SMALL = np.array([[0.0, 0.0], [4.0, 0.0], [1.0, 3.0], [1.0, 9.0]])

EXERCISE = Exercise(
    id="8.3",
    title="Learn a class from a few examples",
    answer=classify,
    reference=reference,
    cases=cases,
    edges=(
        (SMALL, np.array([0, 0, 1, 1]), np.array([[3.9, 0.0], [1.0, 3.1], [1.0, 2.0]])),
        (np.array([[0.0], [2.0]]), np.array([0, 1]), np.array([[1.0]])),
        (np.array([[0.0], [2.0]]), np.array([1, 0]), np.array([[0.4], [1.7]])),
        (np.array([[0.0], [1.0], [1.0], [8.0]]), np.array([0, 1, 1, 1]), np.array([[1.2], [1.5], [2.5], [4.0]])),
        (np.array([[-1e4, 0.0], [1e4, 0.0]]), np.array([0, 1]), np.array([[1.0, 5.0], [-1.0, 5.0]])),
        (np.array([[0.0, 0.0], [3.0, 3.0], [0.0, 4.0]]), np.array([0, 1, 2]), np.array([[1.0, 1.9], [2.9, 0.0]])),
    ),
    mistakes=(
        Mistake("nearest-neighbour", lambda s, y, q: y[((q[:, None] - s) ** 2).sum(2).argmin(1)],
                "It takes the class of the nearest single sample. A prototype is the mean of a class."),
        Mistake("farthest", {NEAR: "distance.argmax(axis=1)"}, "It picks the farthest class mean. The nearest wins."),
        Mistake("wrong-axis", {NEAR: "distance.argmin(axis=0)"},
                "It asks which query is nearest to each class; asked is which class is nearest to each query."),
        Mistake("sums", {MEANS: "support[labels == k].sum(axis=0)"},
                "The samples of a class are added up and not averaged, which pushes classes with many samples away."),
        Mistake("medians", {MEANS: "np.median(support[labels == k], axis=0)"},
                "It takes medians. A prototype is the mean."),
        Mistake("dot-product", {SQUARE: "-(queries @ means.T)"},
                "It compares by the dot product, which favours long means. Use the distance."),
        Mistake("cosine", {SQUARE: "-(queries @ means.T) / np.maximum(np.linalg.norm(means, axis=1), 1e-12)"},
                "It compares directions (cosine). Here the Euclidean distance counts."),
        Mistake("city-block", {SQUARE: "np.abs(queries[:, None, :] - means[None, :, :]).sum(axis=2)"},
                "It adds up absolute differences. The Euclidean distance adds up squares."),
        Mistake("not-squared", {SQUARE: "(queries[:, None, :] - means[None, :, :]).sum(axis=2)"},
                "The differences are added up with their signs and cancel. Square them first."),
        Mistake("overall-mean", {MEANS: "support.mean(axis=0) * (k + 1)"},
                "The mean runs over all samples. Each class has its own."),
    ),
    right=(
        lambda s, y, q: np.array([min(range(y.max() + 1), key=lambda k: (((x - s[y == k].mean(0)) ** 2).sum(), k))
                                  for x in q]),
        lambda s, y, q: (lambda m: ((q[:, None] - m) ** 2).sum(2).argmin(1))(
            np.eye(y.max() + 1)[y].T @ s / np.bincount(y)[:, None]),
    ),
    hints=(
        "First one mean vector for each class, an array (K, D).",
        "Distances between all queries and all means: queries[:, None, :] - means gives (M, K, D).",
        "Square, sum over the last axis, argmin over the classes.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S3-8.1-few-shot",),
)  # fmt: skip
