"""Normalisation and dropout."""

import numpy as np

from course_lib import normalization as ours
from course_lib.verify.sampling import case, close, edge, floats, holds, normal, seeds, uniform
from course_lib.verify.spec import Spec
from course_lib.verify.tools import torch

F = torch.nn.functional
SHAPES = ((5, 3), (4, 3, 6), (2, 3, 4, 5), (2, 3, 2, 1, 2))


def batch_cases(rng):
    for shape in SHAPES:
        for training in (True, False):
            running = {"running_mean": normal(rng, (3,)), "running_var": uniform(rng, 0.5, 2, (3,))}
            x, w, b = normal(rng, shape, 2) + 1, normal(rng, (3,)), normal(rng, (3,))
            yield case(x, w, b, training=training, eps=1e-3, **running)
            yield case(x, training=training, momentum=0.7, **running)
        yield case(normal(rng, shape), normal(rng, (3,)), training=True)


def our_batch_norm(x, weight=None, bias=None, running_mean=None, running_var=None, **options):
    """Run `batch_norm` with copies of the running statistics."""
    copies = (None if r is None else r.copy() for r in (running_mean, running_var))
    return ours.batch_norm(x, *copies, weight, bias, **options)


def torch_batch_norm(x, weight=None, bias=None, running_mean=None, running_var=None, **options):
    """Run PyTorch's; its tensors are copies already."""
    return F.batch_norm(x, running_mean, running_var, weight, bias, **options)


def batch_edges(rng):
    yield edge("0", np.zeros((3, 2)), training=True)
    yield edge("equal", np.full((4, 1), 8.0), np.ones(1), np.ones(1), training=True)
    yield edge("±1e4", np.array([[1e4, 1.0], [-1e4, 2.0]]), training=True)
    yield edge("NaN", np.array([[np.nan, 1.0], [0.0, 2.0]]), training=True)
    yield edge(
        "empty", np.zeros((0, 2)), running_mean=np.ones(2), running_var=np.ones(2), training=False,
    )  # fmt: skip


def sample_cases(*names):
    """Every trailing shape of every input, with and without the parameters."""

    def cases(rng):
        for shape in (*SHAPES, (4,)):
            for k in range(1, len(shape) + 1):
                parameters = {name: normal(rng, shape[-k:]) for name in names}
                yield case(normal(rng, shape, 2) + 1, *parameters.values(), normalized_shape=shape[-k:], eps=1e-3)
            yield case(normal(rng, shape), normalized_shape=shape[-1:])

    return cases


def sample_edges(rng):
    yield edge("empty", np.zeros((0, 3)), normalized_shape=(3,))
    yield edge("0", np.zeros((2, 3)), normalized_shape=(3,))
    yield edge("equal", np.full((2, 3), 7.0), normalized_shape=(3,))
    yield edge("±1e4", np.array([[1e4, -1e4, 0.0]]), normalized_shape=(3,))
    yield edge("NaN", np.array([[np.nan, 1.0], [1.0, 2.0]]), normalized_shape=(2,))


def by_name(function):
    """Call it with weight and bias by position after the input."""

    def call(x, *parameters, normalized_shape, **options):
        return function(x, normalized_shape, *parameters, **options)

    return call


def drop_cases(rng):
    for shape in ((6,), (4, 5), (3, 2, 4)):
        for p in (0.0, 0.3, 0.9, 1.0):
            yield case(normal(rng, shape), p=p, seed=int(rng.integers(99)))
        yield case(normal(rng, shape), p=0.5, seed=0, training=False)


def variational_cases(rng):
    for p in (0.0, 0.3, 1.0):
        for batch_first in (False, True):
            yield case(normal(rng, (4, 3, 5)), p=p, seed=int(rng.integers(99)), batch_first=batch_first)
    yield case(normal(rng, (4, 3, 5)), p=0.5, seed=0, training=False)


def drop_edges(**options):
    """No samples, large values, nan."""

    def edges(rng):
        yield edge("empty", np.zeros((0, 2, 3)), p=0.5, seed=0, **options)
        yield edge("±1e4", np.full((2, 2, 3), 1e4), p=0.5, seed=0, **options)
        yield edge("NaN", np.full((2, 2, 3), np.nan), p=0.5, seed=0, **options)

    return edges


def our_drop(function):
    """Draw the mask from a seed."""

    def call(x, seed, p=0.5, training=True, **options):
        return function(x, p, training, rng=np.random.default_rng(seed), **options)

    return call


def torch_drop(x, seed, p=0.5, training=True, batch_first=None):
    """PyTorch draws other masks: the same product, with the mask that our generator gives."""
    if not training:
        return F.dropout(x, p, False) * 1
    shape = list(x.shape)
    if batch_first is not None:
        shape[1 if batch_first else 0] = 1
    kept = np.random.default_rng(seed).random(shape, np.float32) >= p
    return x * torch.tensor(kept, dtype=x.dtype) / max(1 - p, 1e-9)


@holds(rng=seeds())
def result_has_mean_0_and_variance_1(rng):
    x = rng.normal(3, 5, (6, 4, 3))
    for y, axes in ((our_batch_norm(x, training=True, eps=0.0), (0, 2)), (ours.layer_norm(x, (4, 3), eps=0.0), (1, 2))):
        assert close(y.mean(axes), np.zeros_like(y.mean(axes)))
        assert close(y.var(axes), np.ones_like(y.var(axes)))


@holds(rng=seeds(), a=floats(0.1, 10), b=floats())
def forgets_scale_and_shift_of_its_input(rng, a, b):
    x = rng.normal(size=(6, 4))
    assert close(our_batch_norm(a * x + b, training=True, eps=0.0), our_batch_norm(x, training=True, eps=0.0), 1e-9)
    assert close(ours.layer_norm(a * x + b, 4, eps=0.0), ours.layer_norm(x, 4, eps=0.0), 1e-9)


@holds(rng=seeds())
def running_statistics_are_pytorchs(rng):
    running, theirs = (np.zeros(3), np.ones(3)), (torch.zeros(3).double(), torch.ones(3).double())
    for _ in range(5):
        x = rng.normal(2, 3, (4, 3, 2))
        ours.batch_norm(x, *running, training=True, momentum=0.2)
        F.batch_norm(torch.tensor(x), *theirs, training=True, momentum=0.2)
    assert all(close(a, b.numpy()) for a, b in zip(running, theirs, strict=True))


@holds(rng=seeds())
def evaluation_treats_each_sample_alone_and_changes_nothing(rng):
    x, mean, var = rng.normal(size=(6, 3)), rng.normal(size=3), rng.uniform(0.5, 2, 3)
    before = mean.copy(), var.copy()
    assert np.array_equal(ours.batch_norm(x, mean, var)[:2], ours.batch_norm(x[:2], mean, var))
    assert np.array_equal((mean, var), before)


@holds(rng=seeds())
def needs_no_batch(rng):
    x = rng.normal(size=(6, 4))
    assert np.array_equal(ours.layer_norm(x, 4)[2], ours.layer_norm(x[2], 4))


@holds(rng=seeds(), a=floats(0.1, 10))
def result_has_root_mean_square_1_whatever_the_scale(rng, a):
    x = rng.normal(3, 2, (6, 4))
    assert close(np.square(ours.rms_norm(a * x, 4, eps=0.0)).mean(-1), np.ones(6))
    assert close(ours.rms_norm(a * x, 4, eps=0.0), ours.rms_norm(x, 4, eps=0.0))


@holds(rng=seeds())
def is_layer_norm_where_the_mean_is_0(rng):
    x = rng.normal(size=(6, 4))
    x -= x.mean(-1, keepdims=True)
    assert close(ours.rms_norm(x, 4, eps=1e-5), ours.layer_norm(x, 4))


@holds(rng=seeds(), p=floats(0.05, 0.95), examples=10)
def expectation_is_the_input(rng, p):
    for drop in (ours.dropout, ours.variational_dropout):
        y = drop(np.ones((1, 200, 200)), p, rng=rng)
        assert abs(y.mean() - 1) < 6 * np.sqrt(p / (1 - p) / y.size)  # six standard errors


@holds(rng=seeds(), p=floats(0.05, 0.95))
def an_element_is_0_or_grows_by_1_over_1_less_p(rng, p):
    x = rng.uniform(1, 2, (3, 4, 5))
    for drop in (ours.dropout, ours.variational_dropout):
        ratio = drop(x, p, rng=rng) / x
        assert np.all((ratio == 0) | (np.abs(ratio - 1 / (1 - p)) < 1e-12 / (1 - p)))


@holds(rng=seeds(), p=floats(0, 1))
def evaluation_is_the_identity(rng, p):
    x = rng.normal(size=(3, 4, 5))
    assert np.array_equal(ours.dropout(x, p, training=False), x)
    assert np.array_equal(ours.variational_dropout(x, p, training=False), x)


@holds(rng=seeds(), batch_first=...)
def every_time_step_has_the_same_mask(rng, batch_first: bool):
    y = ours.variational_dropout(np.ones((6, 5, 4)), 0.5, batch_first=batch_first, rng=rng)
    steps = y.swapaxes(0, 1) if batch_first else y
    assert np.array_equal(steps, np.broadcast_to(steps[:1], steps.shape))


SPECS = (
    Spec(
        "normalization.batch_norm", batch_cases, torch_batch_norm, our_batch_norm, batch_edges,
        (result_has_mean_0_and_variance_1, forgets_scale_and_shift_of_its_input, running_statistics_are_pytorchs,
         evaluation_treats_each_sample_alone_and_changes_nothing),
    ),
    Spec(
        "normalization.layer_norm", sample_cases("weight", "bias"), by_name(F.layer_norm), by_name(ours.layer_norm),
        sample_edges, (result_has_mean_0_and_variance_1, forgets_scale_and_shift_of_its_input, needs_no_batch),
        float32=1e-4,  # x - μ cancels where the numbers of a sample nearly agree
    ),
    Spec(
        "normalization.rms_norm", sample_cases("weight"), by_name(F.rms_norm), by_name(ours.rms_norm), sample_edges,
        (result_has_root_mean_square_1_whatever_the_scale, is_layer_norm_where_the_mean_is_0),
    ),
    Spec(
        "normalization.dropout", drop_cases, torch_drop, our_drop(ours.dropout), drop_edges(),
        (expectation_is_the_input, an_element_is_0_or_grows_by_1_over_1_less_p, evaluation_is_the_identity),
    ),
    Spec(
        "normalization.variational_dropout", variational_cases, torch_drop, our_drop(ours.variational_dropout),
        drop_edges(batch_first=False),
        (expectation_is_the_input, every_time_step_has_the_same_mask, evaluation_is_the_identity),
    ),
)  # fmt: skip
