"""Cross-validation folds: every sample is tested once, by a model that has not seen it. Stone, JRSS B 36 (1974)."""

from collections.abc import Iterator

import numpy as np

Fold = tuple[np.ndarray, np.ndarray]


def k_fold(n: int, k: int = 5, seed: int | None = None) -> Iterator[Fold]:
    """Yield (train, test) indices k times; test parts are disjoint, cover 0..n-1 and differ in size by at most 1.

    Parameters
    ----------
    n : int
        Number of samples.
    k : int
        From 2 to n.
    seed : int, optional
        Shuffle first. Without it folds are runs of neighbours, as in scikit-learn: wrong for data sorted by class.
    """
    _check("k_fold", k, n, "number of samples")
    fold = np.sort(np.arange(n) % k)  # 0 0 0 1 1 1 2 2
    yield from _splits(fold if seed is None else np.random.default_rng(seed).permutation(fold), k)


def stratified_k_fold(y, k: int = 5, seed: int | None = None) -> Iterator[Fold]:
    """Yield (train, test) indices k times, each test part with the classes in the proportions of the whole.

    Folds differ by at most 1 in the count of every class. Kohavi, IJCAI 1995.

    Parameters
    ----------
    y : array, (N,)
        Classes.
    k : int
        From 2 to the size of the largest class.
    seed : int, optional
        Shuffle within classes first.
    """
    if np.ndim(y) != 1:
        raise ValueError(f"stratified_k_fold: y must be (N,), got shape {np.shape(y)}")
    _, first, label = np.unique(np.asarray(y), return_index=True, return_inverse=True)
    count = np.bincount(label, minlength=1)
    _check("stratified_k_fold", k, int(count.max()), "size of the largest class")
    rng = None if seed is None else np.random.default_rng(seed)
    fold, start = np.empty(len(label), int), 0
    for c in np.argsort(first):  # deal the classes out in turn, as cards: each goes on where the one before stopped
        dealt = np.sort((start + np.arange(count[c])) % k)
        fold[label == c] = dealt if rng is None else rng.permutation(dealt)
        start += count[c]
    yield from _splits(fold, k)


def _splits(fold, k):
    for i in range(k):
        yield np.flatnonzero(fold != i), np.flatnonzero(fold == i)


def _check(name, k, n, what):
    if not 2 <= k <= n:
        raise ValueError(f"{name}: k must lie between 2 and the {what}, {n}; got {k}")
