"""2.5 A residual connection."""

import numpy as np

from course_lib import activations

from ..spec import Exercise, Mistake, numbers


def residual_block(x, w1, b1, w2, b2):
    """x + (relu(x w1ᵀ + b1) w2ᵀ + b2): a feed-forward network with a way around it; x (N, d), w1 (h, d), w2 (d, h)."""
    h = np.maximum(x @ w1.T + b1, 0)
    return x + h @ w2.T + b2


def reference(x, w1, b1, w2, b2):
    """From the library's activation."""
    return x + activations.relu(x @ w1.T + b1) @ w2.T + b2


def cases(rng):
    """Sizes (N, d, h), with and without equal ones."""
    for n, d, h in ((1, 1, 2), (1, 2, 3), (2, 2, 2), (3, 3, 4), (2, 3, 3)):
        yield numbers(rng, n, d), numbers(rng, h, d), numbers(rng, h), numbers(rng, d, h), numbers(rng, d)


def with_loop(x, w1, b1, w2, b2):
    """One sample at a time."""
    return np.array([row + b2 + w2.dot(np.clip(w1.dot(row) + b1, 0, None)) for row in x])


def in_place(x, w1, b1, w2, b2):
    """Right, but x is overwritten."""
    x += np.maximum(x @ w1.T + b1, 0) @ w2.T + b2
    return x


HIDDEN, END = "np.maximum(x @ w1.T + b1, 0)", "return x + h @ w2.T + b2"
X = np.array([[1.0, -2.0]])

EXERCISE = Exercise(
    id="2.5",
    title="A residual connection",
    answer=residual_block,
    reference=reference,
    cases=cases,
    edges=(
        (X, np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.5, 0.5]), np.array([[2.0, 1.0], [0.0, 3.0]]), np.ones(2)),
        (X, np.zeros((3, 2)), np.zeros(3), np.zeros((2, 3)), np.zeros(2)),  # weights at zero: the identity
        (X, np.ones((3, 2)), np.zeros(3), np.ones((2, 3)), np.zeros(2)),
        (1e4 * X, np.ones((1, 2)), np.ones(1), -np.ones((2, 1)), np.ones(2)),
        (np.array([[1, -2]]), np.ones((2, 2)), np.array([3.0, -3.0]), np.eye(2), np.array([0.5, -0.5])),
    ),
    mistakes=(
        Mistake("no-residual", {END: "return h @ w2.T + b2"},
                "The way around is missing: add x to the result. With all weights zero the block must return x."),
        Mistake("relu-of-all", {END: "return np.maximum(x + h @ w2.T + b2, 0)"},
                "relu is applied to the sum (as in the first ResNet). Here nothing stands in the way of x."),
        Mistake("adds-hidden", {END: "return x + np.maximum(h @ w2.T + b2, 0)"},
                "The second layer has no relu: what the block adds must be able to be negative."),
        Mistake("no-relu", {HIDDEN: "x @ w1.T + b1"}, "The hidden layer has no activation."),
        Mistake("max-for-maximum", {HIDDEN: "np.max(x @ w1.T + b1, 0)"},
                "np.max(z, 0) is the largest number along axis 0: one row is left of all. np.maximum(z, 0) compares "
                "each number with 0."),
        Mistake("subtracts", {END: "return x - h @ w2.T - b2"}, "The block's result is subtracted; add it."),
        Mistake("from-x", {END: "return h @ w2.T + b2 - x"}, "x is subtracted; add it."),
        Mistake("twice", {END: "return 2 * x + h @ w2.T + b2"}, "x is added twice."),
        Mistake("multiplies", {END: "return x * (h @ w2.T + b2)"}, "x multiplies the result: that is a gate. Add it."),
        Mistake("no-b1", {"x @ w1.T + b1": "x @ w1.T"}, "b1 is missing."),
        Mistake("no-b2", {END: "return x + h @ w2.T"}, "b2 is missing."),
        Mistake("relu-before-bias", {HIDDEN: "np.maximum(x @ w1.T, 0) + b1"},
                "relu is applied before the bias b1 is added."),
        Mistake("mean-of-both", {END: "return 0.5 * (x + h @ w2.T + b2)"},
                "That is the mean of the two ways. Their sum is asked for."),
        Mistake("w1-not-transposed", {"x @ w1.T": "x @ w1"}, "w1 has shape (hidden, d): x @ w1.T."),
        Mistake("w2-not-transposed", {"h @ w2.T": "h @ w2"}, "w2 has shape (d, hidden): h @ w2.T."),
        Mistake("x-only", {END: "return x"}, "It returns x: the block itself is missing."),
        Mistake("writes-input", in_place),
    ),
    right=(with_loop, lambda x, w1, b1, w2, b2: np.add(x, b2) + np.dot((a := x.dot(w1.T) + b1) * (a > 0), w2.T)),
    hints=(
        "Two linear layers with relu between them; then one more term.",
        "What must come out when all weights and biases are zero?",
        "h = np.maximum(x @ w1.T + b1, 0), then x + h @ w2.T + b2. No += on x.",
    ),
    minutes=6,
    difficulty=1,
    claims=("S4-2.2-architecture",),
)  # fmt: skip
