"""Few labels: class prototypes on a frozen encoder, and classes told apart by a description alone."""

import numpy as np


def prototypes(features, labels) -> np.ndarray:
    """Mean feature vector of each class, c_k = mean of f(x) over the support samples of class k.

    Snell, Swersky & Zemel, NeurIPS 2017, eq. 1.

    Parameters
    ----------
    features : array, (N, D)
    labels : array, (N,)
        Classes 0 to K-1, each there at least once.

    Returns
    -------
    array, (K, D)
    """
    features, labels = np.asarray(features), np.asarray(labels)
    if features.ndim != 2 or features.shape[:1] != labels.shape or not len(labels):
        raise ValueError(f"prototypes: expected features (N, D) and labels (N,), got {features.shape}, {labels.shape}")
    count = np.bincount(labels)
    if not count.all():
        raise ValueError(f"prototypes: no sample of class {int(np.argmin(count))}")
    sums = np.zeros((len(count), features.shape[1]), features.dtype)
    np.add.at(sums, labels, features)
    return sums / count[:, None].astype(features.dtype)


def nearest(features, centres) -> np.ndarray:
    """Index of the nearest centre in Euclidean distance; features (N, D), centres (K, D) → (N,).

    The lower index wins a tie. With one-hot descriptions as centres this is zero-shot classification by attributes.
    Lampert, Nickisch & Harmeling, CVPR 2009.
    """
    features, centres = np.asarray(features), np.asarray(centres)
    if features.ndim != 2 or centres.ndim != 2 or features.shape[1] != centres.shape[1]:
        raise ValueError(f"nearest: expected (N, D) and (K, D), got {features.shape} and {centres.shape}")
    return ((features[:, None] - centres) ** 2).sum(-1).argmin(1)  # (N, K, D) → (N, K) → (N,)


def draw_shots(labels, shots: int, rng) -> np.ndarray:
    """Indices of `shots` random samples of every class, class by class."""
    labels = np.asarray(labels)
    classes, counts = np.unique(labels, return_counts=True)
    if not 1 <= shots <= counts.min():
        raise ValueError(f"draw_shots: shots must lie in 1..{counts.min()}, got {shots}")
    return np.concatenate([rng.choice(np.flatnonzero(labels == c), shots, replace=False) for c in classes])
