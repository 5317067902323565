"""The same transformer in NumPy alone: the same logits, without PyTorch, and faster for one token after the other.

What makes it fast: the weights of the norms and the 1/√D of attention are folded into the matrices beside them, the
cache and all results between have their place from the start, and a token costs one product per matrix.

Shapes as in `transformer`: T tokens of a prompt, S seen so far, C = d_model, F = d_ff, V tokens, K heads of keys and
values, G = H / K query heads for each, D their width.
"""

import numpy as np

from course_lib.activations import gelu, silu
from course_lib.attention import rotary, scaled_dot_product_attention
from course_lib.chatbot.config import Config
from course_lib.chatbot.weights import check_shapes
from course_lib.normalization import layer_norm, rms_norm

ROOT = np.float32(np.sqrt(2 / np.pi))


class NumpyDecoder:
    """Generates as a `Transformer` with these weights does.

    Parameters
    ----------
    config : Config
    arrays : dict from name to array
        As `weights.load_weights`, `weights.to_arrays` and `pretrained.convert` return them.

    Raises
    ------
    ValueError
        Naming a weight that is missing, unknown, or of another shape.
    """

    def __init__(self, config: Config, arrays: dict[str, np.ndarray]):
        check_shapes({n: a for n, a in arrays.items() if n != "head.weight" or not config.tied}, expected(config))
        self.config, c = config, config
        a = {name: np.asarray(array, np.float32) for name, array in arrays.items()}
        self.embed, self.positions = a["embed.weight"], a.get("positions.weight")
        self.layers = [_Layer(c, a, f"blocks.{i}.") for i in range(c.n_layer)]
        self.head = _Linear(self.embed if c.tied else a["head.weight"], None, a["norm.weight"], a.get("norm.bias"))
        pairs = np.arange(0, c.d_head, 2) / c.d_head
        angles = np.multiply.outer(np.arange(c.block_size), [c.rope_base**-pairs] * 2)  # (block, 2, D/2)
        self.cos, self.sin = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        self.sin[:, 0] *= -1  # the first half of a turned pair is a·cos - b·sin

    def session(self, prompts: list[list[int]], room: int) -> "Sessions":
        """Begin to generate after these prompts, with room for so many more tokens."""
        return Sessions(self, prompts, room)

    def norm(self, x: np.ndarray) -> np.ndarray:
        """Normalise (T, C); its weights are part of the matrix that follows."""
        kind = rms_norm if self.config.norm == "rms" else layer_norm
        return kind(x, self.config.d_model, eps=self.config.norm_eps)

    def act(self, x: np.ndarray) -> np.ndarray:
        """The activation of the feed-forward layer, (T, F) or (T, 2F) → (T, F)."""
        if self.config.activation == "swiglu":
            gate, x = np.split(x, 2, -1)
            return silu(gate) * x
        return gelu(x, "tanh" if self.config.activation == "gelu_tanh" else "none")


class Sessions:
    """Several sequences, one after the other at each step: BLAS gains nothing from small batches of vectors."""

    def __init__(self, decoder, prompts, room):
        self.runs = [_Run(decoder, prompt, room) for prompt in prompts]

    @property
    def logits(self) -> np.ndarray:
        """Of each sequence's next token, (B, V)."""
        return np.stack([run.logits for run in self.runs]) if len(self.runs) > 1 else self.runs[0].logits[None]

    def step(self, tokens) -> np.ndarray:
        """Add one token (B,) to each sequence; return the next logits (B, V)."""
        for run, token in zip(self.runs, tokens, strict=True):
            run.step(int(token))
        return self.logits

    def keep(self, rows: list[int]) -> None:
        """Go on with these sequences only; the others' room is given back."""
        self.runs = [self.runs[i] for i in rows]


class _Linear:
    """W (n(x) ⊙ w + b) + c as one matrix W ⊙ w and one vector W b + c; `weight` and `shift` are the norm's w and b.

    `gain` keeps w, for whoever must take it out again: `Int8Linear`.
    """

    def __init__(self, matrix, bias, weight=None, shift=None):
        self.w = np.ascontiguousarray(matrix if weight is None else matrix * weight)  # (out, in)
        self.gain = weight
        self.b = bias if shift is None else matrix @ shift + (0 if bias is None else bias)

    def __call__(self, x):  # (..., in) → (..., out)
        y = x.reshape(-1, x.shape[-1]) @ self.w.T  # one product: NumPy would make one for each of the batch
        y = y if self.b is None else y + self.b
        return y.reshape(*x.shape[:-1], -1)

    def into(self, x, out):  # (in,) → (out,), in place
        np.dot(self.w, x, out=out)
        if self.b is not None:
            out += self.b


class _Layer:
    """The four matrices of one block."""

    def __init__(self, c, a, prefix):
        def linear(name, norm=None):
            w, b = a[f"{prefix}{name}.weight"], a.get(f"{prefix}{name}.bias")
            if norm is None:
                return _Linear(w, b)
            return _Linear(w, b, a[f"{prefix}{norm}.weight"], a.get(f"{prefix}{norm}.bias"))

        self.qkv, self.out = linear("attention.qkv", "norm1"), linear("attention.out")
        self.up, self.down = linear("feed.up", "norm2"), linear("feed.down")
        queries = slice(0, c.n_head * c.d_head)
        self.qkv.w[queries] *= np.float32(c.d_head**-0.5)
        if self.qkv.b is not None:
            self.qkv.b = np.concatenate([self.qkv.b[queries] * np.float32(c.d_head**-0.5), self.qkv.b[queries.stop :]])


class _Run:
    """One sequence: its cache, and room for all that one token needs on its way."""

    def __init__(self, decoder: NumpyDecoder, prompt: list[int], room: int):
        c = decoder.config
        self.d, self.c, self.used, self.length = decoder, c, 0, len(prompt) + room
        if self.length > c.block_size:
            raise ValueError(f"NumpyDecoder: {self.length} tokens, but block_size is {c.block_size}")
        self.groups = c.n_head // c.n_kv_head
        self.cache = np.zeros((c.n_layer, 2, c.n_kv_head, self.length, c.d_head), np.float32)  # keys, values
        self.x, self.h, self.logits = (np.empty(n, np.float32) for n in (c.d_model, c.d_model, c.vocab_size))
        self.qkv = np.empty((c.n_head + 2 * c.n_kv_head) * c.d_head, np.float32)
        self.q = self.qkv[: c.n_head * c.d_head].reshape(c.n_kv_head, self.groups, c.d_head)
        self.kv = self.qkv[self.q.size :].reshape(2, c.n_kv_head, c.d_head)
        self.pairs = self.qkv.reshape(-1, 2, c.d_head // 2)[: c.n_head + c.n_kv_head]
        self.swapped, self.across = self.pairs[:, ::-1], np.empty_like(self.pairs)
        self.mixed = np.empty(c.n_head * c.d_head, np.float32)
        self.heads, self.scores = self.mixed.reshape(self.q.shape), np.empty(c.n_head * self.length, np.float32)
        self.wide = np.empty(c.d_ff * (2 if c.activation == "swiglu" else 1), np.float32)
        self.first, self.second = self.wide[: c.d_ff], self.wide[c.d_ff :]
        self.gate = np.empty(c.d_ff, np.float32)
        self._read(np.asarray(prompt))

    def _read(self, ids):
        """The whole prompt at once, with the core's functions."""
        c, d, T = self.c, self.d, len(ids)
        x = d.embed[ids] + (0 if c.position == "rotary" else d.positions[:T])  # (T, C)
        for i, layer in enumerate(d.layers):
            qkv = layer.qkv(d.norm(x)).reshape(T, -1, c.d_head).swapaxes(0, 1)  # (H + 2K, T, D)
            q, k, v = np.split(qkv, [c.n_head, c.n_head + c.n_kv_head])
            if c.position == "rotary":
                q, k = (rotary(a, np.arange(T), c.rope_base) for a in (q, k))
            self.cache[i, :, :, :T] = k, v
            q = q.reshape(c.n_kv_head, self.groups, T, c.d_head)
            y = scaled_dot_product_attention(q, k[:, None], v[:, None], is_causal=True, scale=1.0)  # (K, G, T, D)
            x = x + layer.out(y.reshape(c.n_head, T, -1).swapaxes(0, 1).reshape(T, -1))
            x = x + layer.down(d.act(layer.up(d.norm(x))))
        self.used = T
        self.logits[:] = d.head(d.norm(x[-1:]))[0]

    def step(self, token: int) -> None:
        """Add one token and update `logits`, everything in place."""
        if self.used >= self.length:
            raise ValueError(f"NumpyDecoder: no room after {self.length} tokens")
        c, d, t, x, h = self.c, self.d, self.used, self.x, self.h
        x[:] = d.embed[token]
        turn = (d.cos[t], d.sin[t]) if c.position == "rotary" else None
        if not turn:
            x += d.positions[t]
        keys, values = self.cache[:, :, :, : t + 1].swapaxes(0, 1)  # (N, K, S, D)
        new, keys = self.cache[..., t, :], keys.swapaxes(-1, -2)
        scores = self.scores[: c.n_head * (t + 1)].reshape(c.n_kv_head, self.groups, t + 1)
        for i, layer in enumerate(d.layers):
            self._norm()
            layer.qkv.into(h, self.qkv)
            if turn:
                self._turn(*turn)
            new[i] = self.kv
            self._attend(keys[i], values[i], scores)
            layer.out.into(self.mixed, h)
            x += h
            self._norm()
            layer.up.into(h, self.wide)
            layer.down.into(self._act_in_place(), h)
            x += h
        self._norm()
        d.head.into(h, self.logits)
        self.used += 1

    def _norm(self):
        """h = n(x)."""
        x, h, n = self.x, self.h, self.c.d_model
        if self.c.norm == "layer":
            np.subtract(x, x.sum() / np.float32(n), out=h)
            x = h
        np.multiply(x, np.float32((float(x.dot(x)) / n + self.c.norm_eps) ** -0.5), out=h)

    def _turn(self, cos, sin):
        """Rotary positions of queries and keys."""
        np.multiply(self.swapped, sin, out=self.across)
        self.pairs *= cos
        self.pairs += self.across

    def _attend(self, keys, values, scores):
        """Mix the values seen so far, (K, S, D), by how well their keys, (K, D, S), fit the queries."""
        np.matmul(self.q, keys, out=scores)  # (K, G, S)
        scores -= scores.max(-1, keepdims=True)
        np.exp(scores, out=scores)
        np.matmul(scores, values, out=self.heads)
        self.heads /= scores.sum(-1, keepdims=True)

    def _act_in_place(self):
        """The activation of `wide`, (F,)."""
        x, g = self.first, self.gate
        if self.c.activation == "swiglu":  # silu(x) = x/2 (1 + tanh(x/2)), which cannot overflow
            x *= np.float32(0.5)
            np.tanh(x, out=g)
            g += 1
            g *= x
            g *= self.second
            return g
        if self.c.activation == "gelu":
            return gelu(x)
        np.multiply(x, x, out=g)  # tanh(√(2/π)(x + 0.044715x³)) and so on
        g *= np.float32(0.044715) * ROOT
        g += ROOT
        g *= x
        np.tanh(g, out=g)
        g += 1
        g *= x
        g *= np.float32(0.5)
        return g


def expected(c: Config) -> dict[str, tuple]:
    """Names and shapes of a model's weights; a tied output layer is not among them."""
    C, heads = c.d_model, (c.n_head + 2 * c.n_kv_head) * c.d_head
    wide = c.d_ff * (2 if c.activation == "swiglu" else 1)
    shapes = {"embed.weight": (c.vocab_size, C), "norm.weight": (C,)}
    if c.position == "learned":
        shapes["positions.weight"] = (c.block_size, C)
    if not c.tied:
        shapes["head.weight"] = (c.vocab_size, C)
    matrices = {"attention.qkv": (heads, C), "attention.out": (C, c.n_head * c.d_head), "feed.up": (wide, C),
                "feed.down": (C, c.d_ff)}  # fmt: skip
    for i in range(c.n_layer):
        shapes |= {f"blocks.{i}.{name}.weight": shape for name, shape in matrices.items()}
        shapes |= {f"blocks.{i}.{norm}.weight": (C,) for norm in ("norm1", "norm2")}
    if c.bias:
        named = {n.removesuffix("weight") + "bias": s[:1] for n, s in shapes.items() if "attention" in n or "feed" in n}
        norms = {n.removesuffix("weight") + "bias": s for n, s in shapes.items() if "norm" in n and c.norm == "layer"}
        shapes |= named | norms
    return shapes
