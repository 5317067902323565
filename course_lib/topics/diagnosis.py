"""Diagnosis as a measurement: sensitivity, specificity, abstention, intervals. A lesson, not a medical device."""

from typing import NamedTuple

import numpy as np

from course_lib.data import breast_cancer
from course_lib.data.splitting import stratified_split


class Diagnosis(NamedTuple):
    """Probabilities of "malignant" and the truth, for validation and test; the test's rows for a closer look."""

    p_valid: np.ndarray
    y_valid: np.ndarray
    p_test: np.ndarray
    y_test: np.ndarray
    x_test: np.ndarray
    names: tuple[str, ...]


def diagnose(seed: int = 0, strength: float = 1.0) -> Diagnosis:
    """Logistic regression on the breast-cancer table: 50 % training, 20 % validation, 30 % test, stratified.

    The columns are standardised with the training rows' mean and deviation.

    Parameters
    ----------
    seed : int
        Which split.
    strength : float
        scikit-learn's C: larger means less regularisation.
    """
    from sklearn.linear_model import LogisticRegression

    table = breast_cancer()
    names = tuple(name for name in table.columns if name != "diagnosis")
    x = np.column_stack([table[name] for name in names]).astype(float)
    y = (table["diagnosis"] == "malignant").astype(int)
    train, valid, test = stratified_split(y, (0.5, 0.2, 0.3), seed)
    z = (x - x[train].mean(0)) / x[train].std(0)
    model = LogisticRegression(C=strength, max_iter=2000).fit(z[train], y[train])
    p = model.predict_proba(z)[:, 1]
    return Diagnosis(p[valid], y[valid], p[test], y[test], x[test], names)


def sensitivity_specificity(p, y, threshold: float = 0.5) -> tuple[float, float]:
    """(share of the ill that are found, share of the healthy that are left alone), calling p ≥ threshold ill.

    Yerushalmy, Public Health Reports 62 (1947). nan where there are no ill, or no healthy.
    """
    p, y = np.asarray(p, float), np.asarray(y)
    if p.shape != y.shape or p.ndim != 1:
        raise ValueError(f"sensitivity_specificity: p and y must both be (N,), got {p.shape} and {y.shape}")
    called = p >= threshold
    mean = lambda values: float(values.mean()) if values.size else float("nan")  # noqa: E731
    return mean(called[y == 1]), mean(~called[y == 0])


def threshold_for_sensitivity(p, y, wanted: float) -> float:
    """Largest threshold at which at least the `wanted` share of the ill is found. Choose it on validation data."""
    ill = np.sort(np.asarray(p, float)[np.asarray(y) == 1])
    if not 0 < wanted <= 1 or not len(ill):
        raise ValueError(f"threshold_for_sensitivity: wanted must lie in (0, 1] and somebody be ill, got {wanted} and "
                         f"{len(ill)} ill")  # fmt: skip
    return float(ill[len(ill) - int(np.ceil(wanted * len(ill) - 1e-9))])


def conformal_radius(residuals, level: float = 0.9) -> float:
    """Half-width r of intervals prediction ± r that hold at least `level` of new cases, on average.

    The ⌈(n + 1)·level⌉-th smallest absolute residual of n held-out cases; infinite if n is too small for that. Vovk,
    Gammerman & Shafer, Algorithmic Learning in a Random World, 2005; Lei et al., JASA 113 (2018).
    """
    size = np.sort(np.abs(np.asarray(residuals, float)))
    if not 0 < level < 1:
        raise ValueError(f"conformal_radius: level must lie strictly between 0 and 1, got {level}")
    rank = int(np.ceil((len(size) + 1) * level - 1e-9))
    return float(size[rank - 1]) if rank <= len(size) else float("inf")
