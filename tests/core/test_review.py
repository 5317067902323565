"""What an adversarial review found: each of these failed before its fix."""

import copy

import numpy as np
import pytest

from course_lib import arithmetic, losses, nn, optim, schedules
from course_lib.autograd import Tensor, no_grad
from course_lib.training import Callback, EachEpoch, EarlyStopping, Trainer

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(33, 4)).astype(np.float32), RNG.integers(0, 3, 33)


def make(seed=0, callbacks=lambda optimizer: (), x=X, y=Y, **options):
    rng = np.random.default_rng(seed)
    layers = nn.Linear(4, 8, rng=rng), nn.BatchNorm1d(8), nn.Dropout(0.3, rng=rng), nn.Linear(8, 3, rng=rng)
    model = nn.Sequential(*layers)
    optimizer = optim.Adam(model.parameters(), 0.05)
    options = {"batch_size": 10, "validation": (x, y), "callbacks": callbacks(optimizer)} | options
    return Trainer(model, optimizer, losses.cross_entropy, (x, y), **options)


def leaf(*values):
    return Tensor(np.array(values, float), requires_grad=True)


@pytest.mark.parametrize(
    "callbacks",
    [
        lambda optimizer: (),
        lambda optimizer: [EachEpoch(schedules.StepLR(optimizer, 1, 0.5))],
        lambda optimizer: [EarlyStopping(patience=2)],
    ],
    ids=["dropout with its own generator", "a schedule", "early stopping"],
)
def test_resume_continues_layers_generators_schedules_and_callbacks(callbacks):
    whole, first, second = make(0, callbacks), make(0, callbacks), make(9, callbacks)
    expected = whole.run(9).steps
    first.run(2)
    second.load_state_dict(first.state_dict())
    assert second.run(7).steps == expected
    assert second.history.table() == whole.history.table()


def test_the_batch_size_may_change_during_a_run():
    trainer = make()
    trainer.run(2)
    trainer.batch_size = 3
    trainer.run(2)
    assert trainer.history["epoch"] == [1, 2, 3, 4]
    assert trainer.epoch == 4


def test_a_state_of_other_data_is_refused():
    with pytest.raises(ValueError, match="run on 33 samples, train has 20"):
        make(x=X[:20], y=Y[:20]).load_state_dict(make().state_dict())


def test_regression_needs_no_word_about_metrics():
    model, y = nn.Linear(4, 1), X[:, :1]
    trainer = Trainer(model, optim.SGD(model.parameters()), losses.mse_loss, (X, y), validation=(X, y))
    assert [*trainer.run(1).table()[0]] == ["epoch", "loss", "lr", "val_loss"]


@pytest.mark.parametrize(("n", "m", "text"), [(0, 0, "is empty"), (3, 4, "has 3 inputs and 4 targets")])
def test_evaluation_data_are_checked(n, m, text):
    with pytest.raises(ValueError, match=text):
        make().evaluate(X[:n], Y[:m])


def test_a_parameter_turned_round_is_not_updated_as_it_lay():
    """A transposed array is a view of the optimizer's vector too, but not of the parameter's part in order."""
    p = leaf(1.0, 2.0, 3.0, 4.0)
    p.data = p.data.reshape(2, 2)
    optimizer = optim.SGD([p], 1.0)
    p.data, p.grad = p.data.T, np.array([[0.0, 10.0], [0.0, 0.0]])
    optimizer.step()
    assert np.array_equal(p.data, [[1, -7], [2, 4]])


def test_a_parameter_given_anothers_array_moves_alone():
    p, q = leaf(1.0, 2.0), leaf(3.0, 4.0)
    optimizer = optim.SGD([p, q], 1.0)
    p.data, p.grad = q.data, np.ones(2)
    optimizer.step()
    assert np.array_equal(p.data, [2, 3])
    assert np.array_equal(q.data, [3, 4])


def test_a_copied_trainer_is_independent_and_continues_alike():
    trainer = make()
    trainer.run(1)
    twin = copy.deepcopy(trainer)
    before = twin.model.state_dict()
    steps = trainer.run(2).steps
    assert all(np.array_equal(value, before[name]) for name, value in twin.model.state_dict().items())
    assert twin.run(2).steps == steps


def test_an_optimizer_refuses_what_does_not_fit():
    p = leaf(1.0, 2.0)
    optimizer = optim.SGD([p], 1.0)
    with pytest.raises(ValueError, match="steps of 2 parameters, this optimizer has 1"):
        optimizer.load_state_dict(optimizer.state_dict() | {"steps": [1, 1]})
    p.data, p.grad = np.ones(3), np.ones(3)
    with pytest.raises(ValueError, match=r"params\[0\] had 2 numbers .* its shape is \(3,\)"):
        optimizer.step()


@pytest.mark.parametrize("make_schedule", [lambda o: schedules.CosineAnnealingLR(o, 5, 0.1),
                                           lambda o: schedules.WarmupCosine(o, 0, 5)])  # fmt: skip
def test_a_cosine_from_learning_rate_0(make_schedule):
    optimizer = optim.SGD([leaf(1.0)], 0.0)
    make_schedule(optimizer).step()
    assert optimizer.lr == 0


@pytest.mark.parametrize("loss", [losses.cross_entropy, losses.nll_loss])
def test_boolean_classes_are_0_and_1(loss):
    scores = np.array([[1.0, 2.0], [3.0, 5.0]])
    assert loss(scores, np.array([True, False])) == loss(scores, np.array([1, 0]))


def test_integers_stay_integers_where_nothing_is_computed():
    ids = Tensor([[1, 2], [3, 4]])
    for y in (ids[0], ids.reshape(4), ids.T, ids.sum(), ids.amax(0), ids[:, Tensor([0])], ids == 1):
        assert y.dtype.kind in "ib"
    assert nn.Embedding(5, 2)(ids[:, 1:]).shape == (2, 1, 2)
    assert (ids > 2).sum().item() == 2


def test_comparisons_and_python_numbers():
    x = leaf(1.0, 2.0)
    assert [t.data.tolist() for t in (x == 1, x != 1, x < 2, x <= 1, x > 1, x >= Tensor([1.0, 3.0]))] == [
        [True, False], [False, True], [True, False], [True, False], [False, True], [True, False]]  # fmt: skip
    assert len({x, x}) == 1
    assert float(x[1]) == 2.0
    assert int(Tensor(2)) == 2
    assert not Tensor([0.0])
    with pytest.raises(ValueError, match="ambiguous"):
        bool(x)
    with pytest.raises(TypeError):
        list(Tensor(1.0))
    assert [float(t) for t in x] == [1, 2]


def test_methods_of_a_torch_tensor():
    torch = pytest.importorskip("torch")
    data = RNG.uniform(0.5, 2, (2, 1, 3))
    for f in (
        lambda x: 2**x, lambda x: 0.5**x, abs, lambda x: x.view(3, 2), lambda x: x.flatten(), lambda x: x.flatten(1),
        lambda x: x.unsqueeze(-1), lambda x: x.unsqueeze(0), lambda x: x.squeeze(), lambda x: x.squeeze(1),
        lambda x: x.amin(2), lambda x: x.amin(-1, keepdim=True), lambda x: (x - 1).relu(), lambda x: x.sigmoid(),
        lambda x: x.tanh(), lambda x: x.softmax(-1), lambda x: x[x > 1],
    ):  # fmt: skip
        ours, theirs = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
        y, z = f(ours), f(theirs)
        assert y.shape == tuple(z.shape)
        assert np.allclose(y.data, z.detach().numpy(), rtol=1e-12)
        (y * y).sum().backward()
        (z * z).sum().backward()
        assert np.allclose(ours.grad, theirs.grad.numpy(), rtol=1e-12)
    assert np.array_equal(Tensor(data).argmax(-1).data, torch.tensor(data).argmax(-1).numpy())
    assert Tensor(np.ones((0, 2, 3))).flatten(1).shape == (0, 6)


def test_an_update_by_hand_under_no_grad_reaches_the_parameter():
    model = nn.Linear(2, 1)
    before, w = model.weight.data.copy(), model.weight
    model(Tensor(np.ones((3, 2), np.float32))).sum().backward()
    with no_grad():
        for p in model.parameters():
            p -= 0.5 * p.grad
    assert model.weight is w
    assert np.allclose(w.data, before - 1.5)
    with pytest.raises(RuntimeError, match="only under no_grad"):
        w -= 1.0
    x = Tensor(np.ones(2))
    y = x
    with no_grad():
        y += 1  # data are never changed, only parameters
    assert x.data.tolist() == [1, 1]


def test_gradients_are_arrays_even_of_single_numbers():
    x = Tensor(2.0, requires_grad=True)
    (x * x).backward()
    assert type(x.grad) is np.ndarray


def test_a_numpy_exponent_keeps_float32():
    assert (Tensor(np.ones(2, np.float32)) ** np.float64(0.5)).dtype == np.float32
    assert arithmetic.pow(np.ones(2, np.float32), np.float64(2)).dtype == np.float32


def test_callbacks_have_a_state():
    assert Callback().state_dict() == {}
