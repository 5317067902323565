"""The mask decides who sees whom, positions who knows the order, and the two tasks ask what they say."""

import numpy as np
import pytest

from course_lib import nn
from course_lib.autograd import Tensor
from course_lib.topics import tiny_transformer as tiny


def model(causal, positions=True, layers=1):
    rng = np.random.default_rng(0)
    return tiny.TinyTransformer(nn.Embedding(5, 8, rng=rng), 8, 5, 6, causal=causal, positions=positions, layers=layers,
                                rng=rng)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_decoder_does_not_look_ahead_and_an_encoder_does(layers):
    x, y = np.array([[0, 1, 2, 3, 4, 0]]), np.array([[0, 1, 2, 3, 4, 1]])
    for causal in (True, False):
        net = model(causal, layers=layers)
        same = np.isclose(net(Tensor(x)).data, net(Tensor(y)).data, atol=1e-6).all(-1)[0]
        assert same.tolist() == ([True] * 5 + [False] if causal else [False] * 6)


def test_without_positions_shuffling_commutes():
    x, order = np.array([[3, 0, 1, 4, 2]]), [4, 2, 0, 1, 3]
    for positions in (False, True):
        net = model(False, positions)
        equal = np.allclose(net(Tensor(x[:, order])).data, net(Tensor(x)).data[:, order], atol=1e-5)
        assert equal is not positions


def test_encoder_and_decoder_have_the_same_weights():
    a, b = model(True).state_dict(), model(False).state_dict()
    assert all(np.array_equal(a[name], b[name]) for name in a)


def test_the_tasks():
    ids = np.arange(10)
    x, y = tiny.next_symbol(ids, 3)
    assert np.array_equal(y, x + 1)
    assert x.shape == (3, 3)
    x, y = tiny.hidden_symbol(ids, 5, 99, stride=2)
    assert x[0].tolist() == [0, 1, 99, 3, 4]
    assert y[0].tolist() == [-100, -100, 2, -100, -100]
    assert len(x) == 3
    assert ids[2] == 2  # the data stay as they are


def test_losses():
    logits = np.random.default_rng(0).normal(size=(2, 3, 4))
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    target = np.array([[1, -100, 2], [-100, -100, 0]])
    want = -np.log([p[0, 0, 1], p[0, 2, 2], p[1, 2, 0]]).mean()
    assert tiny.symbol_loss(Tensor(logits), target).item() == pytest.approx(want)
    mean = logits.mean(1)
    want = -(mean - np.log(np.exp(mean).sum(1, keepdims=True)))[[0, 1], [3, 0]].mean()
    assert tiny.mean_loss(Tensor(logits), np.array([3, 0])).item() == pytest.approx(want)


def test_encode_and_generate():
    ids, alphabet = tiny.encode("banana")
    assert alphabet == "abn"
    assert "".join(alphabet[i] for i in ids) == "banana"
    made = tiny.generate(model(True), [0, 1], 9, np.random.default_rng(0))
    assert made[:2] == [0, 1]
    assert len(made) == 11
    assert made == tiny.generate(model(True), [0, 1], 9, np.random.default_rng(0))
