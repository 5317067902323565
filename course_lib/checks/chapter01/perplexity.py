"""1.6 Perplexity."""

import numpy as np

from course_lib import metrics

from ..spec import Exercise, Mistake


def perplexity(p):
    """e to the mean of -ln p, where p (N,) holds the probability that the model gave each right character."""
    return float(np.exp(np.mean(-np.log(p))))


def reference(p):
    """The library's, on logits: ln p for the right class, ln(1 - p) for all others together."""
    return metrics.perplexity(np.log(np.stack([p, 1 - p], 1)), np.zeros(len(p), int))


def cases(rng):
    """Probabilities from poor to good."""
    for n in (2, 3, 5, 8):
        yield (rng.uniform(0.02, 0.98, n).round(2),)


ALL = "np.exp(np.mean(-np.log(p)))"

EXERCISE = Exercise(
    id="1.6",
    title="Perplexity",
    answer=perplexity,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([0.5]),), (np.array([0.25, 0.25]),), (np.array([0.9, 0.1]),), (np.array([1e-12, 0.5, 0.5]),),
        (np.full(2000, 0.1),), (np.array([0.8, 0.4, 0.05]),),
    ),
    mistakes=(
        Mistake("loss", {ALL: "np.mean(-np.log(p))"},
                "This is the mean loss, in nats. Perplexity is e to this power."),
        Mistake("bits", {ALL: "np.mean(-np.log2(p))"},
                "These are bits per character. Perplexity is 2 to this power."),
        Mistake("bases-mixed", {"np.exp(": "np.exp2("},
                "It takes ln and then powers of 2. Use e with ln, or 2 with log2."),
        Mistake("e-of-bits", {"np.log(p)": "np.log2(p)"},
                "It takes log2 and then powers of e. Use 2 with log2, or e with ln."),
        Mistake("upside-down", {"-np.log(p)": "np.log(p)"},
                "Below 1: this is the geometric mean of p. Perplexity is 1 over it; the minus sign is missing."),
        Mistake("mean-of-inverses", {ALL: "np.mean(1 / p)"},
                "It averages 1/p, so one bad guess decides all. Average the logarithms, then take exp."),
        Mistake("inverse-of-mean", {ALL: "1 / np.mean(p)"},
                "It averages the probabilities. Average their logarithms: text is predicted by a product."),
        Mistake("sum", {"np.mean(": "np.sum("},
                "It sums over the characters, so a longer text looks harder. Take the mean."),
        Mistake("median", {"np.mean(": "np.median("}, "It takes the median; the mean of -ln p is asked for."),
        Mistake("entropy", {ALL: "np.exp(np.mean(-p * np.log(p)))"},
                "-p·ln p is for an entropy. Here the text does the weighting: every character counts once."),
    ),
    right=(
        lambda p: float(2 ** np.mean(-np.log2(p))),
        lambda p: float(np.prod(np.asarray(p) ** (-1 / len(p)))),
    ),
    hints=(
        "Three steps: logarithm, mean, exponential. And one sign.",
        "np.log is ln. A probability of 1/k for every character must give k.",
        "return float(np.exp(np.mean(-np.log(p))))",
    ),
    minutes=6,
    difficulty=1,
    claims=("S1-1-abilities",),
)
