"""Tables: a reader for CSV files as they come, and real tables."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from course_lib.data.lines import MAX_LINE, opened, read_lines
from course_lib.data.source import Malformed, Source, find
from course_lib.data.table import KINDS, Table, from_matrix

TITANIC = Source(
    "titanic",
    "passengers of the Titanic, a historical sample in the PyPI package bokeh-sampledata",
    "public domain (as bokeh-sampledata's register states)",
    "passengers' name, class, age (557 missing), sex and whether they survived",
    "1,313 rows, 5 columns",
    "pip install --no-deps bokeh-sampledata==2026.1",
)
BREAST_CANCER = Source(
    "breast_cancer",
    "Breast Cancer Wisconsin (Diagnostic), W. Wolberg, O. Mangasarian, N. Street, W. Street, UCI repository, 1995; "
    "shipped with scikit-learn",
    "CC BY 4.0 (data), BSD-3-Clause (scikit-learn)",
    "measurements of cell nuclei and the diagnosis, malignant or benign",
    "569 rows, 31 columns",
)
WINE = Source(
    "wine",
    "Wine recognition, S. Aeberhard & M. Forina, UCI repository, 1991; shipped with scikit-learn",
    "CC BY 4.0 (data), BSD-3-Clause (scikit-learn)",
    "chemical analyses of wines from three growers",
    "178 rows, 14 columns",
)
STOCKS = Source(
    "stock_prices",
    "Quandl WIKI Prices, archived copy, in the PyPI package bokeh-sampledata",
    "public domain (as bokeh-sampledata's register states, after Quandl's own page); supplied as is",
    "daily prices of AAPL, FB, GOOG, IBM and MSFT, unadjusted, and closing prices adjusted for splits and dividends",
    "12,154 rows, 8 columns; March 2000 to March 2013",
    "pip install --no-deps bokeh-sampledata==2026.1",
)
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
MOST_CATEGORIES = 20


def read_csv(
    file: str | Path | BinaryIO,
    *,
    delimiter: str = ",",
    kinds: Mapping[str, str] | Callable[[str], str | None] | None = None,
    missing: tuple[str, ...] = MISSING,
    encoding: str = "utf-8",
) -> Table:
    """Read a table with a header line; plain or gzipped.

    A column is of numbers if all its values are; else of categories if it has at most 20 different ones and these
    repeat; else of text. `kinds` overrules that: a mapping from column name to kind, or a function.

    Raises
    ------
    Malformed
        Naming file and line: an open quote, another number of fields than the header, a value that does not fit
        `kinds`, a repeated or empty column name, a wrong encoding, binary data, a line over 1 MB, an empty file.
    """
    with opened(file) as (stream, name):
        records = _records(stream, name, delimiter, encoding)
        header = _header(records, name)
        lines, rows = [], []
        for line, fields in records:
            if len(fields) != len(header):
                raise Malformed(name, f"has {len(fields)} fields, the header {len(header)}", line)
            lines.append(line)
            rows.append([None if field.strip() in missing else field.strip() for field in fields])
    texts = dict(zip(header, zip(*rows, strict=True) if rows else [()] * len(header), strict=True))
    given = _given_kinds(kinds, header)
    found = {column: given[column] or _kind(values) for column, values in texts.items()}
    return Table({c: _column(name, c, texts[c], found[c], lines) for c in header}, found)


def _given_kinds(kinds, header) -> dict[str, str | None]:
    if isinstance(kinds, Mapping) and (unknown := [column for column in kinds if column not in header]):
        raise ValueError(f"kinds: no column {unknown[0]!r}; there are {', '.join(header)}")
    choose = kinds if callable(kinds) else (kinds or {}).get
    given = {column: choose(column) for column in header}
    if wrong := [kind for kind in given.values() if kind not in (None, *KINDS)]:
        raise ValueError(f"kinds: {wrong[0]!r} is none of {', '.join(KINDS)}")
    return given


def _records(stream, name, delimiter, encoding) -> Iterator[tuple[int, list[str]]]:
    """Yield (first line, fields). A record may span lines, but no more than a line's bytes."""
    begun, held = 1, 0

    def lines():
        nonlocal last, held
        for last, text in read_lines(stream, encoding):  # noqa: B007
            held += len(text)
            if held > MAX_LINE:
                raise Malformed(name, f"begins a record of more than {MAX_LINE:,} characters: an open quote?", begun)
            yield text

    last = 0
    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = "a quote is never closed" if "unexpected end" in str(error) else f"{error}; a quote out of place?"
            raise Malformed(name, hint, begun) from None
        if fields:
            yield begun, fields
        begun, held = last + 1, 0


def _header(records, name) -> list[str]:
    _, fields = next(records, (0, None))
    if fields is None:
        raise Malformed(name, "is empty")
    header = [field.strip() for field in fields]
    twice = [column for column in header if header.count(column) > 1 or not column]
    if twice:
        raise Malformed(name, f"column name {twice[0]!r} is {'repeated' if twice[0] else 'empty'}", 1)
    return header


def _kind(values) -> str:
    present = [value for value in values if value is not None]
    if all(NUMBER.fullmatch(value) for value in present):
        return "number"
    different = len(set(present))
    return "category" if different <= min(MOST_CATEGORIES, len(present) / 2) else "text"


def _column(file, column, values, kind, lines) -> np.ndarray:
    if kind != "number":
        out = np.empty(len(values), dtype=object)
        out[:] = values
        return out
    for line, value in zip(lines, values, strict=True):
        if value is not None and not NUMBER.fullmatch(value):
            raise Malformed(file, f"column {column!r} should hold numbers, found {value[:40]!r}", line)
    return np.array([np.nan if value is None else float(value) for value in values])


def titanic() -> Table:
    """1,313 passengers of the Titanic: name (text), class, age (557 missing), sex, survived (0 or 1).

    See `TITANIC` for origin and licence.
    """
    kinds = {"name": "text", "class": "category", "age": "number", "sex": "category", "survived": "number"}
    path = find(TITANIC, "bokeh_sampledata", "_data", "titanic_all.csv")
    return read_csv(path, kinds=kinds, missing=(*MISSING, "*"))  # one passenger has class "*"


def breast_cancer() -> Table:
    """569 tumours: 30 numbers and the diagnosis, "malignant" or "benign". See `BREAST_CANCER`."""
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    return from_matrix(found.data, found.feature_names.tolist(), diagnosis=found.target_names[found.target].tolist())


def wine() -> Table:
    """178 wines: 13 numbers and the grower, "class_0" to "class_2". See `WINE`."""
    from sklearn.datasets import load_wine

    found = load_wine()
    return from_matrix(found.data, found.feature_names, grower=found.target_names[found.target].tolist())


def stock_prices() -> Table:
    """12,154 days of five shares: ticker, date (text), prices, volume; oldest first. See `STOCKS`."""
    kinds = {"Ticker": "category", "Date": "text"}
    return read_csv(find(STOCKS, "bokeh_sampledata", "_data", "stocks.csv.gz"), kinds=kinds)
