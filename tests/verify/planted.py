"""Classic mistakes, planted in copies of the rules: what the proofs must reject, and which of them can.

A wrong *derivative* must be caught by parity and by finite differences alike. A wrong *formula* whose derivative fits
it is invisible to finite differences, which only compare the two; parity must catch it.
"""

import inspect

import numpy as np

from course_lib import activations, arithmetic, losses, optim
from course_lib.op import Array, Labels, op


def with_vjps(function, change):
    """Return a copy of a function of the library whose vjps are changed: change(vjps, args) -> vjps."""

    def rule(*args):
        value, vjps = function.rule(*args)
        return value, change(vjps, args)

    rule.__name__ = function.__name__
    rule.__signature__ = inspect.signature(function.rule)
    return op(rule)


def scaled(factor, which=0):
    """Multiply one vjp by a factor."""

    def change(vjps, args):
        out = list(vjps)
        out[which] = lambda g: factor * vjps[which](g)
        return tuple(out)

    return change


@op
def mul_swapped(a: Array, b: Array):
    return a * b, (lambda g: g * a, lambda g: g * b)


@op
def div_without_square(a: Array, b: Array):
    return a / b, (lambda g: g / b, lambda g: -g * a / b)


@op
def matmul_untransposed(a: Array, b: Array):
    value, (da, _) = arithmetic.matmul.rule(a, b)
    return value, (da, lambda g: (g.T @ a).T.reshape(b.shape) * 0.5)


@op
def mean_gradient_of_sum(a: Array, dim: object = None, keepdim: bool = False):
    return arithmetic.mean.rule(a, dim, keepdim)[0], arithmetic.sum.rule(a, dim, keepdim)[1]


@op
def getitem_without_adding(a: Array, index: object):
    def da(g):
        out = np.zeros_like(a)
        out[index] = g
        return out

    return a[index], (da,)


@op
def tanh_without_square(x: Array):
    y = np.tanh(x)
    return y, (lambda g: g * (1 - y),)


@op
def softmax_diagonal_only(x: Array, dim: int = -1):
    p = activations.softmax(x, dim)
    return p, (lambda g: g * p * (1 - p),)


@op
def softmax_over_everything(x: Array, dim: int = -1):
    e = np.exp(x - x.max())
    p = e / e.sum()
    return p, (lambda g: p * (g - (g * p).sum()),)


@op
def sigmoid_of_2x(x: Array):
    s = activations.sigmoid(2 * x)
    return s, (lambda g: g * 2 * s * (1 - s),)


@op
def gelu_always_tanh(x: Array, approximate: str = "none"):
    return activations.gelu.rule(x, "tanh")


@op
def mse_of_half_the_square(input: Array, target: Array, reduction: str = "mean"):
    value, (a, b) = losses.mse_loss.rule(input, target, reduction)
    return value / 2, (lambda g: a(g) / 2, lambda g: b(g) / 2)


@op
def mse_always_summed(input: Array, target: Array, reduction: str = "mean"):
    return losses.mse_loss.rule(input, target, "sum" if reduction == "mean" else reduction)


@op
def cross_entropy_mean_over_classes(
    input: Array, target: Labels, weight: Array | None = None, ignore_index: int = -100, reduction: str = "mean",
    label_smoothing: float = 0.0,
):  # fmt: skip
    value, (d,) = losses.cross_entropy.rule(input, target, weight, ignore_index, reduction, label_smoothing)
    classes = input.shape[1 if input.ndim > 1 else 0]
    return value / classes, (lambda g: d(g / classes),)


WRONG_DERIVATIVES = {
    "sub: sign of the second gradient": ("arithmetic.sub", with_vjps(arithmetic.sub, scaled(-1, 1))),
    "mul: gradients swapped": ("arithmetic.mul", mul_swapped),
    "div: 1/b for 1/b²": ("arithmetic.div", div_without_square),
    "sqrt: the factor 2 is missing": ("arithmetic.sqrt", with_vjps(arithmetic.sqrt, scaled(2))),
    "matmul: second gradient wrong": ("arithmetic.matmul", matmul_untransposed),
    "linear: bias gradient averaged": ("arithmetic.linear", with_vjps(arithmetic.linear, scaled(0.2, 2))),
    "mean: gradient of sum": ("arithmetic.mean", mean_gradient_of_sum),
    "getitem: repeats overwrite": ("arithmetic.getitem", getitem_without_adding),
    "relu: sign": ("activations.relu", with_vjps(activations.relu, scaled(-1))),
    "tanh: 1 - y for 1 - y²": ("activations.tanh", tanh_without_square),
    "softmax: diagonal of the Jacobian": ("activations.softmax", softmax_diagonal_only),
    "log_softmax: off by one in a million": (
        "activations.log_softmax",
        with_vjps(activations.log_softmax, scaled(1 + 4e-6)),
    ),
    "mse_loss: the 2 is missing": ("losses.mse_loss", with_vjps(losses.mse_loss, scaled(0.5))),
    "cross_entropy: sign": ("losses.cross_entropy", with_vjps(losses.cross_entropy, scaled(-1))),
    "huber_loss: target's gradient unsigned": ("losses.huber_loss", with_vjps(losses.huber_loss, scaled(-1, 1))),
}

WRONG_FORMULAS = {
    "sigmoid: of 2x": ("activations.sigmoid", sigmoid_of_2x),
    "gelu: tanh form for both": ("activations.gelu", gelu_always_tanh),
    "softmax: over everything": ("activations.softmax", softmax_over_everything),
    "mse_loss: half the square": ("losses.mse_loss", mse_of_half_the_square),
    "mse_loss: sum for mean": ("losses.mse_loss", mse_always_summed),
    "cross_entropy: mean over classes": ("losses.cross_entropy", cross_entropy_mean_over_classes),
}


def adam(eps_inside=False, correct=True, same_beta=False):
    """Return an Adam rule with one thing wrong."""

    def adam_update(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        c1, c2 = (1 - beta1**t, 1 - (beta1 if same_beta else beta2) ** t) if correct else (1, 1)
        root = np.sqrt(v / c2 + eps) if eps_inside else np.sqrt(v / c2) + eps
        return param - lr * (m / c1) / root, m, v

    return adam_update


def sgd_averaging(param, grad, velocity, lr, momentum=0.0, nesterov=False):
    velocity = momentum * velocity + (1 - momentum) * grad
    return param - lr * (grad + momentum * velocity if nesterov else velocity), velocity


def rmsprop_eps_inside(param, grad, square, lr, alpha=0.99, eps=1e-8):
    square = alpha * square + (1 - alpha) * grad * grad
    return param - lr * grad / np.sqrt(square + eps), square


def decay_as_penalty(self, param, grad, state, t):
    grad = grad + self.weight_decay * param
    return optim.adam_update(param, grad, *state, t, self.lr, *self.betas, self.eps)


# what to replace in course_lib.optim, and the specs whose proofs must notice
WRONG_OPTIMIZERS = {
    "Adam: eps inside the root": (
        "adam_update",
        adam(eps_inside=True),
        ("optim.adam_update", "optim.Adam", "optim.AdamW"),
    ),
    "Adam: no bias correction": (
        "adam_update",
        adam(correct=False),
        ("optim.adam_update", "optim.Adam", "optim.AdamW"),
    ),
    "Adam: β₁ corrects v": ("adam_update", adam(same_beta=True), ("optim.adam_update", "optim.Adam")),
    "SGD: the velocity averages gradients": ("sgd_update", sgd_averaging, ("optim.sgd_update", "optim.SGD")),
    "RMSprop: eps inside the root": ("rmsprop_update", rmsprop_eps_inside, ("optim.rmsprop_update", "optim.RMSprop")),
    "AdamW: decay added to the gradient": ("AdamW.rule", decay_as_penalty, ("optim.AdamW",)),
}
