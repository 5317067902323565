"""Multi-head attention and the two Transformer blocks. Names, weights and defaults are PyTorch's.

In these layers a Boolean mask says what is *left out* (True: may not attend), as in PyTorch's layers; in
`course_lib.attention` it says what may be attended to, as in PyTorch's function.
"""

import numpy as np

from course_lib import activations, arithmetic, init
from course_lib.attention import attention_weights, causal_mask, scaled_dot_product_attention
from course_lib.nn.linear import Linear
from course_lib.nn.module import Module, Parameter
from course_lib.nn.normalization import Dropout, LayerNorm


class MultiheadAttention(Module):
    """Concat(head_1, ..., head_h) W_oᵀ + b_o, head_i the attention of Q W_qiᵀ, K W_kiᵀ, V W_viᵀ.

    Vaswani et al., NeurIPS 2017, §3.2.2.

    Parameters
    ----------
    embed_dim : int
        E, divisible by `num_heads`.
    num_heads : int
    dropout : float
        Probability of dropping an attention weight, in training.
    bias : bool
    batch_first : bool
        False, PyTorch's default: inputs are (L, N, E). True: (N, L, E).
    rng : numpy.random.Generator, optional
    dtype : numpy dtype

    in_proj_weight (3E, E) holds W_q, W_k, W_v below one another. Queries, keys and values all have E features.
    """

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, batch_first=False, *, rng=None, dtype=np.float32):
        if num_heads < 1 or embed_dim < 1 or embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: embed_dim {embed_dim} is not divisible by num_heads {num_heads}")
        self.embed_dim, self.num_heads, self.batch_first = embed_dim, num_heads, batch_first
        self.in_proj_weight = init.xavier_uniform_(Parameter(np.empty((3 * embed_dim, embed_dim), dtype)), rng=rng)
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        if bias:
            init.zeros_(self.out_proj.bias)
        self.dropout = Dropout(dropout, rng=rng)

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
                average_attn_weights=True, is_causal=False):
        """Attend from each query to the keys.

        Parameters
        ----------
        query : (L, N, E); key, value : (S, N, E); with `batch_first`, N comes first
        key_padding_mask : (N, S), optional
            Boolean, True at keys to be left out, or real, added to the scores.
        need_weights : bool
            Return the weights too, which takes longer.
        attn_mask : (L, S) or (N · heads, L, S), optional
            As `key_padding_mask`, for each pair.
        average_attn_weights : bool
            Return the mean over the heads, (N, L, S), instead of (N, heads, L, S).
        is_causal : bool
            Leave out later keys; unlike PyTorch, which takes it as a hint, without needing `attn_mask` too.

        Returns
        -------
        output, weights
            Like query; weights or None. Where all keys are left out, 0 (PyTorch: nan or 0, by `need_weights`).
        """
        self._check(query, key, value)
        inputs = (query, key, value) if self.batch_first else (_swap(a) for a in (query, key, value))
        q, k, v = (self._heads(a, i) for i, a in enumerate(inputs))  # (N, heads, L or S, E / heads)
        mask = _allowed(attn_mask, key_padding_mask, is_causal, (*q.shape[:3], k.shape[2]))
        only_causal = is_causal and mask is None
        weights = None
        if need_weights or (self.training and self.dropout.p):
            weights = self.dropout(attention_weights(q, k, mask, only_causal))
            y = weights @ v
        else:
            y = scaled_dot_product_attention(q, k, v, mask, only_causal)
        y = self.out_proj(arithmetic.permute(y, (0, 2, 1, 3)).reshape(len(y), -1, self.embed_dim))
        if weights is not None:
            weights = (weights.mean(1) if average_attn_weights else weights) if need_weights else None
        return y if self.batch_first else _swap(y), weights

    def _heads(self, x, i):
        """Project with the i-th third of the weights and split into heads: (N, L, E) → (N, heads, L, E / heads)."""
        part = slice(i * self.embed_dim, (i + 1) * self.embed_dim)
        bias = None if self.in_proj_bias is None else self.in_proj_bias[part]
        y = arithmetic.linear(x, self.in_proj_weight[part], bias)
        return y.reshape(*y.shape[:2], self.num_heads, -1).permute(0, 2, 1, 3)

    def _check(self, query, key, value):
        n = 0 if self.batch_first else 1
        good = all(a.ndim == 3 and a.shape[2] == self.embed_dim for a in (query, key, value))
        if not good or not query.shape[n] == key.shape[n] == value.shape[n] or key.shape != value.shape:
            order = "(N, L, E), (N, S, E), (N, S, E)" if self.batch_first else "(L, N, E), (S, N, E), (S, N, E)"
            raise ValueError(f"MultiheadAttention: query, key and value must be {order} with E = {self.embed_dim}, "
                             f"got {query.shape}, {key.shape}, {value.shape}")

    def extra_repr(self):
        """Show the sizes."""
        return f"{self.embed_dim}, {self.num_heads}"


class _TransformerLayer(Module):
    """What both blocks share: sublayers, each with a residual connection and a layer normalisation."""

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation="relu", layer_norm_eps=1e-5,
                 batch_first=False, norm_first=False, bias=True, *, rng=None, dtype=np.float32):
        if activation not in ("relu", "gelu"):
            raise ValueError(f'{type(self).__name__}: activation must be "relu" or "gelu", got {activation!r}')
        self.norm_first, self.activation = norm_first, getattr(activations, activation)
        shared = {"rng": rng, "dtype": dtype}
        for name in self.attentions:
            setattr(self, name, MultiheadAttention(d_model, nhead, dropout, bias, batch_first, **shared))
        self.linear1 = Linear(d_model, dim_feedforward, bias, **shared)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **shared)
        for i in range(len(self.attentions) + 1):
            setattr(self, f"norm{i + 1}", LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        self.dropout = Dropout(dropout, rng=rng)

    def _residual(self, x, norm, sublayer):
        """x + f(norm x), or norm(x + f(x)) as in the paper."""
        if self.norm_first:
            return x + self.dropout(sublayer(norm(x)))
        return norm(x + self.dropout(sublayer(x)))

    def _feed_forward(self, x):
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_TransformerLayer):
    """Self-attention, then a feed-forward network at each position. Vaswani et al., NeurIPS 2017, §3.1.

    Parameters
    ----------
    d_model, nhead, dim_feedforward : int
    dropout : float
    activation : {"relu", "gelu"}
    layer_norm_eps : float
    batch_first : bool
        False, PyTorch's default: inputs are (T, N, d_model). True: (N, T, d_model).
    norm_first : bool
        Normalise before each sublayer (as GPT-2 does) instead of after it.
    bias : bool
    rng : numpy.random.Generator, optional
    dtype : numpy dtype
    """

    attentions = ("self_attn",)

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        """Masks as in `MultiheadAttention.forward`."""
        attend = lambda x: self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0]  # noqa: E731
        return self._residual(self._residual(src, self.norm1, attend), self.norm2, self._feed_forward)


class TransformerDecoderLayer(_TransformerLayer):
    """Self-attention, attention to an encoder's output (`memory`), then a feed-forward network.

    Vaswani et al., NeurIPS 2017, §3.1. Parameters are those of `TransformerEncoderLayer`.
    """

    attentions = ("self_attn", "multihead_attn")

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal=False, memory_is_causal=False):
        """Masks as in `MultiheadAttention.forward`."""
        def attend(x):
            return self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)[0]

        def look(x):
            return self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask, is_causal=memory_is_causal
            )[0]

        x = self._residual(tgt, self.norm1, attend)
        return self._residual(self._residual(x, self.norm2, look), self.norm3, self._feed_forward)


def _swap(x):
    return arithmetic.permute(x, (1, 0, 2))  # (N, L, E) ↔ (L, N, E)


def _allowed(attn_mask, key_padding_mask, is_causal, shape):
    """Merge the masks into one for `scaled_dot_product_attention`; None if there is none but perhaps the causal one."""
    n, heads, length, keys = shape
    masks = []
    if attn_mask is not None:
        masks.append(_mask("attn_mask", attn_mask, (length, keys), (n * heads, length, keys)))
        masks[0] = masks[0].reshape(n, heads, length, keys) if masks[0].ndim == 3 else masks[0]
    if key_padding_mask is not None:
        masks.append(_mask("key_padding_mask", key_padding_mask, (n, keys))[:, None, None])
    if not masks:
        return None
    if is_causal:
        masks.append(~causal_mask(length, keys))
    if all(m.dtype == bool for m in masks):
        blocked = masks[0]
        for m in masks[1:]:
            blocked = blocked | m
        return ~blocked
    return sum(np.where(m, -np.inf, 0.0) if m.dtype == bool else m for m in masks)


def _mask(name, mask, *shapes):
    mask = np.asarray(mask)
    if mask.shape not in shapes or mask.dtype.kind not in "bf":
        raise ValueError(f"MultiheadAttention: {name} must be Boolean or real and have shape "
                         f"{' or '.join(map(str, shapes))}, got {mask.dtype} {mask.shape}")
    return mask
