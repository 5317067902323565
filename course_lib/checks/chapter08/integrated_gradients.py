"""8.4 Integrated gradients of one unit."""

import numpy as np

from course_lib.activations import sigmoid
from course_lib.topics import explain

from ..spec import Exercise, Mistake, numbers


def integrated_gradients(w, b, x, baseline, steps):
    """Attributions (D,) of f(x) = σ(w·x + b): (x - baseline) · mean gradient at `steps` midpoints between them."""
    path = x - baseline
    total = np.zeros(len(x))
    for k in range(steps):
        point = baseline + (k + 0.5) / steps * path
        s = sigmoid(w @ point + b)
        total += s * (1 - s) * w
    return path * total / steps


def reference(w, b, x, baseline, steps):
    """The library's, with this unit's gradient."""

    def gradient(points):
        s = sigmoid(points @ w + b)
        return (s * (1 - s))[:, None] * w

    return explain.integrated_gradients(gradient, np.asarray(x, float)[None], baseline, steps)[0]


def cases(rng):
    """One to four inputs, several numbers of steps."""
    for size, steps in ((1, 1), (1, 3), (2, 1), (2, 2), (3, 5), (4, 20)):
        yield numbers(rng, size), float(numbers(rng)), numbers(rng, size), numbers(rng, size), steps


POINT, PATH = "baseline + (k + 0.5) / steps * path", "path * total / steps"

EXERCISE = Exercise(
    id="8.4",
    title="Integrated gradients",
    answer=integrated_gradients,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1.0]), 0.0, np.array([2.0]), np.array([0.0]), 2),
        (np.array([1.0, -2.0]), 0.5, np.array([1.0, 0.0]), np.array([0.0, 1.0]), 4),
        (np.array([1.0]), 0.3, np.array([1.5]), np.array([1.5]), 3),
        (np.array([0.0]), 1.0, np.array([1.0]), np.array([0.0]), 1),
        (np.array([8.0]), -4.0, np.array([1.0]), np.array([0.0]), 10),
    ),
    mistakes=(
        Mistake("gradient-at-x", {POINT: "x"},
                "It uses the gradient at x alone, at every step. That is gradient × input, which saturation fools; go "
                "along the path."),
        Mistake("no-path", {PATH: "total / steps"},
                "This is the mean gradient. Multiplied by x - baseline, it adds up to f(x) - f(baseline)."),
        Mistake("times-x", {PATH: "x * total / steps"},
                "It is multiplied by x. Multiply by x - baseline; only for a baseline of 0 are they the same."),
        Mistake("not-averaged", {PATH: "path * total"},
                "The gradients are added up and never divided by the number of steps."),
        Mistake("left-ends", {"(k + 0.5)": "k"},
                "It takes the left end of each interval, the baseline itself included. Take the midpoints."),
        Mistake("right-ends", {"(k + 0.5)": "(k + 1)"},
                "It takes the right end of each interval, x included. Take the midpoints."),
        Mistake("both-ends", {"(k + 0.5) / steps": "k / max(steps - 1, 1)"},
                "The points run from the baseline to x, ends included (linspace). Take the midpoints of equal "
                "intervals."),
        Mistake("ignores-baseline", {"path = x - baseline": "path = x", POINT: "(k + 0.5) / steps * path"},
                "It always starts at 0. The path starts at the baseline that was given."),
        Mistake("wrong-way", {"path = x - baseline": "path = baseline - x", POINT: "x + (k + 0.5) / steps * path"},
                "The path runs from x to the baseline, which turns every sign."),
        Mistake("not-the-slope", {"s * (1 - s) * w": "s * w"},
                "The derivative of σ(z) is σ(z)(1 - σ(z)); the second factor is missing."),
        Mistake("no-weight", {"s * (1 - s) * w": "s * (1 - s)"},
                "The chain rule gives a factor w: the gradient with respect to x is σ'(z)·w."),
        Mistake("no-bias", {"w @ point + b": "w @ point"}, "The bias b is missing in the pre-activation."),
    ),
    right=(
        lambda w, b, x, base, n: (x - base) * w * np.mean([(lambda s: s - s * s)(
            np.tanh((w @ (base + (k + 0.5) / n * (x - base)) + b) / 2) / 2 + 0.5) for k in range(n)]),
        lambda w, b, x, base, n: (lambda a: (lambda s: (x - base) * ((s * (1 - s)) @ np.tile(w, (n, 1))) / n)(
            1 / (1 + np.exp(-((base + a[:, None] * (x - base)) @ w + b)))))(np.arange(0.5, n) / n),
    ),
    hints=(
        "The k-th point is baseline + (k + 0.5)/steps · (x - baseline), for k = 0 to steps - 1.",
        "The gradient of σ(w·x + b) with respect to x is σ(z)(1 - σ(z))·w.",
        "Average the gradients over the points and multiply by x - baseline, entry by entry.",
    ),
    minutes=15,
    difficulty=3,
    claims=("S0-8.2-explainability", "S3-8.1-explain"),
)  # fmt: skip
