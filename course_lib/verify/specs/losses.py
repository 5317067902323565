"""Losses between equally shaped arrays; those over classes are in `classes`."""

import numpy as np

from course_lib import activations
from course_lib import losses as ours
from course_lib.verify.sampling import arrays, both, case, close, edge, floats, holds, normal, off, seeds, uniform
from course_lib.verify.spec import Spec
from course_lib.verify.tools import torch

F = torch.nn.functional
REDUCTIONS = ("mean", "sum", "none")
SHAPES = ((), (1,), (5,), (3, 4), (2, 1, 3))


def around(*kinks, scale=2.0, **options):
    """Input and target whose difference keeps off the kinks."""

    def cases(rng):
        for reduction in REDUCTIONS:
            for shape in SHAPES:
                target = normal(rng, shape)
                yield case(target + off(normal(rng, shape, scale), *kinks), target, reduction=reduction, **options)

    return cases


def difference_edges(rng):
    for reduction in REDUCTIONS:
        yield edge("empty", np.zeros((0, 2)), np.zeros((0, 2)), reduction=reduction)
    yield edge("equal", np.array([1.0, -1e4, 0.0]), np.array([1.0, -1e4, 0.0]))
    yield edge("|d| = 1", np.array([1.0, -1.0, 2.0]), np.array([0.0, 0.0, 3.0]))
    yield edge("±1e4", np.array([-1e4, 1e4]), np.array([1e4, 0.0]))
    yield edge("NaN", np.array([np.nan, 1.0]), np.array([0.0, 0.0]), reduction="none")
    yield edge("±∞", np.array([-np.inf, np.inf]), np.array([0.0, 0.0]), reduction="none")


def probabilities(rng):
    for reduction in REDUCTIONS:
        for shape in SHAPES:
            yield case(uniform(rng, 0.05, 0.95, shape), uniform(rng, 0, 1, shape), reduction=reduction)
    yield case(uniform(rng, 0.05, 0.95, (3, 4)), uniform(rng, 0, 1, (3, 4)), weight=uniform(rng, 0, 2, (4,)))


def probability_edges(rng):
    yield edge("empty", np.zeros((0,)), np.zeros((0,)))
    yield edge(
        "0 and 1", np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0]),
        differs="the target's gradient is cut like the loss; PyTorch's is infinite",
        answer=(50.0, [0, 0, -2.5e11, 2.5e11], [25, -25, 25, -25]),
    )  # fmt: skip
    yield edge(
        "NaN", np.array([np.nan, 0.5]), np.array([1.0, 0.0]), reduction="none",
        differs="goes through; PyTorch raises", answer=([np.nan, np.log(2)], [np.nan, 2], [np.nan, 0]),
    )  # fmt: skip


def logits(rng):
    for reduction in REDUCTIONS:
        for shape in SHAPES:
            yield case(normal(rng, shape, 3), uniform(rng, 0, 1, shape), reduction=reduction)
    weights = {"weight": uniform(rng, 0, 2, (3, 4)), "pos_weight": uniform(rng, 0, 3, (4,))}
    yield case(normal(rng, (3, 4), 3), uniform(rng, 0, 1, (3, 4)), **weights)


def logit_edges(rng):
    yield edge("empty", np.zeros((0,)), np.zeros((0,)))
    yield edge("0", np.zeros(3), np.array([0.0, 0.5, 1.0]))
    yield edge("±1e4", np.array([-1e4, -1e4, 1e4, 1e4]), np.array([0.0, 1.0, 0.0, 1.0]))
    yield edge("NaN", np.array([np.nan, 0.5]), np.array([1.0, 0.0]), reduction="none")


def distributions(rng):
    for reduction in (*REDUCTIONS, "batchmean"):
        for shape in ((1,), (5,), (3, 4), (2, 1, 3)):
            p, q = (np.abs(normal(rng, shape)) + 0.1 for _ in range(2))
            yield case(np.log(p), target=q, reduction=reduction)
            yield case(np.log(p), target=np.log(q), reduction=reduction, log_target=True)


def distribution_edges(rng):
    yield edge("empty", np.zeros((0, 2)), target=np.zeros((0, 2)), reduction="sum")
    yield edge("0 log 0", np.array([-1.0, -2.0]), target=np.array([0.0, 1.0]))
    yield edge("±1e4", np.array([-1e4, 0.0]), target=np.array([0.5, 0.5]))
    yield edge("NaN", np.array([np.nan, 0.0]), target=np.array([0.5, 0.5]), reduction="none")


@holds(rng=seeds())
def symmetric_and_0_only_where_equal(rng):
    x, y = rng.normal(size=(2, 3, 4))
    for f in (ours.mse_loss, ours.l1_loss, ours.huber_loss):
        assert f(x, y) == f(y, x) > 0
        assert f(x, x) == 0


@holds(x=arrays(), c=floats())
def scales_with_the_square(x, c):
    assert close(ours.mse_loss(c * x, 0 * x, "sum"), c * c * ours.mse_loss(x, 0 * x, "sum"))


@holds(rng=seeds())
def least_at_the_mean(rng):
    x, c = rng.normal(size=20), rng.normal()
    centre = np.full(20, x.mean())
    assert close(ours.mse_loss(centre + c, x), ours.mse_loss(centre, x) + c * c)


@holds(rng=seeds())
def least_at_the_median(rng):
    x, c = rng.normal(size=21), rng.normal()
    assert ours.l1_loss(np.full(21, np.median(x)), x) <= ours.l1_loss(np.full(21, np.median(x) + c), x)


@holds(rng=seeds())
def triangle_inequality(rng):
    x, y, z = rng.normal(size=(3, 10))
    assert ours.l1_loss(x, z) <= ours.l1_loss(x, y) + ours.l1_loss(y, z) + 1e-12


@holds(x=arrays(), delta=floats(0.1, 20))
def half_the_square_near_0_and_delta_times_l1_less_a_constant_beyond(x, delta):
    zero = 0 * x
    near = np.abs(x) <= delta
    loss = ours.huber_loss(x, zero, "none", delta)
    assert close(loss[near], ours.mse_loss(x, zero, "none")[near] / 2)
    assert close(loss[~near], (delta * ours.l1_loss(x, zero, "none") - delta**2 / 2)[~near])


@holds(x=arrays(), delta=floats(0.1, 5))
def lies_below_half_the_square_and_below_delta_times_l1(x, delta):
    loss = ours.huber_loss(x, 0 * x, "none", delta)
    assert (loss <= x * x / 2 + 1e-12).all()
    assert (loss <= delta * np.abs(x) + 1e-12).all()


@holds(p=arrays(0.01, 0.99))
def swapping_the_classes_changes_nothing(p):
    y = (p > 0.3).astype(float)
    assert close(ours.binary_cross_entropy(p, y), ours.binary_cross_entropy(1 - p, 1 - y))
    z = np.log(p / (1 - p))
    f = ours.binary_cross_entropy_with_logits
    assert close(f(z, y), f(-z, 1 - y))


@holds(rng=seeds())
def least_where_input_equals_target(rng):
    p, q = rng.uniform(0.01, 0.99, (2, 10))
    assert (
        ours.binary_cross_entropy(p, q, reduction="none") >= ours.binary_cross_entropy(q, q, reduction="none")
    ).all()


@holds(z=arrays(-20, 20))
def is_binary_cross_entropy_of_the_sigmoid(z):
    y = (z > 1).astype(float)
    f = ours.binary_cross_entropy_with_logits(z, y)
    assert close(f, ours.binary_cross_entropy(activations.sigmoid(z), y), 1e-7)  # sigmoid has rounded 1 - p


@holds(z=arrays(-1e4, 1e4))
def of_target_1_is_softplus_of_minus_the_logit(z):
    f = ours.binary_cross_entropy_with_logits(z, np.ones_like(z), reduction="none")
    assert close(f, activations.softplus(-z, threshold=np.inf))


@holds(rng=seeds())
def at_least_0_and_0_only_for_equal_distributions(rng):
    p, q = rng.dirichlet(np.ones(4), size=(2, 3))
    assert ours.kl_div(np.log(p), q, "sum") > 0
    assert close(ours.kl_div(np.log(q), q, "sum"), 0)


@holds(rng=seeds())
def is_cross_entropy_less_entropy(rng):
    z, q = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(4), size=3)
    entropy = -(q * np.log(q)).sum()
    cross = ours.cross_entropy(z, q, reduction="sum")
    assert close(ours.kl_div(activations.log_softmax(z), q, "sum"), cross - entropy)


def _symmetric(name, cases, *properties, edges=difference_edges):
    twin = getattr(F, name)
    return Spec(f"losses.{name}", cases, twin, edges=edges, properties=(symmetric_and_0_only_where_equal, *properties))


SPECS = (
    _symmetric("mse_loss", around(), scales_with_the_square, least_at_the_mean),
    _symmetric("l1_loss", around(0.0), least_at_the_median, triangle_inequality),
    _symmetric(
        "huber_loss",
        both(around(-1.0, 1.0), around(-0.7, 0.7, scale=3.0, delta=0.7)),
        half_the_square_near_0_and_delta_times_l1_less_a_constant_beyond,
        lies_below_half_the_square_and_below_delta_times_l1,
    ),
    Spec(
        "losses.binary_cross_entropy", probabilities, F.binary_cross_entropy, edges=probability_edges,
        properties=(swapping_the_classes_changes_nothing, least_where_input_equals_target),
        h=1e-4,  # the logarithm bends quickly near 0
    ),
    Spec(
        "losses.binary_cross_entropy_with_logits", logits, F.binary_cross_entropy_with_logits, edges=logit_edges,
        properties=(
            is_binary_cross_entropy_of_the_sigmoid, of_target_1_is_softplus_of_minus_the_logit,
            swapping_the_classes_changes_nothing,
        ),
    ),
    Spec(
        "losses.kl_div", distributions, F.kl_div, edges=distribution_edges,
        properties=(at_least_0_and_0_only_for_equal_distributions, is_cross_entropy_less_entropy),
    ),
)  # fmt: skip
