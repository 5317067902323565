"""Somebody else's CSV, of which a few cells are replaced and every other byte stays."""

from __future__ import annotations

import codecs
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .files import FileProblem

MAX_BYTES = 50_000_000
DELIMITERS = ",;\t"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BOM = "\ufeff"


@dataclass(frozen=True)
class Cell:
    """A cell's value, and where it stands in the text, with its quotes."""

    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Row:
    """One record; ``line`` counts from 1, and a record may take several lines.

    ``number`` is the row in a spreadsheet, which counts blank rows too.
    """

    line: int
    number: int
    cells: tuple[Cell, ...]

    def get(self, column: int) -> str:
        """The value in a column, "" beyond the end of a short row."""
        return self.cells[column].value if column < len(self.cells) else ""


@dataclass(frozen=True)
class Table:
    """A CSV file: the text as it stands in the file, and its rows, blank lines left out."""

    text: str
    encoding: str
    delimiter: str
    rows: tuple[Row, ...]

    @property
    def header(self) -> Row:
        return self.rows[0]

    def replaced(self, new: Mapping[tuple[int, int], str]) -> bytes:
        """The file with the cells at (row, column) replaced. The new values must need no quotes of their own."""
        pieces, at = [], 0
        for (r, column), value in sorted(new.items()):
            start, end, written = self._place(self.rows[r], column, value)
            pieces += [self.text[at:start], written]
            at = end
        return _encode("".join([*pieces, self.text[at:]]), self.encoding)

    def _place(self, row: Row, column: int, value: str) -> tuple[int, int, str]:
        if column >= len(row.cells):  # a row that ends early
            end = row.cells[-1].end
            return end, end, self.delimiter * (column - len(row.cells) + 1) + value
        cell = row.cells[column]
        quoted = self.text[cell.start : cell.start + 1] == '"'
        return cell.start, cell.end, f'"{value}"' if quoted else value


def read_table(path: str | Path, encoding: str | None = None) -> Table:
    """Read a CSV file. Raises FileProblem: not there, not text in ``encoding`` (UTF-8 unless marked), a quote open."""
    path = Path(path)
    data = _bytes(path)
    name = encoding or next((codec for mark, codec in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode("utf-8" if name == "utf-8-sig" else name)  # the byte-order mark stays in the text
        same = _encode(text, name) == data
    except LookupError:
        raise FileProblem(f"{path}: no encoding is called {encoding!r}; try utf-8, cp1252 or gb18030") from None
    except UnicodeError:
        same = False
    if not same:
        raise FileProblem(f"{path}: it is not {name} text; name its encoding: --encoding cp1252 (Western Excel), "
                          "gb18030 (Chinese Excel)")  # fmt: skip
    delimiter, start = _dialect(text)
    rows = _scan(text, delimiter, start, path)
    if not rows:
        raise FileProblem(f"{path}: there is nothing in it; a header row is needed")
    return Table(text, name, delimiter, rows)


def save_whole(path: str | Path, data: bytes) -> None:
    """Write the whole file or nothing. Raises FileProblem."""
    path, temporary = Path(path), None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise FileProblem(f"{path}: not written: {error.strerror or type(error).__name__}") from None


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FileProblem(f"{path}: it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise FileProblem(f"{path}: it is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise FileProblem(f"{path}: there is no such file") from None
    except OSError as error:
        raise FileProblem(f"{path}: {error.strerror or type(error).__name__}") from None


def _encode(text: str, encoding: str) -> bytes:
    return text.encode("utf-8" if encoding == "utf-8-sig" else encoding)


def _dialect(text: str) -> tuple[str, int]:
    """The delimiter, and where the rows begin: Excel's own first line "sep=;", else whatever the header has most of."""
    start = len(_BOM) if text.startswith(_BOM) else 0
    if said := re.match(r"sep=(.)(?:\r\n|\r|\n)", text[start : start + 8]):
        return said[1], start + said.end()
    bare = re.sub(r'"[^"]*"', "", text[start : start + 100_000].lstrip("\r\n").split("\n", 1)[0])
    return max(DELIMITERS, key=bare.count), start


def _scan(text: str, delimiter: str, start: int, path: Path) -> tuple[Row, ...]:
    """Cut the text into rows and cells, as Python's csv module does, and remember where each stood."""
    token = re.compile(rf'(?P<quoted>"[^"]*(?:""[^"]*)*(?P<closed>")?)?(?P<bare>[^{re.escape(delimiter)}\r\n]*)'
                       rf"(?P<stop>{re.escape(delimiter)}|\r\n|\r|\n|\Z)")  # fmt: skip
    line = first = 1 + len(re.findall(r"\r\n|\r|\n", text[:start]))
    rows, cells, number = [], [], 1
    while start <= len(text):
        found = token.match(text, start)
        quoted, stop = found["quoted"] or "", found["stop"]
        if quoted and not found["closed"]:
            raise FileProblem(f"{path}, line {line}: a quotation mark is opened here and never closed")
        value = (quoted[1:-1].replace('""', '"') if quoted else "") + found["bare"]
        cells.append(Cell(value, start, found.start("stop")))
        line += len(re.findall(r"\r\n|\r|\n", quoted + stop))
        start = found.end()
        if stop != delimiter:
            if len(cells) > 1 or cells[0].value or quoted:
                rows.append(Row(first, number, tuple(cells)))
            cells, first, number = [], line, number + 1
        if not stop:
            break
    return tuple(rows)
