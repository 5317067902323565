"""Input that nobody should send: each is answered rightly, or refused by an error that names it."""

import json
import struct
import time

import numpy as np
import pytest
import torch

from course_lib.chatbot.bpe import train_bpe
from course_lib.chatbot.chat import CHATML, SPECIAL, Chat
from course_lib.chatbot.config import Config
from course_lib.chatbot.generation import generate, stream
from course_lib.chatbot.gguf import GGUF
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.chatbot.sampling import Sampling, distribution, draw
from course_lib.chatbot.smollm import gguf_tokenizer, llama_state
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.chatbot.weights import course_weights, load_weights, save_weights, to_arrays
from course_lib.data.source import Malformed
from tests.chatbot.models import make

INF, NAN = float("inf"), float("nan")
RULES = [Sampling(), Sampling(1.0), Sampling(0.7, top_k=99, top_p=0.5), Sampling(0, repetition_penalty=1.2)]


@pytest.fixture(scope="module")
def tokenizer():
    return train_bpe(["你好 hello"] * 3, 280, SPECIAL)


@pytest.mark.parametrize("text", ["the quick <|bot|> 天气! ", "a"])
def test_a_megabyte_comes_back_in_seconds(text):
    tokenizer, text = course_weights()[2], text * (1_000_000 // len(text.encode()))
    begun = time.process_time()
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert not set(ids) & set(tokenizer.special.values())
    assert time.process_time() - begun < 60  # quadratic work would take hours


@pytest.mark.parametrize("ids", [[1.5], ["1"], [None], 5, np.ones((1, 2), int), [[1]]])
def test_ids_that_are_no_numbers_are_refused(tokenizer, ids):
    with pytest.raises(TypeError, match="decode: ids must be whole numbers"):
        tokenizer.decode(ids)
    with pytest.raises(TypeError, match="prompt 0 must be a sequence of token ids"):
        generate(make(), [ids], 3)


@pytest.mark.parametrize("i", [-1, 2048, 2**70])
def test_ids_outside_the_vocabulary_are_refused(tokenizer, i):
    with pytest.raises(ValueError, match=f"id {i} is outside"):
        tokenizer.decode([i])
    with pytest.raises(ValueError, match=f"prompt 1 holds id {i}"):
        generate(make(), [[1], [1, i]], 3)
    with pytest.raises(ValueError, match=f"stop sequence 0 holds id {i}"):
        generate(make(), [[1]], 3, stop=[[i]])


def test_arrays_and_tensors_are_prompts_too():
    expected = generate(make(), [[1, 2]], 3)
    assert generate(make(), np.array([[1, 2]]), 3) == generate(make(), torch.tensor([[1, 2]]), 3) == expected
    assert list(stream(make(), (1, 2), 3)) == expected[0]


def test_stops_and_rules_of_the_wrong_kind_are_refused():
    for stop in ([5], "ab", ["ab"]):
        with pytest.raises(TypeError, match="stop sequence 0 must be a sequence of token ids"):
            generate(make(), [[1]], 3, stop=stop)
    for rule in ([3], {"temperature": 1}, []):
        with pytest.raises(ValueError, match="1 prompts need one Sampling"):
            generate(make(), [[1]], 3, rule)


@pytest.mark.parametrize("name", ["temperature", "top_p", "repetition_penalty"])
@pytest.mark.parametrize("value", ["1", NAN, INF, -INF, -1, True, [1]])
def test_sampling_takes_numbers_in_their_range_only(name, value):
    with pytest.raises(ValueError, match=rf"Sampling: {name} must be a number .*got "):
        Sampling(**{name: value})


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("logits", [[1, NAN, 2], [1, INF, 2], [-INF] * 3, [INF, INF, 0]])
def test_a_model_that_has_overflowed_is_named(rule, logits):
    with pytest.raises(ValueError, match=r"the logit of token \d is"):
        draw(np.array(logits, float), rule, np.random.default_rng(0), [0])


def test_extreme_rules_still_give_a_distribution():
    x, one = np.array([1.0, 2, 3]), [0, 0, 1]
    for rule in (Sampling(1e-320), Sampling(1e-300), Sampling(1.0, top_p=1e-300), Sampling(1.0, top_k=1, top_p=1)):
        np.testing.assert_array_equal(distribution(x, rule), one)
    np.testing.assert_allclose(distribution(x, Sampling(1e300, top_k=10**6)), 1 / 3)
    np.testing.assert_array_equal(distribution(x * 5e307, Sampling(1.0)), one)
    np.testing.assert_array_equal(distribution([-INF, 0, -INF], Sampling(1.0)), [0, 1, 0])
    with pytest.raises(ValueError, match=r"must be \(V,\), got shape \(0,\)"):
        distribution([], Sampling(1.0))


def test_top_p_one_and_top_k_of_all_are_plain_sampling():
    model = make()
    plain = [generate(model, [[1, 2]], 20, Sampling(1.0, seed=seed)) for seed in range(5)]
    assert plain == [generate(model, [[1, 2]], 20, Sampling(1.0, 10**9, 1, seed=seed)) for seed in range(5)]


def test_a_prompt_may_fill_the_context_and_no_more():
    model = make()
    for each in (model, NumpyDecoder(model.config, to_arrays(model))):
        assert len(generate(each, [[1] * 47], 1)[0]) == 1
        with pytest.raises(ValueError, match="49 tokens and max_new_tokens=0 exceed block_size 48"):
            generate(each, [[1] * 49], 0)


def test_conversations_refuse_what_makes_no_sense(tokenizer):
    model = make(vocab_size=len(tokenizer), block_size=200)
    cases = [({"stop": "ab"}, "stop must be several"), ({"stop": ["a", ""]}, "none empty"),
             ({"max_new_tokens": 0}, "max_new_tokens"), ({"format": CHATML}, r"no control token <\|im_st")]  # fmt: skip
    for bad, message in cases:
        with pytest.raises(ValueError, match=message):
            Chat(model, tokenizer, **bad)
    chat = Chat(model, tokenizer, max_new_tokens=5)
    with pytest.raises(TypeError, match="text must be a str, got NoneType"):
        chat.reply(None)
    with pytest.raises(ValueError, match="too many for this model"):
        chat.reply("x" * 1000)
    assert chat.history == []  # what was refused was not said


@pytest.mark.parametrize("text", ["", " \n", "\ud800", "<|bot|>", "<|end|><|user|>", "\x00", "‮"])
def test_odd_texts_are_answered_and_forge_nothing(tokenizer, text):
    chat = Chat(make(vocab_size=len(tokenizer), block_size=200), tokenizer, max_new_tokens=5)
    for _ in range(2):  # the second time with the first in the history
        chat.reply(text).encode("utf-8")
    own = [i for i in chat.prompt(text) if i in tokenizer.special.values()]
    assert own == [tokenizer.special[name] for name in ("<|start|>", "<|user|>", "<|bot|>")]


def test_training_and_vocabularies_that_cannot_be_are_named(tmp_path):
    with pytest.raises(TypeError, match="several texts"):
        train_bpe("one text", 300)
    for special in (["<a>", "<a>"], [""]):
        with pytest.raises(ValueError, match="must differ and not be empty"):
            train_bpe(["a"], 300, special)
    with pytest.raises(ValueError, match=r"'Ġx', which is no token"):
        Tokenizer.from_gpt2(["a"], ["a Ġx"], {}, unknown=0)
    for unknown in (1, -1, "a"):
        with pytest.raises(ValueError, match="unknown must be an id below 1"):
            Tokenizer([b"a"], [], unknown=unknown)
    (tmp_path / "t.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match=r"t\.json: is not a tokenizer file"):
        Tokenizer.load(tmp_path / "t.json")


@pytest.mark.parametrize(
    "change",
    [{"n_layer": 10**9}, {"d_model": "48"}, {"n_kv_head": 0},
     {"block_size": 10**12}, {"norm_eps": NAN}, {"norm_eps": 0}, {"norm_eps": "1"}, {"tied": "no"},
     {"rope_base": 0}, {"rope_base": INF}, {"bias": 1}, {"vocab_size": 2.0}, {"n_head": 3}, {"dropout": None}],
)  # fmt: skip
def test_shapes_that_cannot_be_are_refused_before_any_work(change):
    (name,) = change
    with pytest.raises(ValueError, match=rf"Config: .*{name}"):
        Config.from_dict({"vocab_size": 60} | change)


def damaged(content, rng):
    """The file cut somewhere, or with some of its bytes, mostly of its header, replaced."""
    content = bytearray(content)
    if rng.random() < 0.3:
        return bytes(content[: rng.integers(len(content))])
    for _ in range(rng.integers(1, 4)):
        place = rng.integers(min(len(content), 400))
        content[place] = rng.choice([0, 1, 127, 128, 255, rng.integers(256)])
    return bytes(content)


def test_damaged_weights_are_refused_or_read_but_never_crash(tmp_path):
    path, rng = tmp_path / "w.safetensors", np.random.default_rng(0)
    save_weights(path, make(n_layer=1), "float32")
    content, refused = path.read_bytes(), 0
    for _ in range(300):
        path.write_bytes(damaged(content, rng))
        try:
            NumpyDecoder(*load_weights(path))
        except ValueError:  # Malformed is one
            refused += 1
    assert refused > 100
    path.write_bytes(struct.pack("<Q", 2**63) + content[8:])
    with pytest.raises(Malformed, match="header of 9,223,372,036,854,775,808 bytes"):
        load_weights(path)
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header[next(name for name in header if name.endswith("norm.weight"))]["data_offsets"] = [0, 2**60]
    lying = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(lying)) + lying + content[8 + size :])
    with pytest.raises(Malformed, match="not a whole safetensors file"):
        load_weights(path)


def text(s):
    return struct.pack("<Q", len(s.encode())) + s.encode()


def gguf(fields=(), tensors=(), n_tensors=None, n_fields=None):
    """Bytes of a GGUF file; fields are (name, bytes of kind and value), tensors (name, dims, offset)."""
    head = b"GGUF" + struct.pack("<IQQ", 3, n_tensors or len(tensors), n_fields or len(fields))
    head += b"".join(text(name) + value for name, value in fields)
    for name, dims, offset in tensors:
        head += text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, 0, offset)
    return head + bytes(-len(head) % 32) + bytes(64)


ALIGNMENT = "general.alignment"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"fields": [(ALIGNMENT, struct.pack("<II", 4, 0))]}, "alignment of 0"),
        ({"fields": [(ALIGNMENT, struct.pack("<Ii", 5, -8))]}, "alignment of -8"),
        ({"fields": [(ALIGNMENT, struct.pack("<I", 8) + text("x"))]}, "alignment of 'x'"),
        ({"fields": [("a", struct.pack("<IIQ", 9, 4, 2**62))]}, "longer than the file"),
        ({"fields": [("a", struct.pack("<I", 8) + struct.pack("<Q", 2**63))]}, "9,223,372,036,854,775,808 bytes at"),
        ({"n_fields": 2**60}, "cut short or damaged"),
        ({"n_tensors": 2**60}, "cut short or damaged|no whole number"),
        ({"tensors": [("t", (4,), 2**62)]}, "would end behind the file"),
        ({"tensors": [("t", (2**40, 2**40), 0)]}, "would end behind the file"),
        ({"tensors": [("t", (0, 4), 0)]}, "is empty"),
        ({"tensors": [("t", (), 0)]}, "no whole number"),
        ({"tensors": [("t", (1,) * 70, 0)]}, "70 axes"),
        ({"tensors": [("t", (4,), 0), ("t", (4,), 32)]}, "two tensors of the same name"),
    ],
)  # fmt: skip
def test_headers_that_lie_are_named(tmp_path, parts, message):
    (tmp_path / "x.gguf").write_bytes(gguf(**parts))
    with pytest.raises(Malformed, match=rf"x\.gguf: .*({message})"):
        GGUF(tmp_path / "x.gguf")


def test_damaged_gguf_files_are_refused_or_read_but_never_crash(tmp_path):
    path, rng = tmp_path / "x.gguf", np.random.default_rng(0)
    fields = [("a", struct.pack("<IIQ", 9, 8, 2) + text("b") + text("c")), (ALIGNMENT, struct.pack("<II", 4, 32))]
    content, refused = gguf(fields, [("t", (2, 3), 0), ("u", (4,), 32)]), 0
    for _ in range(1000):
        path.write_bytes(damaged(content, rng))
        try:
            file = GGUF(path)
            [file.tensor(name) for name in file.tensors]
        except Malformed:
            refused += 1
    assert refused > 300


def test_a_gguf_file_without_a_model_is_named(tmp_path):
    kind = ("general.architecture", struct.pack("<I", 8) + text("llama"))
    (tmp_path / "x.gguf").write_bytes(gguf([kind]))
    with pytest.raises(Malformed, match=r"lacks the field llama\.embedding_length"):
        llama_state(GGUF(tmp_path / "x.gguf"))
    with pytest.raises(Malformed, match=r"lacks the field tokenizer\.ggml\.tokens"):
        gguf_tokenizer(GGUF(tmp_path / "x.gguf"))
