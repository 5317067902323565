"""Activation functions."""

import numpy as np

from course_lib import activations as ours
from course_lib.verify.sampling import arrays, both, case, close, edge, elementwise, extremes, floats, holds, normal
from course_lib.verify.spec import Spec
from course_lib.verify.tools import torch

F = torch.nn.functional
BIG = floats(50, 1e4)


@holds(x=arrays())
def idempotent(x):
    y = ours.relu(x)
    assert np.array_equal(ours.relu(y), y)


@holds(x=arrays(), c=floats(0, 100))
def scales_with_a_positive_factor(x, c):
    assert close(ours.relu(c * x), c * ours.relu(x))
    assert close(ours.leaky_relu(c * x), c * ours.leaky_relu(x))


@holds(x=arrays())
def relu_of_x_less_relu_of_minus_x_is_x(x):
    assert np.array_equal(ours.relu(x) - ours.relu(-x), x)


@holds(x=arrays(), slope=floats(0, 1))
def is_max_of_x_and_slope_times_x(x, slope):
    assert close(ours.leaky_relu(x, slope), np.maximum(x, slope * x))


@holds(x=arrays(), alpha=floats(0.1, 3))
def lies_above_minus_alpha_and_is_x_for_positive_x(x, alpha):
    y = ours.elu(x, alpha)
    assert (y >= -alpha).all()
    assert np.array_equal(y[x > 0], x[x > 0])


@holds(x=arrays(-500, 500))
def of_minus_x_is_1_less_of_x(x):
    assert close(ours.sigmoid(-x), 1 - ours.sigmoid(x), 1e-15)


@holds(x=arrays(-500, 500))
def stays_in_0_to_1(x):
    y = ours.sigmoid(x)
    assert ((y >= 0) & (y <= 1)).all()


@holds(x=arrays(-30, 30))
def equals_2_sigmoid_of_2x_less_1(x):
    assert close(ours.tanh(x), 2 * ours.sigmoid(2 * x) - 1, 1e-15)


@holds(x=arrays(-30, 30))
def is_odd(x):
    assert np.array_equal(ours.tanh(-x), -ours.tanh(x))


@holds(x=BIG)
def tends_to_x_above_and_to_0_below(x):
    for f in (ours.gelu, lambda z: ours.gelu(z, "tanh"), ours.silu):
        assert close(f(x), x, 1e-15)
        assert abs(f(-x)) < 1e-15


@holds(x=arrays())
def gelu_of_x_less_gelu_of_minus_x_is_x(x):
    assert close(ours.gelu(x) - ours.gelu(-x), x)


@holds(x=arrays())
def tanh_form_is_within_a_thousandth(x):
    assert np.abs(ours.gelu(x) - ours.gelu(x, "tanh")).max() < 1e-3


@holds(x=arrays())
def is_x_times_sigmoid(x):
    assert close(ours.silu(x), x * ours.sigmoid(x), 1e-15)


@holds(x=arrays(-1e4, 1e4))
def softplus_of_x_less_softplus_of_minus_x_is_x(x):
    assert close(ours.softplus(x, threshold=np.inf) - ours.softplus(-x, threshold=np.inf), x, 1e-15)


@holds(x=arrays(), beta=floats(0.5, 3))
def lies_above_relu_by_at_most_log_2_over_beta(x, beta):
    gap = ours.softplus(x, beta) - ours.relu(x)
    assert ((gap >= -1e-15) & (gap <= np.log(2) / beta + 1e-15)).all()


@holds(x=arrays(-1e4, 1e4))
def sums_to_1(x):
    p = ours.softmax(x)
    assert close(p.sum(-1), np.ones(x.shape[:-1]))
    assert (p >= 0).all()


@holds(x=arrays(), c=floats(-100, 100))
def adding_a_constant_changes_nothing(x, c):
    assert close(ours.softmax(x + c), ours.softmax(x))
    assert close(ours.log_softmax(x + c), ours.log_softmax(x), 1e-12)


@holds(x=arrays())
def is_the_logarithm_of_softmax(x):
    assert close(ours.log_softmax(x), np.log(ours.softmax(x)))


@holds(x=arrays())
def permuting_the_classes_permutes_the_result(x):
    assert close(ours.softmax(x[..., ::-1]), ours.softmax(x)[..., ::-1], 1e-15)


@holds(x=arrays(-3, 3, max_dims=2))
def is_the_gradient_of_log_sum_exp(x):
    shifted = ours.log_softmax(x)  # x - logsumexp(x)
    assert close(np.exp(shifted).sum(-1), np.ones(x.shape[:-1]))
    assert close(x - shifted, np.broadcast_to(np.log(np.exp(x).sum(-1, keepdims=True)), x.shape))


def over_an_axis(rng):
    """Every axis, counted from either end."""
    for shape in ((4,), (1,), (3, 4), (4, 1), (2, 3, 4)):
        for dim in range(-len(shape), len(shape)):
            yield case(normal(rng, shape, 3), dim=dim)


def axis_edges(rng):
    yield edge("empty", np.zeros((0, 3)), dim=-1)
    yield edge("no classes", np.zeros((2, 0)), dim=1)
    yield edge("equal", np.zeros((2, 3)), dim=-1)
    yield edge("±1e4", np.array([[-1e4, 0, 1e4], [1e4, 1e4, -1e4]]), dim=-1)
    yield edge("NaN", np.array([[0, np.nan, 1], [0, 1, 2]]), dim=-1)
    yield edge("-∞", np.array([[0, -np.inf, 1]]), dim=-1)


SPECS = (
    Spec(
        "activations.relu", elementwise(0), F.relu, edges=extremes(0),
        properties=(idempotent, relu_of_x_less_relu_of_minus_x_is_x, scales_with_a_positive_factor),
    ),
    Spec(
        "activations.leaky_relu", elementwise(0, negative_slope=(0.01, 0.3, 0.0)), F.leaky_relu, edges=extremes(0),
        properties=(is_max_of_x_and_slope_times_x, scales_with_a_positive_factor),
    ),
    Spec(
        "activations.elu", elementwise(0, alpha=(1.0, 0.5, 2.0)), F.elu,
        edges=both(extremes(0), extremes(0, alpha=0.5)), properties=(lies_above_minus_alpha_and_is_x_for_positive_x,),
    ),
    Spec(
        "activations.sigmoid", elementwise(), torch.sigmoid, edges=extremes(),
        properties=(of_minus_x_is_1_less_of_x, stays_in_0_to_1),
    ),
    Spec(
        "activations.tanh", elementwise(), torch.tanh, edges=extremes(),
        properties=(equals_2_sigmoid_of_2x_less_1, is_odd),
    ),
    Spec(  # at ±∞ PyTorch's own kernels disagree
        "activations.gelu", elementwise(approximate=("none", "tanh")), F.gelu,
        edges=both(extremes(skip=("±∞",)), extremes(skip=("±∞",), approximate="tanh")),
        properties=(tends_to_x_above_and_to_0_below, gelu_of_x_less_gelu_of_minus_x_is_x,
            tanh_form_is_within_a_thousandth),
        float32=1e-4,  # Φ(x) + xφ(x) nearly cancels where gelu turns
    ),
    Spec(
        "activations.silu", elementwise(), F.silu, edges=extremes(),
        properties=(tends_to_x_above_and_to_0_below, is_x_times_sigmoid),
    ),
    Spec(
        "activations.softplus", elementwise(beta=(1.0, 2.0, 0.5)), F.softplus,
        edges=both(extremes(20.0), extremes(2.5, beta=2.0, threshold=5.0)),
        properties=(softplus_of_x_less_softplus_of_minus_x_is_x, lies_above_relu_by_at_most_log_2_over_beta),
    ),
    Spec(
        "activations.softmax", over_an_axis, F.softmax, edges=axis_edges,
        properties=(sums_to_1, adding_a_constant_changes_nothing, permuting_the_classes_permutes_the_result),
    ),
    Spec(
        "activations.log_softmax", over_an_axis, F.log_softmax, edges=axis_edges,
        properties=(is_the_logarithm_of_softmax, adding_a_constant_changes_nothing, is_the_gradient_of_log_sum_exp),
    ),
)  # fmt: skip
