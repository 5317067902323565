"""9.3 The baseline of every classifier."""

import numpy as np

from course_lib.topics import judging

from ..spec import Exercise, Mistake


def majority_accuracy(train, test):
    """Accuracy on the labels test (M,) of always saying the commonest label of train (N,); of equals the smallest."""
    labels, counts = np.unique(train, return_counts=True)
    return np.mean(test == labels[np.argmax(counts)])


def cases(rng):
    """Two to five classes, with ties now and then."""
    for classes, n in ((2, 6), (3, 9), (4, 12), (5, 30), (3, 60)):
        yield rng.integers(0, classes, n), rng.integers(0, classes, 8)
        many = np.concatenate([np.full(n, 1), rng.integers(0, classes, n)])
        yield rng.permutation(many), rng.integers(0, classes, 11)


EXERCISE = Exercise(
    id="9.3",
    title="The majority baseline",
    answer=majority_accuracy,
    reference=judging.majority_accuracy,
    cases=cases,
    edges=(
        (np.array([0, 0, 1]), np.array([0, 1, 1, 1])),
        (np.array([1, 1, 0, 0]), np.array([0, 0, 0, 1])),
        (np.array([7, 7, 3]), np.array([7, 3, 3, 7, 7])),
        (np.array([2]), np.array([1, 1])),
        (np.array([-1, -1, 4]), np.array([-1, 4, 4])),
        (np.array([5, 5, 5, 2, 2]), np.array([2, 2, 2, 2, 5])),
        (np.array([2, 2, 1, 1, 3, 3]), np.array([1, 1, 1, 2, 2, 3])),
    ),
    mistakes=(
        Mistake("of-test", {"np.unique(train": "np.unique(test"},
                "It takes the commonest label of the test set. That is looking at the answers: count in train."),
        Mistake("on-train", {"np.mean(test": "np.mean(train"},
                "It is measured on train. Count there, measure on test."),
        Mistake("first-seen", lambda train, test: np.mean(test == max(train.tolist(), key=train.tolist().count)),
                "Of equally common labels it takes the one that comes first; the smallest is asked for."),
        Mistake("rarest", {"argmax": "argmin"}, "This is the rarest label; take the commonest."),
        Mistake("position", {"labels[np.argmax(counts)]": "np.argmax(counts)"},
                "argmax gives a position among the different labels, not a label: look it up in labels."),
        Mistake("mean-label", {"labels[np.argmax(counts)]": "round(np.mean(train))"},
                "The mean of labels is not a label. Count how often each occurs."),
        Mistake("median", {"labels[np.argmax(counts)]": "np.median(train)"},
                "The median of labels depends on their numbering. Count how often each occurs."),
        Mistake("chance", lambda train, test: 1 / len(np.unique(train)),
                "1 / classes is what guessing gives on average. The baseline is to say the commonest label always."),
        Mistake("count", {"np.mean(test": "np.sum(test"}, "This is a number of rows; accuracy is a share."),
        Mistake("error", {"test == labels": "test != labels"}, "This is the share of errors."),
        Mistake("last-of-equals", {"np.argmax(counts)": "len(counts) - 1 - np.argmax(counts[::-1])"},
                "Of equally common labels the smallest is asked for; this takes the largest."),
        Mistake("first-label", {"labels[np.argmax(counts)]": "train[0]"},
                "It takes the first label, not the commonest."),
        Mistake("smallest", {"np.argmax(counts)": "0"}, "It takes the smallest label, however rare."),
    ),
    right=(
        lambda train, test: (lambda c: float(np.mean([t == c for t in test])))(
            max(sorted(set(train.tolist())), key=train.tolist().count)),
        lambda train, test: (test == min(train.tolist(), key=lambda k: (-(train == k).sum(), k))).sum() / len(test),
    ),
    hints=(
        "np.unique(train, return_counts=True) gives the labels in order, and how often each occurs.",
        "The commonest is labels[np.argmax(counts)]; argmax takes the first of equals.",
        "Accuracy is the mean of test == that label.",
    ),
    minutes=6,
    difficulty=1,
    claims=("S3-9.4-how-to-start",),
)  # fmt: skip
