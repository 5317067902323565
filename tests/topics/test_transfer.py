"""Pre-training changes the very trunk that is fine-tuned afterwards."""

import numpy as np

from course_lib.autograd import Tensor
from course_lib.topics import transfer


def test_the_trunk_is_shared():
    rng = np.random.default_rng(0)
    trunk = transfer.body(rng, inputs=4, width=8)
    first, second = (transfer.with_head(trunk, outputs, rng, width=8) for outputs in (4, 2))
    before = second[0][0].weight.data.copy()
    x = rng.random((40, 4)).astype(np.float32)
    transfer.train_steps(first, *transfer.hidden_pixels(x, 0.5, rng), steps=20, batch_size=8, seed=0)
    assert not np.allclose(second[0][0].weight.data, before)


def test_training_lowers_the_loss_for_classes_too():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    model = transfer.with_head(transfer.body(rng, 4, 8), 2, rng, 8)
    transfer.train_steps(model, x, y, steps=200, batch_size=10, seed=0)
    assert (model(Tensor(x)).data.argmax(1) == y).mean() > 0.95


def test_hidden_pixels():
    rng = np.random.default_rng(0)
    x = np.ones((100, 10), np.float32)
    given, wanted = transfer.hidden_pixels(x, 0.3, rng, copies=2)
    assert given.shape == wanted.shape == (200, 10)
    assert (wanted == 1).all()
    assert 0.25 < (given == 0).mean() < 0.35
    assert given.dtype == np.float32


def test_few_per_class():
    y = np.array([0, 0, 0, 1, 1, 1, 4, 4, 4])
    chosen = transfer.few_per_class(y, 2, np.random.default_rng(0))
    assert len(set(chosen)) == 6
    assert np.bincount(y[chosen]).tolist() == [2, 2, 0, 0, 2]
