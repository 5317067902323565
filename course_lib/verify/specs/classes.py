"""Losses over classes."""

import numpy as np

from course_lib import activations
from course_lib import losses as ours
from course_lib.verify.sampling import case, close, edge, floats, holds, normal, seeds
from course_lib.verify.spec import Spec
from course_lib.verify.tools import torch

F = torch.nn.functional
SHAPES = ((4,), (1, 3), (5, 4), (5, 1), (2, 3, 4), (2, 4, 1, 3))  # the class axis is the second, or the only one


def hard(rng, shape):
    """Class indices for scores of a shape."""
    classes = shape[0] if len(shape) == 1 else shape[1]
    return rng.integers(0, classes, () if len(shape) == 1 else (shape[0], *shape[2:])), classes


def indices(rng):
    for shape in SHAPES:
        target, classes = hard(rng, shape)
        weight = rng.uniform(0.1, 2, classes)
        for options in ({}, {"weight": weight}):
            for reduction in ("mean", "sum", "none"):
                yield case(normal(rng, shape, 3), target=target, reduction=reduction, **options)


def ignoring(rng):
    for ignored in (-100, 0, 1):
        target = np.array([1, ignored, 0, 2, 1])
        for weight in (None, rng.uniform(0.1, 2, 3)):
            yield case(normal(rng, (5, 3)), target=target, ignore_index=ignored, weight=weight)


def smoothed(rng):
    for options in indices(rng):
        yield options._replace(options=options.options | {"label_smoothing": 0.2})
    for options in ignoring(rng):
        yield options._replace(options=options.options | {"label_smoothing": 0.3})


def soft(rng):
    for shape in SHAPES:
        axis = 0 if len(shape) == 1 else 1
        weight = rng.uniform(0.1, 2, shape[axis])
        for options in ({}, {"label_smoothing": 0.1}, {"weight": weight}, {"weight": weight, "label_smoothing": 0.1}):
            for reduction in ("mean", "sum", "none"):
                q = rng.uniform(0.1, 1, shape)
                target = q / q.sum(axis, keepdims=True)
                yield case(normal(rng, shape, 3), target=target, reduction=reduction, **options)


def edges(rng):
    yield edge("empty", np.zeros((0, 3)), target=np.zeros(0, int))
    yield edge("empty", np.zeros((0, 3)), target=np.zeros(0, int), reduction="sum")
    yield edge("all ignored", np.zeros((2, 3)), target=np.array([-100, -100]))
    yield edge("0", np.zeros((2, 3)), target=np.array([0, 2]))
    yield edge("±1e4", np.array([[-1e4, 0, 1e4], [-1e4, 0, 1e4]]), target=np.array([0, 2]))
    yield edge("NaN", np.array([[np.nan, 0.0], [1.0, 0.0]]), target=np.array([0, 1]), reduction="none")


def soft_edges(rng):
    yield from edges(rng)
    yield edge("±1e4", np.array([[-1e4, 0, 1e4]]), target=np.array([[0.5, 0.5, 0.0]]))
    yield edge("±1e4", np.array([[-1e4, 0, 1e4]]), target=np.array([2]), label_smoothing=0.1)


def all_cases(rng):
    for sampler in (indices, ignoring, smoothed, soft):
        yield from sampler(rng)


def log_cases(rng):
    for sampler in (indices, ignoring):
        yield from sampler(rng)


@holds(rng=seeds())
def is_nll_loss_of_log_softmax(rng):
    z, y = rng.normal(size=(5, 4)) * 3, rng.integers(0, 4, 5)
    assert close(ours.cross_entropy(z, y), ours.nll_loss(activations.log_softmax(z), y))


@holds(rng=seeds())
def indices_and_one_hot_rows_agree(rng):
    z, y = rng.normal(size=(5, 4)) * 3, rng.integers(0, 4, 5)
    assert close(ours.cross_entropy(z, y), ours.cross_entropy(z, np.eye(4)[y]))


@holds(rng=seeds(), epsilon=floats(0, 1))
def linear_in_the_label_smoothing(rng, epsilon):
    z, y = rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    at = lambda e: ours.cross_entropy(z, y, label_smoothing=e)  # noqa: E731
    assert close(at(epsilon), (1 - epsilon) * at(0.0) + epsilon * at(1.0))


@holds(rng=seeds(), c=floats(-50, 50))
def adding_a_constant_to_the_logits_changes_nothing(rng, c):
    z, y = rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    assert close(ours.cross_entropy(z + c, y), ours.cross_entropy(z, y))


@holds(rng=seeds())
def equal_logits_cost_the_logarithm_of_the_number_of_classes(rng):
    classes = int(rng.integers(1, 9))
    z, y = np.full((3, classes), rng.normal()), rng.integers(0, classes, 3)
    assert close(ours.cross_entropy(z, y), np.log(classes))


@holds(rng=seeds())
def at_least_the_entropy_of_the_target(rng):
    z, q = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(4), size=3)
    assert ours.cross_entropy(z, q, reduction="sum") >= -(q * np.log(q)).sum() - 1e-12


@holds(rng=seeds())
def picks_the_target_column(rng):
    log_p, y = rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    assert np.array_equal(ours.nll_loss(log_p, y, reduction="none"), -log_p[np.arange(5), y])


@holds(rng=seeds())
def weight_of_a_class_is_as_good_as_repeating_its_samples(rng):
    z, y = rng.normal(size=(6, 3)), np.array([0, 1, 2, 2, 1, 2])
    for f in (ours.nll_loss, ours.cross_entropy):
        repeated = np.repeat(np.arange(6), np.where(y == 2, 3, 1))
        assert close(f(z, y, weight=np.array([1.0, 1, 3])), f(z[repeated], y[repeated]))


SPECS = (
    Spec(
        "losses.cross_entropy", all_cases, F.cross_entropy, edges=soft_edges,
        properties=(
            is_nll_loss_of_log_softmax, indices_and_one_hot_rows_agree, linear_in_the_label_smoothing,
            adding_a_constant_to_the_logits_changes_nothing, at_least_the_entropy_of_the_target,
            equal_logits_cost_the_logarithm_of_the_number_of_classes,
            weight_of_a_class_is_as_good_as_repeating_its_samples,
        ),
    ),
    Spec(
        "losses.nll_loss", log_cases, F.nll_loss, edges=edges,
        properties=(picks_the_target_column, weight_of_a_class_is_as_good_as_repeating_its_samples),
    ),
)  # fmt: skip
