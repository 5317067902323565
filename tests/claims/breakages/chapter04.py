"""Chapter 4: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

import numpy as np

from course_lib import activations, arithmetic, conv, losses, nn, optim, pooling
from course_lib.autograd import Tensor
from course_lib.claims import as_printed
from course_lib.claims.experiments import chapter04_logistic as logistic
from course_lib.op import Array, op

# The library's function becomes what an article printed, or is plainly wrong.


@op
def one_by_one(input: Array, weight: Array):
    """S0's convolution: no neighbour, here with the kernel's first weight, cut to the valid size."""
    return input[:, :, :-1, :-1] * weight[0, 0, 0, 0], (lambda g: g, lambda g: g)


@op
def mean_over_labels(input: Array, target: Array, reduction: str = "mean"):
    """S4's cross-entropy in place of the binary one."""
    return np.asarray(as_printed.cross_entropy_mean(input, target)), (lambda g: g, lambda g: g)


@op
def half_sum(input: Array, target: Array, reduction: str = "mean"):
    """S1's loss in place of the mean."""
    d = input - target
    return np.asarray(0.5 * np.sum(d * d)), (lambda g: g * d, lambda g: -g * d)


@op
def doubled_relu(x: Array):
    """The right value, with the slope counted twice where it is a half."""
    return np.maximum(x, 0), (lambda g: 0.5 * g * (x > 0),)


@op
def steep_sigmoid(x: Array):
    """Without the slope in its derivative."""
    s = 1 / (1 + np.exp(-np.clip(x, -700, 700)))
    return s, (lambda g: g,)


@op
def identity(x: Array):
    return x, (lambda g: g,)


@op
def shifted_sigmoid(x: Array):
    """One too far to the right."""
    s = 1 / (1 + np.exp(1 - x))
    return s, (lambda g: g * s * (1 - s),)


@op
def no_bias(x: Array, weight: Array, bias: Array | None = None):
    return x @ weight.T, (lambda g: g @ weight, lambda g: np.zeros_like(weight), lambda g: np.zeros_like(bias))


@op
def plain_exp(x: Array, dim: int = -1):
    return np.exp(x), (lambda g: g * np.exp(x),)


@op
def transposed(x: Array, weight: Array, bias: Array | None = None):
    """A weight gradient as in S3, laid out the other way round."""
    rows = lambda a: a.reshape(-1, a.shape[-1])  # noqa: E731
    y = x @ weight.T + (0 if bias is None else bias)
    return y, (lambda g: g @ weight, lambda g: (rows(x).T @ rows(g)).reshape(weight.shape), lambda g: rows(g).sum(0))


def uphill(param, grad, velocity, lr, momentum=0.0, nesterov=False):
    return param + lr * grad, velocity


def still(param, grad, velocity, lr, momentum=0.0, nesterov=False):
    return param, velocity


def mean_cross_entropy(input, target, reduction="mean"):
    value = as_printed.cross_entropy_sum(np.exp(np.asarray(input)), np.eye(np.shape(input)[-1])[target])
    return Tensor(np.asarray(value)) if isinstance(input, Tensor) else np.asarray(value) / np.size(input)


def backwards(p, y, reduction="mean"):
    return -real_cross_entropy(p, y, reduction=reduction)


def right_forward(net=as_printed.NETWORK_342):
    found = real_forward(net)
    found.a2 = activations.softmax(found.z2)
    return found


real_cross_entropy, real_forward = losses.cross_entropy, as_printed.network_forward
AFFINE = np.array([0.0, 0, 1, 1])
BREAKAGES = [
    # (the claim that must notice, where, what, becomes)
    ("S0-4.3.2-adam-moments", optim, "adam_update", as_printed.adam_update),
    ("S0-4.3.2-adam-moments", as_printed, "adam_update", optim.adam_update),
    ("S0-4.3.2-adam-moment-names", optim, "adam_update", as_printed.adam_update),
    ("S1-4.1-adam-heritage", optim, "adam_update", as_printed.adam_update),
    ("S0-4.4.2-convolution", conv, "conv2d", one_by_one),
    ("S0-4.4.2-pooling", pooling, "max_pool2d", pooling.avg_pool2d),
    ("S4-4.1-cross-entropy", losses, "binary_cross_entropy", mean_over_labels),
    ("S2-4.1.3-log-loss", losses, "binary_cross_entropy", mean_over_labels),
    ("S0-4.2.1-cross-entropy", losses, "cross_entropy", mean_cross_entropy),
    ("S4-4.2-ce-small-error", losses, "cross_entropy", backwards),
    ("S2-4.1.1-mse", losses, "mse_loss", half_sum),
    ("S4-4.1-mse", losses, "mse_loss", half_sum),
    ("S0-4.4.1-linear-regression", losses, "mse_loss", half_sum),
    ("S3-4.1-delta", activations, "sigmoid", steep_sigmoid),
    ("S3-4.1-sigmoid", activations, "sigmoid", steep_sigmoid),
    ("S4-4.2-tanh-identity", activations, "tanh", identity),
    ("S3-4.1-tanh", activations, "tanh", activations.sigmoid),
    ("S0-4.1.1-relu", activations, "relu", doubled_relu),
    ("S3-4.1-relu", activations, "relu", activations.tanh),
    ("S0-4.2.2-chain-rule", activations, "relu", doubled_relu),
    ("S3-4.2-relu-output", activations, "softmax", plain_exp),
    ("S3-4.2-relu-output", as_printed, "network_forward", right_forward),
    ("S3-4.2-w2-update", arithmetic, "linear", transposed),
    ("S3-4.2-w1-update", arithmetic, "linear", transposed),
    ("S3-4.2-w1-update", as_printed, "weight_update", lambda w, a, d, lr: w - lr * np.outer(d, a)),
    ("S3-4.2-bias-updates", optim, "sgd_update", uphill),
    ("S3-4.1-backprop-desc", optim, "sgd_update", still),
    ("S1-4.2-gd", optim, "sgd_update", uphill),
    ("S0-4.3.1-gd-formula", as_printed, "gd_update_english", lambda w, c, lr: w - lr * c * w),
    ("S2-4.3.2-mcmc", optim, "sgd_update", still),
    ("S1-4.3-logreg-output", as_printed.LOGISTIC_REGRESSION, "predictions", AFFINE),
    ("S1-4.3-logreg-close-claim", as_printed.LOGISTIC_REGRESSION, "predictions", AFFINE),
    ("S1-4.3-ex-loss", as_printed.EXAMPLE_2X2, "loss", 0.27),
    ("S1-4.3-ex-update", as_printed.EXAMPLE_2X2, "W_new", np.array([[0.07, 0.18], [0.29, 0.38]])),
    ("S4-4.1-sgd-same", losses, "mse_loss", half_sum),
    ("S4-4.2-relu-properties", nn.Sigmoid, "parameters", lambda self: [1]),
    ("S1-4.1-activation-threshold", activations, "relu", identity),
    ("S1-4.2-layer", arithmetic, "linear", no_bias),
    ("S1-4.3-ex-forward", activations, "sigmoid", shifted_sigmoid),
    ("S1-4.2-forward-z", arithmetic, "linear", no_bias),
    ("S1-4.3-logreg-data", logistic, "Y", np.array([0.0, 1, 1, 0])),
    ("S1-4.3-logreg-two-layers", as_printed, "train_affine_mse", lambda *a: (np.zeros(2), 0.5)),
    ("S1-4.3-logreg-mse", activations, "sigmoid", shifted_sigmoid),
    ("S2-4.2.1-gradient", activations, "sigmoid", shifted_sigmoid),
    ("S2-4.4-binary-example", activations, "sigmoid", shifted_sigmoid),
    ("S3-4.1-forward", arithmetic, "linear", no_bias),
    ("S3-4.2-mlp-setup", nn.Sequential, "parameters", lambda self: []),
    ("S4-4.1-hidden", arithmetic, "linear", no_bias),
    ("S4-4.1-output", arithmetic, "linear", no_bias),
    ("S4-4.2-sigmoid", activations, "sigmoid", shifted_sigmoid),
    ("S0-4.1.2-weighted-sum", arithmetic, "linear", no_bias),
    ("S0-4.4.2-fully-connected", activations, "softmax", plain_exp),
    ("S1-4.1-components", activations, "softmax", plain_exp),
    ("S1-4.1-gd-most-used", optim, "sgd_update", uphill),
    ("S1-4.2-half-sse", losses, "mse_loss", half_sum),
    ("S1-4.3-ex-gradient", activations, "sigmoid", steep_sigmoid),
    ("S1-4.3-ex-classification", activations, "sigmoid", steep_sigmoid),
    ("S1-4.2-backprop-deltas", activations, "sigmoid", steep_sigmoid),
    ("S1-4.2-losses", losses, "cross_entropy", backwards),
    ("S2-4.1.2-cross-entropy", losses, "binary_cross_entropy", mean_over_labels),
    ("S2-4.2.2-update", optim, "sgd_update", uphill),
    ("S2-4.3.1-sgd", optim, "sgd_update", still),
    ("S2-4.3-accelerate", optim, "sgd_update", still),
    ("S3-4.2-forward", arithmetic, "linear", no_bias),
    ("S3-4.2-delta2", activations, "softmax", plain_exp),
    ("S3-4.2-delta1", activations, "relu", doubled_relu),
    ("S3-4.2-convergence", arithmetic, "linear", transposed),
    ("S4-4.2-sgd-drafts", optim, "sgd_update", uphill),
    ("S4-4.2-mse-large-error", losses, "mse_loss", losses.l1_loss),
    ("S4-4.3-example-loss", activations, "relu", activations.tanh),
    ("S4-4.3-example-sums", activations, "relu", identity),
]
