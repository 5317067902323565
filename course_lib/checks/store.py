"""One JSON file, shared by several kernels: read, change and replace it under a lock, and never lose what is in it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_BYTES = 20_000_000
LOCK_SECONDS = 5.0


class Unusable(Exception):
    """The file cannot be used and is left alone."""


class Damaged(Exception):
    """The file's content cannot be read; it will be moved aside."""


def read_json(path: Path):
    """The parsed content. Raises FileNotFoundError, Unusable or Damaged."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise Unusable("it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise Damaged(f"it is larger than {MAX_BYTES // 1_000_000} MB")
        return json.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unusable(error.strerror or type(error).__name__) from None
    except (ValueError, RecursionError) as error:
        raise Damaged(f"it is not JSON ({type(error).__name__})") from None


def write_json(path: Path, data: dict) -> None:
    """All or nothing: a reader, or a power cut, sees the old file or the new one."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise Unusable(error.strerror or type(error).__name__) from None


def set_aside(path: Path, keep: bool) -> Path:
    """Rename (or copy, if the good part is kept) a damaged file to the first free name."""
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")):
        number += 1
    try:
        shutil.copyfile(path, aside) if keep else os.replace(path, aside)
    except OSError as error:
        raise Unusable(error.strerror or type(error).__name__) from None
    return aside


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold ``.NAME.lock`` beside the file. Where locks do not work, go on without one rather than not at all."""
    try:
        file = open(path.with_name(f".{path.name}.lock"), "a+b")  # noqa: SIM115
    except OSError as error:
        raise Unusable(error.strerror or type(error).__name__) from None
    with file:
        lock, unlock = _lock_functions()
        held = _patiently(lambda: lock(file.fileno()))
        try:
            yield
        finally:
            if held:
                unlock(file.fileno())


def _lock_functions() -> tuple[Callable, Callable]:
    try:
        import fcntl

        return (lambda fd: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)), (lambda fd: fcntl.flock(fd, fcntl.LOCK_UN))
    except ImportError:  # Windows
        import msvcrt

        return (lambda fd: msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)), (lambda fd: msvcrt.locking(fd, msvcrt.LK_UNLCK, 1))


def _patiently(attempt: Callable[[], object]) -> bool:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            attempt()
            return True
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
