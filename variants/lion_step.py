"""4.6v A variant of 4.6: the step of Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023)."""

import numpy as np

from course_lib.checks.spec import Exercise, Mistake, numbers


def lion_step(param, grad, m, lr, beta1, beta2, weight_decay):
    """One step of Lion; returns (param, m). The inputs stay as they are.

    direction = sign(β₁·m + (1 - β₁)·grad); param ← param - lr·(direction + weight_decay·param);
    m ← β₂·m + (1 - β₂)·grad.
    """
    direction = np.sign(beta1 * m + (1 - beta1) * grad)
    return param - lr * (direction + weight_decay * param), beta2 * m + (1 - beta2) * grad


def reference(param, grad, m, lr, beta1, beta2, weight_decay):
    """One number after the other."""
    new = [np.empty(param.shape), np.empty(param.shape)]
    for i in np.ndindex(param.shape):
        mixed = grad[i] + beta1 * (m[i] - grad[i])
        new[0][i] = param[i] * (1 - lr * weight_decay) - lr * (int(mixed > 0) - int(mixed < 0))
        new[1][i] = grad[i] + beta2 * (m[i] - grad[i])
    return tuple(new)


OFF = 0.0517  # so that no mixture of gradient and momentum is 0 on paper: rounding would decide its sign


def cases(rng):
    """From rest and under way, with momentum for and against the gradient."""
    for n in (1, 2, 3, 5):
        yield numbers(rng, n) + 0.05, numbers(rng, n) + OFF, np.zeros(n), 0.1, 0.9, 0.99, 0.0
        yield numbers(rng, n) + 0.05, numbers(rng, n) + OFF, numbers(rng, n) + 0.0231, 0.05, 0.7, 0.95, 0.5
    yield numbers(rng, 2, 3), numbers(rng, 2, 3) + OFF, numbers(rng, 2, 3) + 0.0231, 0.01, 0.9, 0.98, 0.2


def in_place(param, grad, m, lr, beta1, beta2, weight_decay):
    """Right, but m is overwritten."""
    param = param - lr * (np.sign(beta1 * m + (1 - beta1) * grad) + weight_decay * param)
    m *= beta2
    m += (1 - beta2) * grad
    return param, m


SIGN, MIX = "np.sign(beta1 * m + (1 - beta1) * grad)", "beta1 * m + (1 - beta1) * grad"
STEP, NEW = "param - lr * (direction + weight_decay * param)", "beta2 * m + (1 - beta2) * grad"

EXERCISE = Exercise(
    id="4.6v",
    title="The step of Lion",
    answer=lion_step,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1.0]), np.array([0.5]), np.array([0.0]), 0.1, 0.9, 0.99, 0.0),
        (np.array([1.0]), np.array([0.5]), np.array([-2.0]), 0.1, 0.9, 0.99, 0.0),  # the momentum wins
        (np.array([2.0]), np.array([0.0]), np.array([0.0]), 0.1, 0.9, 0.99, 0.5),  # decay alone
        (np.array([1.0]), np.array([3.0]), np.array([-1.0]), 0.5, 0.5, 0.75, 0.0),
        (np.array([0.5, -0.5]), np.array([1e4, -1e-4]), np.array([0.0, 0.0]), 0.1, 0.9, 0.99, 0.1),
    ),
    mistakes=(
        Mistake("no-sign", {SIGN: MIX},
                "The step is as long as the mixed gradient. Lion takes only its sign: each weight moves by lr."),
        Mistake("new-momentum", {SIGN: f"np.sign({NEW})"},
                "The direction is the sign of the new m. Lion mixes with β₁ for the direction and with β₂ for m."),
        Mistake("betas-swapped", lambda p, g, m, lr, b1, b2, wd: lion_step(p, g, m, lr, b2, b1, wd),
                "The two betas have changed places: β₁ mixes for the direction, β₂ for what is kept."),
        Mistake("one-beta", {NEW: MIX}, "m is kept with β₁. It has a beta of its own, β₂."),
        Mistake("sign-of-gradient", {SIGN: "np.sign(grad)"},
                "The direction is the gradient's sign alone; m plays no part in it."),
        Mistake("sign-of-momentum", {SIGN: "np.sign(m)"},
                "The direction is the old m's sign alone; the gradient plays no part in it."),
        Mistake("keeps-direction", {NEW: "direction"},
                "m is set to the direction. It keeps the gradients themselves."),
        Mistake("no-decay", {STEP: "param - lr * direction"}, "The weight decay is missing."),
        Mistake("decay-in-gradient", {SIGN: "np.sign(beta1 * m + (1 - beta1) * (grad + weight_decay * param))",
                                      STEP: "param - lr * direction"},
                "The decay is added to the gradient, where the sign swallows it. It stands beside the direction."),
        Mistake("decay-without-rate", {STEP: "param - lr * direction - weight_decay * param"},
                "The decay is not multiplied by the learning rate."),
        Mistake("uphill", {STEP: "param + lr * (direction - weight_decay * param)"},
                "It goes uphill: subtract the direction."),
        Mistake("whole-gradient", {NEW: "beta2 * m + grad"},
                "The gradient is added to m in full; weight it with 1 - β₂."),
        Mistake("param-only", {f"{STEP}, {NEW}": STEP}, "It returns param alone. The next step needs m: return both."),
        Mistake("writes-input", in_place),
    ),
    right=(
        lambda p, g, m, lr, b1, b2, wd: ((1 - lr * wd) * p - lr * np.sign(g + b1 * (m - g)), g + b2 * (m - g)),
        lambda p, g, m, lr, b1, b2, wd: [
            p - lr * wd * p - lr * np.where(b1 * m + (1 - b1) * g > 0, 1, np.where(b1 * m + (1 - b1) * g < 0, -1, 0)),
            np.add(b2 * m, (1 - b2) * g)],
    ),
    hints=(
        "Three lines: the direction, the step, and what is kept. The direction uses the old m.",
        "np.sign of a mix of m and grad with β₁; the decay stands beside it, inside lr·(…).",
        "m is kept with β₂: beta2 * m + (1 - beta2) * grad. Return param and m.",
    ),
    minutes=12,
    difficulty=2,
    returns=("param", "m"),
)
