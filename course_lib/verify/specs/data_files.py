"""Readers: files written here by pandas, gensim, NumPy or struct, read by them and by us."""

import csv
import gzip
import io
import struct
import tempfile
from pathlib import Path

import numpy as np
import pandas
from gensim.models import KeyedVectors

from course_lib import data
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch

NAMES = ["plain", "with space", "naïve", "天气", "x,y", 'say "hi"']


def spec(name, parity, second, *properties, allowed=1e-10):
    return Spec(f"data.{name}", parity=Measured(*parity, float64=allowed, float32=None),
                second=Measured(*second, float32=None), properties=properties)  # fmt: skip


def frames():
    """Tables of numbers (some missing) and text, with commas, quotes and characters beyond ASCII."""
    rng = np.random.default_rng(0)
    for n in (1, 2, 7, 60):
        numbers = rng.normal(size=(n, 2)).astype(float)
        numbers[rng.random((n, 2)) < 0.3] = np.nan
        frame = pandas.DataFrame(numbers, columns=["a", "b c"])
        frame["text"] = [f"{NAMES[i % 6]} {i}" for i in range(n)]
        yield frame


def differing(table, columns) -> float:
    """Worst relative error of the number columns; the others must be equal."""
    errors = [0.0]
    for name, values in columns.items():
        if table.kinds[name] == "number":
            errors.append(relative(np.nan_to_num(table[name], nan=-9), np.nan_to_num(np.array(values, float), nan=-9)))
        else:
            assert list(table[name]) == list(values), name
    return max(errors)


def pandas_error(dtype):
    errors = []
    for frame in frames():
        raw = frame.to_csv(index=False).encode()
        table = data.read_csv(io.BytesIO(raw), kinds={"a": "number", "b c": "number", "text": "text"})
        errors.append(differing(table, pandas.read_csv(io.BytesIO(raw)).to_dict("list")))
    return max(errors)


def csv_error(dtype):
    """Python's own reader, one field at a time."""
    errors = []
    for frame in frames():
        text = frame.to_csv(index=False)
        header, *rows = csv.reader(io.StringIO(text))
        columns = {name: [row[i] or "nan" if i < 2 else row[i] for row in rows] for i, name in enumerate(header)}
        kinds = {"a": "number", "b c": "number", "text": "text"}
        errors.append(differing(data.read_csv(io.BytesIO(text.encode()), kinds=kinds), columns))
    return max(errors)


def arrays():
    rng = np.random.default_rng(1)
    for code, kind in ((8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")):
        for shape in ((3,), (2, 4), (2, 3, 5), (0, 7)):
            yield code, (100 * rng.random(shape)).astype(kind)


def idx_file(code, array) -> io.BytesIO:
    return io.BytesIO(bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def idx_error(dtype):
    return max(relative(data.read_idx(idx_file(code, a)), a.astype(a.dtype.newbyteorder("="))) for code, a in arrays())


def idx_torch_error(dtype):
    """torch.frombuffer on the bytes after the header, turned to the machine's order first."""
    errors = []
    for code, a in arrays():
        if a.size:
            native = bytearray(a.astype(a.dtype.newbyteorder("=")).tobytes())
            kinds = {"u1": torch.uint8, "i1": torch.int8, "i2": torch.int16, "i4": torch.int32, "f4": torch.float32,
                     "f8": torch.float64}  # fmt: skip
            twin = torch.frombuffer(native, dtype=kinds[a.dtype.str[1:]]).reshape(a.shape)
            errors.append(relative(data.read_idx(idx_file(code, a)), twin.numpy()))
    return max(errors)


def vectors(n=20, d=6):
    rng = np.random.default_rng(2)
    words = ["天气", "naïve", *(f"word{i}" for i in range(n - 2))]
    twin = KeyedVectors(d)
    twin.add_vectors(words, rng.normal(size=(n, d)).astype(np.float32))
    return twin


def read_back(read, binary):
    """What gensim wrote, read by us, beside gensim's own reading."""

    def run(dtype):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "vectors")
            vectors().save_word2vec_format(path, binary=binary)
            ours, theirs = read(path), KeyedVectors.load_word2vec_format(path, binary=binary)
        assert ours.words == theirs.index_to_key
        return relative(ours.matrix, theirs.vectors)

    return run


def split_lines(dtype):
    """GloVe's layout (no header), each line taken apart by hand."""
    twin = vectors()
    lines = [f"{w} {' '.join(map(repr, twin[w].tolist()))}" for w in twin.index_to_key]
    ours = data.read_vectors_text(io.BytesIO("\n".join(lines).encode()))
    return relative(ours.matrix, np.array([[float(x) for x in line.split()[1:]] for line in lines], np.float32))


def unpacked(dtype):
    """Each vector unpacked by struct."""
    twin = vectors()
    raw = b"20 6\n" + b"".join(w.encode() + b" " + twin[w].astype("<f4").tobytes() + b"\n" for w in twin.index_to_key)
    ours = data.read_vectors_binary(io.BytesIO(raw))
    expected = [struct.unpack("<6f", twin[w].astype("<f4").tobytes()) for w in twin.index_to_key]
    return relative(ours.matrix, np.array(expected))


def cosines_error(dtype):
    twin = vectors()
    ours = data.WordVectors(twin.index_to_key, twin.vectors)
    errors = [relative(ours.similarity("天气", w), float(twin.similarity("天气", w))) for w in twin.index_to_key]
    mine, theirs = ours.nearest("word3", 5), twin.most_similar("word3", topn=5)
    assert [w for w, _ in mine] == [w for w, _ in theirs]
    a, b = ours.analogy("word1", "word2", "word3", 3), twin.most_similar(["word2", "word3"], ["word1"], 3)
    assert [w for w, _ in a] == [w for w, _ in b]
    return max([*errors, relative([c for _, c in mine], [c for _, c in theirs])])


def loops_error(dtype):
    twin = vectors()
    ours = data.WordVectors(twin.index_to_key, twin.vectors.astype(float))
    a = ours["word3"]
    others = [ours[w] for w in ours.words if w != "word3"]
    cosines = [float(sum(a * b) / (sum(a * a) * sum(b * b)) ** 0.5) for b in others]
    return relative([c for _, c in ours.nearest("word3", 19)], sorted(cosines, reverse=True))


def texts():
    return ("", "one line", "two\nlines\n", "windows\r\nlines\r\n", "天气 ∂L/∂w\n" * 50)


def text_error(encode):
    def run(dtype):
        with tempfile.TemporaryDirectory() as folder:
            for i, text in enumerate(texts()):
                path = Path(folder, str(i))
                path.write_bytes(encode(text.encode()))
                assert data.read_text(path) == text.replace("\r\n", "\n")
        return 0.0

    return run


@holds(rng=seeds())
def a_table_written_and_read_is_the_same_table(rng):
    x = rng.normal(size=(int(rng.integers(1, 9)), 3)) * 10.0 ** rng.integers(-6, 7)
    raw = "a,b,c\n" + "".join(",".join(map(repr, row)) + "\n" for row in x.tolist())
    assert np.array_equal(data.read_csv(io.BytesIO(raw.encode())).matrix(), x)


@holds(rng=seeds())
def a_byte_too_few_or_too_many_is_refused(rng):
    raw = idx_file(8, rng.integers(0, 256, (3, 4)).astype("u1")).getvalue()
    for wrong in (raw[:-1], raw + b"\0"):
        try:
            data.read_idx(io.BytesIO(wrong))
        except data.Malformed:
            continue
        raise AssertionError("read a file of the wrong length")


@holds(n=st.integers(1, 20))
def a_limit_gives_the_first_words(n):
    with tempfile.TemporaryDirectory() as folder:
        for binary, read in ((False, data.read_vectors_text), (True, data.read_vectors_binary)):
            path = Path(folder, "v")
            vectors().save_word2vec_format(path, binary=binary)
            assert np.array_equal(read(path, limit=n).matrix, read(path).matrix[:n])


@holds(factor=st.floats(0.1, 10))
def cosines_do_not_depend_on_length(factor):
    twin = vectors()
    a = data.WordVectors(twin.index_to_key, twin.vectors.astype(float))
    b = data.WordVectors(twin.index_to_key, twin.vectors.astype(float) * factor)
    assert np.allclose(a.similarity("word1", "word2"), b.similarity("word1", "word2"))


@holds(text=st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=40))
def any_text_comes_back(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t")
        path.write_bytes(text.encode())
        assert data.read_text(path) == text


SPECS = (
    spec("read_csv", ("pandas.read_csv", pandas_error), ("Python's csv", csv_error),
         a_table_written_and_read_is_the_same_table),
    spec("read_idx", ("torch.frombuffer", idx_torch_error), ("the array that was written", idx_error),
         a_byte_too_few_or_too_many_is_refused),
    spec("read_text", ("the text that was written", text_error(bytes)),
         ("the same, gzipped", text_error(gzip.compress)), any_text_comes_back),
    spec("read_vectors_text", ("gensim", read_back(data.read_vectors_text, False)),
         ("lines split by hand", split_lines), a_limit_gives_the_first_words),
    spec("read_vectors_binary", ("gensim", read_back(data.read_vectors_binary, True)), ("struct", unpacked),
         a_limit_gives_the_first_words),
    spec("WordVectors", ("gensim's KeyedVectors, float32", cosines_error), ("cosines in a loop", loops_error),
         cosines_do_not_depend_on_length, allowed=1e-5),
)  # fmt: skip
