"""Scaled dot-product attention, forward and backward, and the masks that go with it.

Masks are those of PyTorch's `scaled_dot_product_attention`: Boolean, True where a query may attend to a key, or real,
added to the scores; they receive no gradient. A query that may attend to nothing gets the output 0.

The scores are computed in tiles that stay in the processor's cache; under a causal mask, the tiles above the diagonal
are left out.
"""

import math
from functools import lru_cache

import numpy as np

from course_lib.op import Array, Labels, once, op

_TILE = 24576  # scores per tile: past some 30,000, OpenBLAS changes to slower kernels
_SAFE = 60.0  # exp(±60), and a sum of many such numbers, is within the reach of float32


@op
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Labels | None = None,
    is_causal: bool = False,
    scale: float | None = None,
):
    """softmax(Q Kᵀ · scale + mask) V. Vaswani et al., NeurIPS 2017, eq. 1.

    With P the softmax, O the output and G its gradient: dV = Pᵀ G, dS = P ⊙ (G Vᵀ - (G ⊙ O) 1), dQ = dS K · scale,
    dK = dSᵀ Q · scale.

    Parameters
    ----------
    query : array, (..., L, E)
    key : array, (..., S, E)
    value : array, (..., S, Ev)
        The leading axes, usually (batch, heads), broadcast.
    attn_mask : array, broadcastable to (..., L, S), optional
    is_causal : bool
        Query i sees keys 0 to i only. Not together with `attn_mask`, as in PyTorch.
    scale : float, optional
        1/√E by default.

    Returns
    -------
    array, (..., L, Ev)
    """
    s = _Scores("scaled_dot_product_attention", query, key, attn_mask, is_causal, scale, value)
    # P = E / z. A column of ones beside V makes E V yield the row sums z too, and G Vᵀ the difference in dS.
    v1 = _with_column(s.heads(value), 1)  # (N, S, Ev + 1)
    out, tiles = np.zeros((*s.shape[:2], v1.shape[2]), v1.dtype), []
    for heads, rows, keys in s.tiles:
        tiles.append(s.exp(heads, rows, keys))
        np.matmul(tiles[-1], v1[heads, keys], out=out[heads, rows])
    out, z = out[..., :-1], _nonzero(out[..., -1:])
    out = out / z

    @once
    def backward(g):
        g, v1_t, dv = s.heads(g) / z, _t(v1).copy(), np.zeros_like(v1[..., :-1])
        g1 = _with_column(g, -(g * out).sum(-1, keepdims=True))

        def score_gradients():
            for e, (heads, rows, keys) in zip(tiles, s.tiles, strict=True):
                dv[heads, keys] += _t(e) @ g[heads, rows]
                ds = g1[heads, rows] @ v1_t[heads, :, keys]
                ds *= e
                yield ds

        return (*s.gradients(score_gradients()), s.unfold(dv))

    return s.unfold(out), (lambda g: backward(g)[0], lambda g: backward(g)[1], lambda g: backward(g)[2])


@op
def attention_weights(
    query: Array, key: Array, attn_mask: Labels | None = None, is_causal: bool = False, scale: float | None = None
):
    """softmax(Q Kᵀ · scale + mask), (..., L, S): the weights of `scaled_dot_product_attention`, same arguments.

    Each row sums to 1, or to 0 for a query that may attend to nothing.
    """
    s = _Scores("attention_weights", query, key, attn_mask, is_causal, scale)
    p = np.zeros(s.shape, s.q.dtype)
    for tile in s.tiles:
        p[tile] = s.exp(*tile)
    p /= _nonzero(p.sum(-1, keepdims=True))

    @once
    def backward(g):
        ds = p * (s.heads(g) - (s.heads(g) * p).sum(-1, keepdims=True))
        return s.gradients(ds[tile] for tile in s.tiles)

    return s.unfold(p), (lambda g: backward(g)[0], lambda g: backward(g)[1])


def causal_mask(length: int, key_length: int | None = None) -> np.ndarray:
    """(L, S) Booleans, True where key j ≤ query i: what ``is_causal`` stands for."""
    return np.tri(length, length if key_length is None else key_length, dtype=bool)


def padding_mask(lengths, max_length: int | None = None) -> np.ndarray:
    """(B, T) Booleans, True at the first `lengths[b]` positions of row b: the real tokens.

    As `attn_mask` for (B, heads, L, S) it needs two more axes: ``padding_mask(lengths)[:, None, None, :]``. PyTorch's
    `key_padding_mask` means the opposite: give it ``~padding_mask(lengths)``.
    """
    lengths = np.asarray(lengths)
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        raise ValueError(f"padding_mask: lengths must be a list of integers, got {lengths.dtype} {lengths.shape}")
    return np.arange(lengths.max(initial=0) if max_length is None else max_length) < lengths[:, None]


def sinusoidal_positions(length: int, dim: int, base: float = 10000.0) -> np.ndarray:
    """PE[t, 2i] = sin(t / base^(2i/dim)), PE[t, 2i+1] = cos of the same; (length, dim). Vaswani et al., 2017, §3.5."""
    _even("sinusoidal_positions", dim)
    angles = _angles(np.arange(length), dim, base)
    return np.stack([np.sin(angles), np.cos(angles)], -1).reshape(length, dim)


@op
def rotary(x: Array, positions: Labels | None = None, base: float = 10000.0):
    """Turn the pair (x_i, x_{i+d/2}) at position t by the angle t / base^(2i/d). Su et al., 2021, arXiv:2104.09864.

    The product of a turned query and a turned key depends on their positions only through the difference. The pairs
    are Llama's ("rotate half"); the paper pairs neighbours, which is the same up to the order of the features. The
    gradient is turned back.

    Shapes: x (..., T, d), d even; positions (T,), 0, 1, ... by default; result (..., T, d).
    """
    if x.ndim < 2:
        raise ValueError(f"rotary: x must have shape (..., T, d), got {x.shape}")
    _even("rotary", x.shape[-1])
    positions = np.arange(x.shape[-2]) if positions is None else positions
    if positions.shape != x.shape[-2:-1]:
        raise ValueError(f"rotary: positions must have shape {x.shape[-2:-1]}, got {positions.shape}")
    angles = _angles(positions, x.shape[-1], base)
    cos, sin = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)

    def turn(a, sin):
        a, b = np.split(a, 2, -1)
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    return turn(x, sin), (lambda g: turn(g, -sin),)


def _angles(positions, dim, base):
    return positions[:, None] / base ** (np.arange(0, dim, 2) / dim)  # (T, dim / 2)


def _even(name, dim):
    if dim % 2:
        raise ValueError(f"{name}: the last dimension must be even, got {dim}")


class _Scores:
    """The scores S = Q Kᵀ · scale + mask of all heads, tile by tile, and the way back to Q and K.

    A tile is a triple of slices: heads, queries, keys. All leading axes are folded into one, the heads.
    """

    def __init__(self, name, query, key, mask, is_causal, scale, value=None):
        self.batch = _check(name, query, key, mask, is_causal, value)
        self.key_shape, self.scale = key.shape, 1 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
        self.q, self.k = self.heads(query) * query.dtype.type(self.scale), self.heads(key)  # (N, L, E), (N, S, E)
        self.k_t = _t(self.k).copy()  # (N, E, S): OpenBLAS is twice as fast on it
        self.shape = (*self.q.shape[:2], self.k.shape[1])  # (N, L, S)
        self.causal, self.tiles = is_causal, _tiles(*self.shape, is_causal)
        # No score exceeds |q| |k| (Cauchy-Schwarz): where that is small, exp needs no maximum subtracted first.
        self.small = _longest(self.q) * _longest(self.k) < _SAFE and (mask is None or mask.dtype == bool)
        self.mask = mask if mask is None else self.heads(mask, self.shape[1:])

    def heads(self, a, last=None):
        """Broadcast the leading axes and fold them into one: (..., m, n) → (N, m, n)."""
        last = a.shape[-2:] if last is None else last
        if a.ndim <= 2:  # the same for all heads: a view will do
            return np.broadcast_to(a, (math.prod(self.batch), *last))
        return np.broadcast_to(a, (*self.batch, *last)).reshape(math.prod(self.batch), *last)

    def unfold(self, a):
        """Undo `heads`."""
        return a.reshape(*self.batch, *a.shape[1:])

    def exp(self, heads, rows, keys):
        """A tile of E = exp(S - a number per row), 0 where the mask forbids."""
        e = self.q[heads, rows] @ self.k_t[heads, :, keys]
        if self.causal:
            later = e[..., rows.start :]
            np.copyto(later, -np.inf, where=_later(*later.shape[1:]))
        if self.mask is not None and self.mask.dtype == bool:
            np.copyto(e, -np.inf, where=~self.mask[heads, rows, keys])
        elif self.mask is not None:
            e += self.mask[heads, rows, keys]
        if not self.small:
            top = e.max(-1, keepdims=True, initial=-np.inf)
            e -= np.where(top == -np.inf, 0, top)
        return np.exp(e, out=e)

    def gradients(self, score_gradients):
        """dQ = dS K · scale and dK = dSᵀ Q · scale, from the tiles of dS."""
        dq, dk = np.zeros_like(self.q), np.zeros_like(self.k)
        for ds, (heads, rows, keys) in zip(score_gradients, self.tiles, strict=True):
            np.matmul(ds, self.k[heads, keys], out=dq[heads, rows])
            dk[heads, keys] += _t(ds) @ self.q[heads, rows]
        dq *= dq.dtype.type(self.scale)
        return self.unfold(dq), self.unfold(dk)


def _tiles(heads, queries, keys, causal):
    """Cut the scores of all heads: many small heads, or some queries of one head, make a tile."""
    rows = min(max(queries, 1), max(16, _TILE // max(keys, 1)))
    many = max(1, _TILE // max(rows * keys, 1)) if rows == queries else 1
    return [
        (slice(n, n + many), slice(r, r + rows), slice(0, min(r + rows, keys) if causal else keys))
        for n in range(0, heads, many)
        for r in range(0, queries, rows)
    ]


@lru_cache
def _later(rows, columns):
    return ~np.tri(rows, columns, dtype=bool)


def _with_column(a, column):
    """Append one column to each matrix of a (N, m, n)."""
    out = np.empty((*a.shape[:2], a.shape[2] + 1), a.dtype)
    out[..., :-1], out[..., -1:] = a, column
    return out


def _longest(a):
    return math.sqrt(np.einsum("nij,nij->ni", a, a).max(initial=0))


def _nonzero(z):
    return np.where(z == 0, 1, z)  # the row sum of a query that sees nothing


def _t(a):
    return a.swapaxes(-1, -2)


def _check(name, query, key, mask, is_causal, value):
    """Insist on matching shapes; return the leading axes that all inputs broadcast to."""
    value = key if value is None else value
    matrices = min(query.ndim, key.ndim, value.ndim) >= 2
    if not matrices or query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ValueError(f"{name}: needs query (..., L, E), key (..., S, E) and value (..., S, Ev), "
                         f"got {query.shape}, {key.shape} and {value.shape}")
    batch = np.broadcast_shapes(*(a.shape[:-2] for a in (query, key, value)))
    if mask is None:
        return batch
    if is_causal:
        raise ValueError(f"{name}: attn_mask and is_causal exclude each other; combine the mask with causal_mask")
    if mask.dtype.kind not in "bf":
        raise ValueError(f"{name}: attn_mask must be Boolean or real, got {mask.dtype}")
    full = (*batch, query.shape[-2], key.shape[-2])
    if mask.ndim > len(full) or any(m not in (1, n) for m, n in zip(mask.shape[::-1], full[::-1], strict=False)):
        raise ValueError(f"{name}: attn_mask of shape {mask.shape} does not broadcast to the scores' {full}")
    return batch
