"""Attention, masks and positions."""

import math

import numpy as np

from course_lib import attention as ours
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import both, case, close, edge, floats, holds, normal, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch

F = torch.nn.functional
SHAPES = (((), 1, 1, 1, 1), ((), 4, 3, 2, 5), ((3,), 2, 6, 4, 4), ((2, 2), 5, 5, 3, 2), ((1,), 130, 300, 2, 2))


def qkv(rng, batch, length, keys, width, out):
    return normal(rng, (*batch, length, width)), normal(rng, (*batch, keys, width)), normal(rng, (*batch, keys, out))


def masks(rng, batch, length, keys):
    """No mask, each kind of mask, and rows that may see nothing."""
    yield {}
    yield {"is_causal": True, "scale": 0.3}
    yield {"attn_mask": rng.random((length, keys)) < 0.5}
    yield {"attn_mask": rng.random((*batch, 1, keys)) < 0.7}
    yield {"attn_mask": np.where(rng.random((*batch, length, keys)) < 0.7, rng.normal(size=(length, keys)), -np.inf)}


def cases(values=True, shapes=SHAPES):
    def draw(rng):
        for shape in shapes:
            for options in masks(rng, *shape[:3]):
                yield case(*qkv(rng, *shape)[: 3 if values else 2], **options)

    return draw


def broadcast_cases(rng):
    q, k, v = normal(rng, (2, 3, 4, 2)), normal(rng, (3, 5, 2)), normal(rng, (2, 1, 5, 3))
    yield case(q, k, v)
    yield case(q, k, v, attn_mask=rng.random((3, 4, 5)) < 0.5)


def torch_broadcast(q, k, v, **options):
    """PyTorch's function wants the leading axes written out."""
    batch = torch.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    return F.scaled_dot_product_attention(*(a.expand(*batch, *a.shape[-2:]) for a in (q, k, v)), **options)


def edges(rng):
    q, k, v = qkv(rng, (2,), 3, 4, 2, 2)
    yield edge("empty", np.zeros((0, 3, 2)), np.zeros((0, 4, 2)), np.zeros((0, 4, 2)))
    yield edge("no key", q, np.zeros((2, 0, 2)), np.zeros((2, 0, 2)))
    yield edge("±1e4", 1e4 * q, 1e4 * k, v)
    yield edge("nothing allowed", q, k, v, attn_mask=np.zeros((3, 4), bool))
    yield edge("-∞ everywhere", q, k, v, attn_mask=np.full((3, 4), -np.inf))


def torch_weights(q, k, **options):
    """PyTorch's weights: what comes out if the values are the unit vectors."""
    eye = torch.eye(k.shape[-2], dtype=q.dtype).expand(*k.shape[:-1], k.shape[-2])
    return F.scaled_dot_product_attention(q, k, eye, **options)


@holds(rng=seeds())
def it_is_the_weights_times_the_values(rng):
    for options in masks(rng, (2,), 4, 6):
        q, k, v = qkv(rng, (2,), 4, 6, 3, 3)
        weights = ours.attention_weights(q, k, **options)
        assert close(ours.scaled_dot_product_attention(q, k, v, **options), weights @ v)


@holds(rng=seeds())
def rows_sum_to_1_or_to_0_where_nothing_is_allowed(rng):
    for options in masks(rng, (2,), 4, 6):
        sums = ours.attention_weights(*qkv(rng, (2,), 4, 6, 3, 3)[:2], **options).sum(-1)
        assert np.all((np.abs(sums - 1) < 1e-12) | (sums == 0))


@holds(rng=seeds())
def causal_means_zero_above_the_diagonal(rng):
    q, k, _ = qkv(rng, (2,), 5, 7, 3, 3)
    assert not np.triu(ours.attention_weights(q, k, is_causal=True), 1).any()


@holds(rng=seeds())
def causal_is_the_causal_mask(rng):
    q, k, v = qkv(rng, (2,), 9, 7, 3, 3)
    mask = ours.causal_mask(9, 7)
    flag = ours.scaled_dot_product_attention(q, k, v, is_causal=True)
    assert close(flag, ours.scaled_dot_product_attention(q, k, v, mask))


@holds(rng=seeds())
def the_order_of_the_keys_does_not_matter(rng):
    q, k, v = qkv(rng, (2,), 4, 6, 3, 3)
    order = rng.permutation(6)
    attend = ours.scaled_dot_product_attention
    assert close(attend(q, k, v), attend(q, k[:, order], v[:, order]))


@holds(rng=seeds())
def the_order_of_the_queries_is_the_order_of_the_results(rng):
    q, k, v = qkv(rng, (2,), 4, 6, 3, 3)
    order = rng.permutation(4)
    attend = ours.scaled_dot_product_attention
    assert close(attend(q, k, v)[:, order], attend(q[:, order], k, v))


@holds(rng=seeds(), c=floats(-1e3, 1e3))
def a_number_added_to_all_scores_of_a_query_changes_nothing(rng, c):
    q, k, v = qkv(rng, (), 4, 6, 3, 3)
    attend = ours.scaled_dot_product_attention
    assert close(attend(q, k, v), attend(q, k, v, np.full((4, 1), c)), 1e-11)


def helper(name, reference, peer, draw):
    """A parity proof for a function without a gradient."""

    def run(dtype):
        rng = np.random.default_rng(0)
        return max(relative(getattr(ours, name)(*a), peer(*a)) for a in (draw(rng) for _ in range(10)))

    return Measured(reference, run)


def sizes(rng):
    return tuple(int(n) for n in rng.integers(1, 9, 2))


def some_lengths(rng):
    return (rng.integers(0, 6, 4), 6)


def table_size(rng):
    return int(rng.integers(1, 50)), 2 * int(rng.integers(1, 9))


@holds(rng=seeds())
def query_i_sees_i_plus_1_keys(rng):
    n = int(rng.integers(1, 9))
    assert np.array_equal(ours.causal_mask(n).sum(1), np.arange(1, n + 1))


@holds(rng=seeds())
def row_sums_are_the_lengths(rng):
    lengths = rng.integers(0, 9, 5)
    mask = ours.padding_mask(lengths)
    assert mask.shape == (5, lengths.max())
    assert np.array_equal(mask.sum(1), lengths)


def torch_positions(length, dim):
    """The table as PyTorch's tutorials compute it."""
    t, table = torch.arange(length, dtype=torch.float64)[:, None], torch.zeros(length, dim, dtype=torch.float64)
    rate = torch.exp(torch.arange(0, dim, 2, dtype=torch.float64) * (-math.log(10000.0) / dim))
    table[:, 0::2], table[:, 1::2] = torch.sin(t * rate), torch.cos(t * rate)
    return table.numpy()


def spelt_out_positions(length, dim):
    return np.array([[(math.cos if i % 2 else math.sin)(t / 10000 ** (2 * (i // 2) / dim)) for i in range(dim)]
                     for t in range(length)])  # fmt: skip


@holds(rng=seeds())
def products_depend_on_the_distance_only(rng):
    table = ours.sinusoidal_positions(40, 2 * int(rng.integers(1, 9)))
    a, b, step = (int(n) for n in rng.integers(0, 20, 3))
    assert close(table[a] @ table[b], table[a + step] @ table[b + step])


def rotary_cases(rng):
    for batch in ((), (3,), (2, 3)):
        yield case(normal(rng, (*batch, 5, 6)))
        yield case(normal(rng, (*batch, 4, 2)), positions=rng.integers(0, 99, 4), base=100.0)


def llama_rotary(x, positions=None, base=10000.0):
    """As in Hugging Face's modeling_llama."""
    d, positions = x.shape[-1], torch.arange(x.shape[-2]) if positions is None else positions
    rate = 1.0 / base ** (torch.arange(0, d, 2, dtype=torch.float64) / d)
    angles = torch.cat([positions[:, None] * rate] * 2, -1)
    half = torch.cat([-x[..., d // 2 :], x[..., : d // 2]], -1)
    return x * angles.cos().to(x.dtype) + half * angles.sin().to(x.dtype)


@holds(rng=seeds())
def lengths_are_kept(rng):
    x = rng.normal(size=(2, 7, 8))
    assert close(np.linalg.norm(ours.rotary(x), axis=-1), np.linalg.norm(x, axis=-1))


@holds(rng=seeds(), shift=st.integers(0, 500))
def scores_depend_on_relative_positions_only(rng, shift):
    q, k, t = rng.normal(size=(7, 8)), rng.normal(size=(7, 8)), np.arange(7)
    near = ours.rotary(q, t) @ ours.rotary(k, t).T
    assert close(near, ours.rotary(q, t + shift) @ ours.rotary(k, t + shift).T, 1e-11)


SPECS = (
    Spec(
        "attention.scaled_dot_product_attention", both(cases(), broadcast_cases), torch_broadcast, edges=edges,
        properties=(it_is_the_weights_times_the_values, causal_is_the_causal_mask,
                    the_order_of_the_keys_does_not_matter, the_order_of_the_queries_is_the_order_of_the_results,
                    a_number_added_to_all_scores_of_a_query_changes_nothing),
    ),
    Spec(
        "attention.attention_weights", cases(values=False, shapes=SHAPES[:4]), torch_weights,
        properties=(rows_sum_to_1_or_to_0_where_nothing_is_allowed, causal_means_zero_above_the_diagonal),
    ),
    Spec(
        "attention.causal_mask",
        parity=helper("causal_mask", "torch.tril", lambda *n: torch.ones(n).tril().numpy(), sizes),
        second=helper("causal_mask", "NumPy's tril", lambda *n: np.tril(np.ones(n)), sizes),
        properties=(query_i_sees_i_plus_1_keys,),
    ),
    Spec(
        "attention.padding_mask",
        parity=helper("padding_mask", "torch.arange", lambda n, m: (torch.arange(m) < torch.tensor(n)[:, None]).numpy(),
                      some_lengths),
        second=helper("padding_mask", "a loop", lambda n, m: [[j < k for j in range(m)] for k in n], some_lengths),
        properties=(row_sums_are_the_lengths,),
    ),
    Spec(
        "attention.sinusoidal_positions", parity=helper("sinusoidal_positions", "PyTorch", torch_positions, table_size),
        second=helper("sinusoidal_positions", "Python's math, number by number", spelt_out_positions, table_size),
        properties=(products_depend_on_the_distance_only,),
    ),
    Spec("attention.rotary", rotary_cases, llama_rotary,
         properties=(lengths_are_kept, scores_depend_on_relative_positions_only)),
)  # fmt: skip
