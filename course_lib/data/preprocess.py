"""Steps that learn something from the training rows and then treat all rows alike, and pipelines of them.

``fit`` on the training rows only, ``transform`` everywhere: a step that has seen the test rows flatters the score.
Names, arguments and results are scikit-learn's where it has the step.
"""

from collections.abc import Mapping

import numpy as np

from course_lib.data.cleaning import fences
from course_lib.data.table import Table, is_missing


class Step:
    """Base of all steps: `fit` learns from (N, D) and returns the step, `transform` applies what was learnt.

    A subclass defines ``_fit(x)`` and ``_transform(x)``. Fitting again forgets all that was learnt before, so a step
    may be used fold after fold.
    """

    dtype = float

    def fit(self, x) -> "Step":
        x = self._matrix(x)
        if not len(x):
            raise ValueError(f"{self._name}: cannot fit on no rows, got shape {x.shape}")
        self.columns_ = x.shape[1]
        self._fit(x)
        return self

    def transform(self, x) -> np.ndarray:
        if not hasattr(self, "columns_"):
            raise RuntimeError(f"{self._name}: call fit on the training rows before transform")
        x = self._matrix(x)
        if x.shape[1] != self.columns_:
            raise ValueError(f"{self._name}: fitted on {self.columns_} columns, got {x.shape[1]} (shape {x.shape})")
        return self._transform(x)

    def fit_transform(self, x) -> np.ndarray:
        """``fit(x).transform(x)``, for the training rows."""
        return self.fit(x).transform(x)

    def names(self, names: list[str]) -> list[str]:
        """Return the names of the columns that come out, given those that go in."""
        return list(names)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _matrix(self, x) -> np.ndarray:
        x = np.asarray(x, dtype=self.dtype)
        if x.ndim != 2:
            raise ValueError(f"{self._name}: expected (rows, columns), got shape {x.shape}")
        return x

    def _fit(self, x):
        raise NotImplementedError

    def _transform(self, x):
        raise NotImplementedError


class StandardScaler(Step):
    """(x - mean) / sd, column by column, with the training rows' mean and sd (divided by N).

    A constant column is only centred. Missing values are left out of both and stay missing.
    """

    def _fit(self, x):
        _need_values(self, x)
        self.mean_ = np.nanmean(x, axis=0)
        self.scale_ = np.nanstd(x, axis=0)
        n, eps = (~np.isnan(x)).sum(axis=0), np.finfo(float).eps
        noise = n * eps * self.scale_**2 + (n * self.mean_ * eps) ** 2  # rounding alone may leave this variance
        self.scale_[self.scale_**2 <= noise] = 1

    def _transform(self, x):
        return (x - self.mean_) / self.scale_

    def inverse_transform(self, z) -> np.ndarray:
        """Undo `transform`: z·sd + mean."""
        return np.asarray(z) * self.scale_ + self.mean_


class MinMaxScaler(Step):
    """(x - min) / (max - min), column by column: the training rows fill [0, 1], others may lie outside.

    A constant column becomes 0. Missing values are left out and stay missing.
    """

    def _fit(self, x):
        _need_values(self, x)
        self.min_, high = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
        self.range_ = np.where(high - self.min_ < 10 * np.finfo(float).eps, 1.0, high - self.min_)

    def _transform(self, x):
        return (x - self.min_) / self.range_

    def inverse_transform(self, z) -> np.ndarray:
        """Undo `transform`: z·(max - min) + min."""
        return np.asarray(z) * self.range_ + self.min_


class OutlierClipper(Step):
    """Move values outside the training rows' fences, Q1 - k·IQR and Q3 + k·IQR, onto them."""

    def __init__(self, k: float = 1.5):
        self.k = k

    def _fit(self, x):
        _need_values(self, x)
        self.low_, self.high_ = fences(x, self.k)

    def _transform(self, x):
        return np.clip(x, self.low_, self.high_)


class SimpleImputer(Step):
    """Fill missing values (nan, None) with one learnt value per column.

    Parameters
    ----------
    strategy : {"mean", "median", "most_frequent", "constant"}
        Of several most frequent values the smallest is taken.
    fill_value : object
        For "constant".
    """

    dtype = None

    def __init__(self, strategy: str = "mean", fill_value=None):
        known = ("mean", "median", "most_frequent", "constant")
        if strategy not in known:
            raise ValueError(f"SimpleImputer: strategy must be one of {', '.join(known)}, got {strategy!r}")
        self.strategy, self.fill_value = strategy, fill_value

    def _fit(self, x):
        if self.strategy == "constant":
            self.values_ = [self.fill_value] * x.shape[1]
            return
        _need_values(self, x)
        self.values_ = [self._value(column[~is_missing(column)]) for column in x.T]

    def _value(self, present):
        if self.strategy == "most_frequent":
            kinds, counts = np.unique(present, return_counts=True)
            return kinds[counts.argmax()]
        return getattr(np, self.strategy)(present.astype(float))

    def _transform(self, x):
        values = np.empty(self.columns_, dtype=x.dtype)
        values[:] = self.values_
        return np.where(is_missing(x), values, x)


class OneHotEncoder(Step):
    """One column of 0 and 1 per category seen in the training rows, in sorted order; missing ones (None) come last.

    Parameters
    ----------
    unknown : {"error", "ignore"}
        What to do with a category that `fit` did not see: refuse it, or give it zeros throughout.
    """

    dtype = object

    def __init__(self, unknown: str = "error"):
        if unknown not in ("error", "ignore"):
            raise ValueError(f"OneHotEncoder: unknown must be 'error' or 'ignore', got {unknown!r}")
        self.unknown = unknown

    def _fit(self, x):
        self.categories_ = [sorted(set(column), key=lambda c: (c is None, c)) for column in x.T]

    def _transform(self, x):
        return np.column_stack([self._hot(j, x[:, j]) for j in range(self.columns_)])

    def _hot(self, j, column):
        place = {category: k for k, category in enumerate(self.categories_[j])}
        codes = np.array([place.get(value, -1) for value in column], dtype=int)
        if self.unknown == "error" and (codes < 0).any():
            new = column[codes < 0][0]
            raise ValueError(f"OneHotEncoder: column {j} has {new!r}, which was not there when fitting")
        return (codes[:, None] == np.arange(len(place))).astype(float)  # (N, categories)

    def names(self, names):
        """Return "column=category" for every column that comes out."""
        return [f"{n}={c}" for n, found in zip(names, self.categories_, strict=True) for c in found]


class Pipeline(Step):
    """Steps one after the other; each learns from what the one before makes of the training rows."""

    dtype = None

    def __init__(self, *steps: Step):
        self.steps = steps

    def _fit(self, x):
        for step in self.steps:
            x = step.fit_transform(x)

    def _transform(self, x):
        for step in self.steps:
            x = step.transform(x)
        return x

    def names(self, names):
        for step in self.steps:
            names = step.names(names)
        return names


class TableEncoder:
    """Turn a `Table` into a matrix: one step (or pipeline) for each kind of column; kinds without one are left out.

    Parameters
    ----------
    **steps : Step
        By kind: ``number=Pipeline(SimpleImputer("median"), StandardScaler()), category=OneHotEncoder()``.
    """

    def __init__(self, **steps: Step):
        self.steps: Mapping[str, Step] = steps

    def fit(self, table: Table) -> "TableEncoder":
        self.kinds_ = dict(table.kinds)
        for kind, columns in self._columns(table):
            self.steps[kind].fit(table.matrix(*columns))
        return self

    def transform(self, table: Table) -> np.ndarray:
        if not hasattr(self, "kinds_"):
            raise RuntimeError("TableEncoder: call fit on the training rows before transform")
        if dict(table.kinds) != self.kinds_:
            raise ValueError(f"TableEncoder: fitted on columns {self.kinds_}, got {dict(table.kinds)}")
        parts = [self.steps[kind].transform(table.matrix(*columns)) for kind, columns in self._columns(table)]
        return np.column_stack(parts) if parts else np.empty((len(table), 0))

    def fit_transform(self, table: Table) -> np.ndarray:
        """``fit(table).transform(table)``, for the training rows."""
        return self.fit(table).transform(table)

    def names(self) -> list[str]:
        """Names of the matrix's columns."""
        kinds = {k: [n for n, kind in self.kinds_.items() if kind == k] for k in self.steps}
        return [name for kind, columns in kinds.items() if columns for name in self.steps[kind].names(columns)]

    def _columns(self, table):
        return [(kind, columns) for kind in self.steps if (columns := table.of_kind(kind))]


def _need_values(step, x):
    empty = np.flatnonzero(is_missing(x).all(axis=0))
    if len(empty):
        raise ValueError(f"{type(step).__name__}: column {empty[0]} has no value to learn from")
