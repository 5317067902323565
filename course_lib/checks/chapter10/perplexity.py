"""10.3 Perplexity."""

import numpy as np

from course_lib.topics import masked_lm

from ..spec import Exercise, Mistake


def perplexity(log_p):
    """exp of the mean of -log p, for the natural logarithms of the right letters' probabilities."""
    return np.exp(-np.mean(log_p))


def cases(rng):
    """Logarithms of probabilities."""
    for n in (2, 3, 5, 10, 40):
        yield (np.log(rng.uniform(0.01, 1, n)).round(2),)


EXERCISE = Exercise(
    id="10.3",
    title="Perplexity",
    answer=perplexity,
    reference=masked_lm.perplexity,
    cases=cases,
    edges=(
        (np.log(np.array([0.25, 0.25])),),
        (np.array([0.0]),),
        (np.array([-1.0, -3.0]),),
        (np.array([-600.0, -700.0]),),
        (np.array([-500.0, -900.0]),),
        (np.full(2000, -3.0),),
    ),
    mistakes=(
        Mistake("no-minus", {"-np.mean": "np.mean"},
                "It comes out below 1: this is the mean probability (a geometric mean). A minus sign is missing."),
        Mistake("loss", {"np.exp(-np.mean(log_p))": "-np.mean(log_p)"},
                "This is the cross-entropy. Perplexity is e to that power."),
        Mistake("sum", {"np.mean": "np.sum"},
                "It adds the logarithms up, so that a longer text gets a larger number. Take the mean."),
        Mistake("base-two", {"np.exp(": "2 ** ("},
                "The logarithms are natural ones: take e to the power of the mean, not 2."),
        Mistake("mean-of-inverse", {"np.exp(-np.mean(log_p))": "np.mean(np.exp(-log_p))"},
                "It averages 1/p. Average the logarithms first, then take exp."),
        Mistake("inverse-of-mean", {"np.exp(-np.mean(log_p))": "1 / np.mean(np.exp(log_p))"},
                "It averages the probabilities. Average their logarithms."),
        Mistake("median", {"np.mean": "np.median"}, "It takes the median; perplexity is made from the mean."),
        Mistake("logged-twice", {"np.mean(log_p)": "np.mean(np.log(-log_p + 1e-300))"},
                "The numbers are logarithms already; do not take another one."),
        Mistake("product", {"np.exp(-np.mean(log_p))": "np.prod(np.exp(log_p)) ** (-1 / len(log_p))"},
                "Right on paper, but the product of many probabilities underflows to 0. Add logarithms instead."),
    ),
    right=(
        lambda log_p: float(np.e ** (-sum(log_p.tolist()) / len(log_p))),
        lambda log_p: np.power(2, -np.mean(log_p / np.log(2))),
    ),
    hints=(
        "If every letter had probability 1/4, the perplexity is 4.",
        "Take the mean of the logarithms, turn its sign, take exp.",
        "np.exp(-np.mean(log_p)).",
    ),
    minutes=4,
    difficulty=1,
    claims=("S1-10-devlin-2019",),
)  # fmt: skip
