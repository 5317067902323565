"""Convolution, pooling, normalisation and dropout as layers."""

import numpy as np

from course_lib import conv, normalization, pooling
from course_lib import nn as ours
from course_lib.autograd import Tensor
from course_lib.verify.sampling import case, close, holds, normal, seeds, uniform
from course_lib.verify.spec import Spec
from course_lib.verify.specs.nn import functional, layer
from course_lib.verify.specs.normalization import our_drop, torch_drop
from course_lib.verify.specs.pooling import apart
from course_lib.verify.tools import torch

theirs = torch.nn
DOUBLE = np.float64
GEOMETRIES = ({}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}, {"padding": 2, "groups": 4})


def conv_cases(dims, transposed=False):
    """Input, weight and (every other time) bias."""

    def cases(rng):
        for i, options in enumerate(GEOMETRIES):
            x = normal(rng, (2, 4, *(7, 6)[:dims]))
            w = normal(rng, (4, 8 // options.get("groups", 1), *(3, 2)[:dims]))
            w = w if transposed else w.reshape(8, -1, *w.shape[2:])
            yield case(x, w, normal(rng, (8,)), **options) if i % 2 else case(x, w, **options)
        if transposed:
            yield case(normal(rng, (4, 3, 3)), normal(rng, (4, 2, 3, 3)), stride=2, output_padding=1)

    return cases


def convolution(name, dims, *properties, transposed=False):
    """Take channels and kernel from the weight that is passed in."""

    def make(cls, extra):
        def build(weight, bias=None, groups=1, **options):
            first, second = weight.shape[0], weight.shape[1] * groups
            channels = (first, second) if transposed else (second, first)
            kernel = tuple(weight.shape[2:])
            kernel = kernel if dims == 2 else kernel[0]
            return cls(*channels, kernel, groups=groups, bias=bias is not None, **options, **extra)

        return build

    mine, twin = layer(make(getattr(ours, name), {"dtype": DOUBLE})), functional(make(getattr(theirs, name), {}))
    return Spec(f"nn.{name}", conv_cases(dims, transposed), twin, mine, properties=properties)


def simple(name, cases, *properties):
    """Build a layer without parameters from the case's options."""
    mine, twin = (lambda x, room=room, **options: getattr(room, name)(**options)(x) for room in (ours, theirs))
    return Spec(f"nn.{name}", cases, twin, mine, properties=properties)


def pool_cases(*variants):
    def cases(rng):
        for options in variants:
            yield case(apart(rng, (2, 3, 6, 5)), **options)
            yield case(apart(rng, (3, 6, 5)), **options)

    return cases


def batch_norm(name, *shapes):
    """Train and evaluate with given running statistics."""

    def cases(rng):
        for shape in shapes:
            for training in (True, False):
                state = {"mean": normal(rng, (3,)), "var": uniform(rng, 0.5, 2, (3,)), "training": training}
                yield case(normal(rng, shape), normal(rng, (3,)), normal(rng, (3,)), eps=0.1, **state)
                yield case(normal(rng, shape), affine=False, **state)

    def mine(x, *parameters, mean, var, training, **options):
        module = getattr(ours, name)(3, **options).train(training)
        if parameters:
            module.weight, module.bias = parameters
        module.running_mean, module.running_var = mean.copy(), var.copy()
        return module(x)

    def twin(x, *parameters, mean, var, training, **options):
        module = getattr(theirs, name)(3, **options).to(x.dtype).train(training)
        state = dict(zip(("weight", "bias"), parameters, strict=False)) | {"running_mean": mean, "running_var": var}
        return torch.func.functional_call(module, state, x)

    properties = state_is_named_and_valued_as_in_pytorch, evaluation_differs_from_training
    return Spec(f"nn.{name}", cases, twin, mine, properties=properties)


def sample_norm(name, *properties, **options):
    """LayerNorm and RMSNorm: the weight's shape says over which axes."""

    def cases(rng):
        for shape in ((5, 4), (2, 3, 4)):
            for k in (1, 2):
                parameters = [normal(rng, shape[-k:]) for _ in range(2 if name == "LayerNorm" else 1)]
                yield case(normal(rng, shape), *parameters, eps=1e-2)

    def mine(weight, *bias, eps):
        return getattr(ours, name)(weight.shape, eps, dtype=DOUBLE)

    def twin(weight, *bias, eps):
        return getattr(theirs, name)(tuple(weight.shape), eps)

    return Spec(f"nn.{name}", cases, functional(twin), layer(mine), properties=properties, **options)


def drop_cases(*shapes, **options):
    def cases(rng):
        for shape in shapes:
            for p in (0.0, 0.4, 1.0):
                yield case(normal(rng, shape), p=p, seed=int(rng.integers(99)), **options)
            yield case(normal(rng, shape), p=0.5, seed=1, training=False, **options)

    return cases


def dropped(cls):
    """Build the layer with a seeded generator."""

    def call(x, p, training, rng, **options):
        return cls(p, rng=rng, **options).train(training)(x)

    return our_drop(call)


@holds(rng=seeds(), examples=5)
def is_conv2d_of_its_parameters(rng):
    x, a = Tensor(rng.normal(size=(2, 3, 6, 6))), ours.Conv2d(3, 4, (3, 2), 2, 1, rng=rng, dtype=DOUBLE)
    assert np.array_equal(a(x).data, conv.conv2d(x.data, a.weight.data, a.bias.data, 2, 1))


@holds(rng=seeds())
def first_weights_lie_within_1_over_root_fan_in(rng):
    n, k = (int(v) for v in rng.integers(1, 6, 2))
    for a, fan_in in ((ours.Conv2d(n, 7, k, rng=rng), n * k * k), (ours.Conv1d(n, 7, k, rng=rng), n * k),
                      (ours.ConvTranspose2d(7, n, k, rng=rng), n * k * k)):  # fmt: skip
        assert max(np.abs(p.data).max() for p in a.parameters()) <= 1 / np.sqrt(fan_in)


@holds(rng=seeds(), examples=5)
def parameters_are_shaped_as_in_pytorch(rng):
    for name in ("Conv2d", "Conv1d", "ConvTranspose2d"):
        a, b = (getattr(room, name)(4, 6, 3, groups=2) for room in (ours, theirs))
        assert {n: v.shape for n, v in a.state_dict().items()} == {n: tuple(v.shape) for n, v in b.state_dict().items()}


@holds(rng=seeds(), examples=5)
def is_the_function_of_the_same_name(rng):
    x = rng.normal(size=(2, 3, 6, 6))
    assert np.array_equal(ours.MaxPool2d(3, 2, 1)(x), pooling.max_pool2d(x, 3, 2, 1))
    assert np.array_equal(ours.AvgPool2d(3, 2, 1, False)(x), pooling.avg_pool2d(x, 3, 2, 1, False))
    assert np.array_equal(ours.AdaptiveAvgPool2d((2, 3))(x), pooling.adaptive_avg_pool2d(x, (2, 3)))


@holds(rng=seeds(), examples=5)
def has_no_parameters(rng):
    assert not ours.Sequential(ours.MaxPool2d(2), ours.AvgPool2d(2), ours.AdaptiveAvgPool2d(1)).state_dict()


@holds(rng=seeds(), examples=5)
def state_is_named_and_valued_as_in_pytorch(rng):
    for momentum in (0.1, None):
        a, b = ours.BatchNorm1d(3, momentum=momentum, dtype=DOUBLE), theirs.BatchNorm1d(3, momentum=momentum).double()
        for _ in range(3):
            x = rng.normal(2, 3, (5, 3))
            a(Tensor(x)), b(torch.tensor(x))
        assert list(a.state_dict()) == list(b.state_dict())
        assert all(close(v, b.state_dict()[k].numpy()) for k, v in a.state_dict().items())


@holds(rng=seeds(), examples=5)
def evaluation_differs_from_training(rng):
    x, a = Tensor(rng.normal(2, 3, (5, 3, 2, 2))), ours.BatchNorm2d(3)
    assert not close(a(x).data, a.eval()(x).data, 1e-3)


@holds(rng=seeds(), examples=5)
def starts_as_the_plain_normalisation(rng):
    x = rng.normal(size=(5, 4)).astype(np.float32)
    assert np.array_equal(ours.LayerNorm(4)(Tensor(x)).data, normalization.layer_norm(x, 4))
    assert np.array_equal(ours.RMSNorm(4)(Tensor(x)).data, normalization.rms_norm(x, 4))


@holds(rng=seeds(), examples=10)
def works_in_training_only(rng):
    x = Tensor(np.ones((10, 4, 10)))
    for a in (ours.Dropout(0.5, rng=rng), ours.VariationalDropout(0.5, rng=rng)):
        assert (a(x).data == 0).any()
        assert np.array_equal(a.eval()(x).data, x.data)


SPECS = (
    convolution("Conv2d", 2, is_conv2d_of_its_parameters, first_weights_lie_within_1_over_root_fan_in,
                parameters_are_shaped_as_in_pytorch),
    convolution("Conv1d", 1, first_weights_lie_within_1_over_root_fan_in, parameters_are_shaped_as_in_pytorch),
    convolution("ConvTranspose2d", 2, first_weights_lie_within_1_over_root_fan_in, parameters_are_shaped_as_in_pytorch,
                transposed=True),
    simple("MaxPool2d", pool_cases({"kernel_size": 2}, {"kernel_size": (3, 2), "stride": 1, "padding": 1}),
           is_the_function_of_the_same_name, has_no_parameters),
    simple("AvgPool2d", pool_cases({"kernel_size": 2}, {"kernel_size": 3, "padding": 1, "count_include_pad": False}),
           is_the_function_of_the_same_name, has_no_parameters),
    simple("AdaptiveAvgPool2d", pool_cases({"output_size": 1}, {"output_size": (4, 2)}),
           is_the_function_of_the_same_name, has_no_parameters),
    batch_norm("BatchNorm1d", (5, 3), (4, 3, 2)),
    batch_norm("BatchNorm2d", (3, 3, 2, 4)),
    sample_norm("LayerNorm", starts_as_the_plain_normalisation),
    sample_norm("RMSNorm", starts_as_the_plain_normalisation),
    Spec("nn.Dropout", drop_cases((6,), (3, 4)), torch_drop, dropped(ours.Dropout),
         properties=(works_in_training_only,)),
    Spec("nn.VariationalDropout", drop_cases((4, 3, 2), batch_first=True), torch_drop, dropped(ours.VariationalDropout),
         properties=(works_in_training_only,)),
)  # fmt: skip
