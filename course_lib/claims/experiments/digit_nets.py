"""Small digits networks for the experiments: made, trained and judged in one line each."""

from functools import cache

import numpy as np

from course_lib import data, losses, nn, optim
from course_lib.autograd import Tensor, no_grad
from course_lib.training import Trainer


@cache
def digits():
    """The digits, loaded once."""
    return data.digits()


def network(seed: int, hidden: int = 64, classes: int = 10) -> nn.Sequential:
    """Two linear layers with relu between them."""
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Linear(64, hidden, rng=rng), nn.ReLU(), nn.Linear(hidden, classes, rng=rng))


def train(model, x, y, epochs, lr=3e-3, batch_size=32, seed=0, loss=losses.cross_entropy):
    """Train with Adam and return the model."""
    optimizer = optim.Adam(model.parameters(), lr=lr)
    Trainer(model, optimizer, loss, (x, y), batch_size=batch_size, metrics={}, seed=seed).run(epochs)
    return model


def logits(model, x) -> np.ndarray:
    """The outputs as an array."""
    with no_grad():
        return model(Tensor(x)).data


def accuracy(model, x, y) -> float:
    """Share of right answers."""
    return float((logits(model, x).argmax(1) == y).mean())


@cache
def trained_state(seed: int = 0) -> dict:
    """The weights of a 64-64-10 network after 20 epochs on all training digits."""
    d = digits()
    return train(network(seed), d.x_train, d.y_train, 20).state_dict()


def trained(seed: int = 0) -> nn.Sequential:
    """A fresh network with the weights of `trained_state`."""
    model = network(seed)
    model.load_state_dict(trained_state(seed))
    return model
