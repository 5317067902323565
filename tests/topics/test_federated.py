"""The weighted mean, the split by class, and one round that equals a step of plain training."""

import numpy as np
import pytest

from course_lib import losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.topics import federated

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(12, 3)), rng.integers(0, 2, 12)


def test_weighted_mean():
    states = [{"w": np.array([1.0, 2.0])}, {"w": np.array([4.0, 8.0])}]
    np.testing.assert_allclose(federated.weighted_mean(states, [2, 1])["w"], [2, 4])


def test_by_class_gives_every_sample_to_one_client_in_order():
    parts = federated.by_class(Y, 3)
    assert sorted(np.concatenate(parts)) == list(range(12))
    assert (np.diff(Y[np.concatenate(parts)]) >= 0).all()


def one_step(model, x, y, number):
    optimizer = optim.SGD(model.parameters(), lr=0.3)
    optimizer.zero_grad()
    losses.cross_entropy(model(Tensor(x)), y).backward()
    optimizer.step()


def test_one_full_step_each_is_one_step_on_all_data():
    """FedSGD: the mean of gradients, weighted by size, is the gradient of all."""
    apart, together = (nn.Linear(3, 2, rng=np.random.default_rng(1), dtype=np.float64) for _ in range(2))
    clients = [(X[:4], Y[:4]), (X[4:], Y[4:])]
    history = federated.federated_averaging(apart, clients, one_step, rounds=3)
    for _ in range(3):
        one_step(together, X, Y, 0)
    assert len(history) == 3
    np.testing.assert_allclose(apart.weight.data, together.weight.data, rtol=1e-12)
    np.testing.assert_allclose(history[-1]["weight"], apart.weight.data)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: federated.weighted_mean([], []), "0 states and 0 counts"),
    (lambda: federated.weighted_mean([{"w": X}], [0]), "not all 0"),
    (lambda: federated.by_class(Y, 13), r"1\.\.12, got 13"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
