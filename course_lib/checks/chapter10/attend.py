"""10.1 One query reads from a memory."""

import numpy as np

from course_lib import attention

from ..spec import Exercise, Mistake, numbers


def attend(query, keys, values):
    """Mean of the values (S, V), weighted by softmax of keys (S, E) · query (E,) / √E: an array (V,)."""
    scores = keys @ query / np.sqrt(len(query))
    weights = np.exp(scores - scores.max())
    return weights @ values / weights.sum()


def reference(query, keys, values):
    """The library's, for one query."""
    q, k, v = (np.asarray(a, float) for a in (query[None], keys, values))
    return attention.scaled_dot_product_attention.rule(q, k, v)[0][0]


def cases(rng):
    """Few and many keys, of one to five numbers."""
    for s, e, v in ((2, 1, 1), (2, 2, 3), (3, 2, 3), (4, 5, 2), (6, 3, 3), (3, 3, 3), (5, 2, 1)):
        yield numbers(rng, e), numbers(rng, s, e), numbers(rng, s, v)


def with_scipy(query, keys, values):
    """Right, with SciPy's softmax."""
    from scipy.special import softmax

    return np.einsum("s,sv->v", softmax(np.einsum("se,e->s", keys, query) * len(query) ** -0.5), values)


SCORES, ROOT, SHIFT = "keys @ query / np.sqrt(len(query))", " / np.sqrt(len(query))", " - scores.max()"

EXERCISE = Exercise(
    id="10.1",
    title="Attention reads out",
    answer=attend,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1.0, 0.0]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0], [3.0]])),
        (np.array([2.0]), np.array([[1.0]]), np.array([[5.0, -1.0]])),
        (np.array([0.0, 0.0]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 4.0]])),
        (np.array([1e4, 0.0]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0], [3.0]])),
        (np.array([-1e4]), np.array([[1.0], [1.1]]), np.array([[1.0], [3.0]])),
    ),
    mistakes=(
        Mistake("no-scale", {ROOT: ""}, "The scores are not divided by √E, E the number of features of the query."),
        Mistake("divided-by-e", {ROOT: " / len(query)"}, "It divides by E. The scale is the square root of E."),
        Mistake("root-of-keys", {"len(query)": "len(keys)"},
                "It takes the root of the number of keys. The scale is the number of features of one key."),
        Mistake("no-shift", {SHIFT: ""},
                "exp overflows for large scores, and inf/inf is nan. Subtract the largest score first."),
        Mistake("no-sum", {" / weights.sum()": ""},
                "The weights do not sum to 1: divide by the sum of the exponentials."),
        Mistake("mean", lambda query, keys, values: values.mean(0),
                "This is the plain mean of the values; query and keys are not used."),
        Mistake("hard", lambda query, keys, values: values[np.argmax(keys @ query)] + 0.0,
                "It returns the value of the best key alone. Softmax leaves the others a share."),
        Mistake("no-softmax", {"np.exp(scores - scores.max())": "scores", " / weights.sum()": ""},
                "The scores themselves are taken for weights; a softmax has to come in between."),
        Mistake("nearest-wins-less", {"np.exp(scores - scores.max())": "np.exp(scores.min() - scores)"},
                "The key that fits best gets the least weight: a sign is wrong in the exponent."),
        Mistake("weights-only", {"weights @ values / ": "weights / "},
                "These are the weights. Use them: a weighted mean of the values."),
    ),
    right=(
        lambda query, keys, values: sum(
            np.exp(s - np.logaddexp.reduce(keys @ query / len(query) ** 0.5)) * v
            for s, v in zip(keys @ query / len(query) ** 0.5, values, strict=True)),
        with_scipy,
    ),
    hints=(
        "Three steps: how well does each key fit the query, which share does it get, what comes out?",
        "Scores: keys @ query / √E, one number for each key. Shares: softmax of the scores.",
        "w = np.exp(scores - scores.max()); return w @ values / w.sum().",
    ),
    minutes=10,
    difficulty=2,
    claims=("S1-10-vaswani-devlin-years",),
)  # fmt: skip
