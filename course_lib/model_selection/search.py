"""Cross-validation and the two simple searches over settings, for any estimator with fit, score and get_params."""

from collections.abc import Iterable
from itertools import product

import numpy as np

from course_lib.model_selection.folds import stratified_k_fold


def cross_validate(estimator, x, y, folds: Iterable | int = 5) -> np.ndarray:
    """Score a fresh copy of the estimator on each fold's test part, after fitting it on the rest.

    What is fitted to the data (scaling, choice of columns) belongs into a pipeline, or it will have seen the test part.

    Parameters
    ----------
    estimator : Classifier or any scikit-learn estimator
        It stays as it is.
    x, y : array
        Samples on the first axis.
    folds : int or iterable of (train, test) indices
        A number means `stratified_k_fold` without shuffling, as in scikit-learn.

    Returns
    -------
    array, one score per fold
    """
    from sklearn.base import clone

    x, y = np.asarray(x), np.asarray(y)
    folds = stratified_k_fold(y, folds) if isinstance(folds, int) else folds
    scores = [clone(estimator).fit(x[train], y[train]).score(x[test], y[test]) for train, test in folds]
    return np.array(scores)


def grid_search(estimator, grid: dict, x, y, folds: Iterable | int = 5) -> list[dict]:
    """Cross-validate every combination of settings.

    Parameters
    ----------
    grid : dict of name → values
    estimator, x, y, folds
        As for `cross_validate`.

    Returns
    -------
    list of dict, best first
        params, mean, std, scores. The best mean is too good an estimate of itself: it is the largest of many. Keep data
        aside for the final test.
    """
    settings = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    return _search(estimator, settings, x, y, folds)


def random_search(estimator, space: dict, x, y, n: int = 10, folds: Iterable | int = 5, seed: int = 0) -> list[dict]:
    """Cross-validate n random settings. With few settings that matter it finds more than a grid of as many points.

    Bergstra & Bengio, JMLR 13 (2012).

    Parameters
    ----------
    space : dict of name → list of values, or function of a generator
        ``{"lr": lambda rng: 10 ** rng.uniform(-4, -1), "epochs": [10, 20]}``
    n : int
    seed : int
        Decides the draws.
    estimator, x, y, folds
        As for `cross_validate`.

    Returns
    -------
    list of dict, as from `grid_search`
    """
    if n < 1:
        raise ValueError(f"random_search: n must be at least 1, got {n}")
    rng = np.random.default_rng(seed)
    draw = lambda values: values(rng) if callable(values) else values[rng.integers(len(values))]  # noqa: E731
    return _search(estimator, [{name: draw(v) for name, v in space.items()} for _ in range(n)], x, y, folds)


def _search(estimator, settings, x, y, folds):
    from sklearn.base import clone

    folds = list(stratified_k_fold(y, folds) if isinstance(folds, int) else folds)  # the same for all
    rows = []
    for params in settings:
        scores = cross_validate(clone(estimator).set_params(**params), x, y, folds)
        rows.append({"params": params, "mean": float(scores.mean()), "std": float(scores.std()), "scores": scores})
    return sorted(rows, key=lambda row: -row["mean"])
