"""Chapter 7: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

import numpy as np

from course_lib import normalization, optim
from course_lib.claims import references
from course_lib.claims.experiments import chapter07_citations as citations
from course_lib.claims.experiments import chapter07_dropout as dropout
from course_lib.claims.experiments import chapter07_tools as tools
from course_lib.topics import classics, debugging, notebook_text, repeatable


def no_difference(reference, work):
    return []


def wrong_author(reference, work):
    return ["authors"]


def nothing_on_the_tape(loss):
    return []


def scale_alone(x, *args, **kwargs):
    """Dropout that drops nothing."""
    return x


def all_the_same(sources, order):
    return {"x": 2, "y": 20}


def silent(function, commands, *args):
    return ["", "", "", ""]


def still(param, grad, velocity, lr, momentum=0.0, nesterov=False):
    return param, velocity


def no_decay(degree, sets=200, n=30, noise=0.3):
    """Variance is left out."""
    bias, _, noise, error = real_bias_variance(degree)
    return bias, 0.0, noise, error


def forgotten(*args, **kwargs):
    log, first, names, _ = real_repository()
    return log, first, names, []


def plain_runs():
    """Both columns without dropout."""
    runs = np.ones((3, 2, 2))
    runs[:, :, 0] = 0.01
    return runs


real_bias_variance, real_repository = classics.bias_variance, tools._repository
BREAKAGES = [
    # (the claim that must notice, where, what, becomes)
    ("S0-7-book-deep-learning", references, "differences", wrong_author),
    ("S0-7.3-goldberg", references, "differences", no_difference),
    ("S3-7-bengio-2009", references, "differences", no_difference),
    ("S4-7-visual-recognition-paper", references, "nearest", lambda title: (1.0, "lepikhin-2021")),
    ("S4-7-visual-recognition-paper", references, "nearest", lambda title: (0.0, "lepikhin-2021")),
    ("S0-7-site-tensorflow", citations, "_host", lambda address: None),
    ("S3-7-sites", citations, "_host", lambda address: None),
    ("S4-7-ml-blog-link", citations, "_host", lambda address: "www.machinelearning.org"),
    ("S2-7-aitia", citations, "_host", lambda address: "one.example"),
    ("S0-7-lightning", optim, "sgd_update", still),
    ("S0-7-data-tools", tools, "close", lambda a, b, digits: False),
    ("S1-7-git", repeatable, "blob_id", lambda content: "0" * 40),
    ("S0-7-git-github", tools, "_repository", forgotten),
    ("S2-7-jupyter-colab", notebook_text, "run_cells", all_the_same),
    ("S4-7-debug-tools", debugging, "ask_debugger", silent),
    ("S0-7-frameworks-graph", debugging, "operations", nothing_on_the_tape),
    ("S0-7-paper-gal", normalization, "variational_dropout", scale_alone),
    ("S2-7-gal", dropout, "_runs", plain_runs),
    ("S1-7-mlp-theory-paper", classics, "worst_error", lambda width: 0.9),
    ("S3-7-perceptron-noise", classics, "mistakes", lambda x, y, epochs=100: [500] * 20),
    ("S4-7-bias-variance-paper", classics, "bias_variance", no_decay),
    ("S4-7-small-deformations-paper", classics, "shift_scores", lambda seed: (0.95, 0.94)),
]
