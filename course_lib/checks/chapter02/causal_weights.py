"""2.4 The causal mask."""

import numpy as np

from course_lib import attention

from ..spec import Exercise, Mistake, numbers


def causal_weights(scores):
    """Attention weights (T, T) of a decoder from its scores: row t is a softmax over the positions up to t."""
    allowed = np.tri(len(scores), dtype=bool)
    scores = np.where(allowed, scores, -np.inf)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def reference(scores):
    """The library's weights: scores as queries, the unit vectors as keys, no scaling."""
    return attention.attention_weights(scores, np.eye(len(scores)), is_causal=True, scale=1.0)


def cases(rng):
    """One to five positions."""
    for t in (1, 2, 3, 4, 5):
        yield (numbers(rng, t, t),)


def row_by_row(scores):
    """One position after the other."""
    out = np.zeros(scores.shape)
    for t, row in enumerate(scores):
        out[t, : t + 1] = np.exp(row[: t + 1] - np.logaddexp.reduce(row[: t + 1]))
    return out


def summed_first(scores):
    """Softmax over all, then the later ones removed and the rest divided again, from logarithms."""
    log_p = scores - np.logaddexp.reduce(np.where(np.tri(len(scores)) > 0, scores, -np.inf), axis=1)[:, None]
    return np.exp(np.where(np.tri(len(scores)) > 0, log_p, -np.inf))


TRI, MASKED = "np.tri(len(scores), dtype=bool)", "np.where(allowed, scores, -np.inf)"
SHIFT, TOTAL = "scores - scores.max(axis=1, keepdims=True)", "e.sum(axis=1, keepdims=True)"

EXERCISE = Exercise(
    id="2.4",
    title="The causal mask",
    answer=causal_weights,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[0.0]]),),
        (np.array([[1.0, 5.0], [2.0, 0.0]]),),
        (np.array([[0.5, 2.0, -1.0], [1.0, 0.0, 3.0], [-1.0, 1.0, 0.5]]),),
        (np.array([[1e4, 0.0], [0.0, 1e4]]),),
        (np.array([[-1e4, 1e4], [-1e4, -1e4]]),),
        (np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1e4], [1.0, 2.0, 3.0]]),),
        (np.array([[-1e4, 0.0], [1.0, 2.0]]),),  # one row far below the other
    ),
    mistakes=(
        Mistake("no-mask", {MASKED: "scores"},
                "Nothing is masked: position 0 sees the future. This is the encoder (BERT), and the article's claim."),
        Mistake("zero-scores", {MASKED: "np.where(allowed, scores, 0)"},
                "The masked scores are set to 0, and exp(0) = 1: they still get weight. Set them to -inf."),
        Mistake("masked-after", {MASKED: "scores", "return e / e.sum(axis=1, keepdims=True)":
                                 "return e / e.sum(axis=1, keepdims=True) * allowed"},
                "The mask comes after softmax, so that the rows no longer sum to 1. Mask the scores, then softmax."),
        Mistake("not-itself", {TRI: "np.tri(len(scores), k=-1, dtype=bool) | (np.arange(len(scores)) == 0)"},
                "A position must see itself too: keys j ≤ t, not j < t."),
        Mistake("anti-causal", {TRI: "np.tri(len(scores), dtype=bool).T"},
                "The triangle is the other way round: every position sees the future and not the past."),
        Mistake("one-too-many", {TRI: "np.tri(len(scores), k=1, dtype=bool)"},
                "The next position is visible too: the model could copy what it is asked to predict."),
        Mistake("inverted", {MASKED: "np.where(allowed, -np.inf, scores)"},
                "The mask is inverted: it hides the past and shows the future (and the last row has nothing left)."),
        Mistake("wrong-axis", {"scores.max(axis=1": "scores.max(axis=0", "e.sum(axis=1": "e.sum(axis=0"},
                "Softmax runs along the columns. Each row, one query, must sum to 1."),
        Mistake("one-total", {TOTAL: "e.sum()", SHIFT: "scores - scores.max()"},
                "All weights together sum to 1. Each row must."),
        Mistake("no-shift", {SHIFT: "scores"}, "exp overflows: subtract each row's largest score first."),
        Mistake("shift-of-all", {SHIFT: "scores - scores.max()"},
                "The largest of all scores is subtracted. In a row far below it everything rounds to 0, and 0/0 is "
                "nan: subtract each row's own largest."),
        Mistake("shift-of-hidden", {MASKED: "scores", "e / e.sum(axis=1, keepdims=True)":
                                    "e * allowed / (e * allowed).sum(axis=1, keepdims=True)"},
                "The hidden scores take part in the shift (or in a first softmax). If one is far larger, all that is "
                "left rounds to 0, and 0/0 is nan: mask before anything else."),
        Mistake("small-minus", {MASKED: "np.where(allowed, scores, -100.0)"},
                "A number such as -100 is not small enough: where the allowed scores are smaller still, the future "
                "gets the weight. Use -inf."),
        Mistake("zero-times-inf", {MASKED: "scores + (1 - np.tri(len(scores))) * -np.inf"},
                "0 · (-inf) is nan, so that every score becomes nan. Choose with np.where instead of multiplying."),
        Mistake("exp-times-mask", {MASKED: "scores", SHIFT: "scores", "e / e.sum(axis=1, keepdims=True)":
                                   "e * allowed / (e * allowed).sum(axis=1, keepdims=True)"},
                "exp of a large score is inf, of a hidden one too, and inf · 0 is nan. Put -inf in the hidden places, "
                "then subtract each row's largest, then exp."),
        Mistake("not-normalised", {"return e / e.sum(axis=1, keepdims=True)": "return e"},
                "These are exponentials; divide each row by its sum."),
        Mistake("scores-only", {"return e / e.sum(axis=1, keepdims=True)": "return scores"},
                "These are the masked scores; softmax is still to come."),
        Mistake("diagonal", {TRI: "np.eye(len(scores), dtype=bool)"},
                "Each position sees only itself. It may see all earlier ones too."),
    ),
    right=(row_by_row, summed_first),
    hints=(
        "Which entries (t, j) of the matrix may have weight? Draw it for T = 3.",
        "Put -inf where j > t, before the softmax: exp(-inf) is 0. np.tri gives the triangle.",
        "np.where(np.tri(T, dtype=bool), scores, -np.inf), then the softmax of each row, its maximum subtracted.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S2-2.1-self-attention", "S4-2.3-bert-generation"),
)  # fmt: skip
