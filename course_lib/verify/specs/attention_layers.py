"""Multi-head attention and the Transformer blocks."""

import numpy as np

from course_lib import arithmetic, nn
from course_lib.autograd import Tensor
from course_lib.verify.sampling import case, close, holds, normal, seeds
from course_lib.verify.spec import Spec
from course_lib.verify.specs.attention import qkv
from course_lib.verify.tools import torch


# Layers: cases say how to build and to call them; parameters come in the order of named_parameters.
def heads_cases(rng):
    n, length, keys = 2, 4, 3
    for first in (False, True):
        for config in ({}, {"bias": False}):
            for options in (
                {}, {"average_attn_weights": False}, {"attn_mask": np.triu(np.ones((length, keys), bool), 1)},
                {"attn_mask": normal(rng, (n * 2, length, keys)), "key_padding_mask": np.eye(3, dtype=bool)[:n]},
                {"key_padding_mask": np.array([[0, -np.inf, 1], [0, 1, 0]])},
            ):  # fmt: skip
                q, k, v = qkv(rng, (n,), length, keys, 6, 6)
                for need in (True, False):
                    built = {"embed_dim": 6, "num_heads": 2, "batch_first": first, **config}
                    yield case(*((q, k, v) if first else (a.swapaxes(0, 1) for a in (q, k, v))),
                               *parameters(rng, "MultiheadAttention", built), n_inputs=3, built=built,
                               need_weights=need, **options)  # fmt: skip


def parameters(rng, name, built):
    return [normal(rng, tuple(p.shape), 0.5) for p in getattr(torch.nn, name)(**built).parameters()]


def block_cases(name):
    def draw(rng):
        later, padded = np.triu(np.ones((4, 4), bool), 1), np.array([[0, 0, 0, 1], [0, 0, 1, 1]], bool)
        for first in (False, True):
            for norm_first in (False, True):
                activation = "gelu" if first == norm_first else "relu"
                built = {"d_model": 4, "nhead": 2, "dim_feedforward": 5, "dropout": 0.0, "activation": activation,
                         "batch_first": first, "norm_first": norm_first}  # fmt: skip
                x, memory = normal(rng, (2, 4, 4)), normal(rng, (2, 4, 4))
                inputs = [a if first else a.swapaxes(0, 1) for a in (x, memory)]
                options = {"src_mask": later, "src_key_padding_mask": padded}
                if name == "TransformerDecoderLayer":
                    options = {"tgt_mask": later, "memory_key_padding_mask": padded}
                else:
                    inputs = inputs[:1]
                for masks_ in ({}, options):
                    yield case(*inputs, *parameters(rng, name, built), n_inputs=len(inputs), built=built, **masks_)

    return draw


def our_layer(name):
    def call(*args, n_inputs, built, **options):
        layer = getattr(nn, name)(**built, dtype=np.float64)
        owners = dict(layer.named_modules())
        for (key, _), value in zip(list(layer.named_parameters()), args[n_inputs:], strict=True):
            owner, _, own = key.rpartition(".")
            setattr(owners[owner], own, value)
        return joined(layer(*args[:n_inputs], **options), arithmetic.cat)

    return call


def torch_layer(name):
    def call(*args, n_inputs, built, **options):
        layer = getattr(torch.nn, name)(**built).to(args[0].dtype)
        names = [key for key, _ in layer.named_parameters()]
        named = dict(zip(names, args[n_inputs:], strict=True))
        return joined(torch.func.functional_call(layer, named, args[:n_inputs], options), torch.cat)

    return call


def joined(out, cat):
    """Output and weights side by side in one vector."""
    if not isinstance(out, tuple):
        return out
    return cat([a.reshape(-1) for a in out if a is not None])


@holds(rng=seeds(), examples=10)
def without_positions_the_order_of_the_tokens_is_only_carried_along(rng):
    layer = nn.TransformerEncoderLayer(6, 2, 8, 0.0, batch_first=True, rng=rng, dtype=np.float64)
    x, order = rng.normal(size=(2, 5, 6)), rng.permutation(5)
    assert close(layer(Tensor(x)).data[:, order], layer(Tensor(x[:, order])))


@holds(rng=seeds(), examples=10)
def a_causal_output_does_not_depend_on_later_tokens(rng):
    for layer in (
        nn.TransformerEncoderLayer(6, 2, 8, 0.0, batch_first=True, norm_first=True, rng=rng, dtype=np.float64),
        nn.TransformerDecoderLayer(6, 2, 8, 0.0, batch_first=True, rng=rng, dtype=np.float64),
    ):
        x, memory = rng.normal(size=(1, 5, 6)), rng.normal(size=(1, 3, 6))
        other = x.copy()
        other[:, 3:] += 1
        more = (Tensor(memory),) if isinstance(layer, nn.TransformerDecoderLayer) else ()
        flag = {"tgt_is_causal" if more else "is_causal": True}
        a, b = layer(Tensor(x), *more, **flag), layer(Tensor(other), *more, **flag)
        assert close(a.data[:, :3], b.data[:, :3])
        assert not close(a.data[:, 3:], b.data[:, 3:])


@holds(rng=seeds(), examples=10)
def weights_are_the_mean_over_the_heads_and_sum_to_1(rng):
    layer = nn.MultiheadAttention(6, 3, rng=rng, dtype=np.float64)
    x = Tensor(rng.normal(size=(4, 2, 6)))
    each = layer(x, x, x, average_attn_weights=False)[1].data
    assert close(layer(x, x, x)[1], each.mean(1))
    assert close(each.sum(-1), np.ones((2, 3, 4)))


BLOCK = (a_causal_output_does_not_depend_on_later_tokens,)
SPECS = (
    Spec("nn.MultiheadAttention", heads_cases, torch_layer("MultiheadAttention"), our_layer("MultiheadAttention"),
         properties=(weights_are_the_mean_over_the_heads_and_sum_to_1,)),
    *(
        Spec(f"nn.{name}", block_cases(name), torch_layer(name), our_layer(name), properties=laws, h=1e-4)
        for name, laws in (
            ("TransformerEncoderLayer", (*BLOCK, without_positions_the_order_of_the_tokens_is_only_carried_along)),
            ("TransformerDecoderLayer", BLOCK),
        )
    ),
)  # fmt: skip
