"""Reading a binary file that anybody may have sent: from front to back, never behind its end."""

import struct
from pathlib import Path

import numpy as np

from course_lib.data.source import Malformed


class PackedFile:
    """Bytes and little-endian numbers in a row; `_read`, each kind's own, is called when the file is opened.

    Raises
    ------
    Malformed
        If the file is cut short, damaged, or something else.
    """

    def __init__(self, path: str | Path):
        self.name = Path(path).name
        self._data = np.memmap(path, np.uint8, "r") if Path(path).stat().st_size else np.empty(0, np.uint8)
        self._at = 0
        try:
            self._read()
        except (struct.error, UnicodeDecodeError, OverflowError) as error:
            raise Malformed(self.name, f"is cut short or damaged ({error})") from None

    def _read(self):
        raise NotImplementedError

    def _numbers(self, code):
        values = struct.unpack_from(f"<{code}", self._data, self._at)
        self._at += struct.calcsize(f"<{code}")
        return values

    def _raw(self, size):
        if size > len(self._data) - self._at:
            raise Malformed(self.name, f"is cut short or damaged: {size:,} bytes at {self._at:,}")
        self._at += size
        return self._data[self._at - size : self._at]
