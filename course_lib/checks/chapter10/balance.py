"""10.6 Is the work shared out?"""

import numpy as np

from course_lib.topics import mixture

from ..spec import Exercise, Mistake


def balance(shares):
    """E · Σ_k f_k P_k for shares (N, E): f_k the fraction of inputs whose largest share is k's, P_k the mean share."""
    n, experts = shares.shape
    f = np.bincount(shares.argmax(axis=1), minlength=experts) / n
    return experts * np.sum(f * shares.mean(axis=0))


def cases(rng):
    """Shares that sum to 1."""
    for n, e in ((2, 2), (3, 2), (4, 3), (10, 4), (7, 5), (30, 3)):
        raw = rng.random((n, e)).round(1) + 0.1
        yield (raw / raw.sum(1, keepdims=True),)


F, P = "np.bincount(shares.argmax(axis=1), minlength=experts) / n", "shares.mean(axis=0)"

EXERCISE = Exercise(
    id="10.6",
    title="Load balance",
    answer=balance,
    reference=mixture.balance,
    cases=cases,
    edges=(
        (np.array([[1.0, 0.0], [0.0, 1.0]]),),
        (np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]),),
        (np.array([[0.9, 0.1, 0.0], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1]]),),
        (np.array([[1.0]]),),
        (np.array([[0.5, 0.5]]),),
    ),
    mistakes=(
        Mistake("no-factor", {"experts * ": ""}, "The factor E is missing (or a mean over the experts stands for "
                                                 "the sum): an even load gives 1."),
        Mistake("counts", {" / n": ""}, "It is N times too large: f is a fraction and P a mean, each over all N "
                                        "inputs."),
        Mistake("no-minlength", {", minlength=experts": ""},
                "np.bincount stops at the last expert that has won anything: pass minlength=E."),
        Mistake("mean-twice", {F: P}, "f is the mean share too. It counts whose share is the largest."),
        Mistake("fraction-twice", {P: "f"},
                "P is the fraction too. It is the mean share: only through it does a gradient flow."),
        Mistake("over-experts", {P: "shares.mean()"}, "P is one number for all experts; take the mean over the "
                                                      "inputs."),
        Mistake("least", {"shares.argmax": "shares.argmin"}, "It counts whose share is the smallest."),
        Mistake("largest-load", {"experts * np.sum(f * shares.mean(axis=0))": "experts * f.max()"},
                "This is the largest load; the balancing term sums f·P over all experts."),
        Mistake("times-n", {"experts * ": "n * "}, "It multiplies by the number of inputs; the factor is the number of "
                "experts."),
    ),
    right=(
        lambda shares: shares.shape[1] * float(np.mean([shares.mean(0)[row.argmax()] for row in shares])),
        lambda shares: shares.shape[1] * sum(
            (shares.argmax(1) == k).mean() * shares[:, k].mean() for k in range(shares.shape[1])),
    ),
    hints=(
        "f counts (argmax), P averages. Both have one number for each expert.",
        "np.bincount(shares.argmax(1), minlength=E) / N gives f.",
        "E * np.sum(f * shares.mean(0)).",
    ),
    minutes=8,
    difficulty=2,
    claims=("S2-10-repeats",),
)  # fmt: skip
