"""Text files of every kind of badness: the error names file and line, and memory stays small."""

import gzip
import os

import numpy as np
import pytest

from course_lib import data
from course_lib.data.lines import MAX_JSON, read_json, read_lines
from tests.data.hostile import GIGABYTE, endless, hole, memory_below, packed_gigabyte

READERS = {
    "read_text": (data.read_text, b"a\nb\n", 3),
    "read_csv": (data.read_csv, b"a,b\n1,2\n", 3),
    "read_csv, in a quote": (data.read_csv, b'a,b\n1,"', 2),
    "read_vectors_text": (data.read_vectors_text, b"the 1 2\nof 3 4\n", 3),
    "read_vectors_binary": (data.read_vectors_binary, b"9 2\n", 2),
    "read_ratings": (data.read_ratings, b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n", 2),
}
EACH = pytest.mark.parametrize(("read", "head", "line"), READERS.values(), ids=READERS)


@EACH
def test_a_line_of_a_gigabyte(read, head, line):
    stream = endless(head)
    with memory_below(20), pytest.raises(data.Malformed, match=f"endless.txt, line {line}: "):
        read(stream)
    assert stream.raw.given < GIGABYTE / 100


@EACH
def test_a_packed_gigabyte(read, head, line, tmp_path):
    path = packed_gigabyte(tmp_path / "small.gz", head)
    assert path.stat().st_size < 3e6
    with memory_below(20), pytest.raises(data.Malformed, match=f"small.gz, line {line}: "):
        read(path)


@EACH
def test_a_gigabyte_of_nothing(read, head, line, tmp_path):
    with memory_below(20), pytest.raises(data.Malformed, match=f"hole, line {line}: "):
        read(hole(tmp_path / "hole", head))


def test_a_gigabyte_of_short_lines_in_one_quote():
    class Lines:
        name = "endless.csv"
        given = 0

        def read(self, n):
            raise AssertionError("lines only")

        def readline(self, n):
            self.given += 1
            assert self.given < 2000, "read on and on"
            return {1: b"a,b\n", 2: b'1,"x\n'}.get(self.given, b"y" * 1000 + b'","\n')

    with memory_below(60), pytest.raises(data.Malformed, match="line 2"):
        data.read_csv(Lines())


BINARY = np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8).tobytes()


@pytest.mark.parametrize("read", [r for r, _, _ in READERS.values()], ids=READERS)
@pytest.mark.parametrize(
    "content",
    [b"", BINARY, BINARY.replace(b"\0", b""), "tête,é\n1,2\n".encode("latin-1"), "a,b\n".encode("utf-16"),
     b"\x1f\x8b" + BINARY, gzip.compress(BINARY * 20)[:-500], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
    ids=["empty", "junk", "junk without zeros", "latin-1", "utf-16", "fake gzip", "gzip cut off", "png"],
)  # fmt: skip
def test_other_kinds_of_file(read, content, tmp_path):
    path = tmp_path / "file.dat"
    path.write_bytes(content)
    if read is data.read_text and not content:
        assert read(path) == ""
        return
    with pytest.raises(data.Malformed, match=r"^file\.dat"):
        read(path)


@pytest.mark.parametrize("read", [r for r, _, _ in READERS.values()], ids=READERS)
def test_things_that_are_no_files(read, tmp_path):
    with pytest.raises(data.Malformed, match="regular file"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    with pytest.raises(data.Malformed, match="regular file"):
        read(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read(tmp_path / "nowhere")


def test_wrong_encoding_names_the_byte_and_the_remedy(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("ok\nna\xefve\n".encode("latin-1"))
    with pytest.raises(data.Malformed, match=r"a\.txt, line 2: byte 0xef at position 3 is not utf-8; pass encoding="):
        data.read_text(path)
    assert data.read_text(path, encoding="latin-1") == "ok\nna\xefve\n"


def test_lines_are_split_at_newlines_only(tmp_path):
    """Other characters that Python counts as line ends, as \\x85, occur inside words of real files."""
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffa\x85b\r\nc\u2028d".encode())
    assert list(read_lines(path)) == [(1, "a\x85b\r\n"), (2, "c\u2028d")]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b'{"a": 1,}\n', "line 1: is not JSON"), (b'{\n"a"\n}', "line 3: is not JSON"), (b"", "not JSON"),
     (b"\xff", "not JSON"), (b"[" * 100_000, "not JSON")],
)  # fmt: skip
def test_json(content, message, tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(data.Malformed, match=message):
        read_json(path)


def test_json_of_a_gigabyte(tmp_path):
    with memory_below(1), pytest.raises(data.Malformed, match=f"larger than {MAX_JSON:,} bytes"):
        read_json(hole(tmp_path / "a.json"))
