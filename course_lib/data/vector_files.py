"""Readers for word vectors as users have them: GloVe's and word2vec's text format, word2vec's binary format."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from course_lib.data.lines import name_of, opened, read_lines
from course_lib.data.source import Malformed
from course_lib.data.vectors import WordVectors

MAX_DIMENSION = 10_000
MAX_WORD = 1_000  # bytes
DECIMAL = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", re.ASCII)
HEADER = re.compile(r"(\d{1,12}) (\d{1,6})", re.ASCII)


def read_vectors_text(
    file: str | Path | BinaryIO, limit: int | None = None, duplicates: str = "error", encoding: str = "utf-8"
) -> WordVectors:
    r"""Read "word x₁ … x_D" lines: GloVe's format, or word2vec's, which has a line "V D" before them. Plain or gzipped.

    A word may hold spaces (some GloVe files have such words): the last D fields are the numbers, D being as many as the
    header says or the first line has.

    Parameters
    ----------
    file : path or binary stream
    limit : int, optional
        Read the first words only.
    duplicates : {"error", "first"}
        What to do with a word that was there before: refuse the file, or keep the first.
    encoding : str

    Raises
    ------
    Malformed
        Naming file and line: another number of fields, something that is no finite number, a repeated word, fewer or
        more words than announced, a wrong encoding, binary data, a line over 1 MB, an empty file.
    """
    name = name_of(file)
    entries = _text_entries(read_lines(file, encoding), name, limit)
    return _collect(entries, name, duplicates)


def _text_entries(lines, name, limit) -> Iterator[tuple[int, str, np.ndarray]]:
    announced = dimension = None
    count = number = 0
    for number, text in lines:
        text = text.rstrip("\r\n ")
        if number == 1 and (header := HEADER.fullmatch(text)):
            announced, dimension = (int(group) for group in header.groups())
            _check_dimension(dimension, name, number)
            continue
        if count == limit:
            return
        dimension = dimension or _first_dimension(text, name, number)
        count += 1
        yield number, *_parsed(text, dimension, name, number)
    if announced is not None and limit is None and count != announced:
        raise Malformed(name, f"announces {announced:,} words, has {count:,}: cut off?", number)


def _first_dimension(text, name, line) -> int:
    dimension = len(text.split(" ")) - 1
    _check_dimension(dimension, name, line)
    return dimension


def _check_dimension(dimension, name, line):
    if not 1 <= dimension <= MAX_DIMENSION:
        raise Malformed(name, f"vectors of {dimension:,} numbers; expected a word and 1 to {MAX_DIMENSION:,}", line)


def _parsed(text, dimension, name, line) -> tuple[str, np.ndarray]:
    word, *fields = text.rsplit(" ", dimension)
    if len(fields) < dimension or not word or DECIMAL.fullmatch(word.rsplit(" ", 1)[-1] if " " in word else ""):
        found = len(text.split(" ")) - 1
        raise Malformed(name, f"expected a word and {dimension} numbers, found {max(found, 0)}: {text[:40]!r}", line)
    try:
        with np.errstate(over="ignore"):  # too large for float32: not finite
            vector = np.array([float(field) for field in fields], dtype=np.float32)
    except ValueError as error:
        raise Malformed(name, f"expected a word and {dimension} numbers; {error}", line) from None
    if not np.isfinite(vector).all():
        raise Malformed(name, f"the vector of {word[:40]!r} is not finite", line)
    return word, vector


def _collect(entries, name, duplicates) -> WordVectors:
    """Gather the vectors. Memory grows with what is really there, never with what a header announces."""
    if duplicates not in ("error", "first"):
        raise ValueError(f"duplicates must be 'error' or 'first', got {duplicates!r}")
    first, rows = {}, []
    for line, word, vector in entries:
        if word not in first:
            first[word] = line
            rows.append(vector)
        elif duplicates == "error":
            was = f"{word[:40]!r} was there before (line {first[word]})"
            raise Malformed(name, f"{was}; pass duplicates='first' to keep the first", line)
    if not rows:
        raise Malformed(name, "holds no vectors")
    return WordVectors(list(first), np.stack(rows))


def read_vectors_binary(
    file: str | Path | BinaryIO, limit: int | None = None, duplicates: str = "error", encoding: str = "utf-8"
) -> WordVectors:
    r"""Read word2vec's binary format: "V D\n", then V times a word, a space, D little-endian float32; plain or gzipped.

    Parameters
    ----------
    file : path or binary stream
    limit : int, optional
        Read the first words only.
    duplicates : {"error", "first"}
        What to do with a word that was there before.
    encoding : str

    Raises
    ------
    Malformed
        Naming the file and, as its "line", which word it is (the first is 2): no header, a file cut off or too long, a
        word over 1,000 bytes or in another encoding, a vector that is not finite, a repeated word.
    """
    with opened(file) as (stream, name):
        header = HEADER.fullmatch(stream.readline(40).rstrip(b"\r\n").decode("latin-1"))
        if not header:
            raise Malformed(name, 'does not begin with "words dimensions", as word2vec\'s binary files do', 1)
        announced, dimension = (int(group) for group in header.groups())
        _check_dimension(dimension, name, 1)
        return _collect(_binary_entries(stream, name, announced, dimension, limit, encoding), name, duplicates)


def _binary_entries(stream, name, announced, dimension, limit, encoding) -> Iterator[tuple[int, str, np.ndarray]]:
    for line in range(2, 2 + min(announced, announced if limit is None else limit)):
        word = _binary_word(stream, name, line, encoding)
        raw = stream.read(4 * dimension)
        if len(raw) < 4 * dimension:
            raise Malformed(name, f"ends within the vector of {word[:40]!r}, word {line - 1:,} of {announced:,}", line)
        vector = np.frombuffer(raw, dtype="<f4").astype(np.float32)
        if not np.isfinite(vector).all():
            raise Malformed(name, f"the vector of {word[:40]!r} is not finite", line)
        yield line, word, vector
    if limit is None and stream.read(2).strip():
        raise Malformed(name, f"goes on after the {announced:,} words it announces: another dimension?")


def _binary_word(stream, name, line, encoding) -> str:
    raw = bytearray()
    while (byte := stream.read(1)) != b" ":
        raw += byte
        if not byte or len(raw) > MAX_WORD:
            what = "ends" if not byte else f"has no space for {MAX_WORD:,} bytes"
            raise Malformed(name, f"{what} where word {line - 1:,} should be: cut off, or another dimension?", line)
    try:
        return bytes(raw).lstrip(b"\n").decode(encoding)
    except UnicodeDecodeError:
        problem = f"word {line - 1:,} is not {encoding}; pass encoding=, or the vectors have another dimension"
        raise Malformed(name, problem, line) from None
