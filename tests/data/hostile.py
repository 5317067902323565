"""Files that mean harm, made cheaply: a line of a gigabyte as a stream, packed, or as a hole in a file."""

import gzip
import io
import tracemalloc
from contextlib import contextmanager

GIGABYTE = 1 << 30


class Endless(io.RawIOBase):
    """A stream that gives `head`, then the byte `filler` until a gigabyte is full; it counts what was read."""

    name = "endless.txt"

    def __init__(self, head: bytes = b"", filler: bytes = b"a"):
        self.head, self.filler, self.given = head, filler, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        n = min(len(buffer), GIGABYTE - self.given)
        part = self.head[self.given : self.given + n]
        buffer[:n] = part + self.filler * (n - len(part))
        self.given += n
        return n


def endless(head: bytes = b"", filler: bytes = b"a") -> io.BufferedReader:
    return io.BufferedReader(Endless(head, filler))


def packed_gigabyte(path, head: bytes = b"", filler: bytes = b"a"):
    """Write a gzip file of about a megabyte that unpacks to a gigabyte: one small member, repeated."""
    member = gzip.compress(filler * (1 << 20))
    path.write_bytes(gzip.compress(head) + member * 1024)
    return path


def hole(path, head: bytes = b""):
    """Write a file of a gigabyte that takes no room on the disk: zero bytes after `head`."""
    with open(path, "wb") as file:
        file.write(head)
        file.truncate(GIGABYTE)
    return path


@contextmanager
def memory_below(megabytes: float):
    """Fail if the block holds more than this at any moment."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert peak < megabytes, f"{peak:.0f} MB"
