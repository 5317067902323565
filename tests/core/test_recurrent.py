"""Recurrent networks: what the specs in course_lib.verify do not say."""

import numpy as np
import pytest
import torch

from course_lib import nn, optim
from course_lib import recurrent as f
from course_lib.autograd import Tensor, no_grad
from course_lib.data import digits
from course_lib.losses import cross_entropy

X, H = np.ones((4, 2, 3)), np.ones((2, 5))
W, U, B = np.ones((20, 3)), np.ones((20, 5)), np.ones(20)

WRONG = {
    "a matrix": (lambda: f.lstm(X[0], H, H, W, U), r"lstm: x must be \(T, B, D\)"),
    "another width": (lambda: f.lstm(X, H, H, W[:, :2], U), r"lstm: weight_ih must have shape \(20, 3\)"),
    "three gates": (lambda: f.lstm(X, H, H, W[:15], U[:15]), r"weight_ih must have shape \(20, 3\).*got \(15, 3\)"),
    "another batch": (lambda: f.lstm(X, H[:1], H, W, U), r"lstm: h_0 must have shape \(2, 5\)"),
    "another cell": (lambda: f.lstm(X, H, H[:, :4], W, U), r"lstm: c_0 must have shape \(2, 5\).*got \(2, 4\)"),
    "a bias": (lambda: f.gru(X, H, W[:15], U[:15], B), r"gru: bias_ih must have shape \(15,\).*got \(20,\)"),
    "too few lengths": (lambda: f.lstm(X, H, H, W, U, lengths=[4]), "lstm: lengths must be 2 integers"),
    "real lengths": (lambda: f.lstm(X, H, H, W, U, lengths=[4.0, 2.0]), "lengths must be 2 integers, got float64"),
    "a long sequence": (lambda: f.lstm(X, H, H, W, U, lengths=[5, 1]), r"lengths must lie in 0..4, got 1..5"),
    "a negative length": (lambda: f.lstm(X, H, H, W, U, lengths=[-1, 1]), r"lengths must lie in 0..4, got -1..1"),
    "another nonlinearity": (lambda: f.rnn(X, None, W[:5], U[:5], nonlinearity="gelu"), 'must be "tanh" or "relu"'),
    "its layer's width": (lambda: nn.LSTM(4, 5)(Tensor(X)), r"LSTM: input must be \(T, B, D\) with D = 4"),
    "no batch": (lambda: nn.GRU(3, 5, batch_first=True)(Tensor(X[0])), r"GRU: input must be \(B, T, D\) with D = 3"),
    "its layer's state": (lambda: nn.RNN(3, 5)(Tensor(X), H), r"RNN: state must have shape \(1, 2, 5\), got \(2, 5\)"),
    "no layer": (lambda: nn.LSTM(3, 5, 0), "LSTM: num_layers must be at least 1, got 0"),
    "its nonlinearity": (lambda: nn.RNN(3, 5, nonlinearity="elu"), "RNN: nonlinearity must be"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_named_with_what_is_allowed(name):
    call, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True, "batch_first": True}], ids=str)
def test_pytorchs_state_dict_loads_with_equal_outputs_and_gradients(name, options):
    torch.manual_seed(0)
    theirs = getattr(torch.nn, name)(3, 4, **options).double()
    ours = getattr(nn, name)(3, 4, **options, dtype=np.float64)
    ours.load_state_dict(theirs.state_dict())
    x = np.random.default_rng(0).normal(size=(5, 5, 3))
    a, b = ours(Tensor(x))[0], theirs(torch.tensor(x))[0]
    assert np.allclose(a.data, b.detach().numpy(), rtol=0, atol=1e-12)
    (a * a).sum().backward()
    (b * b).sum().backward()
    for (key, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert np.allclose(p.grad, q.grad.numpy(), rtol=0, atol=1e-10), key


def test_float32_stays_float32_and_needs_no_state():
    layer = nn.LSTM(3, 4, 2)
    y, (h, c) = layer(Tensor(X.astype(np.float32)))
    (y.sum() + h.sum() + c.sum()).backward()
    assert {a.dtype for a in (y, h, c, *(p.grad for p in layer.parameters()))} == {np.dtype(np.float32)}


def test_one_backward_pass_serves_all_inputs(monkeypatch):
    calls = []
    back = f._backward
    monkeypatch.setattr(f, "_backward", lambda *args: calls.append(1) or back(*args))
    layer = nn.LSTM(3, 4)
    layer(Tensor(X.astype(np.float32), requires_grad=True))[0].sum().backward()
    assert len(calls) == 1


def test_dropout_acts_between_layers_and_in_training_only():
    layer = nn.LSTM(3, 4, 2, dropout=0.5, rng=np.random.default_rng(0))
    x = Tensor(X.astype(np.float32))
    assert not np.array_equal(layer(x)[0].data, layer(x)[0].data)
    layer.eval()
    assert np.array_equal(layer(x)[0].data, layer(x)[0].data)


class RowReader(nn.Module):
    """An LSTM that reads an 8 × 8 picture row by row, and a linear layer on its last state."""

    def __init__(self, rng):
        self.lstm, self.head = nn.LSTM(8, 64, rng=rng), nn.Linear(64, 10, rng=rng)

    def forward(self, x):
        return self.head(self.lstm(x.reshape(-1, 8, 8).transpose(0, 1))[1][0][0])


def test_an_lstm_learns_the_digits_row_by_row():
    data, rng = digits(), np.random.default_rng(0)
    model = RowReader(rng)
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        for batch in np.array_split(rng.permutation(len(data.x_train)), 45):
            optimizer.zero_grad()
            cross_entropy(model(Tensor(data.x_train[batch])), data.y_train[batch]).backward()
            optimizer.step()
    with no_grad():
        accuracy = (model(Tensor(data.x_test)).data.argmax(1) == data.y_test).mean()
    assert accuracy >= 0.95
