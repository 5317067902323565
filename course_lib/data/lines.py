"""Reading files that may be anything: bounded, and with errors that name the file and the line."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from course_lib.data.source import Malformed

MAX_LINE = 1_000_000  # bytes
MAX_JSON = 100_000_000  # bytes
GZIP = b"\x1f\x8b"


def name_of(file: str | Path | BinaryIO) -> str:
    """Name of a path or stream, for messages."""
    return Path(str(getattr(file, "name", "stream") if hasattr(file, "read") else file)).name


@contextmanager
def opened(file: str | Path | BinaryIO) -> Iterator[tuple[BinaryIO, str]]:
    """Open a path (unpacking gzip on the way) or take a binary stream as it is; give the stream and its name.

    Raises
    ------
    Malformed
        Instead of the errors of a damaged gzip file, and for a folder or other thing that is no file.
    """
    if hasattr(file, "read"):
        yield file, name_of(file)
        return
    path = Path(file)
    if path.exists() and not path.is_file():
        raise Malformed(path.name, "is not a regular file")
    with open(path, "rb") as plain:
        packed = plain.read(2) == GZIP
        plain.seek(0)
        with _whole(path.name), gzip.GzipFile(fileobj=plain) if packed else plain as stream:
            yield stream, path.name


@contextmanager
def _whole(name: str) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Malformed(name, f"damaged gzip data ({error})") from None


def read_lines(file: str | Path | BinaryIO, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    r"""Yield (number, text) for each line, the ``\n`` kept. At most 1 MB is held at a time.

    Raises
    ------
    Malformed
        For a line that is too long, holds a zero byte, or is not written in `encoding`.
    """
    with opened(file) as (stream, name):
        number = 0
        while raw := stream.readline(MAX_LINE + 1):
            number += 1
            yield number, _text(raw, encoding, name, number)


def _text(raw: bytes, encoding: str, name: str, number: int) -> str:
    if b"\0" in raw:
        raise Malformed(name, "holds a zero byte: binary data, or UTF-16 text; save it as UTF-8", number)
    if len(raw) > MAX_LINE:
        raise Malformed(name, f"is longer than {MAX_LINE:,} bytes: not a file of this kind", number)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        bad = f"byte 0x{raw[error.start]:02x} at position {error.start + 1} is not {encoding}"
        raise Malformed(name, f"{bad}; pass encoding= (often 'cp1252', for Chinese 'gb18030')", number) from None
    return text.removeprefix("\ufeff") if number == 1 else text


def read_bytes(stream: BinaryIO, most: int) -> bytes:
    """Read to the end, or `most` bytes; memory grows with what is there, not with `most`."""
    chunks = []
    while most > 0 and (chunk := stream.read(min(most, MAX_LINE))):
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)


def read_json(file: str | Path):
    """Parse a JSON file of at most 100 MB.

    Raises
    ------
    Malformed
        If it is larger, not JSON, or nested too deeply.
    """
    with opened(file) as (stream, name):
        size = Path(file).stat().st_size
        raw = b"" if size > MAX_JSON else read_bytes(stream, MAX_JSON + 1)
    if max(size, len(raw)) > MAX_JSON:
        raise Malformed(name, f"is larger than {MAX_JSON:,} bytes")
    try:
        return json.loads(raw.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise Malformed(name, f"is not JSON: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise Malformed(name, f"is not JSON ({type(error).__name__})") from None
