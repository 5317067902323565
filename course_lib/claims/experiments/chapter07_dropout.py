"""Dropout in a recurrent network that reads digits row by row: what it does to the fit, and what to the test."""

from functools import cache

import numpy as np

from course_lib import losses, nn, normalization, optim
from course_lib.autograd import Tensor, no_grad
from course_lib.claims.evidence import Evidence
from course_lib.data import digits

SAMPLES, STEPS, SHARE = 60, 100, 0.2


def tied_masks():
    """Does the training itself get better? Loss on the training digits, with and without."""
    plain, dropped = _runs()[:, 0].mean(0), _runs()[:, 1].mean(0)
    masks = normalization.variational_dropout(np.ones((8, 2, 50)), 0.5, rng=np.random.default_rng(0))
    return Evidence(
        f"mean of {len(_runs())} seeds: with one mask for all time steps the loss on the training digits ends at "
        f"{dropped[0]:.1g} instead of {plain[0]:.1g}, on the test digits at {dropped[1]:.1f} instead of "
        f"{plain[1]:.1f}.",
        said={"dropout in a recurrent network can be trained": dropped[0] < 1},
        gap={"the fit to the training data gets worse, not better": dropped[0] > 2 * plain[0]},
        right={"one mask serves all time steps": bool((masks == masks[:1]).all() and (masks == 0).any())},
        numbers={"training": [float(f"{plain[0]:.1g}"), float(f"{dropped[0]:.1g}")]},
    )


def generalises():
    """Does it generalise better? Loss on the test digits, seed by seed."""
    runs = _runs()
    test = runs[:, :, 1]
    return Evidence(
        f"on {int((test[:, 1] < test[:, 0]).sum())} of {len(runs)} seeds the loss on the test digits is lower with "
        f"dropout, on average {test[:, 1].mean():.1f} instead of {test[:, 0].mean():.1f}.",
        said={"with dropout the test loss is lower": test[:, 1].mean() < test[:, 0].mean()},
        right={"on every seed": bool((test[:, 1] < test[:, 0]).all())},
        numbers={"test loss": test.mean(0).round(1)},
    )


@cache
def _runs():
    """Array (seeds, without or with dropout, training or test loss)."""
    return np.array([[_train(seed, share) for share in (0.0, SHARE)] for seed in range(3)])


def _train(seed, share):
    data, rng = digits(), np.random.default_rng(seed)
    chosen = rng.permutation(len(data.x_train))[:SAMPLES]
    x, y = _rows(data.x_train[chosen]), data.y_train[chosen]
    reader, head = nn.GRU(8, 32, rng=rng), nn.Linear(32, 10, rng=rng)
    optimizer = optim.Adam([*reader.parameters(), *head.parameters()], lr=0.01)

    def loss(x, y, training):
        x = normalization.variational_dropout(Tensor(x), share, training, rng=rng)
        states = normalization.variational_dropout(reader(x)[0], share, training, rng=rng)
        return losses.cross_entropy(head(states[-1]), y)

    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(x, y, True).backward()
        optimizer.step()
    with no_grad():
        return loss(x, y, False).item(), loss(_rows(data.x_test), data.y_test, False).item()


def _rows(x):
    """(N, 64) to a sequence of rows (8, N, 8)."""
    return np.ascontiguousarray(x.reshape(-1, 8, 8).transpose(1, 0, 2))
