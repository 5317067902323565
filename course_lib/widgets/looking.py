"""Attention of any model: decoders of the chatbot, modules with `nn.MultiheadAttention`, or whatever has `look`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib import nn
from course_lib.autograd import no_grad
from course_lib.chatbot import inspect
from course_lib.chatbot.numpy_decoder import NumpyDecoder

from .learners import kind, numbers


def looker(model) -> Callable:
    """A function (x, mask, at) → (logits (T, V), weights (layers, heads, T, T)); masks (B, T, T) give B of each.

    ``x`` is what the model reads: T token ids, or T rows. ``mask`` is Boolean, True where the token of the row may look
    at that of the column; None leaves the model as it is.
    ``at``, if given, is the only position whose logits are wanted: (V,) or (B, V), and no weights (None).

    Parameters
    ----------
    model : NumpyDecoder, Transformer, Module, or object with ``look(x, mask)``
        A `Transformer` is read as it is now, each time. A module is called with x[None].

    Raises
    ------
    TypeError
        If the model is nothing of this.
    """
    if isinstance(model, NumpyDecoder):
        return lambda x, mask=None, at=None: inspect.look(model, x, mask, at)
    if hasattr(model, "look"):
        return _one_by_one(model.look)
    if hasattr(model, "config") and hasattr(model, "state_dict"):
        from course_lib.chatbot.weights import to_arrays

        return lambda *args: inspect.look(NumpyDecoder(model.config, to_arrays(model)), *args)
    if isinstance(model, nn.Module) and _attentions(model):
        return _one_by_one(lambda x, mask: _look_inside(model, x, mask))
    raise TypeError("AttnMap: the model must be a decoder of the chatbot, a module with nn.MultiheadAttention inside, "
                    f"or have a method look(x, mask); got {type(model).__name__}")  # fmt: skip


def _one_by_one(look):
    def one(x, mask):
        found = look(x, mask)
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            raise ValueError(f"look: expected (logits, weights), got {kind(found)}")
        return checked(*found, len(x))

    def several(x, mask=None, at=None):
        found = [one(x, m) for m in (mask if np.ndim(mask) == 3 else [mask])]
        logits, weights = (np.stack(each) for each in zip(*found, strict=True))
        logits, weights = (logits, weights) if at is None else (logits[:, at], None)
        return (logits, weights) if np.ndim(mask) == 3 else (logits[0], None if weights is None else weights[0])

    return several


def checked(logits, weights, n: int):
    """What a model's ``look`` returned, if it is logits and attention.

    Raises
    ------
    ValueError
        Saying what is wrong: shapes, numbers that are not finite, rows that do not sum to 1 (within 0.01).
    """
    logits, weights = (numbers(f"look: its {name}", a) for name, a in (("logits", logits), ("weights", weights)))
    if weights.ndim != 4 or weights.shape[2:] != (n, n) or not weights.size:
        raise ValueError(f"look: expected weights (layers, heads, {n}, {n}), got {weights.shape}")
    if logits.ndim != 2 or len(logits) != n:
        raise ValueError(f"look: expected logits ({n}, V), got {logits.shape}")
    if not np.isfinite(weights).all() or not np.isfinite(logits).all():
        raise ValueError("look: a weight or a logit is not a finite number")
    sums = weights.sum(-1)
    worst = sums.flat[np.abs(sums - 1).argmax()]
    if abs(worst - 1) > 0.01 or (weights < 0).any():
        raise ValueError(f"look: each row of weights must sum to 1 without negative numbers; one sums to {worst:.3f}")
    return logits, weights


def _attentions(model) -> list:
    return [m for _, m in model.named_modules() if isinstance(m, nn.MultiheadAttention)]


def _look_inside(model, x, mask):
    """Call the module with every self-attention's mask replaced, and keep the weights of each."""
    seen, layers, n = [], _attentions(model), len(x)
    modes = [(m, m.training) for _, m in model.named_modules()]
    model.eval()
    for layer in layers:
        layer.forward = _watched(layer, mask, n, seen)  # hides the class's own
    try:
        with no_grad():
            out = model(np.asarray(x)[None])
    finally:
        for layer in layers:
            del layer.forward
        for module, mode in modes:
            module.training = mode
    if not seen:
        raise ValueError(f"look: the model made no attention over these {n} tokens")
    logits = np.asarray(getattr(out, "data", out))
    return logits[0] if logits.ndim == 3 else np.repeat(logits, n, 0), np.concatenate(seen)


def _watched(layer, mask, n, seen):
    own = type(layer).forward

    def forward(query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
                average_attn_weights=True, is_causal=False):  # fmt: skip
        if mask is not None and query is key:
            attn_mask, is_causal = ~mask, False  # in these layers True is left out
        out, weights = own(layer, query, key, value, key_padding_mask, True, attn_mask, False, is_causal)
        if weights.shape[2:] == (n, n):
            seen.append(weights.data[:1])
        return out, (weights.mean(1) if average_attn_weights else weights) if need_weights else None

    return forward
