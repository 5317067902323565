"""Readers of word vector files: what others write is read, and what is broken is named."""

import gzip
import struct

import numpy as np
import pytest

from course_lib import data
from course_lib.data.vector_files import read_vectors_binary, read_vectors_text

WORDS = ["the", "naïve", "北京", "a\x85b", "\u00a0"]  # the last two are spaces to Python, not to GloVe
MATRIX = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


def as_text(words=WORDS, matrix=MATRIX, header=False, end="\n"):
    head = [f"{len(words)} {matrix.shape[1]}"] if header else []
    rows = [f"{w} {' '.join(repr(float(x)) for x in row)}" for w, row in zip(words, matrix, strict=True)]
    return (end.join([*head, *rows]) + end).encode()


def as_binary(words=WORDS, matrix=MATRIX, newline=b"\n", announced=None):
    head = f"{len(words) if announced is None else announced} {matrix.shape[1]}\n".encode()
    return head + b"".join(w.encode() + b" " + row.tobytes() + newline for w, row in zip(words, matrix, strict=True))


def same(vectors, words=WORDS, matrix=MATRIX):
    return vectors.words == list(words) and np.array_equal(vectors.matrix, matrix)


@pytest.fixture
def write(tmp_path):
    def put(content):
        (tmp_path / "v.txt").write_bytes(content)
        return tmp_path / "v.txt"

    return put


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])  # word2vec's own program ends lines with a space
@pytest.mark.parametrize("header", [False, True])
def test_text(write, header, end, pack):
    assert same(read_vectors_text(write(pack(as_text(header=header, end=end)))))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("newline", [b"\n", b""])  # word2vec's program writes a newline after each vector, gensim none
def test_binary(write, newline, pack):
    assert same(read_vectors_binary(write(pack(as_binary(newline=newline)))))


def test_what_gensim_writes_is_read(tmp_path):
    keyed = pytest.importorskip("gensim").models.KeyedVectors(3)
    keyed.add_vectors(WORDS[:3], MATRIX[:3])
    for binary, read in ((False, read_vectors_text), (True, read_vectors_binary)):
        keyed.save_word2vec_format(str(tmp_path / "v"), binary=binary)
        assert same(read(tmp_path / "v"), keyed.index_to_key, keyed.vectors)


@pytest.mark.parametrize(("read", "make"), [(read_vectors_text, as_text), (read_vectors_binary, as_binary)])
def test_limit_and_duplicates(write, read, make):
    assert read(write(make()), limit=2).words == WORDS[:2]
    twice = make(["a", "b", "a"], MATRIX[:3])
    assert same(read(write(twice), duplicates="first"), ["a", "b"], MATRIX[:2])
    with pytest.raises(data.Malformed, match=r"'a' was there before \(line \d\); pass duplicates='first'"):
        read(write(twice))
    with pytest.raises(ValueError, match="'error' or 'first', got 'last'"):
        read(write(twice), duplicates="last")


def test_words_with_spaces(write):
    """Some GloVe files have them."""
    assert same(read_vectors_text(write(as_text(["x", ". . .", "at name@domain.com"], MATRIX[:3]))),
                ["x", ". . .", "at name@domain.com"], MATRIX[:3])  # fmt: skip


def test_a_header_alone_of_two_numbers_is_a_header_and_a_first_line_of_one_number_is_not(write):
    assert read_vectors_text(write(b"2 1\na 1\nb 2\n")).words == ["a", "b"]
    assert read_vectors_text(write(b"year 1\n2 1.5\n")).words == ["year", "2"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"^v\.txt: holds no vectors"),
        (b"word\n", r"^v\.txt, line 1: vectors of 0 numbers"),
        (b"the 1 2 3\nof 1 2\n", "line 2: expected a word and 3 numbers, found 2"),
        (b"the 1 2 3\nof 1 2 x\n", "line 2: expected a word and 3 numbers; could not convert"),
        (b"the 1 2 3\nof 1.0 2.0 3.0 4.0\n", "line 2: expected a word and 3 numbers, found 4"),
        (b"the 1 2 3\n\nof 1 2 3\n", "line 2: expected a word and 3 numbers"),
        (b"the 1 2 3\n 1 2 3\n", "line 2: expected a word and 3 numbers"),
        (b"the 1 2 3\nof 1 nan 3\n", "line 2: the vector of 'of' is not finite"),
        (b"the 1 2 3\nof 1 1e99 3\n", "line 2: the vector of 'of' is not finite"),
        (b"3 2\nthe 1 2\nof 1 2\n", "announces 3 words, has 2: cut off"),
        (b"1 2\nthe 1 2\nof 1 2\n", "announces 1 words, has 2"),
        (b"2 99999\nthe 1 2\n", "line 1: vectors of 99,999 numbers"),
        (b"2 3\nthe 1 2\nof 1 2\n", "line 2: expected a word and 3 numbers, found 2"),
        (as_text(header=True)[:-20], "line 6: expected a word and 3 numbers"),
        ("na\xefve 1 2\n".encode("latin-1"), "line 1: byte 0xef at position 3 is not utf-8"),
        (as_binary(), "line 2: (byte|holds)"),
    ],
)
def test_malformed_text(write, content, message):
    with pytest.raises(data.Malformed, match=message):
        read_vectors_text(write(content))


def test_every_cut_of_a_binary_file_is_noticed(write):
    whole = as_binary()
    for end in range(len(whole) - 1):
        with pytest.raises(data.Malformed, match=r"^v\.txt"):
            read_vectors_binary(write(whole[:end]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", 'line 1: does not begin with "words dimensions"'),
        (b"\x89PNG\r\n\x1a\n", "line 1: does not begin with"),
        (as_text(), "line 1: does not begin with"),
        (b"2 0\n", "line 1: vectors of 0 numbers"),
        (b"2 999999\n", "line 1: vectors of 999,999 numbers"),
        (b"0 3\n", "holds no vectors"),
        (as_binary(announced=10**12 - 1), "line 7: ends where word 6 should be"),
        (as_binary(announced=3), "goes on after the 3 words it announces"),
        (as_binary().replace(b"5 3\n", b"5 2\n"), r"^v\.txt"),
        (as_binary().replace(b"5 3\n", b"5 4\n"), r"^v\.txt"),
        (b"1 2\n" + b"w" * 2000, "line 2: has no space for 1,000 bytes where word 1 should be"),
        (b"1 1\nw " + struct.pack("<f", float("nan")), "line 2: the vector of 'w' is not finite"),
        (b"1 1\n\xff " + bytes(4), "line 2: word 1 is not utf-8"),
    ],
)
def test_malformed_binary(write, content, message):
    with pytest.raises(data.Malformed, match=message):
        read_vectors_binary(write(content))
