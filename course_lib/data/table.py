"""A small typed table: named columns, each of numbers, categories or text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

KINDS = ("number", "category", "text")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length.

    Attributes
    ----------
    columns : dict of str to (N,) arrays
        Numbers are float64, a missing one is nan. Categories and text are str in object arrays, a missing one is None.
    kinds : dict of str to "number", "category" or "text"
    """

    columns: Mapping[str, np.ndarray]
    kinds: Mapping[str, str]

    def __post_init__(self):
        if list(self.columns) != list(self.kinds):
            raise ValueError(f"Table: columns {list(self.columns)} and kinds {list(self.kinds)} differ")
        if unknown := sorted(set(self.kinds.values()) - set(KINDS)):
            raise ValueError(f"Table: kinds are {', '.join(KINDS)}; got {', '.join(unknown)}")
        if len({len(column) for column in self.columns.values()}) > 1:
            raise ValueError(f"Table: lengths differ: { {name: len(c) for name, c in self.columns.items()} }")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.columns:
            raise KeyError(f"no column {name!r}; there are {', '.join(self.columns)}")
        return self.columns[name]

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}: {kind}" for name, kind in self.kinds.items())
        return f"Table({len(self)} rows; {parts})"

    def of_kind(self, kind: str) -> list[str]:
        """Names of the columns of one kind."""
        return [name for name, k in self.kinds.items() if k == kind]

    def rows(self, index) -> "Table":
        """Return the rows that `index` (numbers or a mask) picks."""
        return Table({name: column[index] for name, column in self.columns.items()}, self.kinds)

    def select(self, *names: str) -> "Table":
        """Return the named columns only, in that order."""
        return Table({name: self[name] for name in names}, {name: self.kinds[name] for name in names})

    def without(self, *names: str) -> "Table":
        """Return the table without the named columns."""
        absent = [name for name in names if name not in self.columns]
        if absent:
            raise KeyError(f"no column {absent[0]!r}; there are {', '.join(self.columns)}")
        return self.select(*(name for name in self.columns if name not in names))

    def matrix(self, *names: str) -> np.ndarray:
        """(N, D) of the named columns, or of all number columns: float64 if all are numbers, else objects."""
        names = names or tuple(self.of_kind("number"))
        dtype = float if all(self.kinds.get(name) == "number" for name in names) else object
        return np.column_stack([self[name] for name in names]) if names else np.empty((len(self), 0), dtype)

    def missing(self) -> dict[str, int]:
        """How many values are missing, by column."""
        return {name: int(is_missing(column).sum()) for name, column in self.columns.items()}


def is_missing(values) -> np.ndarray:
    """Mask of the missing values: nan among numbers, None or nan among objects."""
    values = np.asarray(values)
    if values.dtype.kind == "O":
        return np.equal(values, None) | np.not_equal(values, values)
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, dtype=bool)


def from_matrix(x: np.ndarray, names: Sequence[str], **categories) -> Table:
    """Make a table of number columns from (N, D), plus category columns given by name."""
    columns = {name: np.asarray(column, dtype=float) for name, column in zip(names, x.T, strict=True)}
    kinds = dict.fromkeys(columns, "number") | dict.fromkeys(categories, "category")
    return Table(columns | {name: np.asarray(values, dtype=object) for name, values in categories.items()}, kinds)
