"""Cleaning: repeated rows and outlying values, found before anything is learnt from them."""

import numpy as np

from course_lib.data.table import Table


def duplicated(rows: Table | np.ndarray) -> np.ndarray:
    """Mask of the rows that repeat an earlier row. Missing values count as equal to one another.

    Parameters
    ----------
    rows : Table or array (N, D)
        The first of several equal rows is not marked.
    """
    columns = list(rows.columns.values()) if isinstance(rows, Table) else list(np.asarray(rows).T)
    if not columns:
        return np.zeros(len(rows), dtype=bool)
    seen, mask = set(), np.zeros(len(rows), dtype=bool)
    for i, row in enumerate(zip(*(_comparable(column) for column in columns), strict=True)):
        mask[i] = row in seen
        seen.add(row)
    return mask


def _comparable(column) -> list:
    return [None if value != value else value for value in np.asarray(column).tolist()]


def drop_duplicates(table: Table) -> Table:
    """Return the table without repeated rows. Do it before splitting, or a row and its copy land on both sides."""
    return table.rows(~duplicated(table))


def fences(x, k: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Tukey's fences, column by column: Q1 - k·IQR and Q3 + k·IQR, with IQR = Q3 - Q1. Missing values are left out.

    Parameters
    ----------
    x : array (N, D)
    k : float
        1.5 marks about 0.7 % of normally distributed values.

    Returns
    -------
    low, high : arrays (D,)
        nan where a column has no value.
    """
    x = np.asarray(x, dtype=float)
    if not len(x):
        raise ValueError(f"fences: need at least one row, got shape {x.shape}")
    q1, q3 = quartiles = np.full((2, x.shape[1]), np.nan)
    some = ~np.isnan(x).all(axis=0)
    if some.any():
        quartiles[:, some] = np.nanpercentile(x[:, some], [25, 75], axis=0)
    return q1 - k * (q3 - q1), q3 + k * (q3 - q1)


def outliers(x, k: float = 1.5) -> np.ndarray:
    """Mask (N, D) of the values outside Tukey's `fences`; a missing value is not one."""
    low, high = fences(x, k)
    return (np.asarray(x) < low) | (np.asarray(x) > high)
