"""Layers and the Module machinery."""

import numpy as np

from course_lib import activations, arithmetic
from course_lib import nn as ours
from course_lib.autograd import Tensor
from course_lib.verify.gradcheck import gradcheck
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import arrays, case, close, edge, elementwise, extremes, holds, normal, off, seeds
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch

DOUBLE = np.float64
FUNCTIONS = {"LeakyReLU": "leaky_relu"}


def layer(make):
    """Call a layer as a function of its input and parameters: `make` builds it for those shapes."""

    def call(x, *parameters, **options):
        module = make(*parameters, **options)
        for (name, _), value in zip(list(module.named_parameters()), parameters, strict=True):
            owner, _, key = name.rpartition(".")
            setattr(dict(module.named_modules())[owner], key, value)
        return module(x)

    return call


def functional(make):
    """The same for a torch module."""

    def call(x, *parameters, **options):
        module = make(*parameters, **options).to(x.dtype)
        names = [name for name, _ in module.named_parameters()]
        return torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), x)

    return call


def linear_cases(rng):
    for rows in ((), (1,), (5,), (2, 3)):
        yield case(normal(rng, (*rows, 4)), normal(rng, (3, 4)), normal(rng, (3,)))
    yield case(normal(rng, (2, 4)), normal(rng, (1, 4)))


def linear_edges(rng):
    yield edge("empty", np.zeros((0, 4)), np.ones((3, 4)), np.ones(3))
    yield edge("±1e4", np.array([[1e4, -1e4]]), np.array([[1e4, 1e-4], [1e4, 1e4]]), np.zeros(2))
    yield edge("NaN", np.array([[np.nan, 1.0], [1.0, 2.0]]), np.ones((1, 2)), np.zeros(1))


def network_cases(rng):
    for rows in ((), (1,), (5,), (2, 3)):
        yield case(
            normal(rng, (*rows, 3)), normal(rng, (4, 3)), normal(rng, (4,)), normal(rng, (2, 4)), normal(rng, (2,))
        )


def our_linear(weight, bias=None):
    return ours.Linear(*weight.shape[::-1], bias=bias is not None, dtype=DOUBLE)


def torch_linear(weight, bias=None):
    return torch.nn.Linear(*reversed(weight.shape), bias=bias is not None)


def our_network(w1, b1, w2, b2):
    return ours.Sequential(our_linear(w1, b1), ours.Tanh(), our_linear(w2, b2))


def torch_network(w1, b1, w2, b2):
    return torch.nn.Sequential(torch_linear(w1, b1), torch.nn.Tanh(), torch_linear(w2, b2))


class Residual(ours.Module):
    """x + W₂ tanh(W₁x): a module with a forward of its own."""

    def __init__(self, *parameters):
        self.body = our_network(*parameters)

    def forward(self, x):
        """Add the input back."""
        return x + self.body(x)


class TorchResidual(torch.nn.Module):
    """The same in PyTorch."""

    def __init__(self, *parameters):
        super().__init__()
        self.body = torch_network(*parameters)

    def forward(self, x):
        """Add the input back."""
        return x + self.body(x)


def residual_cases(rng):
    for rows in ((), (1,), (5,)):
        yield case(
            normal(rng, (*rows, 3)), normal(rng, (4, 3)), normal(rng, (4,)), normal(rng, (3, 4)), normal(rng, (3,))
        )


def square(dtype):
    """Return the largest relative error of the gradient of p², which is 2p, in both libraries."""
    values = np.random.default_rng(0).normal(size=(3, 4)).astype(dtype)
    ours_, theirs = ours.Parameter(values), torch.nn.Parameter(torch.tensor(values))
    (ours_ * ours_).sum().backward()
    (theirs * theirs).sum().backward()
    return relative(ours_.grad, theirs.grad.numpy())


def square_by_differences(dtype):
    return gradcheck(lambda p: p * p, ours.Parameter(np.random.default_rng(0).normal(size=(3, 4)))).error


@holds(rng=seeds())
def state_dict_round_trip_gives_the_same_function(rng):
    a, b = (ours.Sequential(ours.Linear(3, 4, rng=rng), ours.ReLU(), ours.Linear(4, 2, rng=rng)) for _ in range(2))
    x = rng.normal(size=(5, 3)).astype(np.float32)
    assert not np.array_equal(a(Tensor(x)).data, b(Tensor(x)).data)
    b.load_state_dict(a.state_dict())
    assert np.array_equal(a(Tensor(x)).data, b(Tensor(x)).data)


@holds(rng=seeds(), examples=5)
def parameters_are_named_and_shaped_as_in_pytorch(rng):
    a = ours.Sequential(ours.Linear(3, 4), ours.Sequential(ours.ReLU(), ours.Linear(4, 2, bias=False)))
    nn = torch.nn
    b = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 2, bias=False)))
    assert [(n, v.shape) for n, v in a.state_dict().items()] == [(n, tuple(v.shape)) for n, v in b.state_dict().items()]


@holds(rng=seeds(), examples=5)
def state_dict_is_a_copy(rng):
    a = ours.Linear(3, 2, rng=rng)
    state = a.state_dict()
    state["weight"][...] = 0
    assert a.weight.data.any()


@holds(rng=seeds())
def a_shared_parameter_is_listed_once_and_gets_both_gradients(rng):
    a = ours.Linear(3, 3, rng=rng, dtype=DOUBLE)
    both_uses = ours.Sequential(a, a)
    assert len(both_uses.parameters()) == 2
    x = Tensor(rng.normal(size=(4, 3)))
    a(a(x).detach()).sum().backward()
    outer = a.weight.grad
    a.zero_grad()
    frozen = Tensor(a.weight.data)
    arithmetic.linear(a(x), frozen).sum().backward()
    inner = a.weight.grad
    a.zero_grad()
    both_uses(x).sum().backward()
    assert close(a.weight.grad, inner + outer)


@holds(rng=seeds())
def first_weights_lie_within_1_over_root_in(rng):
    n = int(rng.integers(1, 50))
    a = ours.Linear(n, 7, rng=rng, dtype=DOUBLE)
    assert max(np.abs(a.weight.data).max(), np.abs(a.bias.data).max()) <= 1 / np.sqrt(n)


@holds(rng=seeds())
def is_the_layers_one_after_the_other(rng):
    a, b = ours.Linear(3, 4, rng=rng), ours.Linear(4, 2, rng=rng)
    x = Tensor(rng.normal(size=(5, 3)).astype(np.float32))
    whole = ours.Sequential(a, ours.ReLU(), b)
    assert np.array_equal(whole(x).data, b(activations.relu(a(x))).data)
    assert np.array_equal(whole[1:](whole[:1](x)).data, whole(x).data)
    assert len(whole) == 3


@holds(x=arrays())
def requires_a_gradient_and_keeps_its_values(x):
    p = ours.Parameter(x)
    assert p.requires_grad
    assert np.array_equal(p.data, x)


@holds(x=arrays(min_dims=1, max_dims=3))
def returns_its_very_input(x):
    t = Tensor(x)
    assert ours.Identity()(t) is t


@holds(x=arrays(min_dims=2, max_dims=3))
def keeps_the_first_axis_and_every_number(x):
    y = ours.Flatten()(Tensor(x)).data
    assert y.shape[0] == x.shape[0]
    assert y.ndim == 2
    assert np.array_equal(y.ravel(), x.ravel())


def activation(name, *kinks, skip=(), float32=1e-5, **option):
    """A layer without parameters: its twin is torch.nn's, its law that it is the function."""
    function = getattr(activations, FUNCTIONS.get(name, name.lower()))
    make, twin = getattr(ours, name), getattr(torch.nn, name)

    @holds(x=arrays())
    def is_the_function_of_the_same_name(x):
        assert np.array_equal(make()(Tensor(x)).data, function(x))
        assert np.array_equal(make(**option)(Tensor(x)).data, function(x, **option))
        assert np.array_equal(make(*option.values())(Tensor(x)).data, function(x, *option.values()))

    def cases(rng):
        yield from elementwise(*kinks, shapes=((1,), (5,), (3, 4), (2, 1, 3)))(rng)
        yield case(off(normal(rng, (3, 4)), *kinks), **option)

    edges = extremes(*kinks, skip=skip)
    properties = (is_the_function_of_the_same_name,)
    return Spec(f"nn.{name}", cases, built(twin), built(make), edges, properties, float32=float32)


def built(cls):
    """Build the layer with its options and apply it."""
    last = {"dim": -1} if cls is torch.nn.Softmax else {}  # PyTorch has no default there
    return lambda x, **options: cls(**(last | options))(x)


SPECS = (
    Spec(
        "nn.Linear", linear_cases, functional(torch_linear), layer(our_linear), linear_edges,
        (first_weights_lie_within_1_over_root_in, a_shared_parameter_is_listed_once_and_gets_both_gradients),
    ),
    Spec(
        "nn.Sequential", network_cases, functional(torch_network), layer(our_network),
        properties=(is_the_layers_one_after_the_other, parameters_are_named_and_shaped_as_in_pytorch),
    ),
    Spec(
        "nn.Module", residual_cases, functional(TorchResidual), layer(Residual),
        properties=(state_dict_round_trip_gives_the_same_function, state_dict_is_a_copy,
                    parameters_are_named_and_shaped_as_in_pytorch),
    ),
    Spec(
        "nn.Parameter", parity=Measured("torch.nn.Parameter", square),
        second=Measured("finite differences", square_by_differences),
        properties=(requires_a_gradient_and_keeps_its_values,),
    ),
    activation("ReLU", 0),
    activation("LeakyReLU", 0, negative_slope=0.3),
    activation("ELU", 0, alpha=0.5),
    activation("Sigmoid"),
    activation("Tanh"),
    activation("GELU", skip=("±∞",), float32=1e-4, approximate="tanh"),
    activation("SiLU"),
    activation("Softplus", beta=2.0),
    activation("Softmax", skip=("0", "±1e4", "NaN", "±∞"), dim=0),
    Spec(
        "nn.Identity", elementwise(), lambda x: torch.nn.Identity()(x) * 1, lambda x: ours.Identity()(x) * 1,
        extremes(), (returns_its_very_input,),
    ),
    Spec(
        "nn.Flatten", elementwise(shapes=((2, 3), (1, 3), (2, 1, 3), (3, 2, 2, 2))), lambda x: torch.nn.Flatten()(x),
        lambda x: ours.Flatten()(x), extremes(shape=(0, 3, 2), skip=("0", "±1e4", "NaN", "±∞")),
        (keeps_the_first_axis_and_every_number,),
    ),
)  # fmt: skip
