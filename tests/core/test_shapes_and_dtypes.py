"""Broadcasting of every operator, indexing, and dtypes from end to end."""

import operator

import numpy as np
import pytest

from course_lib import activations, losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.training import Trainer
from course_lib.verify.gradcheck import gradcheck

OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
SHAPES = [
    ((), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((1,), (2, 3)),
    ((2, 1, 3), (4, 1)),
    ((0, 3), (1, 3)),
    ((1, 1), ()),
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("symbol", OPERATORS)
def test_broadcasting(symbol, shapes):
    """Values are NumPy's, gradients have the inputs' shapes and are right; both orders."""
    f = OPERATORS[symbol]
    a, b = (np.random.default_rng(i).uniform(0.5, 2, s) for i, s in enumerate(shapes))
    for x, y in ((a, b), (b, a)):
        assert np.array_equal(f(Tensor(x), Tensor(y)).data, f(x, y))
        assert gradcheck(f, x, y)


@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("other", [2, 2.5, np.float32(2), np.array([1.0, 2.0], np.float32)], ids=repr)
def test_operators_take_numbers_and_arrays_on_either_side(symbol, other):
    f, x = OPERATORS[symbol], np.array([3.0, 4.0], np.float32)
    for got, expected in ((f(Tensor(x), other), f(x, other)), (f(other, Tensor(x)), f(other, x))):
        assert isinstance(got, Tensor)
        assert got.dtype == np.float32
        assert np.allclose(got.data, expected)


INDICES = [
    0, -1, slice(None, None, -1), slice(1, None), (0, 1), (slice(None), 1), (Ellipsis, 0), (None, 0), [0, 0,
    2], [[0, 1], [2, 0]],
    np.array([True, False, True]), (np.array([0, 0]), np.array([1, 1])), (slice(None), [0, 0]), np.array([], int),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexing(index):
    """Values are NumPy's; repeated elements receive every gradient."""
    x = np.random.default_rng(0).normal(size=(3, 2))
    assert np.array_equal(Tensor(x)[index].data, x[index])
    assert gradcheck(lambda t: t[index] * t[index], x)


def test_float32_stays_float32_end_to_end():
    rng = np.random.default_rng(0)
    layers = [
        nn.ReLU(),
        nn.LeakyReLU(),
        nn.ELU(),
        nn.Sigmoid(),
        nn.Tanh(),
        nn.GELU(),
        nn.SiLU(),
        nn.Softplus(),
        nn.Softmax(),
    ]
    x, y = rng.normal(size=(8, 4)).astype(np.float32), rng.integers(0, 4, 8)
    for make in (optim.SGD, optim.RMSprop, optim.Adam, optim.AdamW):
        model = nn.Sequential(*(part for layer in layers for part in (nn.Linear(4, 4, rng=rng), layer)))
        optimizer = make(model.parameters())
        trainer = Trainer(model, optimizer, losses.cross_entropy, (x, y), batch_size=4)
        trainer.run(1)
        optim.clip_grad_norm_(model.parameters(), 0.1)
        assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}
        assert {p.grad.dtype for p in model.parameters()} == {np.dtype(np.float32)}
        assert {s.dtype for s in optimizer.state.values()} == {np.dtype(np.float32)}
        assert model(Tensor(x)).dtype == np.float32


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + 1.5, lambda x: 2 * x, lambda x: x / 3, lambda x: x**0.5, lambda x: x**2, lambda x: x.mean(),
        lambda x: x.sum(0), lambda x: x.amax(1), lambda x: x.clip(0.1, 0.9), lambda x: x.abs().sqrt().log().exp(),
        lambda x: x @ x.T, lambda x: activations.softmax(x), lambda x: losses.mse_loss(x, np.ones((2, 3), np.float32)),
        lambda x: losses.huber_loss(x, np.ones((2, 3), np.float32)), lambda x: x[0], lambda x: -x.reshape(3, 2),
    ],
)  # fmt: skip
def test_every_operation_keeps_float32(f):
    x = Tensor(np.random.default_rng(0).uniform(0.2, 0.8, (2, 3)).astype(np.float32), requires_grad=True)
    y = f(x)
    assert y.dtype == np.float32
    y.backward(np.ones(y.shape))
    assert x.grad.dtype == np.float32


def test_arrays_in_arrays_out_and_integers_become_floats():
    assert type(activations.relu(np.ones(2))) is np.ndarray
    assert activations.sigmoid([0, 0]).dtype == np.float64
    assert isinstance(activations.relu(Tensor(np.ones(2))), Tensor)
    assert activations.relu(np.ones(2, np.float32)).dtype == np.float32


def test_python_numbers_become_float32():
    assert Tensor(1.5).dtype == Tensor([1.0, 2.0]).dtype == np.float32
    assert Tensor([1, 2]).dtype == np.int64
    assert Tensor(np.ones(2)).dtype == np.float64
