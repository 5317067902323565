"""Attention and embeddings: what the specs in course_lib.verify do not say."""

import numpy as np
import pytest
import torch

from course_lib import arithmetic, nn, optim
from course_lib import attention as f
from course_lib.autograd import Tensor
from course_lib.losses import cross_entropy

Q, K = np.ones((2, 3, 4)), np.ones((2, 5, 4))
S = Tensor(np.ones((3, 2, 4), np.float32))  # (L, N, E)

WRONG = {
    "a vector": (lambda: f.scaled_dot_product_attention(Q[0, 0], K, K), r"needs query \(..., L, E\)"),
    "other features": (lambda: f.scaled_dot_product_attention(Q, K[..., :3], K), r"got \(2, 3, 4\), \(2, 5, 3\)"),
    "fewer values": (lambda: f.scaled_dot_product_attention(Q, K, K[:, :4]), r"and \(2, 4, 4\)"),
    "two masks": (lambda: f.scaled_dot_product_attention(Q, K, K, np.ones((3, 5), bool), True), "exclude each other"),
    "integers": (lambda: f.attention_weights(Q, K, np.ones((3, 5), int)), "must be Boolean or real, got int64"),
    "a mask's shape": (lambda: f.attention_weights(Q, K, np.ones((3, 4), bool)), r"\(3, 4\) does not broadcast"),
    "odd": (lambda: f.rotary(np.ones((3, 5))), "rotary: the last dimension must be even, got 5"),
    "odd positions": (lambda: f.sinusoidal_positions(3, 5), "sinusoidal_positions: the last dimension must be even"),
    "other positions": (lambda: f.rotary(np.ones((3, 4)), [1, 2]), r"positions must have shape \(3,\), got \(2,\)"),
    "real lengths": (lambda: f.padding_mask([1.0]), "padding_mask: lengths must be a list of integers"),
    "heads": (lambda: nn.MultiheadAttention(6, 4), "embed_dim 6 is not divisible by num_heads 4"),
    "its features": (lambda: nn.MultiheadAttention(6, 2)(S, S, S), r"must be \(L, N, E\).* with E = 6"),
    "its mask": (lambda: nn.MultiheadAttention(4, 2)(S, S, S, np.ones((3, 2), bool)), r"key_padding_mask .*\(2, 3\)"),
    "its activation": (lambda: nn.TransformerEncoderLayer(4, 2, activation="elu"), '"relu" or "gelu", got \'elu\''),
    "an unknown word": (lambda: nn.Embedding(5, 2)(np.array([1, 5])), r"embedding: indices must lie in 0..4, got 1..5"),
    "a real word": (lambda: nn.Embedding(5, 2)(np.array([1.0])), "embedding: needs integers"),
    "no table": (lambda: nn.Embedding.from_pretrained(np.ones(3)), r"Embedding: needs vectors \(V, D\)"),
    "no padding": (lambda: nn.Embedding(5, 2, 5), "padding_idx must be a row of 5, got 5"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_named_with_what_is_allowed(name):
    call, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("options", [{}, {"norm_first": True, "activation": "gelu", "batch_first": True}], ids=str)
@pytest.mark.parametrize("name", ["TransformerEncoderLayer", "TransformerDecoderLayer"])
def test_pytorchs_state_dict_loads_with_equal_outputs_and_gradients(name, options):
    torch.manual_seed(0)
    theirs = getattr(torch.nn, name)(8, 2, 16, 0.0, **options).double()
    ours = getattr(nn, name)(8, 2, 16, 0.0, **options, dtype=np.float64)
    ours.load_state_dict(theirs.state_dict())
    inputs = np.random.default_rng(0).normal(size=(2 if "Decoder" in name else 1, 4, 3, 8))
    a, b = ours(*map(Tensor, inputs)), theirs(*map(torch.tensor, inputs))
    assert np.allclose(a.data, b.detach().numpy(), rtol=0, atol=1e-12)
    (a * a * a).sum().backward()
    (b * b * b).sum().backward()
    for (key, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert np.allclose(p.grad, q.grad.numpy(), rtol=0, atol=1e-10), key


def test_tiles_do_not_show(monkeypatch):
    """Small tiles cut both heads and queries; the results are those of one tile."""
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(2, 3, 70, 4)) for _ in range(3)]
    for options in ({}, {"is_causal": True}, {"attn_mask": rng.random((3, 70, 70)) < 0.5}):
        results = []
        for size in (1, 1 << 30):
            monkeypatch.setattr(f, "_TILE", size)
            tensors = [Tensor(a, requires_grad=True) for a in x]
            y = f.scaled_dot_product_attention(*tensors, **options)
            (y * y).sum().backward()
            results.append([y.data, *(t.grad for t in tensors)])
        assert all(np.allclose(a, b, rtol=0, atol=1e-12) for a, b in zip(*results, strict=True))


def test_dropout_of_weights_keeps_the_mean_and_stops_in_evaluation():
    layer = nn.MultiheadAttention(4, 2, dropout=0.5, rng=np.random.default_rng(0), dtype=np.float64)
    x = Tensor(np.random.default_rng(1).normal(size=(3, 2, 4)))
    several = np.mean([layer(x, x, x)[0].data for _ in range(2000)], 0)
    layer.eval()
    once, fused = layer(x, x, x)[0].data, layer(x, x, x, need_weights=False)[0].data
    assert np.allclose(several, once, atol=0.05)
    assert np.allclose(once, fused, rtol=0, atol=1e-12)


def test_padded_keys_in_a_causal_block_count_for_nothing():
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(2, 5, 4)).astype(np.float32)
    padding = ~f.padding_mask([5, 3])
    other = np.where(padding[..., None], 9, x).astype(np.float32)
    a, b = (layer(Tensor(v), src_key_padding_mask=padding, is_causal=True).data for v in (x, other))
    assert np.allclose(a[~padding], b[~padding], rtol=0, atol=1e-6)
    assert not np.allclose(a[padding], b[padding], rtol=0, atol=1e-3)
    x[0, 4] += 1
    c = layer(Tensor(x), src_key_padding_mask=padding, is_causal=True).data
    assert np.allclose(a[0, :4], c[0, :4], rtol=0, atol=1e-6)


def test_adam_leaves_frozen_and_padding_rows_alone():
    vectors = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    frozen, padded = nn.Embedding.from_pretrained(vectors), nn.Embedding(5, 3, padding_idx=0)
    optimizer = optim.Adam([p for p in (frozen.weight, padded.weight) if p.requires_grad], lr=0.1)
    before = padded.weight.data.copy()
    (frozen(np.arange(5)) * padded(np.arange(5))).sum().backward()
    optimizer.step()
    assert np.array_equal(frozen.weight.data, vectors)
    assert not padded.weight.data[0].any()
    assert (padded.weight.data[1:] != before[1:]).all()


class Copier(nn.Module):
    """One causal block with learned embeddings and sinusoidal positions."""

    def __init__(self, vocabulary, length, width, rng):
        self.table = nn.Embedding(vocabulary, width, rng=rng)
        self.positions = f.sinusoidal_positions(length, width).astype(np.float32)
        self.block = nn.TransformerEncoderLayer(width, 2, 64, 0.0, batch_first=True, norm_first=True, rng=rng)
        self.head = nn.Linear(width, vocabulary, rng=rng)

    def forward(self, ids):
        return self.head(self.block(self.table(ids) + self.positions, is_causal=True))


def test_a_causal_block_learns_to_copy():
    """Four symbols, a sign, and the same four again: predictable only by looking back exactly four places."""
    rng, n = np.random.default_rng(0), 4
    model = Copier(9, 2 * n, 32, rng)
    optimizer = optim.Adam(model.parameters(), lr=5e-3)

    def draw(count):
        symbols = rng.integers(1, 9, (count, n))
        ids = np.concatenate([symbols, np.zeros((count, 1), int), symbols[:, :-1]], 1)
        return ids, symbols

    for _ in range(300):
        ids, target = draw(64)
        optimizer.zero_grad()
        scores = model(ids)[:, n:]
        cross_entropy(scores.reshape(-1, 9), target.ravel()).backward()
        optimizer.step()
    ids, target = draw(500)
    assert (model(ids).data[:, n:].argmax(-1) == target).mean() >= 0.99


def test_cat_takes_arrays_and_tensors():
    t = Tensor(np.ones((1, 2)), requires_grad=True)
    joined = arithmetic.cat([t, np.zeros((2, 2)), t])
    joined.sum().backward()
    assert joined.shape == (4, 2)
    assert np.array_equal(t.grad, [[2, 2]])
