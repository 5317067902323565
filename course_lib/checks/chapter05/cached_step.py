"""5.4 One token with a KV cache."""

import numpy as np

from course_lib import attention

from ..spec import Exercise, Mistake, numbers


def cached_step(q, k, v, keys, values):
    """Attend from one new token: q, k, v (E,), keys and values before it (S, E); returns (out, keys, values)."""
    keys = np.vstack([keys, k])
    values = np.vstack([values, v])
    scores = keys @ q / np.sqrt(len(q))
    e = np.exp(scores - scores.max())
    return e / e.sum() @ values, keys, values


def reference(q, k, v, keys, values):
    """The library's attention over the old and the new."""
    keys, values = (np.concatenate([np.asarray(old, float), new[None]]) for old, new in ((keys, k), (values, v)))
    return attention.scaled_dot_product_attention(np.asarray(q, float)[None], keys, values)[0], keys, values


def cases(rng):
    """After no, one or several tokens."""
    for s, e in ((1, 2), (2, 2), (3, 4), (5, 3)):
        yield numbers(rng, e), numbers(rng, e), numbers(rng, e), numbers(rng, s, e), numbers(rng, s, e)


def in_turn(q, k, v, keys, values):
    """With lists."""
    keys, values = np.array([*keys, k]), np.array([*values, v])
    s = np.array([q @ key for key in keys]) / len(q) ** 0.5
    w = np.exp(s - s.max())
    return [sum(a * b for a, b in zip(w / w.sum(), values, strict=True)), keys, values]


ONE, TWO = np.array([1.0, 0.0, 1.0, 2.0]), np.array([0.0, 2.0, 1.0, 1.0])
NONE = np.zeros((0, 4))

EXERCISE = Exercise(
    id="5.4",
    title="One token with a KV cache",
    answer=cached_step,
    reference=reference,
    cases=cases,
    edges=(
        (ONE, TWO, np.array([5.0, 6.0, 7.0, 8.0]), NONE, NONE),
        (ONE, TWO, np.array([5.0, 6.0, 7.0, 8.0]), ONE[None], TWO[None]),
        (300 * ONE, 300 * TWO, ONE, ONE[None], TWO[None]),
    ),
    mistakes=(
        Mistake("itself-missing", lambda q, k, v, keys, values: (
            reference(q, k, v, keys, values)[0] if not len(keys) else _attend(q, keys, values),
            np.vstack([keys, k]), np.vstack([values, v])),
                "The new token does not see itself. Put k and v into the cache first, then attend over all."),
        Mistake("itself-after", {"    keys = np.vstack([keys, k])\n    values = np.vstack([values, v])\n": "",
                                 "scores.max()": "scores.max(initial=-np.inf)",
                                 "values, keys, values": "values, np.vstack([keys, k]), np.vstack([values, v])"},
                "It attends first and puts k and v into the cache afterwards, so the new token does not see itself, "
                "and the first one sees nothing."),
        Mistake("cache-not-kept", {"return e / e.sum() @ values, keys, values":
                                   "return e / e.sum() @ values, keys[:-1], values[:-1]"},
                "The cache comes back without the new key and value, so that the next token will miss this one."),
        Mistake("put-first", {"np.vstack([keys, k])": "np.vstack([k, keys])",
                              "np.vstack([values, v])": "np.vstack([v, values])"},
                "The new key and value stand in front. They come last: the order is that of the tokens."),
        Mistake("keys-for-values", {"e.sum() @ values, keys": "e.sum() @ keys, keys"},
                "It mixes the keys. The weights come from the keys, what is mixed are the values."),
        Mistake("swapped", {"np.vstack([keys, k])": "np.vstack([keys, v])",
                            "np.vstack([values, v])": "np.vstack([values, k])"},
                "k goes to the values and v to the keys."),
        Mistake("no-scale", {" / np.sqrt(len(q))": ""}, "The scores are not divided by √E."),
        Mistake("scaled-by-length", {"np.sqrt(len(q))": "np.sqrt(len(keys))"},
                "The root is of the number of keys; it is of the vectors' width E."),
        Mistake("key-asks", {"keys @ q": "keys @ k"},
                "The new key asks. The query q is what is compared with the keys."),
        Mistake("no-shift", {"scores - scores.max()": "scores"},
                "exp overflows for large scores: subtract the largest first."),
        Mistake("not-normalised", {"e / e.sum() @ values": "e @ values"}, "The weights are not divided by their sum."),
        Mistake("values-not-kept", {"values = np.vstack([values, v])\n":
                                    "values = np.vstack([values, v])\n    old = values[:-1]\n",
                                    "e.sum() @ values, keys, values": "e.sum() @ values, keys, old"},
                "The keys are kept and the new value is not."),
    ),
    right=(in_turn, lambda q, k, v, keys, values: tuple(in_turn(q, k, v, keys, values))),
    hints=(
        "A cache saves work: the keys and values of earlier tokens never change, only one row is new.",
        "np.vstack([keys, k]) appends a row. Append both before you attend: a token sees itself.",
        "scores = keys @ q / √E, softmax over them, then weights @ values. Return output, keys, values.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S0-5.2-one-token",),
    returns=("out", "keys", "values"),
    quiet=True,
)


def _attend(q, keys, values):
    return attention.scaled_dot_product_attention(np.asarray(q, float)[None], np.asarray(keys, float), values * 1.0)[0]
