"""A decoder-only transformer in one file: GPT-2's parts, Llama's, and what lies between.

Shapes: B sequences, T new tokens, S tokens seen so far, C = d_model, H heads of width D, K heads of keys and values,
V tokens in the vocabulary.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from course_lib.chatbot.config import Config


class Cache:
    """Keys and values of the tokens seen so far: room for `length` of them, taken once.

    Parameters
    ----------
    model : Transformer
    batch, length : int
    padding : Tensor, (B,), optional
        How many padding tokens stand left of each sequence, so that sequences of different length end together.
    """

    def __init__(self, model: "Transformer", batch: int, length: int, padding: Tensor | None = None):
        c, like = model.config, model.embed.weight
        if length > c.block_size:
            raise ValueError(f"Cache: length may be at most block_size = {c.block_size}, got {length}")
        shape = (c.n_layer, batch, c.n_kv_head, length, c.d_head)
        self.k, self.v = (torch.zeros(shape, dtype=like.dtype, device=like.device) for _ in range(2))
        self.used, self.padding = 0, padding

    def append(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Put k and v (B, K, T, D) behind the others; return all, (B, K, S, D)."""
        new, end = k.shape[2], self.used + k.shape[2]
        if end > self.k.shape[3]:
            raise ValueError(f"Cache: {end} tokens, but there is room for {self.k.shape[3]}")
        all_k, all_v = self.k[layer], self.v[layer]  # (B, K, room, D)
        all_k.narrow(2, self.used, new).copy_(k)
        all_v.narrow(2, self.used, new).copy_(v)
        return all_k.narrow(2, 0, end), all_v.narrow(2, 0, end)


class Transformer(nn.Module):
    """Token ids (B, T) to the logits of each next token (B, T, V).

    Vaswani et al., NeurIPS 2017; pre-norm and learned positions: Radford et al., 2019; RMSNorm, SwiGLU, rotary
    positions and grouped queries: Touvron et al., 2023, arXiv:2307.09288.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.config = c = config
        self.recompute = False  # see Recipe
        self.embed = nn.Embedding(c.vocab_size, c.d_model)
        if c.position == "learned":
            self.positions = nn.Embedding(c.block_size, c.d_model)
        else:
            self.fill_tables()
        self.blocks = nn.ModuleList(Block(c, i) for i in range(c.n_layer))
        self.norm = make_norm(c)
        self.head = nn.Linear(c.d_model, c.vocab_size, bias=False)
        self.tie()
        self.apply(self._init)

    def tie(self) -> None:
        """Make the output layer the embedding, if the config says so."""
        if self.config.tied:
            self.head.weight = self.embed.weight

    def fill_tables(self) -> None:
        """Compute the tables of rotary positions; they are not part of the weights."""
        c = self.config
        if c.position == "rotary":
            for name, table in zip(("cos", "sin"), rotary_tables(c.block_size, c.d_head, c.rope_base), strict=True):
                self.register_buffer(name, table, persistent=False)

    def _init(self, module):
        """Normal(0, 0.02); what is added to the residual stream smaller, 1/√(2·layers). Radford et al., 2019."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02 * getattr(module, "residual_scale", 1.0))
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, ids: Tensor, cache: Cache | None = None, last: bool = False) -> Tensor:
        """Logits (B, T, V), or (B, 1, V) if only those after the last token are asked for.

        With a cache, `ids` are the tokens that follow those in it.
        """
        T, start = ids.shape[1], cache.used if cache else 0
        if start + T > self.config.block_size:
            raise ValueError(f"Transformer: {start + T} tokens, but block_size is {self.config.block_size}")
        padding = cache.padding if cache else None
        at, mask = slice(start, start + T), None
        if T > 1 or padding is not None:
            places = torch.arange(start, start + T, device=ids.device)  # (T,)
            mask = visible(places, start + T, padding)
        if padding is not None:
            at = (places - padding[:, None]).clamp(min=0)  # (B, T)
        x, turn = self.embed(ids), None  # (B, T, C)
        if self.config.position == "learned":
            x = x + self.positions.weight[at]  # (T, C) or (B, T, C)
        else:
            turn = self.cos[at].unsqueeze(-3), self.sin[at].unsqueeze(-3)  # (1, T, D) or (B, 1, T, D)
        x = self._drop(x)
        for block in self.blocks:
            x = self.through(block, x, turn, mask, cache)
        if cache:
            cache.used += T
        return self.head(self.norm(x[:, -1:] if last else x))

    def through(self, block, *args) -> Tensor:
        """A block's output; the backward pass may have to compute it again (Chen et al., 2016, arXiv:1604.06174)."""
        if self.recompute and torch.is_grad_enabled():
            return checkpoint(block, *args, use_reentrant=False)
        return block(*args)

    def _drop(self, x):
        return F.dropout(x, self.config.dropout, self.training) if self.config.dropout else x

    def session(self, prompts, room: int):
        """Begin to generate after these prompts, with room for so many more tokens; see `session.Session`."""
        from course_lib.chatbot.session import Session

        return Session(self, prompts, room)

    def n_parameters(self) -> int:
        """Numbers learned; a tied output layer counts once."""
        return sum(p.numel() for p in self.parameters())


class Block(nn.Module):
    """x + attention(norm(x)), then x + feed-forward(norm(x))."""

    def __init__(self, c: Config, layer: int):
        super().__init__()
        self.norm1, self.attention = make_norm(c), Attention(c, layer)
        self.norm2, self.feed = make_norm(c), FeedForward(c)
        self.dropout = c.dropout

    def forward(self, x, turn, mask, cache):
        x = x + self._drop(self.attention(self.norm1(x), turn, mask, cache))  # (B, T, C)
        return x + self._drop(self.feed(self.norm2(x)))

    def _drop(self, x):
        return F.dropout(x, self.dropout, self.training) if self.dropout else x


class Attention(nn.Module):
    """Causal self-attention; H/K heads of queries share one head of keys and values."""

    def __init__(self, c: Config, layer: int):
        super().__init__()
        self.c, self.layer = c, layer
        self.heads = (c.n_head, c.n_kv_head, c.n_kv_head)
        self.qkv = nn.Linear(c.d_model, sum(self.heads) * c.d_head, bias=c.bias)
        self.out = nn.Linear(c.n_head * c.d_head, c.d_model, bias=c.bias)
        self.out.residual_scale = 1 / math.sqrt(2 * c.n_layer)

    def forward(self, x, turn, mask, cache):
        B, T, _ = x.shape
        q, k, v = self.qkv(x).view(B, T, -1, self.c.d_head).transpose(1, 2).split(self.heads, 1)
        if turn:
            q, k = rotate(q, *turn), rotate(k, *turn)  # (B, H, T, D), (B, K, T, D)
        if cache:
            k, v = cache.append(self.layer, k, v)  # (B, K, S, D)
        plain = self.c.attention == "plain" or (self.c.attention == "auto" and plain_is_faster(q))
        y = (plain_attention if plain else fused_attention)(q, k, v, mask)  # (B, H, T, D)
        return self.out(y.transpose(1, 2).reshape(B, T, -1))


class FeedForward(nn.Module):
    """W₂ gelu(W₁ x), or SwiGLU: W₂ (silu(W₁ x) ⊙ W₃ x), W₁ and W₃ being one matrix here."""

    def __init__(self, c: Config):
        super().__init__()
        self.kind = c.activation
        self.up = nn.Linear(c.d_model, c.d_ff * (2 if c.activation == "swiglu" else 1), bias=c.bias)
        self.down = nn.Linear(c.d_ff, c.d_model, bias=c.bias)
        self.down.residual_scale = 1 / math.sqrt(2 * c.n_layer)

    def forward(self, x):
        x = self.up(x)  # (B, T, F or 2F)
        if self.kind == "swiglu":
            gate, x = x.chunk(2, -1)
            return self.down(F.silu(gate) * x)
        return self.down(F.gelu(x, approximate="tanh" if self.kind == "gelu_tanh" else "none"))


def make_norm(c: Config) -> nn.Module:
    """LayerNorm or RMSNorm of width C."""
    if c.norm == "rms":
        return nn.RMSNorm(c.d_model, eps=c.norm_eps)
    return nn.LayerNorm(c.d_model, eps=c.norm_eps, bias=c.bias)


def rotary_tables(length: int, d: int, base: float) -> tuple[Tensor, Tensor]:
    """Cos and sin of t / base^(2i/d), each (length, d): once for either half of a head. Su et al., 2021."""
    speed = base ** -(torch.arange(0, d, 2, dtype=torch.float64) / d)
    angles = torch.outer(torch.arange(length, dtype=torch.float64), speed).repeat(1, 2)
    return angles.cos().float(), angles.sin().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the pairs (xᵢ, xᵢ₊D⸝₂) of (B, H, T, D) by their angles."""
    a, b = x.chunk(2, -1)
    return x * cos.to(x.dtype) + torch.cat((-b, a), -1) * sin.to(x.dtype)


def visible(at: Tensor, S: int, padding: Tensor | None) -> Tensor:
    """Booleans (T, S), or (B, 1, T, S) with padding: True where the tokens at the places `at` (T,) may look."""
    keys = torch.arange(S, device=at.device)
    causal = keys <= at[:, None]  # (T, S)
    if padding is None:
        return causal
    real = keys >= padding[:, None]  # (B, S)
    return (causal & real[:, None])[:, None]


def plain_is_faster(q: Tensor) -> bool:
    """Whether matrix products beat PyTorch's fused function: for bf16 on a CPU, whose fused backward pass is slow."""
    return q.device.type == "cpu" and q.dtype == torch.bfloat16 and q.requires_grad


def plain_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """softmax(q kᵀ / √D + mask) v, the query heads of one key head taken together."""
    B, H, T, D = q.shape
    K, S = k.shape[1], k.shape[2]
    scores = (q * D**-0.5).reshape(B, K, -1, D) @ k.transpose(-1, -2)  # (B, K, H/K·T, S)
    if mask is not None and mask.ndim == 2:  # no row is wholly hidden: add 0 or -∞, which needs no work backwards
        scores = scores.view(B, H, T, S).add_(torch.zeros_like(mask, dtype=q.dtype).masked_fill_(~mask, -torch.inf))
    elif mask is not None:
        scores = scores.view(B, H, T, S).masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1).view(B, K, -1, S)
    return (weights @ v).view(B, H, T, D)


def fused_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """PyTorch's own function; on a GPU FlashAttention (Dao et al., 2022) where it applies."""
    causal = mask is not None and mask.ndim == 2 and q.shape[2] == k.shape[2]
    return F.scaled_dot_product_attention(
        q, k, v, None if causal else mask, is_causal=causal, enable_gqa=q.shape[1] != k.shape[1]
    )
