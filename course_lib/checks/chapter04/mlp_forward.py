"""4.8 A two-layer network, forwards."""

import numpy as np

from course_lib import activations

from ..spec import Exercise, Mistake, numbers


def mlp_forward(x, w1, b1, w2, b2):
    """Class probabilities (N, C) of a network with one relu layer; x (N, in), w1 (hidden, in), w2 (C, hidden)."""
    h = np.maximum(x @ w1.T + b1, 0)  # (N, hidden)
    z = h @ w2.T + b2  # (N, C)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def reference(x, w1, b1, w2, b2):
    """Built from the library's activations."""
    return activations.softmax(activations.relu(x @ w1.T + b1) @ w2.T + b2, dim=-1)


def cases(rng):
    """Sizes (N, in, hidden, classes), with and without equal ones."""
    for n, i, h, c in ((1, 1, 2, 2), (2, 2, 2, 2), (1, 3, 4, 2), (3, 2, 3, 4), (3, 3, 3, 3), (5, 3, 4, 2)):
        yield numbers(rng, n, i), numbers(rng, h, i), numbers(rng, h), numbers(rng, c, h), numbers(rng, c)


def row_by_row(x, w1, b1, w2, b2):
    """One sample at a time."""
    out = np.empty((len(x), len(b2)))
    for n, row in enumerate(x):
        h = w1.dot(row) + b1
        z = w2.dot(h * (h > 0)) + b2
        out[n] = np.exp(z - np.logaddexp.reduce(z))
    return out


W1 = np.array([[0.1, 0.2, 0.3], [-0.1, 0.1, 0.2], [0.3, -0.2, 0.1], [0.2, 0.2, -0.4]])
W2 = np.array([[0.2, -0.1, 0.4, 0.3], [-0.3, 0.5, 0.1, 0.2]])
B1, B2 = np.array([0.1, 0.0, -0.1, 0.2]), np.array([0.05, -0.05])
HIDDEN = "np.maximum(x @ w1.T + b1, 0)"
SHIFT, TOTAL = "z - z.max(axis=1, keepdims=True)", "e.sum(axis=1, keepdims=True)"
END = "return e / " + TOTAL

EXERCISE = Exercise(
    id="4.8",
    title="A two-layer network, forwards",
    answer=mlp_forward,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[1.0, 2.0, 3.0]]), W1, B1, W2, B2),  # the ledger's 3-4-2 network: 0.613, 0.387
        (np.array([[1, 2, 3], [-3, 0, 1]]), W1, B1, W2, B2),
        (np.array([[1e4]]), np.array([[1.0]]), np.zeros(1), np.array([[1.0], [-1.0]]), np.zeros(2)),
        (np.array([[1e4], [1.0]]), np.array([[1.0]]), np.zeros(1), np.array([[1.0], [2.0]]), np.zeros(2)),
    ),
    mistakes=(
        Mistake("as-printed", {END: "return np.maximum(z, 0)"},
                "This is the article's network: relu at the output. Its numbers are not probabilities (they can be "
                "0, or "
                "above 1), and cross-entropy of a 0 is infinite. End with softmax."),
        Mistake("relu-before-softmax", {"h @ w2.T + b2": "np.maximum(h @ w2.T + b2, 0)"},
                "The logits went through relu before softmax: every negative one is treated as 0. Only the hidden "
                "layer "
                "has a relu."),
        Mistake("no-relu", {HIDDEN: "x @ w1.T + b1"},
                "The hidden layer has no activation, and two linear layers in a row are one linear layer."),
        Mistake("max-for-maximum", {HIDDEN: "np.max(x @ w1.T + b1, 0)"},
                "np.max(z, 0) is the largest number along axis 0: one row is left of all. np.maximum(z, 0) compares "
                "each number with 0."),
        Mistake("sigmoid-hidden", {HIDDEN: "0.5 * (1 + np.tanh((x @ w1.T + b1) / 2))"},
                "The hidden layer uses a sigmoid; relu is asked for."),
        Mistake("relu-before-bias", {HIDDEN: "np.maximum(x @ w1.T, 0) + b1"},
                "relu is applied before the bias b1 is added. The bias is part of the linear layer."),
        Mistake("no-b1", {"x @ w1.T + b1": "x @ w1.T"}, "b1 is missing."),
        Mistake("no-b2", {"h @ w2.T + b2": "h @ w2.T"}, "b2 is missing."),
        Mistake("logits", {END: "return z"}, "These are the logits; softmax turns them into probabilities."),
        Mistake("no-shift", {SHIFT: "z"}, "exp overflows for large logits: subtract each row's maximum first."),
        Mistake("wrong-axis", {"z.max(axis=1": "z.max(axis=0", "e.sum(axis=1": "e.sum(axis=0"},
                "Softmax runs over the samples (axis 0). It is each sample's classes that must sum to 1."),
        Mistake("one-total", {TOTAL: "e.sum()", SHIFT: "z - z.max()"},
                "The probabilities of all samples together sum to 1. Each row must."),
        Mistake("no-keepdims", {TOTAL: "e.sum(axis=1)"},
                "Without keepdims=True the sums have one axis fewer, so that NumPy lines them up with the classes (or "
                "cannot)."),
        Mistake("one-shift-for-all", {SHIFT: "z - z.max()"},
                "One maximum for all samples is not enough: where a row lies far below it, all of its exponentials are "
                "0, and 0/0 is nan. Subtract each row's own maximum."),
        Mistake("exponentials", {END: "return e"}, "These are exponentials; divide them by each row's sum."),
        Mistake("log-probabilities", {END: f"return {SHIFT} - np.log({TOTAL})"},
                "These are the logarithms of the probabilities."),
        Mistake("labels", {END: "return z.argmax(axis=1)"},
                "This is the most probable class of each sample; all probabilities are asked for."),
        Mistake("tanh-hidden", {HIDDEN: "np.tanh(x @ w1.T + b1)"}, "The hidden layer uses tanh; relu is asked for."),
        Mistake("w1-not-transposed", {"x @ w1.T": "x @ w1"},
                "w1 has shape (hidden, in), as in PyTorch: x @ w1.T, not x @ w1."),
        Mistake("w2-not-transposed", {"h @ w2.T": "h @ w2"},
                "w2 has shape (classes, hidden), as in PyTorch: h @ w2.T, not h @ w2."),
        Mistake("not-transposed", {"x @ w1.T": "x @ w1", "h @ w2.T": "h @ w2"},
                "A weight matrix has shape (out, in), as in PyTorch: x @ w.T, not x @ w."),
    ),
    right=(
        lambda x, w1, b1, w2, b2: activations.softmax((w2 @ np.clip(w1 @ x.T + b1[:, None], 0, None)).T + b2),
        row_by_row,
    ),
    hints=(
        "Three steps: linear and relu, linear, softmax. Write the shape behind each line.",
        "A layer with w of shape (out, in) is x @ w.T + b; NumPy adds b to every row.",
        "Softmax over axis 1, with each row's maximum subtracted, as in 4.2.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S3-4.2-forward", "S3-4.2-relu-output", "S3-4.2-mlp-setup"),
)
