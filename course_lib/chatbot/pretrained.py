"""Weights of GPT-2, Llama and BERT, as `transformers` stores them, arranged for our own `Transformer` and `Bert`.

What differs: names; GPT-2's Conv1D keeps its matrices transposed; ours keeps queries, keys and values in one matrix,
and the two halves of SwiGLU in one.
"""

import json
from pathlib import Path

import numpy as np

from course_lib.chatbot.config import Config
from course_lib.data.source import Malformed

GELU = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh"}
BUFFERS = (".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq", ".position_ids")  # masks and tables
PREFIXES = ("transformer.", "model.", "bert.")
BERT_HEADS = ("pooler.", "cls.")  # layers above the encoder, trained to guess hidden tokens and next sentences
Arrays = dict[str, np.ndarray]


def convert(state: dict, settings: dict) -> tuple[Config, Arrays]:
    """Read a state dict (tensors or arrays) and the `config.json` that belongs to it.

    Raises
    ------
    ValueError
        Naming what is not supported, a weight that is missing or unknown, or a shape that differs.
    """
    kinds = {"gpt2": (_gpt2_config, _gpt2), "llama": (_llama_config, _llama), "bert": (_bert_config, _bert)}
    if (kind := settings.get("model_type")) not in kinds:
        raise ValueError(f"convert: model_type must be one of {', '.join(kinds)}, got {kind!r}")
    read_config, read_weights = kinds[kind]
    try:
        config = read_config(settings)
    except KeyError as error:
        raise ValueError(f"convert: the settings (config.json) lack {error.args[0]!r}") from None
    source = _State(state, config.tied)
    arrays = read_weights(source, config)
    source.finish()
    return config, arrays


def from_folder(folder: str | Path) -> tuple[Config, Arrays]:
    """Read a folder with config.json and one or several safetensors files, as `save_pretrained` writes it."""
    folder = Path(folder)
    settings = _json(folder / "config.json")
    index = folder / "model.safetensors.index.json"
    names = _shards(index) if index.exists() else ["model.safetensors"]
    if bad := [n for n in names if Path(n).name != n]:
        raise Malformed(index.name, f"names a file outside its folder: {bad[0]!r}")
    state: dict = {}
    for name in names:
        state |= _safetensors(folder / name)
    return convert(state, settings)


def _shards(index):
    places = _json(index).get("weight_map")
    if not isinstance(places, dict) or not all(isinstance(name, str) for name in places.values()):
        raise Malformed(index.name, "must hold a weight_map from weights to files")
    return sorted(set(places.values()))


def _json(path):
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed(path.name, f"is not JSON ({error})") from None
    if not isinstance(found, dict):
        raise Malformed(path.name, "must hold a JSON object")
    return found


def _safetensors(path):
    """Tensors of a file; bfloat16, which NumPy lacks, needs PyTorch."""
    import safetensors

    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            bf16 = any(file.get_slice(name).get_dtype() == "BF16" for name in file.keys())  # noqa: SIM118
        with safetensors.safe_open(path, framework="pt" if bf16 else "numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, TypeError, ValueError, AttributeError) as error:  # or of a type not in NumPy
        raise Malformed(path.name, f"is not a whole safetensors file ({error})") from None


class _State:
    """A state dict from which each entry is taken once."""

    def __init__(self, state, tied):
        self.rest, self.tied = {_short(name): a for name, a in state.items()}, tied

    def take(self, name, *shape, transposed=False):
        """One weight as float32, (out, in) if a matrix."""
        if name not in self.rest:
            raise ValueError(f"convert: {name} is missing")
        a = self.rest.pop(name)
        a = a.detach().float().cpu().numpy() if hasattr(a, "detach") else np.asarray(a, np.float32)
        if a.shape != (shape[::-1] if transposed else shape):
            raise ValueError(f"convert: {name} must have shape {shape[::-1] if transposed else shape}, got {a.shape}")
        return np.ascontiguousarray(a.T if transposed else a)

    def finish(self):
        if self.tied:
            self.rest.pop("lm_head.weight", None)
        unknown = sorted(n for n in self.rest if not f".{n}".endswith(BUFFERS))
        if unknown:
            raise ValueError(f"convert: {unknown[0]} has no place in this model ({len(unknown)} in all)")


def _short(name):
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _gpt2_config(s) -> Config:
    own_scale = s.get("scale_attn_by_inverse_layer_idx") or not s.get("scale_attn_weights", True)
    if own_scale or s.get("add_cross_attention"):
        raise ValueError("convert: this GPT-2 scales attention in its own way or has cross-attention: not supported")
    activation = s.get("activation_function", "gelu_new")
    if activation not in GELU:
        raise ValueError(f"convert: activation_function must be one of {', '.join(GELU)}, got {activation!r}")
    return Config.gpt2_style(
        s["vocab_size"], block_size=s["n_positions"], n_layer=s["n_layer"], n_head=s["n_head"], d_model=s["n_embd"],
        d_ff=s.get("n_inner") or 4 * s["n_embd"], activation=GELU[activation],
        norm_eps=s.get("layer_norm_epsilon", 1e-5), tied=s.get("tie_word_embeddings", True),
    )  # fmt: skip


def _gpt2(source, c) -> Arrays:
    C, F = c.d_model, c.d_ff
    arrays = {
        "embed.weight": source.take("wte.weight", c.vocab_size, C),
        "positions.weight": source.take("wpe.weight", c.block_size, C),
    }
    layers = [("norm1", "ln_1", None), ("attention.qkv", "attn.c_attn", (3 * C, C)), ("norm2", "ln_2", None),
              ("attention.out", "attn.c_proj", (C, C)), ("feed.up", "mlp.c_fc", (F, C)),
              ("feed.down", "mlp.c_proj", (C, F))]  # fmt: skip
    for i in range(c.n_layer):
        for ours, theirs, shape in layers:
            theirs, shape, matrix = f"h.{i}.{theirs}", shape or (C,), shape is not None
            arrays[f"blocks.{i}.{ours}.weight"] = source.take(f"{theirs}.weight", *shape, transposed=matrix)
            arrays[f"blocks.{i}.{ours}.bias"] = source.take(f"{theirs}.bias", shape[0])
    arrays |= {f"norm.{part}": source.take(f"ln_f.{part}", C) for part in ("weight", "bias")}
    return arrays | ({} if c.tied else {"head.weight": source.take("lm_head.weight", c.vocab_size, C)})


def _llama_config(s) -> Config:
    rope = s.get("rope_parameters") or s.get("rope_scaling") or {}  # transformers 5, and 4
    if not isinstance(rope, dict):
        raise ValueError(f"convert: rope_parameters must be a JSON object, got {rope!r}")
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind != "default" or (s.get("rope_scaling") and kind != "default"):
        raise ValueError(f"convert: rotary positions of type {kind!r} (rope scaling) are not supported, only 'default'")
    if rope.get("partial_rotary_factor", 1.0) != 1.0:
        raise ValueError("convert: partial_rotary_factor other than 1 is not supported")
    if s.get("attention_bias") or s.get("mlp_bias"):
        raise ValueError("convert: attention_bias and mlp_bias must be false")
    if s.get("hidden_act", "silu") != "silu":
        raise ValueError(f"convert: hidden_act must be 'silu', got {s['hidden_act']!r}")
    return Config(
        s["vocab_size"], block_size=s["max_position_embeddings"], n_layer=s["num_hidden_layers"],
        n_head=s["num_attention_heads"], n_kv_head=s.get("num_key_value_heads"), d_model=s["hidden_size"],
        d_head=s.get("head_dim"), d_ff=s["intermediate_size"], norm_eps=s.get("rms_norm_eps", 1e-6),
        rope_base=float(rope.get("rope_theta", s.get("rope_theta", 10000.0))), tied=s.get("tie_word_embeddings", False),
    )  # fmt: skip


def _llama(source, c) -> Arrays:
    C, F, q, kv = c.d_model, c.d_ff, c.n_head * c.d_head, c.n_kv_head * c.d_head
    arrays = {"embed.weight": source.take("embed_tokens.weight", c.vocab_size, C)}
    for i in range(c.n_layer):
        ours, theirs = f"blocks.{i}", f"layers.{i}"
        parts = [source.take(f"{theirs}.self_attn.{n}_proj.weight", m, C) for n, m in (("q", q), ("k", kv), ("v", kv))]
        halves = [source.take(f"{theirs}.mlp.{n}_proj.weight", F, C) for n in ("gate", "up")]
        arrays |= {
            f"{ours}.norm1.weight": source.take(f"{theirs}.input_layernorm.weight", C),
            f"{ours}.attention.qkv.weight": np.concatenate(parts),
            f"{ours}.attention.out.weight": source.take(f"{theirs}.self_attn.o_proj.weight", C, q),
            f"{ours}.norm2.weight": source.take(f"{theirs}.post_attention_layernorm.weight", C),
            f"{ours}.feed.up.weight": np.concatenate(halves),
            f"{ours}.feed.down.weight": source.take(f"{theirs}.mlp.down_proj.weight", C, F),
        }
    arrays["norm.weight"] = source.take("norm.weight", C)
    return arrays | ({} if c.tied else {"head.weight": source.take("lm_head.weight", c.vocab_size, C)})


def _bert_config(s) -> Config:
    if s.get("is_decoder") or s.get("position_embedding_type", "absolute") != "absolute":
        raise ValueError("convert: BERT as a decoder, or with relative positions, is not supported")
    activation = s.get("hidden_act", "gelu")
    if activation not in GELU:
        raise ValueError(f"convert: hidden_act must be one of {', '.join(GELU)}, got {activation!r}")
    return Config.gpt2_style(
        s["vocab_size"], block_size=s["max_position_embeddings"], n_layer=s["num_hidden_layers"],
        n_head=s["num_attention_heads"], d_model=s["hidden_size"], d_ff=s["intermediate_size"],
        activation=GELU[activation], norm_eps=s.get("layer_norm_eps", 1e-12),
    )  # fmt: skip


def _bert(source, c) -> Arrays:
    C = c.d_model
    types = (*np.shape(source.rest.get("embeddings.token_type_embeddings.weight", ())), 1)[0]
    outer = {"embed": ("word", c.vocab_size), "positions": ("position", c.block_size), "types": ("token_type", types)}
    arrays = {
        f"{ours}.weight": source.take(f"embeddings.{name}_embeddings.weight", n, C) for ours, (name, n) in outer.items()
    }
    arrays |= {f"norm.{part}": source.take(f"embeddings.LayerNorm.{part}", C) for part in ("weight", "bias")}
    for i in range(c.n_layer):
        layer = _bert_layer(source, f"encoder.layer.{i}", C, c.d_ff)
        arrays |= {f"blocks.{i}.{name}": a for name, a in layer.items()}
    for name in [name for name in source.rest if name.startswith(BERT_HEADS)]:
        del source.rest[name]
    return arrays


def _bert_layer(source, place, C, F) -> Arrays:
    layers = [("norm1", "attention.output.LayerNorm", (C,)), ("norm2", "output.LayerNorm", (C,)),
              ("attention.out", "attention.output.dense", (C, C)), ("feed.up", "intermediate.dense", (F, C)),
              ("feed.down", "output.dense", (C, F))]  # fmt: skip
    arrays = {}
    for part, n in (("weight", None), ("bias", 1)):
        for ours, theirs, shape in layers:
            arrays[f"{ours}.{part}"] = source.take(f"{place}.{theirs}.{part}", *shape[:n])
        three = [source.take(f"{place}.attention.self.{q}.{part}", *(C, C)[:n]) for q in ("query", "key", "value")]
        arrays[f"attention.qkv.{part}"] = np.concatenate(three)
    return arrays
