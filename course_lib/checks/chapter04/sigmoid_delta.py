"""4.4 The error signal behind a sigmoid."""

import numpy as np

from course_lib import activations

from ..spec import Exercise, Mistake, numbers


def sigmoid_delta(dL_da, z):
    """dL/dz for a = sigmoid(z), given dL/da; both arrays have one shape."""
    e = np.exp(-np.abs(z))
    slope = e / (1 + e) ** 2  # a (1 - a)
    return dL_da * slope


def reference(dL_da, z):
    """The library's derivative of the sigmoid."""
    _, (vjp,) = activations.sigmoid.rule(*activations.sigmoid.prepare((z,)))
    return vjp(dL_da)


def cases(rng):
    """Vectors and matrices."""
    for shape in ((1,), (2,), (3,), (2, 3), (1, 4)):
        yield numbers(rng, *shape), numbers(rng, *shape)
    yield numbers(rng, 3, 2).T, numbers(rng, 3, 2).T
    yield rng.integers(-3, 4, 3), rng.integers(-3, 4, 3)


def _sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


EXERCISE = Exercise(
    id="4.4",
    title="The error signal behind a sigmoid",
    answer=sigmoid_delta,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1.0]), np.array([0.0])),
        (np.array([-0.377541]), np.array([0.5])),  # the ledger's example: -0.0887
        (np.array([1.0]), np.array([1e4])),
        (np.array([1.0]), np.array([-1e4])),
        (np.array([0.0, 2.0]), np.array([1.0, -1.0])),
    ),
    mistakes=(
        Mistake("as-printed", {"dL_da * slope": "dL_da * slope * slope"},
                "This is the article's formula: it multiplies dL/dz by σ'(z), but dL/dz is already the answer; σ' is "
                "then counted twice, and the signal is at least 4 times too small. Start from dL/da."),
        Mistake("no-derivative", {"dL_da * slope": "dL_da"},
                "The derivative of the sigmoid is missing: dL/dz = dL/da · σ'(z)."),
        Mistake("derivative-alone", {"dL_da * slope": "slope"}, "This is σ'(z) alone; dL/da is never used."),
        Mistake("z-for-a", {"dL_da * slope": "dL_da * z * (1 - z)"},
                "a(1 - a) is right for the activation a, but z was put in. Compute a = sigmoid(z) first."),
        Mistake("sigmoid-twice", lambda dL_da, z: dL_da * _sigmoid(_sigmoid(z)) * (1 - _sigmoid(_sigmoid(z))),
                "The sigmoid was applied twice: σ' was evaluated at a instead of z."),
        Mistake("value-for-slope", lambda dL_da, z: dL_da * _sigmoid(z),
                "It multiplies by σ(z); the chain rule asks for its derivative, σ(z)·(1 - σ(z))."),
        Mistake("tanh-slope", lambda dL_da, z: dL_da * (1 - np.tanh(z) ** 2), "1 - tanh² is the derivative of tanh."),
        Mistake("relu-gate", lambda dL_da, z: dL_da * (z > 0), "This is the rule for relu: it lets z > 0 through."),
        Mistake("arguments-swapped", lambda dL_da, z: sigmoid_delta(z, dL_da),
                "dL/da and z have changed places: σ' is evaluated at z, and multiplies dL/da."),
        Mistake("half-derivative", lambda dL_da, z: dL_da * _sigmoid(-z),
                "It multiplies by 1 - σ(z) alone; the derivative is σ(z)·(1 - σ(z))."),
        Mistake("half-z", lambda dL_da, z: dL_da * _sigmoid(z) * (1 - z),
                "In a·(1 - a) both factors want the activation a = σ(z); here the second has z."),
        Mistake("divides", {"dL_da * slope": "np.divide(dL_da, slope)"},
                "It divides by the slope. Going backwards through a function multiplies by its derivative."),
        Mistake("unstable", lambda dL_da, z: dL_da * np.exp(-z) / (1 + np.exp(-z)) ** 2,
                "Right for moderate z, but exp(-z) overflows for z far below 0 and gives nan. With a = sigmoid(z), use "
                "a·(1 - a), or exp(-|z|): the slope is even in z."),
        Mistake("summed", {"dL_da * slope": "(dL_da * slope).sum()"},
                "It adds everything up. Each unit has its own error signal: the result has the shape of z."),
    ),
    right=(
        lambda dL_da, z: dL_da * _sigmoid(z) * (1 - _sigmoid(z)),
        lambda dL_da, z: dL_da / (2 + 2 * np.cosh(np.clip(z, -700, 700))),
    ),
    hints=(
        "The chain rule: dL/dz = dL/da · da/dz. Which of the two is given?",
        "da/dz = a·(1 - a) with a = sigmoid(z).",
        "Compute a with your stable sigmoid from 4.1 and return dL_da * a * (1 - a).",
    ),
    minutes=8,
    difficulty=2,
    claims=("S3-4.1-delta",),
)
