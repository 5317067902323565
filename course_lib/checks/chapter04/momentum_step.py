"""4.7 Gradient descent with momentum."""

import numpy as np

from course_lib import optim

from ..spec import Exercise, Mistake, Slot, numbers


def momentum_step(param, grad, velocity, lr, momentum):
    """One step of gradient descent with momentum, PyTorch's way; returns the new (param, velocity)."""
    velocity = momentum * velocity + grad
    return param - lr * velocity, velocity


def reference(param, grad, velocity, lr, momentum):
    """The library's rule, without Nesterov's look-ahead."""
    return optim.sgd_update(param, grad, velocity, lr, momentum)


def cases(rng):
    """From rest and under way."""
    for n in (1, 2, 3):
        yield numbers(rng, n), numbers(rng, n), np.zeros(n), 0.1, 0.9
        yield numbers(rng, n), numbers(rng, n), numbers(rng, n), 0.5, 0.8
    yield numbers(rng, 2, 3), numbers(rng, 2, 3), numbers(rng, 2, 3), 0.01, 0.9
    yield numbers(rng, 3, 2).T, numbers(rng, 3, 2).T, numbers(rng, 3, 2).T, 0.2, 0.7


def in_place(param, grad, velocity, lr, momentum):
    """Right, but both arrays are overwritten."""
    velocity *= momentum
    velocity += grad
    param -= lr * velocity
    return param, velocity


def for_the_library(mine, library):
    """The library's rule can do Nesterov's variant too, and goes on doing it."""

    def rule(param, grad, velocity, lr, momentum=0.0, nesterov=False):
        if nesterov:
            return library(param, grad, velocity, lr, momentum, nesterov)
        return mine(param, grad, velocity, lr, momentum)

    return rule


NEW, STEP = "momentum * velocity + grad", "param - lr * velocity, velocity"

EXERCISE = Exercise(
    id="4.7",
    title="Gradient descent with momentum",
    answer=momentum_step,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1.0]), np.array([2.0]), np.array([4.0]), 0.1, 0.5),
        (np.array([1.0]), np.array([2.0]), np.array([4.0]), 0.1, 0.0),
        (np.array([1.0]), np.array([0.0]), np.array([1.0]), 0.1, 0.9),
        (np.array([0.0]), np.array([1e4]), np.array([-1e4]), 1.0, 0.9),
    ),
    mistakes=(
        Mistake("averaged", {NEW: "momentum * velocity + (1 - momentum) * grad"},
                "The gradient is weighted by 1 - momentum, as in Adam's m. PyTorch adds the whole gradient: with 0.9, "
                "your steps are 10 times shorter in the long run."),
        Mistake("rate-inside", {NEW: "momentum * velocity + lr * grad", STEP: "param - velocity, velocity"},
                "The learning rate is multiplied into the velocity. In PyTorch the velocity is a sum of gradients "
                "and lr "
                "multiplies it afterwards; the two part ways as soon as lr changes."),
        Mistake("rate-inside-signed", {NEW: "momentum * velocity - lr * grad", STEP: "param + velocity, velocity"},
                "This is the form v = μv - lr·g, w = w + v of many textbooks. PyTorch's velocity is a sum of "
                "gradients: "
                "v = μv + g, w = w - lr·v."),
        Mistake("old-velocity", lambda p, g, v, lr, mu: (p - lr * v, mu * v + g),
                "The step is taken with the velocity from before. Update the velocity first, then use it."),
        Mistake("nesterov", {STEP: "param - lr * (grad + momentum * velocity), velocity"},
                "This is Nesterov's variant, which looks one step ahead (nesterov=True in PyTorch)."),
        Mistake("no-momentum", {STEP: "param - lr * grad, velocity"},
                "The velocity is computed but the step uses only the gradient."),
        Mistake("weights-swapped", {NEW: "velocity + momentum * grad"},
                "momentum multiplies the gradient. It must shrink the old velocity, or that never forgets."),
        Mistake("minus-gradient", {NEW: "momentum * velocity - grad", STEP: "param + lr * velocity, velocity"},
                "The velocity points downhill and is added. PyTorch's is a sum of gradients and is subtracted: "
                "v = μv + g, w = w - lr·v."),
        Mistake("minus-twice", {NEW: "momentum * velocity - grad"},
                "The gradient is subtracted twice, once in the velocity and once in the step: v = μv + g."),
        Mistake("rate-twice", {NEW: "momentum * velocity + lr * grad"},
                "The learning rate is multiplied in twice, in the velocity and in the step: v = μv + g."),
        Mistake("no-rate", {"lr * velocity": "velocity"}, "The learning rate is missing: w - lr·v."),
        Mistake("never-forgets", {NEW: "velocity + grad"},
                "The old velocity is kept whole. It must shrink: momentum·v + g."),
        Mistake("momentum-on-both", {NEW: "momentum * (velocity + grad)"},
                "momentum multiplies the gradient too; only the old velocity shrinks: momentum·v + g."),
        Mistake("averaged-wrong-way", {NEW: "(1 - momentum) * velocity + momentum * grad"},
                "The weights have changed places, and PyTorch does not average at all: v = momentum·v + g."),
        Mistake("returns-old", lambda p, g, v, lr, mu: (p - lr * (mu * v + g), v.copy()),
                "It returns the velocity that came in. The next step needs the new one."),
        Mistake("velocity-replaced", {NEW: "grad"}, "The old velocity is lost: v = momentum·v + g."),
        Mistake("uphill", {"param - lr": "param + lr"}, "The step goes uphill: subtract it."),
        Mistake("param-only", {STEP: "param - lr * velocity"},
                "It returns param alone. The next step needs the velocity: return param, velocity."),
        Mistake("writes-input", in_place),
    ),
    right=(
        lambda p, g, v, lr, mu: (p - lr * mu * v - lr * g, g + v * mu),
        lambda p, g, v, lr, mu: [np.subtract(p, lr * np.add(mu * v, g)), np.add(mu * v, g)],
    ),
    hints=(
        "Two lines: first the velocity, then the parameters.",
        "The velocity keeps `momentum` of itself and adds the gradient, all of it.",
        "velocity = momentum * velocity + grad; then param - lr * velocity. Return both.",
    ),
    minutes=8,
    difficulty=1,
    claims=("S2-4.3.1-sgd", "S1-4.1-adam-heritage"),
    returns=("param", "velocity"),
    slot=Slot("momentum", "course_lib.optim:sgd_update", for_the_library),
)
