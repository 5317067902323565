"""5.3 Attention weights."""

import numpy as np

from course_lib import attention

from ..spec import Exercise, Mistake, Slot, numbers


def attention_weights(q, k, causal=False):
    """softmax(q kᵀ / √E) for q (..., L, E) and k (..., S, E): weights (..., L, S); causal: query i sees keys 0 to i."""
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def reference(q, k, causal=False):
    """The library's."""
    return attention.attention_weights(np.asarray(q, float), np.asarray(k, float), is_causal=causal)


def cases(rng):
    """One head and several, with and without looking ahead."""
    yield from ((numbers(rng, n, 2), numbers(rng, m, 2)) for n, m in ((1, 2), (2, 3), (3, 2)))
    yield from ((numbers(rng, n, d), numbers(rng, n, d), True) for n, d in ((2, 1), (3, 4), (4, 2)))
    yield numbers(rng, 2, 3, 4), numbers(rng, 2, 3, 4), True
    yield numbers(rng, 2, 2, 3), numbers(rng, 2, 4, 3)


def for_the_library(mine, library):
    """Attention itself: your weights, times the values. Masks other than the causal one stay the library's."""

    def rule(query, key, value, attn_mask=None, is_causal=False, scale=None):
        if attn_mask is not None:
            return library(query, key, value, attn_mask, is_causal, scale)
        factor = 1.0 if scale is None else scale * query.shape[-1] ** 0.5
        return np.asarray(mine(query * query.dtype.type(factor), key, is_causal)).astype(query.dtype) @ value

    return rule


SCORES, LOOK = "q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])", "np.tri(*scores.shape[-2:], dtype=bool)"
SHIFT = "scores - scores.max(-1, keepdims=True)"

EXERCISE = Exercise(
    id="5.3",
    title="Attention weights",
    answer=attention_weights,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[300.0, 0.0], [-300.0, 0.0]]), np.array([[300.0, 0.0], [299.0, 0.0]])),  # a row far below the other
        (np.array([[300.0, 0.0], [300.0, 0.0]]), np.array([[-300.0, 0.0], [300.0, 0.0]]), True),  # or the hidden
        (np.array([[1.0, 0.0, 0.0, 2.0]]), np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])),
        (np.array([[1.0], [2.0]]), np.array([[1.0], [-1.0]]), True),
        (np.array([[0.0, 0.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])),
        (np.array([[300.0, 0.0], [0.0, 300.0]]), np.array([[300.0, 0.0], [0.0, 300.0]])),
        (np.array([[1.0, 2.0], [0.0, 1.0], [2.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), True),
    ),
    mistakes=(
        Mistake("no-scale", {" / np.sqrt(q.shape[-1])": ""},
                "The scores are not divided by √E. The longer the vectors, the larger their products: without the "
                "root, "
                "softmax saturates."),
        Mistake("divided-by-width", {"np.sqrt(q.shape[-1])": "q.shape[-1]"},
                "The scores are divided by E instead of √E."),
        Mistake("root-of-length", {"np.sqrt(q.shape[-1])": "np.sqrt(k.shape[-2])"},
                "The root is of the number of keys. It is of the width E of a vector: q.shape[-1]."),
        Mistake("over-queries", {"scores.max(-1, keepdims=True)": "scores.max(-2, keepdims=True)",
                                 "e.sum(-1, keepdims=True)": "e.sum(-2, keepdims=True)"},
                "The softmax runs over the queries, so columns sum to 1. Each query shares out 1 among the keys: the "
                "last "
                "axis."),
        Mistake("causal-ignored", {"    if causal:\n        scores = np.where(" + LOOK + ", scores, -np.inf)\n": ""},
                "causal=True changes nothing: key j > i must get weight 0 from query i."),
        Mistake("causal-backwards", {LOOK: "np.tri(*scores.shape[-2:], dtype=bool).T"},
                "It hides the past and shows the future: with causal=True query i sees keys 0 to i."),
        Mistake("zero-scores", {"scores, -np.inf": "scores, 0.0"},
                "Hidden keys get the score 0, and e⁰ is 1: they still receive weight. Give them -inf before the "
                "softmax."),
        Mistake("masked-after", lambda q, k, causal=False: reference(q, k) * (
            np.tri(len(q[..., 0].T), len(k[..., 0].T)) if causal else 1),
                "The hidden weights are set to 0 after the softmax, so the rest no longer sums to 1. Mask the "
                "scores, then "
                "take the softmax."),
        Mistake("no-shift", {SHIFT: "scores"},
                "exp overflows for large scores. Subtract each row's largest first; softmax does not change."),
        Mistake("shift-of-all", {SHIFT: "scores - scores.max()"},
                "The largest of all scores is subtracted. In a row far below it everything rounds to 0, and 0/0 is "
                "nan: subtract each row's own largest."),
        Mistake("shift-of-hidden", {"scores, -np.inf": "scores, scores", "    return e / e.sum(-1, keepdims=True)":
                                    "    e = e / e.sum(-1, keepdims=True)\n    if causal:\n        e = e * np.tri("
                                    "*e.shape[-2:])\n    return e / e.sum(-1, keepdims=True)"},
                "The hidden scores take part in the shift (or in a first softmax). If one is far larger, all that is "
                "left rounds to 0, and 0/0 is nan: mask before anything else."),
        Mistake("small-minus", {"scores, -np.inf": "scores, -100.0"},
                "A number such as -100 is not small enough: where the allowed scores are smaller still, the future "
                "gets the weight. Use -inf."),
        Mistake("zero-times-inf", {"np.where(" + LOOK + ", scores, -np.inf)":
                                   "scores + (1 - np.tri(*scores.shape[-2:])) * -np.inf"},
                "0 · (-inf) is nan, so that every score becomes nan. Choose with np.where instead of multiplying."),
        Mistake("not-itself", {LOOK: "np.tri(*scores.shape[-2:], k=-1, dtype=bool)"},
                "Query i does not see key i. It sees keys 0 to i, its own included."),
        Mistake("not-normalised", {" / e.sum(-1, keepdims=True)": ""},
                "The weights of a query must sum to 1: divide by the sum of each row."),
        Mistake("scores-only", {"    e = np.exp(" + SHIFT + ")\n    return e / e.sum(-1, keepdims=True)\n":
                                "    return scores\n"},
                "These are the scores; their softmax is missing."),
    ),
    right=(
        lambda q, k, causal=False: reference(q, k, causal) + 0.0,
        lambda q, k, causal=False: _by_rows(q, k, causal),
    ),
    hints=(
        "The scores are all products of a query and a key: q @ kᵀ, (L, S). The last two axes of k change places.",
        "Divide by √E. With causal=True, put -inf where j > i: np.tri(L, S) is 1 where j ≤ i.",
        "Softmax along the last axis: subtract the row's largest, exp, divide by the row's sum.",
    ),
    minutes=15,
    difficulty=2,
    claims=("S0-5.5-attention",),
    quiet=True,
    slot=Slot("attention", "course_lib.attention:scaled_dot_product_attention.rule", for_the_library),
)


def _by_rows(q, k, causal):
    """Query by query."""
    out = np.zeros((*q.shape[:-1], k.shape[-2]))
    for at in np.ndindex(q.shape[:-1]):
        seen = k[at[:-1]][: at[-1] + 1] if causal else k[at[:-1]]
        s = seen @ q[at] / q.shape[-1] ** 0.5
        out[at][: len(seen)] = np.exp(s - s.max()) / np.exp(s - s.max()).sum()
    return out
