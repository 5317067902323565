"""Where a decoder looks: its attention weights, and what becomes of a prediction when a token is hidden. NumPy only.

Shapes: T tokens, B masks at once, N layers of H heads, V tokens in the vocabulary.
"""

import numpy as np

from course_lib.activations import log_softmax
from course_lib.attention import causal_mask, rotary, scaled_dot_product_attention
from course_lib.chatbot.numpy_decoder import NumpyDecoder


def look(decoder: NumpyDecoder, ids, mask=None, at: int | None = None):
    """Run a decoder over whole sequences and keep what it looked at; with ``at``, only what it says after that token.

    The weights come from the function that the decoder itself attends with (after ``use_mine("attention", ...)`` the
    learner's): its values are extended by the identity, and P [V, I] = [P V, P].

    Parameters
    ----------
    decoder : NumpyDecoder
    ids : sequence of int, (T,)
    mask : array of bool, (T, T) or (B, T, T), optional
        True where the token of the row may look at that of the column; causal by default. Every row needs one True.
    at : int, optional
        The only position whose logits are wanted; much faster.

    Returns
    -------
    logits : array, (T, V) or (B, T, V), float32; with ``at`` (V,) or (B, V)
    weights : array, (N, H, T, T) or (B, N, H, T, T), float32; with ``at`` None
        Each row sums to 1.

    Raises
    ------
    ValueError
        If ids, mask or at do not fit the model, naming what came.
    """
    c, ids = decoder.config, _checked(decoder, ids, at)
    masks, options = _masks(mask, len(ids))
    x, seen = _embedded(decoder, ids, len(masks)), []
    for layer in decoder.layers:
        y, p = _attend(c, layer.qkv(decoder.norm(x)), masks, options, at is None)
        seen.append(p)
        if at is not None and layer is decoder.layers[-1]:
            x, y = x[:, at], y[:, at]  # the rest no longer matters
        x = x + layer.out(y)
        x = x + layer.down(decoder.act(layer.up(decoder.norm(x))))
    logits = decoder.head(decoder.norm(x))
    p = np.stack(seen, 1) if at is None else None
    return (logits, p) if np.ndim(mask) == 3 else (logits[0], p[0] if at is None else None)


def attention_rows(decoder: NumpyDecoder, ids, at: int = -1) -> np.ndarray:
    """How much the token at position ``at`` looks at each token up to itself: (N, H, at + 1), each row summing to 1."""
    ids = _checked(decoder, ids, at)
    return look(decoder, ids[: at % len(ids) + 1])[1][:, :, -1]


def effects(look, ids, mask, at: int, target: int) -> np.ndarray:
    """Change of log p(target after position ``at``) when nobody may look at token j, for each j: (T,), in nats.

    A token that would have nothing left to look at keeps looking at itself.

    Parameters
    ----------
    look : callable
        (ids, masks (B, T, T), at) → (logits after position ``at`` (B, V), ...)
    ids : sequence of int, (T,)
    mask : array of bool, (T, T)
        Who may look at whom while nothing is hidden.
    at, target : int
    """
    j = np.arange(len(ids))
    masks = np.repeat(mask[None], len(ids) + 1, 0)  # nothing hidden, then one mask for each token
    masks[1 + j, :, j] = False
    masks[:, j, j] |= ~masks.any(-1)
    log_p = log_softmax(look(ids, masks, at)[0], -1)[:, target]
    return log_p[1:] - log_p[0]


def _checked(decoder, ids, at=None):
    c, ids = decoder.config, np.asarray(ids)
    if ids.ndim != 1 or not ids.size or ids.dtype.kind not in "iu":
        raise ValueError(f"look: ids must be whole numbers (T,), at least one, got {ids.dtype} {ids.shape}")
    if len(ids) > c.block_size:
        raise ValueError(f"look: {len(ids)} tokens, but block_size is {c.block_size}")
    if bad := [int(i) for i in ids if not 0 <= i < c.vocab_size]:
        raise ValueError(f"look: id {bad[0]} is outside the vocabulary of {c.vocab_size} tokens")
    if at is not None and not -len(ids) <= at < len(ids):
        raise ValueError(f"look: at must be a position among {len(ids)} tokens, got {at}")
    return ids


def _masks(mask, n):
    """(B, T, T), and the attention function's options that mean the same; causal and full masks have their own."""
    masks = causal_mask(n)[None] if mask is None else np.asarray(mask)
    if masks.dtype != bool or masks.shape[-2:] != (n, n) or masks.ndim not in (2, 3):
        raise ValueError(f"look: mask must be Boolean, ({n}, {n}) or (B, {n}, {n}), got {masks.dtype} {masks.shape}")
    masks = masks.reshape(-1, n, n)
    if not masks.any(-1).all():
        raise ValueError("look: mask leaves a token nothing to look at; every row needs one True")
    if (masks == causal_mask(n)).all():
        return masks, {"is_causal": True}
    return masks, {} if masks.all() else {"attn_mask": masks[:, None, None]}


def _embedded(decoder, ids, batch):
    x = decoder.embed[ids] + (0 if decoder.positions is None else decoder.positions[: len(ids)])
    return np.repeat(x[None], batch, 0)  # (B, T, C)


def _attend(c, qkv, masks, options, weights):
    """Mixed values (B, T, H·D) and weights (B, H, T, T) of one layer."""
    batch, n = qkv.shape[:2]
    heads = qkv.reshape(batch, n, -1, c.d_head).swapaxes(1, 2)  # (B, H + 2K, T, D)
    q, k, v = np.split(heads, [c.n_head, c.n_head + c.n_kv_head], 1)
    if c.position == "rotary":
        q, k = (rotary(a, np.arange(n), c.rope_base) for a in (q, k))
    q, k, v = q.reshape(batch, c.n_kv_head, -1, n, c.d_head), k[:, :, None], v[:, :, None]
    if weights:
        v = np.concatenate([v, np.broadcast_to(np.eye(n, dtype=v.dtype), (*v.shape[:-1], n))], -1)
    y = scaled_dot_product_attention(q, k, v, **options, scale=1.0).reshape(batch, c.n_head, n, -1)
    mixed = y[..., : c.d_head].swapaxes(1, 2).reshape(batch, n, -1)
    return mixed, y[..., c.d_head :] if weights else None
