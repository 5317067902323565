"""GPT-2 and Llama weights on our code: the reference implementation's logits, and errors that name the cause."""

import json

import numpy as np
import pytest
import torch

from course_lib.chatbot.generation import generate
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.chatbot.pretrained import convert, from_folder
from course_lib.chatbot.weights import build
from course_lib.data.source import Malformed

LLAMA = {"vocab_size": 90, "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 3, "num_attention_heads": 4,
         "num_key_value_heads": 2, "max_position_embeddings": 96, "rms_norm_eps": 1e-5}  # fmt: skip
GPT2 = {"vocab_size": 90, "n_embd": 48, "n_layer": 3, "n_head": 4, "n_positions": 96}
CASES = {
    "gpt2": GPT2,
    "gpt2-untied-erf": GPT2 | {"tie_word_embeddings": False, "activation_function": "gelu", "n_inner": 100},
    "llama": LLAMA,
    "llama-tied-wide": LLAMA | {"tie_word_embeddings": True, "head_dim": 16, "num_key_value_heads": 1},
    "gpt2-one-head-eps": GPT2 | {"n_head": 1, "layer_norm_epsilon": 0.03, "n_inner": 50},
    "gpt2-three-heads": GPT2 | {"n_head": 3, "activation_function": "gelu_pytorch_tanh"},
    "llama-odd-heads": LLAMA | {"num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 10},
    "llama-five-to-one-eps": LLAMA | {"hidden_size": 50, "num_attention_heads": 5, "num_key_value_heads": 1,
                                      "head_dim": 6, "rms_norm_eps": 0.05, "tie_word_embeddings": True},
    "llama-all-own-theta": LLAMA | {"num_attention_heads": 3, "num_key_value_heads": 3, "head_dim": 2,
                                    "rope_parameters": {"rope_type": "default", "rope_theta": 7.0}},
    "llama-theta": LLAMA | {"rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}},
}


def reference(name):
    """A model of `transformers`, its weights drawn at random and large enough that attention matters."""
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    kind = "GPT2" if name.startswith("gpt2") else "Llama"
    config = getattr(transformers, f"{kind}Config")(**CASES[name], bos_token_id=0, eos_token_id=None, pad_token_id=0)
    torch.manual_seed(0)
    model = getattr(transformers, "GPT2LMHeadModel" if kind == "GPT2" else "LlamaForCausalLM")(config).eval()
    with torch.no_grad():
        for p in model.parameters():
            p += 0.15 * torch.randn_like(p)
    return model


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_logits_are_those_of_transformers(name):
    theirs = reference(name)
    ours = build(*convert(theirs.state_dict(), theirs.config.to_dict()))
    ids = torch.randint(90, (2, 60), generator=torch.Generator().manual_seed(0))
    assert (ours(ids) - theirs(ids).logits).abs().max() <= 1e-4


@pytest.mark.parametrize("name", CASES)
def test_greedy_tokens_are_those_of_transformers(name):
    theirs = reference(name)
    config, arrays = convert(theirs.state_dict(), theirs.config.to_dict())
    prompt = [5, 17, 80, 2]
    expected = theirs.generate(torch.tensor([prompt]), max_new_tokens=64, do_sample=False)[0, 4:].tolist()
    assert generate(build(config, arrays), [prompt], 64) == [expected]
    assert generate(NumpyDecoder(config, arrays), [prompt], 64) == [expected]


@pytest.mark.parametrize(("name", "shard"), [("gpt2", None), ("llama", None), ("llama-tied-wide", "40KB")])
@torch.no_grad()
def test_a_saved_folder_is_read(name, shard, tmp_path):
    theirs = reference(name)
    theirs.save_pretrained(tmp_path, **({"max_shard_size": shard} if shard else {}))
    assert (len(list(tmp_path.glob("*.safetensors"))) > 1) == bool(shard)
    ours, ids = build(*from_folder(tmp_path)), torch.arange(20)[None]
    assert (ours(ids) - theirs(ids).logits).abs().max() <= 1e-4


@torch.no_grad()
def test_bfloat16_files_are_read(tmp_path):
    theirs = reference("llama").to(torch.bfloat16)
    theirs.save_pretrained(tmp_path)
    theirs = type(theirs).from_pretrained(tmp_path, dtype=torch.float32)
    ours, ids = build(*from_folder(tmp_path)), torch.arange(20)[None]
    assert (ours(ids) - theirs(ids).logits).abs().max() <= 1e-4


def llama_state():
    """A state dict without `transformers`, and its settings."""
    s, rng = LLAMA | {"model_type": "llama"}, np.random.default_rng(0)
    shapes = {"model.embed_tokens.weight": (90, 48), "model.norm.weight": (48,), "lm_head.weight": (90, 48)}
    parts = {"self_attn.q_proj": (48, 48), "self_attn.k_proj": (24, 48), "self_attn.v_proj": (24, 48),
             "self_attn.o_proj": (48, 48), "mlp.gate_proj": (80, 48), "mlp.up_proj": (80, 48),
             "mlp.down_proj": (48, 80), "input_layernorm": (48,), "post_attention_layernorm": (48,)}  # fmt: skip
    shapes |= {f"model.layers.{i}.{n}.weight": shape for i in range(3) for n, shape in parts.items()}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}, s


def test_buffers_of_old_files_are_ignored():
    state, settings = llama_state()
    state["model.layers.0.self_attn.rotary_emb.inv_freq"] = np.ones(6)
    build(*convert(state, settings))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, "'llama3'.*not supported"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}}, "'yarn'.*not supported"),
        ({"attention_bias": True}, "attention_bias"),
        ({"hidden_act": "relu"}, "hidden_act must be 'silu'"),
        ({"model_type": "mistral"}, "model_type must be one of gpt2, llama, bert, got 'mistral'"),
        ({"num_hidden_layers": 4}, r"layers\.3\.\S+ is missing"),
        ({"num_hidden_layers": 2}, r"layers\.2\.\S+ has no place"),
        ({"vocab_size": 91}, r"embed_tokens\.weight must have shape \(91, 48\), got \(90, 48\)"),
    ],
)
def test_what_does_not_fit_is_named(change, message):
    state, settings = llama_state()
    with pytest.raises(ValueError, match=message):
        convert(state, settings | change)


@pytest.mark.parametrize("name", ["hidden_size", "rope", "vocab_size"])
def test_settings_that_are_missing_or_no_numbers_are_named(name):
    state, settings = llama_state()
    if name == "rope":
        with pytest.raises(ValueError, match="rope_parameters must be a JSON object, got 'linear'"):
            convert(state, settings | {"rope_scaling": "linear"})
        return
    with pytest.raises(ValueError, match=f"lack '{name}'"):
        convert(state, {key: value for key, value in settings.items() if key != name})
    with pytest.raises(ValueError, match="must be"):
        convert(state, settings | {name: "48"})


def test_an_index_that_is_none_is_named(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(LLAMA | {"model_type": "llama"}))
    for index in ({}, {"weight_map": ["a"]}, {"weight_map": {"a": 3}}):
        (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
        with pytest.raises(Malformed, match=r"index\.json: must hold a weight_map"):
            from_folder(tmp_path)


def test_unknown_weights_are_named():
    state, settings = llama_state()
    with pytest.raises(ValueError, match=r"layers\.0\.adapter\.weight has no place"):
        convert(state | {"model.layers.0.adapter.weight": np.ones(3)}, settings)


def test_gpt2_that_scales_attention_otherwise_is_refused():
    with pytest.raises(ValueError, match="not supported"):
        convert({}, GPT2 | {"model_type": "gpt2", "scale_attn_by_inverse_layer_idx": True})


def test_folders_that_are_no_model_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"config\.json"):
        from_folder(tmp_path)
    (tmp_path / "config.json").write_text("[1]")
    with pytest.raises(Malformed, match=r"config\.json: must hold a JSON object"):
        from_folder(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(LLAMA | {"model_type": "llama"}))
    (tmp_path / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(Malformed, match=r"model\.safetensors: is not a whole"):
        from_folder(tmp_path)
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "../secret.safetensors"}}))
    with pytest.raises(Malformed, match="outside its folder"):
        from_folder(tmp_path)
