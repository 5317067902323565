"""S3's 64-64-10 network learns the digits, and its first weights decide how it ends (chapter 4, section 6)."""

from statistics import median

import numpy as np
import pytest

from course_lib import init, losses, nn, optim
from course_lib.data import digits
from course_lib.training import Trainer

SEEDS = range(5)


def final_accuracy(seed, first_weights):
    data, rng = digits(), np.random.default_rng(seed)
    model = nn.Sequential(nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Linear(64, 10, rng=rng))
    for layer in (model[0], model[2]):
        first_weights(layer.weight, rng)
        init.zeros_(layer.bias)
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    trainer = Trainer(model, optimizer, losses.cross_entropy, (data.x_train, data.y_train), seed=seed)
    trainer.run(15)
    return trainer.evaluate(data.x_test, data.y_test)["accuracy"]


def test_he_start_reaches_96_percent():
    he = lambda w, rng: init.kaiming_normal_(w, nonlinearity="relu", rng=rng)  # noqa: E731
    assert median(final_accuracy(s, he) for s in SEEDS) >= 0.96


@pytest.mark.parametrize(
    ("start", "most"),
    [(lambda w, rng: init.zeros_(w), 0.15), (lambda w, rng: init.normal_(w, 0, 1, rng), 0.93)],
    ids=["zeros", "too large"],
)
def test_bad_starts_end_lower(start, most):
    assert median(final_accuracy(s, start) for s in SEEDS) < most
