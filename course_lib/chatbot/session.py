"""Token by token with PyTorch: the model, its cache, and prompts of different length side by side."""

import numpy as np
import torch

from course_lib.chatbot.transformer import Cache, Transformer


class Session:
    """Prompts read into a cache, and one step at a time after them. `NumpyDecoder` has the same members.

    Shorter prompts are padded on the left; padding is never looked at and takes up no position.

    Attributes
    ----------
    logits : array, (B, V), float32
        Of each sequence's next token.
    """

    @torch.inference_mode()
    def __init__(self, model: Transformer, prompts: list[list[int]], room: int):
        longest = max(map(len, prompts))
        padding = [longest - len(p) for p in prompts]
        self.model, self.device = model, model.embed.weight.device
        ids = torch.tensor([[0] * n + list(p) for n, p in zip(padding, prompts, strict=True)], device=self.device)
        ragged = torch.tensor(padding, device=self.device) if any(padding) else None
        self.cache = Cache(model, len(prompts), longest + room, ragged)
        self._run(ids)

    @torch.inference_mode()
    def step(self, tokens) -> np.ndarray:
        """Add one token (B,) to each sequence; return the next logits (B, V)."""
        self._run(torch.as_tensor(np.asarray(tokens, dtype=np.int64), device=self.device)[:, None])
        return self.logits

    @torch.inference_mode()
    def keep(self, rows: list[int]) -> None:
        """Go on with these sequences only; the others' room is given back."""
        cache, self.logits = self.cache, self.logits[rows]
        cache.k, cache.v = cache.k[:, rows], cache.v[:, rows]
        cache.padding = None if cache.padding is None else cache.padding[rows]

    def _run(self, ids):
        training = self.model.training
        if training:
            self.model.eval()  # no dropout
        self.logits = self.model(ids, self.cache, last=True)[:, -1].float().cpu().numpy()
        if training:
            self.model.train()
