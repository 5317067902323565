"""3.6 Decoupled weight decay."""

import numpy as np

from course_lib import optim
from course_lib.optim import adam_update

from ..spec import Exercise, Mistake, numbers


def adamw_step(param, grad, m, v, t, lr, weight_decay):
    """The t-th AdamW step: multiply the weights by 1 - lr · weight_decay, then Adam's step with the gradient alone.

    Returns (param, m, v).
    """
    from course_lib.optim import adam_update

    shrunk = param * (1 - lr * weight_decay)
    return adam_update(shrunk, grad, m, v, t, lr)


def reference(param, grad, m, v, t, lr, weight_decay):
    """The library's optimizer."""
    one = optim.AdamW([optim.Tensor(np.zeros(1), requires_grad=True)], lr=lr, weight_decay=weight_decay)
    return one.rule(param, grad, (m, v), t)


def cases(rng):
    """From the start and under way."""
    for n, t in ((1, 1), (2, 1), (1, 3), (2, 7), (3, 20)):
        m, v = (np.zeros(n), np.zeros(n)) if t == 1 else (numbers(rng, n), numbers(rng, n) ** 2 + 0.5)
        yield numbers(rng, n) + 0.05, numbers(rng, n) + 0.05, m, v, t, 0.1, float(rng.choice([0.5, 0.2]))


def l2(param, grad, m, v, t, lr, weight_decay):
    """Adam with the penalty in the gradient."""
    return adam_update(param, grad + weight_decay * param, m, v, t, lr)


def after(param, grad, m, v, t, lr, weight_decay):
    """Adam's step first, then shrinking."""
    param, m, v = adam_update(param, grad, m, v, t, lr)
    return param * (1 - lr * weight_decay), m, v


def in_place(param, grad, m, v, t, lr, weight_decay):
    """Right, but param is overwritten."""
    param *= 1 - lr * weight_decay
    return adam_update(param, grad, m, v, t, lr)


SHRINK = "param * (1 - lr * weight_decay)"

EXERCISE = Exercise(
    id="3.6",
    title="Decoupled weight decay",
    answer=adamw_step,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1.0]), np.array([0.5]), np.zeros(1), np.zeros(1), 1, 0.1, 0.5),
        (np.array([2.0, -2.0]), np.array([0.0, 0.0]), np.zeros(2), np.zeros(2), 1, 0.1, 0.5),  # decay alone
        (np.array([1.0, -1.0]), np.array([3.0, -4.0]), np.zeros(2), np.zeros(2), 1, 0.1, 0.0),
        (np.array([1e4]), np.array([1e-3]), np.zeros(1), np.zeros(1), 1, 0.01, 0.1),
    ),
    mistakes=(
        Mistake("l2-in-gradient", l2,
                "The penalty is added to the gradient. Adam then divides it by √v, so that a weight with large "
                "gradients "
                "hardly decays. Decoupled: shrink the weight itself."),
        Mistake("after-the-step", after,
                "The weights shrink after Adam's step, the step included. AdamW shrinks the old weights, then steps."),
        Mistake("without-rate", {SHRINK: "param * (1 - weight_decay)"},
                "The decay is not multiplied by the learning rate: the weights shrink far too fast."),
        Mistake("kept-only-decay", {SHRINK: "param * lr * weight_decay"},
                "Only the part to be removed is kept: multiply by 1 - lr·λ."),
        Mistake("grows", {SHRINK: "param * (1 + lr * weight_decay)"}, "The weights grow. Decay makes them smaller."),
        Mistake("no-decay", {SHRINK: "param * 1.0"}, "This is Adam without any decay."),
        Mistake("sign-decay", {SHRINK: "param - lr * weight_decay * np.sign(param)"},
                "Every weight moves by the same amount: that is an L1 penalty. Decay is proportional to the weight."),
        Mistake("gradient-shrunk", {SHRINK: "param.copy()", "adam_update(shrunk, grad,":
                                    "adam_update(shrunk, grad * (1 - lr * weight_decay),"},
                "The gradient is shrunk instead of the weights."),
        Mistake("subtracted-constant", {SHRINK: "param - lr * weight_decay"},
                "A constant is subtracted from every weight; negative ones would grow. Multiply instead."),
        Mistake("squared", {SHRINK: "param - lr * weight_decay * param**2"},
                "The decay goes with the square of the weight. The gradient of ½λw² is λw."),
        Mistake("decay-twice", {SHRINK: "param * (1 - 2 * lr * weight_decay)"},
                "The decay is twice as strong: a penalty λw² instead of ½λw²?"),
        Mistake("both", {"adam_update(shrunk, grad,": "adam_update(shrunk, grad + weight_decay * param,"},
                "The weights shrink, and the penalty is in the gradient too: it is counted twice."),
        Mistake("param-only", {"adam_update(shrunk, grad, m, v, t, lr)": "adam_update(shrunk, grad, m, v, t, lr)[0]"},
                "It returns param alone. The next step needs m and v: return all three."),
        Mistake("own-rate", {"m, v, t, lr)": "m, v, t)"},
                "Adam's step is made with its default rate: pass lr on to adam_update."),
        Mistake("old-averages", {"return adam_update(shrunk, grad, m, v, t, lr)":
                                 "return adam_update(shrunk, grad, m, v, t, lr)[0], m, v"},
                "m and v are returned as they came. The next step needs the new ones, which adam_update returns."),
        Mistake("writes-input", in_place),
    ),
    right=(
        lambda p, g, m, v, t, lr, wd: adam_update(p - lr * wd * p, g, m, v, t, lr),
        lambda p, g, m, v, t, lr, wd: (adam_update(np.zeros_like(p), g, m, v, t, lr)[0] + p - p * lr * wd,
                                       *adam_update(p, g, m, v, t, lr)[1:]),
    ),
    hints=(
        "Two things that do not know of each other: the weights shrink a little, and Adam takes its step.",
        "The shrinking factor is 1 - lr·weight_decay. Adam sees the gradient of the loss only.",
        "adam_update(param * (1 - lr * weight_decay), grad, m, v, t, lr)",
    ),
    minutes=8,
    difficulty=2,
    claims=("S1-3.4-regularisation", "S3-3.1-regularisation"),
    returns=("param", "m", "v"),
)
