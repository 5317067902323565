"""Dividing rows into parts that share none."""

from collections.abc import Sequence

import numpy as np


def random_split(n: int, fractions: Sequence[float] = (0.6, 0.2, 0.2), seed: int = 0) -> tuple[np.ndarray, ...]:
    """Divide the rows 0 … n-1 at random.

    Parameters
    ----------
    n : int
    fractions : sequence of float
        How much each part gets; they add up to 1.
    seed : int
        Which split.

    Returns
    -------
    tuple of int64 arrays
        Sorted row numbers, one array per part: disjoint, and together all rows.
    """
    return stratified_split(np.zeros(n, dtype=int), fractions, seed)


def stratified_split(labels, fractions: Sequence[float] = (0.6, 0.2, 0.2), seed: int = 0) -> tuple[np.ndarray, ...]:
    """Divide rows so that every part has the same mix of labels.

    Of a label with m rows, part k gets m·fractions[k] rows, rounded so that the sizes of the parts come out right too.

    Parameters
    ----------
    labels : array-like (N,)
    fractions : sequence of float
        How much each part gets; they add up to 1.
    seed : int
        Which split.

    Returns
    -------
    tuple of int64 arrays
        Sorted row numbers, one array per part: disjoint, and together all rows.

    Raises
    ------
    ValueError
        If the fractions do not add up to 1, the labels are not one per row, or a label has fewer rows than there are
        parts.
    """
    labels, fractions = np.asarray(labels), _checked(fractions)
    if labels.ndim != 1:
        raise ValueError(f"stratified_split: labels must be one per row, got shape {labels.shape}")
    kinds, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(kinds) > 1 and counts.min() < len(fractions):
        rare, few = kinds.tolist()[counts.argmin()], counts.min()
        raise ValueError(f"stratified_split: label {rare!r} has {few} rows for {len(fractions)} parts")
    rng = np.random.default_rng(seed)
    order, turn = rng.permutation(len(labels)), rng.permutation(len(kinds))
    order = order[np.argsort(turn[codes[order]], kind="stable")]  # label by label, both by chance
    part = _dealt(len(labels), fractions)
    return tuple(np.sort(order[part == k]) for k in range(len(fractions)))


def _checked(fractions) -> np.ndarray:
    shares = np.asarray(fractions, dtype=float)
    if shares.ndim != 1 or not (shares > 0).all() or abs(shares.sum() - 1) > 1e-9:
        raise ValueError(f"fractions must be positive and add up to 1, got {fractions}")
    return shares


def _dealt(n: int, fractions: np.ndarray) -> np.ndarray:
    """Deal n places to the parts, each to the one that is furthest behind: every stretch has the right mix."""
    owed, part = [0.0] * len(fractions), np.empty(n, dtype=int)
    shares = fractions.tolist()
    for i in range(n):
        owed = [o + s for o, s in zip(owed, shares, strict=True)]
        part[i] = chosen = max(range(len(owed)), key=owed.__getitem__)
        owed[chosen] -= 1
    return part
