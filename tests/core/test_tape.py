"""The tape itself: depth, memory, sharing, threads."""

import gc
import threading
import tracemalloc

import numpy as np
import pytest

from course_lib import autograd, losses, nn, optim
from course_lib.autograd import Tensor, no_grad


@pytest.mark.parametrize("depth", [10_000, 100_000])
def test_deep_graphs_need_no_recursion(depth):
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    y = x
    for _ in range(depth):
        y = y + x
    y.sum().backward()
    assert np.array_equal(x.grad, np.full(2, depth + 1.0))
    del y  # and freeing the chain needs none either


def test_no_memory_growth_over_1000_steps():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(8, 16, rng=rng), nn.Tanh(), nn.Linear(16, 4, rng=rng))
    optimizer = optim.Adam(model.parameters())
    x, y = rng.normal(size=(32, 8)).astype(np.float32), rng.integers(0, 4, 32)

    def steps(n):
        for _ in range(n):
            optimizer.zero_grad()
            losses.cross_entropy(model(Tensor(x)), y).backward()
            optimizer.step()

    steps(50)
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    steps(100)
    before = tracemalloc.get_traced_memory()[0]
    steps(1000)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    gc.collect()
    assert grown < 20_000, f"{grown} bytes more after 1000 steps"
    assert len(gc.get_objects()) - objects < 100


def test_the_graph_is_freed_without_the_garbage_collector():
    """Records point from results to inputs only, so that counting references is enough."""
    gc.collect()
    gc.disable()
    try:
        x = Tensor(np.ones(1000), requires_grad=True)
        for _ in range(100):
            (x.exp() * x).sum().backward()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_no_two_tensors_share_a_gradient_array():
    """Changing one gradient in place, as clipping by hand does, must not change another."""
    a, b, c = (Tensor(np.ones((2, 3)), requires_grad=True) for _ in range(3))
    d = a + b
    d.retain_grad()
    e = (d + c).reshape(6) - (a - b).reshape(6)
    e.retain_grad()
    seed = np.ones(6)
    e.backward(seed)
    gradients = [a.grad, b.grad, c.grad, d.grad, e.grad, seed]
    for i, g in enumerate(gradients):
        for h in gradients[i + 1 :]:
            assert not np.shares_memory(g, h)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.reshape(-1),
        lambda x: x.permute(1, 0),
        lambda x: x.transpose(0, 1),
        lambda x: x.sum(0),
        lambda x: x.mean(1),
        lambda x: x[1:],
        lambda x: x[None],
        lambda x: x + 0,
    ],
    ids=["reshape", "permute", "transpose", "sum", "mean", "slice", "new axis", "add"],
)
def test_gradients_own_their_memory_and_can_be_written(f):
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    y = f(x)
    seed = np.ones(y.shape)
    y.backward(seed)
    assert x.grad.shape == (2, 3)
    assert x.grad.flags.writeable
    assert not np.shares_memory(x.grad, seed)
    x.grad *= 2


def test_backward_of_a_leaf_copies_the_seed():
    x, seed = Tensor(np.ones(3), requires_grad=True), np.ones(3)
    x.backward(seed)
    assert not np.shares_memory(x.grad, seed)


def test_operations_leave_their_inputs_alone():
    x = Tensor(np.arange(6.0).reshape(2, 3) + 1, requires_grad=True)
    before = x.data.copy()
    for y in (x.exp(), x.log(), x.sqrt(), x.clip(2, 3), x @ x.T, x * x, x / x, x**2, x.amax(0)):
        y.backward(np.ones(y.shape))
    assert np.array_equal(x.data, before)


def test_a_gradient_flows_only_where_it_is_asked_for():
    x, y = Tensor(np.ones(2), requires_grad=True), Tensor(np.ones(2))
    (x * y).sum().backward()
    assert y.grad is None
    assert not (y * y).requires_grad
    assert not x.detach().requires_grad


def test_intermediates_keep_a_gradient_only_on_request():
    x = Tensor(np.ones(2), requires_grad=True)
    y, z = x * 2, x * 3
    y.retain_grad()
    (y * z).sum().backward()
    assert np.array_equal(y.grad, [3, 3])
    assert z.grad is None


def test_no_grad_is_per_thread_and_survives_an_exception():
    x, seen = Tensor(np.ones(2), requires_grad=True), []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * x).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]
    with pytest.raises(ZeroDivisionError), no_grad():
        _ = 1 / 0
    assert (x * x).requires_grad


def test_shared_nodes_in_a_diamond():
    """2ⁿ paths, n nodes: each is walked once."""
    x = Tensor(np.ones(1), requires_grad=True)
    y = x
    for _ in range(60):
        y = y * 0.5 + y * 0.5
    y.backward()
    assert x.grad[0] == 1.0


def test_tensor_makes_a_copy_and_the_constructor_does_not():
    data = np.ones(3)
    assert not np.shares_memory(autograd.tensor(data).data, data)
    assert np.shares_memory(Tensor(data).data, data)
