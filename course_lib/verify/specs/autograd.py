"""Tensor and the tape."""

import numpy as np

from course_lib import autograd as ours
from course_lib.autograd import Tensor
from course_lib.verify.gradcheck import gradcheck
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import arrays, case, close, edge, floats, holds, normal, seeds, uniform
from course_lib.verify.spec import Measured, Spec, Without
from course_lib.verify.tools import torch


def every_method(x, y):
    """Use each operator and method once; the same words work for a torch tensor."""
    z = (x * y + 2 - x / y) @ y.T - (1 - x) @ (2 * y).transpose(0, 1)  # (3, 4), (3, 4) → (3, 3)
    z = z + (-z).exp().clip(max=3.0) + (z * z + 1).log() + (z**2 + 1).sqrt() + (z + 0.3).abs() / 3
    rows = z.sum(0) + z.mean(1) + z.amax(1, keepdim=True).reshape(3) + 3 / (z.permute(1, 0)[1] ** 2 + 1)
    return rows[None, :] + z[:, 0:1] * 0.5 + z[[0, 0, 2]].reshape(3, -1)


def mixed(rng):
    for _ in range(4):
        yield case(uniform(rng, 0.3, 1, (3, 4)), uniform(rng, 0.5, 1.5, (3, 4)))


def in_part(x):
    """x · x² with the square taken as a constant."""
    with (torch.no_grad if isinstance(x, torch.Tensor) else ours.no_grad)():
        square = x * x
    return x * square


def any_shape(rng):
    for shape in ((), (1,), (5,), (3, 4)):
        yield case(normal(rng, shape))


def simple_edges(rng):
    yield edge("empty", np.zeros((0, 3)))
    yield edge("±1e4", np.array([-1e4, 1e4]))
    yield edge("NaN", np.array([np.nan, 1.0]))


@holds(rng=seeds(), c=floats(-3, 3))
def backward_is_linear_in_the_seed_gradient(rng, c):
    x, y = rng.uniform(0.3, 1, (3, 4)), rng.uniform(0.5, 1.5, (3, 4))
    g, h = rng.normal(size=(2, 3, 3))

    def gradient(seed):
        a = Tensor(x, requires_grad=True)
        every_method(a, Tensor(y)).backward(seed)
        return a.grad

    assert close(gradient(c * g + h), c * gradient(g) + gradient(h), 1e-10)


@holds(x=arrays(-2, 2), n=floats(1, 6))
def each_use_of_a_node_adds_its_gradient(x, n):
    a = Tensor(x, requires_grad=True)
    total = a * 0
    for _ in range(int(n)):
        total = total + a.exp()
    total.sum().backward()
    assert close(a.grad, int(n) * np.exp(x))


@holds(x=arrays(-2, 2))
def a_shared_intermediate_is_walked_once_with_the_sum(x):
    a = Tensor(x, requires_grad=True)
    b = a * a
    (b * b + b).sum().backward()
    assert close(a.grad, 4 * x**3 + 2 * x)


@holds(x=arrays())
def a_second_backward_adds_up(x):
    a = Tensor(x, requires_grad=True)
    for _ in range(2):
        (3 * a).sum().backward()
    assert close(a.grad, np.full(x.shape, 6.0))


@holds(x=arrays())
def records_nothing_inside_and_again_afterwards(x):
    a = Tensor(x, requires_grad=True)
    with ours.no_grad():
        b = a * a
        with ours.no_grad():
            pass
        c = a * a
    assert not b.requires_grad
    assert not c.requires_grad
    assert b._parents == ()
    assert (a * a).requires_grad


@holds(x=arrays())
def values_are_the_same_inside(x):
    a = Tensor(x, requires_grad=True)
    with ours.no_grad():
        inside = (a.exp() + a).data
    assert np.array_equal(inside, (a.exp() + a).data)


@holds(x=arrays())
def is_a_copy(x):
    t = ours.tensor(x)
    x += 1
    assert not np.array_equal(t.data, x)


VALUES = (
    1.5,
    2,
    True,
    [1.0, 2.0],
    [[1, 2], [3, 4]],
    [True, False],
    np.arange(3),
    np.ones((2, 2), np.float32),
    np.ones(2),
)


def same_tensor(dtype):
    worst = 0.0
    for value in VALUES:
        mine, twin = ours.tensor(value), torch.tensor(value)
        assert mine.dtype == twin.numpy().dtype, f"tensor({value!r}) is {mine.dtype}, PyTorch's {twin.dtype}"
        assert mine.shape == tuple(twin.shape)
        worst = max(worst, relative(mine.data, twin.numpy()))
    return worst


def cube(dtype):
    t = ours.tensor(np.random.default_rng(0).normal(size=(3, 4)), requires_grad=True)
    report = gradcheck(lambda a: a * a * a, t)
    assert report, report
    return report.error


SPECS = (
    Spec("autograd.Tensor", mixed, every_method, every_method, float32=1e-4,
         properties=(backward_is_linear_in_the_seed_gradient, each_use_of_a_node_adds_its_gradient,
                     a_shared_intermediate_is_walked_once_with_the_sum, a_second_backward_adds_up)),
    Spec("autograd.no_grad", any_shape, in_part, in_part, simple_edges,
         second=Without("no gradient: what is computed inside counts as a constant, which differences cannot know"),
         properties=(records_nothing_inside_and_again_afterwards, values_are_the_same_inside)),
    Spec("autograd.tensor", parity=Measured("torch.tensor, values and dtypes", same_tensor, float32=None),
         second=Measured("finite differences", cube), properties=(is_a_copy,)),
)  # fmt: skip
