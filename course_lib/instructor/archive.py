"""Reading folders and zip files of unknown origin. Nothing is unpacked: only notebooks are read, into memory, bounded.

A member's name is a label here, never a path to write to. Links, encrypted members and names that point outside are
refused, by name; so is whatever is larger than it may be, however small it claims to be.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from .normalise import MAX_BYTES

MAX_MEMBERS = 20_000
MAX_DIRECTORY = 5_000_000  # bytes of a zip's table of contents
MAX_ZIP = 2_000_000_000
MAX_INNER_ZIP = 60_000_000
MAX_DEPTH = 2  # a zip in the class's zip, and no further
MAX_RECORD = 20_000_000  # answers.json
MAX_SHOWN = 120
NO_NOTEBOOK = "not a notebook"


@dataclass(frozen=True)
class File:
    """A file found: where (names from the outermost folder inwards), its bytes, its time stamp as it stands there."""

    path: tuple[str, ...]
    content: bytes
    stamp: datetime

    @property
    def name(self) -> str:
        return self.path[-1]


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken, and why."""

    path: tuple[str, ...]
    why: str


def files(root: Path) -> Iterator[File | Refusal]:
    """The notebooks and answer records in a folder or a zip, and what was refused."""
    root = Path(root)
    if root.is_dir():
        yield from _folder(root, ())
    else:
        yield from _regular(root, ())


def _folder(folder: Path, above: tuple[str, ...]) -> Iterator[File | Refusal]:
    if len(above) > 8:
        yield Refusal(above, "folders nested more than 8 deep")
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = (*above, entry.name)
        if entry.is_symlink():
            yield Refusal(path, "a link, not a file")
        elif entry.is_dir():
            if entry.name != "__MACOSX" and not entry.name.startswith("."):
                yield from _folder(Path(entry.path), path)
        elif wanted(entry.name):
            yield from _regular(Path(entry.path), above)
        elif not entry.name.startswith("."):
            yield Refusal(path, NO_NOTEBOOK)


def wanted(name: str) -> bool:
    """Whether a file of this name is looked at: notebooks, zips, and the learner's own record."""
    plain = name.lower()
    return plain.endswith((".ipynb", ".zip")) or _is_record(plain)


def _is_record(name: str) -> bool:
    return name.endswith(".json") and "answers" in name


def _limit(name: str, depth: int) -> int:
    if name.lower().endswith(".zip"):
        return MAX_INNER_ZIP if depth else MAX_ZIP
    return MAX_RECORD if _is_record(name.lower()) else MAX_BYTES


def _regular(path: Path, above: tuple[str, ...]) -> Iterator[File | Refusal]:
    where = (*above, path.name)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        yield Refusal(where, f"it cannot be opened ({error.strerror})")
        return
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            yield Refusal(where, "not a regular file")
        elif status.st_size > _limit(path.name, 0):
            yield Refusal(where, _too_large(path.name, 0))
        elif path.name.lower().endswith(".zip"):
            yield from _zip(file, where, 1)
        else:
            yield File(where, file.read(), datetime.fromtimestamp(status.st_mtime))


def _too_large(name: str, depth: int) -> str:
    return f"larger than {_limit(name, depth) // 1_000_000} MB"


def _zip(file, where: tuple[str, ...], depth: int) -> Iterator[File | Refusal]:
    problem = _crowded(file)
    if problem:
        yield Refusal(where, problem)
        return
    try:
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                yield from _member(archive, info, where, depth)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, struct.error) as error:
        yield Refusal(where, f"not a readable zip file ({type(error).__name__})")


def _crowded(file) -> str:
    """Why the zip's table of contents is not even read; "" if it may be."""
    file.seek(0, os.SEEK_END)
    end = file.tell()
    file.seek(max(0, end - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return "not a readable zip file"
    count, length = struct.unpack_from("<H I", tail, at + 10)
    if count > MAX_MEMBERS or length > MAX_DIRECTORY:
        return f"a zip file with more than {MAX_MEMBERS:,} members"
    return ""


def _member(archive, info: zipfile.ZipInfo, where, depth: int) -> Iterator[File | Refusal]:
    name = info.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    path = (*where, *(part[:MAX_SHOWN] for part in parts))
    if info.is_dir() or not parts or "__MACOSX" in parts or any(_own_business(part) for part in parts):
        return
    problem = _unfit(info, name, parts, depth)
    if problem:
        yield Refusal(path, problem)
        return
    limit = _limit(name, depth)
    try:
        with archive.open(info) as stream:
            content = stream.read(limit + 1)
    except Exception as error:  # zipfile and its decompressors raise many kinds for damaged data
        yield Refusal(path, f"a member that cannot be read ({type(error).__name__})")
        return
    if len(content) > limit:
        yield Refusal(path, _too_large(name, depth))
    elif name.lower().endswith(".zip"):
        yield from _zip(io.BytesIO(content), path, depth + 1)
    else:
        yield File(path, content, _stamp(info))


def _unfit(info: zipfile.ZipInfo, name: str, parts: tuple[str, ...], depth: int) -> str:
    if name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name:
        return "a name that points outside the zip"
    if not wanted(parts[-1]):
        return NO_NOTEBOOK
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link, not a file"
    if info.flag_bits & 1:
        return "encrypted: it needs a password"
    if info.file_size > _limit(name, depth):
        return _too_large(name, depth)
    return f"a zip nested more than {MAX_DEPTH} deep" if name.lower().endswith(".zip") and depth >= MAX_DEPTH else ""


def _own_business(part: str) -> bool:
    """Checkpoints, and what macOS adds."""
    return part.startswith(".") and part != ".."


def _stamp(info: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*info.date_time)
    except ValueError:
        return datetime(1980, 1, 1)
