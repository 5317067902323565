"""For a chosen token: how much attention each earlier token got, and what hiding one would have changed."""

from __future__ import annotations

import numpy as np

from course_lib.activations import log_softmax
from course_lib.attention import causal_mask
from course_lib.chatbot.inspect import attention_rows, look
from course_lib.chatbot.numpy_decoder import NumpyDecoder

MOST = 8  # earlier tokens shown


def readable(model) -> NumpyDecoder | None:
    """Return a decoder with the model's weights that shows its attention; None for models of another kind."""
    if isinstance(model, NumpyDecoder):
        return model
    if type(model).__module__ != "course_lib.chatbot.transformer":
        return None
    from course_lib.chatbot.weights import to_arrays

    return NumpyDecoder(model.config, to_arrays(model))


def attention(decoder: NumpyDecoder, ids: list[int]) -> np.ndarray:
    """Return the last token's attention to each token, (T,), mean over all layers and heads; it sums to 1."""
    return attention_rows(decoder, ids).mean((0, 1))


def effect(decoder: NumpyDecoder, ids: list[int], chosen: int, hidden: list[int], over=bool) -> np.ndarray | None:
    """Return how log p(chosen after ids), in nats, changes when nobody may look at a token: for each one ``hidden``.

    None if ``over()`` says, between two passes through a model that may be slow, that nobody wants to know any more.
    """
    whole = causal_mask(len(ids))
    found = []
    for place in [None, *hidden]:
        if over():
            return None
        mask = whole.copy()
        if place is not None:
            mask[:, place] = False
            mask[place, place] |= not mask[place].any()  # the first token has nothing else to look at
        found.append(log_softmax(look(decoder, ids, mask, -1)[0], -1)[chosen])
    return np.array(found[1:]) - found[0]
