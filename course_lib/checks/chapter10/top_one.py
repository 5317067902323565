"""10.5 A gate that lets one expert answer."""

import numpy as np

from course_lib import activations
from course_lib.topics import mixture

from ..spec import Exercise, Mistake, numbers


def top_one(logits, outputs):
    """Outputs (N, E) of E experts: for each input, softmax share of the best times its output; an array (N,)."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    best = logits.argmax(axis=1)
    rows = np.arange(len(logits))
    return e[rows, best] / e.sum(axis=1) * outputs[rows, best]


def reference(logits, outputs):
    """With the library's softmax and gate."""
    shares = activations.softmax.rule(np.asarray(logits, float), -1)[0]
    return (shares * mixture.first(shares) * outputs).sum(1)


def cases(rng):
    """Two to five experts."""
    for n, e in ((1, 2), (2, 2), (3, 2), (3, 3), (2, 4), (8, 3), (5, 5)):
        yield numbers(rng, n, e), numbers(rng, n, e)


EXERCISE = Exercise(
    id="10.5",
    title="Top-1 gating",
    answer=top_one,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[0.0, 0.0]]), np.array([[2.0, 4.0]])),
        (np.array([[1.0], [2.0]]), np.array([[3.0], [-3.0]])),
        (np.array([[0.0, 3.0], [2.0, 1.0]]), np.array([[10.0, 1.0], [-5.0, 100.0]])),
        (np.array([[1e4, 0.0], [0.0, 1e4]]), np.array([[2.0, 4.0], [1.0, 3.0]])),
        (np.array([[1e4, 0.0], [0.0, 1.0]]), np.array([[2.0, 4.0], [1.0, 3.0]])),  # one row far below the other
        (np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]), np.array([[1.0, 2.0, 4.0], [1.0, 2.0, 4.0]])),
    ),
    mistakes=(
        Mistake("all-experts", lambda logits, outputs: (
            activations.softmax.rule(logits, -1)[0] * outputs).sum(1),
                "All experts are mixed. Only the one with the largest share may answer."),
        Mistake("no-share", {"e[rows, best] / e.sum(axis=1) * ": ""},
                "The best expert's output is not multiplied by its share (or the share is not divided by the sum "
                "over all experts). "
                "Without a share the gate would get no gradient."),
        Mistake("share-alone", {" * outputs[rows, best]": ""}, "This is the share. Multiply it by the expert's "
                "output."),
        Mistake("best-output", {"logits.argmax(axis=1)": "outputs.argmax(axis=1)"},
                "It picks the largest output. The gate decides, by its logits, before any expert is asked."),
        Mistake("worst", {"logits.argmax(axis=1)": "logits.argmin(axis=1)"}, "It picks the expert with the least "
                "share."),
        Mistake("no-shift", {"logits - logits.max(axis=1, keepdims=True)": "logits"},
                "exp overflows for large logits, and inf/inf is nan. Subtract each row's largest first."),
        Mistake("shift-of-all", {"logits.max(axis=1, keepdims=True)": "logits.max()"},
                "The largest of all logits is subtracted. In a row far below it everything rounds to 0, and 0/0 is "
                "nan: subtract each row's own largest."),
        Mistake("over-inputs", {"e.sum(axis=1)": "e.sum(axis=0)[best]"},
                "The shares sum to 1 over the inputs; they must do so over the experts."),
        Mistake("logit-as-share", {"e[rows, best] / e.sum(axis=1)": "logits[rows, best]"},
                "It multiplies by the logit; softmax turns logits into shares."),
        Mistake("one-for-all", {"logits.argmax(axis=1)": "np.full(len(logits), logits.sum(axis=0).argmax())"},
                "All inputs go to one expert. Each input picks its own."),
    ),
    right=(
        lambda logits, outputs: np.array([
            o[np.argmax(z)] / np.exp(z - z.max()).sum() for z, o in zip(logits, outputs, strict=True)]),
        lambda logits, outputs: np.take_along_axis(outputs, logits.argmax(1)[:, None], 1)[:, 0] * np.exp(
            logits.max(1) - np.logaddexp.reduce(logits, axis=1)),
    ),
    hints=(
        "For each row: which expert is best, what is its softmax share, what does it answer?",
        "outputs[np.arange(N), best] picks one number from each row.",
        "Share of the best: 1 over the sum of exp(logits - largest logit) of that row.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S2-10-repeats",),
)  # fmt: skip
