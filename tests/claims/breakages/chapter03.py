"""Chapter 3: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

import numpy as np

from course_lib import activations, checkpoint, compression, conv, losses, metrics, nn, normalization, optim
from course_lib.autograd import Tensor
from course_lib.claims import as_printed
from course_lib.claims.experiments import chapter03_architecture as architecture
from course_lib.claims.experiments import chapter03_deployment as deployment
from course_lib.claims.experiments import chapter03_selection as selection
from course_lib.data import augment, preprocess, splitting
from course_lib.model_selection import k_fold
from course_lib.topics import bundle, char_lstm, serving
from course_lib.training import EarlyStopping, Trainer


def uphill(param, grad, velocity, lr, momentum=0.0, nesterov=False):
    return param + lr * grad, velocity


def still(param, grad, velocity, lr, momentum=0.0, nesterov=False):
    return param, velocity


def by_gradient(self, param, grad, state, t):
    """Adam without its division."""
    return param - self.lr * (grad + self.weight_decay * param), *state


def noisy(self, x):
    noise = np.random.default_rng().normal(size=(*x.shape[:-1], self.weight.shape[0]))
    return Tensor(noise)


def by_place(x, weight, bias=None, padding=0):
    """A layer that treats every place differently."""
    return x * np.arange(x.shape[-1])


def first_fold(n, k):
    return list(k_fold(n, k))[:1] * k


def shifted_scaler(path):
    state = real_load(path)
    state["scaler"]["mean"] = state["scaler"]["mean"] + 1
    return state


def three_epochs(self, epochs, progress=False):
    return real_run(self, 3)


def cubic(x, y, degree):
    return real_polyfit(x, y, 3)


def middle(input, target, **_):
    return (metrics.precision(input, target) + metrics.recall(input, target)) / 2


real_load, real_run, real_polyfit = checkpoint.load, Trainer.run, np.polynomial.polynomial.polyfit
nothing, same = (lambda *_, **__: None), (lambda x, *_, **__: x)
BREAKAGES = [
    # (the claim that must notice, where, what, becomes)
    ("S0-3.1.2-backprop-definition", optim.SGD, "step", nothing),
    ("S4-3.1-backprop-optimiser", optim.SGD, "step", nothing),
    ("S0-3.1-training-two-parts", optim.SGD, "step", nothing),
    ("S0-3.1.1-forward-steps", nn.Linear, "forward", noisy),
    ("S2-3.3-update", optim, "sgd_update", still),
    ("S4-3.1-structure", optim, "sgd_update", still),
    ("S4-3.2-init", activations, "sigmoid", lambda z: np.full(np.shape(z), 0.5)),
    ("S2-3.3-loss-choice", losses, "mse_loss", losses.l1_loss),
    ("S3-3.2-define", activations, "softmax", lambda z, dim=-1: np.exp(z)),
    ("S0-3.2.1-gd-direction", optim, "sgd_update", uphill),
    ("S4-3.1-gd", optim, "sgd_update", uphill),
    ("S1-3.4-optimisers", optim, "sgd_update", still),
    ("S0-3.2.2-adam-description", optim, "adam_update", as_printed.adam_update),
    ("S0-3.2.3-sgd", optim, "sgd_update", still),
    ("S2-3.3-batches", optim, "sgd_update", uphill),
    ("S4-3.2-lr-overfit", optim, "sgd_update", still),
    ("S1-3.1-layers", nn.TransformerEncoderLayer, "forward", lambda self, x, *_: x),
    ("S2-3.2-architectures", architecture, "causal_mask", lambda n: np.ones((n, n), bool)),
    ("S2-3.2-architectures", nn.TransformerEncoderLayer, "forward", lambda self, x, *_: x),
    ("S4-3.1-weight-sharing", conv, "conv2d", by_place),
    ("S2-3.1-normalisation", preprocess.StandardScaler, "_transform", lambda self, x: x),
    ("S2-3.1-cleaning", splitting, "random_split", lambda n, *_: (np.arange(n), np.arange(n))),
    ("S2-3.1-splitting", splitting, "stratified_split", lambda y, *_: np.array_split(np.arange(len(y)), 3)),
    ("S2-3.1-augmentation", augment, "shift", same),
    ("S2-3.1-augmentation", augment, "rotate", same),
    ("S1-3.3-validation-params", selection, "accuracy", lambda *_: 0.5),
    ("S2-3.4-adjust", selection, "accuracy", lambda *_: 0.5),
    ("S3-3.2-evaluate", selection, "_measured", lambda rng, worth: np.full(worth.shape, 0.7)),
    ("S1-3.3-best-on-train", np.polynomial.polynomial, "polyfit", cubic),
    ("S3-3.2-train-monitor", EarlyStopping, "on_epoch", nothing),
    ("S3-3.2-compile", Trainer, "run", three_epochs),
    ("S2-3.2-hyperparameters", selection, "_kernel_ridge", lambda: lambda width, penalty: 0.9),
    ("S2-3.4-cross-validation", selection, "k_fold", first_fold),
    ("S2-3.4-metrics", metrics, "f1", middle),
    ("S0-3.4-applications", metrics, "chrf", lambda *_: 50.0),
    ("S4-3.2-metrics", metrics, "f1", metrics.accuracy),
    ("S1-3.4-regularisation", optim, "sgd_update", still),
    ("S1-3.4-regularisation", optim.Adam, "rule", by_gradient),
    ("S3-3.1-regularisation", normalization, "dropout", same),
    ("S1-3.4-batchnorm", normalization, "layer_norm", lambda x, *_: x - x.mean(0)),
    ("S4-3.1-batchnorm", normalization, "batch_norm", same),
    ("S2-3.5-compression", compression, "stored_bytes", lambda state: 1000),
    ("S0-3.3.1-compression", compression, "apply_masks", lambda state, masks: state),
    ("S0-3.3.3-strategies", activations, "softmax", lambda z, dim=-1: np.exp(np.asarray(z))),
    ("S3-3.2-deploy-api", serving, "parse", lambda body, features: np.zeros((1, len(features)))),
    ("S4-3.2-save-load", checkpoint, "load", shifted_scaler),
    ("S0-3.3.2-environment", deployment, "_waiting", lambda load, mean=False: 0.5),
    ("S4-3.2-pseudocode", Trainer, "run", nothing),
    ("S1-3.5-steps", bundle, "data_hash", lambda *_: "0"),
    ("S1-3.6-code", char_lstm, "train", nothing),
    ("S1-3.6-text-generation-claim", char_lstm, "generate", lambda *_: "?"),
]
