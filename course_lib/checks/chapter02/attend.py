"""2.3 Attention of one query."""

import numpy as np

from course_lib import attention

from ..spec import Exercise, Mistake, numbers


def attend(query, keys, values):
    """softmax(keys · query / √d) · values: what one query gets; query (d,), keys (S, d), values (S, v) → (v,)."""
    scores = keys @ query / np.sqrt(len(query))
    e = np.exp(scores - scores.max())
    return e / e.sum() @ values


def reference(query, keys, values):
    """The library's attention, with a sequence of one query."""
    return attention.scaled_dot_product_attention(query[None], keys, values)[0]


def cases(rng):
    """Sizes (positions, d, v), with and without equal ones."""
    for s, d, v in ((1, 2, 2), (2, 2, 2), (3, 2, 4), (4, 3, 1), (4, 4, 4)):
        yield numbers(rng, d, scale=1), numbers(rng, s, d, scale=1), numbers(rng, s, v)


def by_hand(query, keys, values):
    """Number by number."""
    scores = [sum(q * k for q, k in zip(query, key, strict=True)) / len(query) ** 0.5 for key in keys]
    weights = [np.exp(s - np.logaddexp.reduce(scores)) for s in scores]
    return np.array([sum(w * v for w, v in zip(weights, column, strict=True)) for column in values.T])


SCORES, SHIFT, END = "keys @ query / np.sqrt(len(query))", "scores - scores.max()", "return e / e.sum() @ values"
V = np.array([[1.0, 10.0], [2.0, -20.0], [4.0, 5.0]])

EXERCISE = Exercise(
    id="2.3",
    title="Attention of one query",
    answer=attend,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([2.0, 1.0]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), V),
        (np.array([2.0, 1.0]), np.array([[1.0, 0.0], [0.0, 1.0]]), V[:2]),
        (np.zeros(2), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), V),  # all alike: the mean
        (np.array([1e4, 0.0]), np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]]), V),
        (np.array([-1e4, 0.0]), np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 1.0]]), V),
        (np.array([3.0]), np.array([[2.0]]), np.array([[7.0, 8.0]])),
    ),
    mistakes=(
        Mistake("not-scaled", {SCORES: "keys @ query"},
                "The scores are not divided by √d. For long vectors they grow, and softmax becomes a hard choice."),
        Mistake("divided-by-d", {SCORES: "keys @ query / len(query)"}, "The scores are divided by d; divide by √d."),
        Mistake("times-root", {SCORES: "keys @ query * np.sqrt(len(query))"},
                "The scores are multiplied by √d; divide."),
        Mistake("scaled-by-positions", {SCORES: "keys @ query / np.sqrt(len(keys))"},
                "√d belongs to the length of the query, not to the number of positions."),
        Mistake("scaled-by-value-length", {SCORES: "keys @ query / np.sqrt(values.shape[1])"},
                "√d belongs to the length of the query, not to that of the values."),
        Mistake("no-softmax", {END: "return scores @ values"},
                "The scores are used as they are. They need softmax: positive shares that sum to 1."),
        Mistake("not-normalised", {END: "return e @ values"}, "The exponentials are not divided by their sum."),
        Mistake("scores-over-sum", {"np.exp(scores - scores.max())": "scores"},
                "The scores are divided by their sum; softmax takes the exponential first."),
        Mistake("no-shift", {SHIFT: "scores"}, "exp overflows for large scores: subtract the largest one first."),
        Mistake("hardest", {END: "return values[scores.argmax()]"},
                "Only the best position is taken. Attention is a weighted mean of all, which has a gradient."),
        Mistake("plain-mean", {END: "return values.mean(axis=0)"}, "That is the plain mean: the scores do not enter."),
        Mistake("weights-only", {END: "return e / e.sum()"},
                "These are the weights; the values are still to be averaged."),
        Mistake("values-as-keys", {END: "return e / e.sum() @ keys"}, "The keys are averaged instead of the values."),
        Mistake("minus", {SCORES: "-keys @ query / np.sqrt(len(query))"},
                "The sign is wrong: the most similar key must get the largest weight."),
        Mistake("cosine", {SCORES: "keys @ query / (np.linalg.norm(keys, axis=1) * np.linalg.norm(query) + 1e-12)"},
                "That is the cosine. Scaled dot-product attention divides by √d only."),
    ),
    right=(by_hand, lambda q, k, v: np.exp((s := k.dot(q) / len(q) ** 0.5) - np.logaddexp.reduce(s)).dot(v)),
    hints=(
        "Three steps: a score for each position, softmax, a weighted mean of the values.",
        "keys @ query is the vector of scores; divide by the square root of the length of the query.",
        "weights = softmax(keys @ query / sqrt(d)), with the largest score subtracted first; then weights @ values.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S2-2.1-self-attention", "S4-2.1-core-concepts"),
)  # fmt: skip
