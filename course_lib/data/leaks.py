"""Find out by experiment whether a preparation of data leaks."""

from collections.abc import Callable

import numpy as np

Prepare = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def leaks(prepare: Prepare, x_train, x_test, tolerance: float = 1e-9) -> list[str]:
    """Say what is wrong with a function that prepares training and test rows; an empty list if nothing is.

    Three things must hold, whatever the preparation does, and each is tried out:

    1. the prepared training rows stay the same when the test rows change;
    2. a prepared test row stays the same when the other test rows change;
    3. a row comes out the same whether it is given as a training or as a test row.

    Parameters
    ----------
    prepare : (x_train, x_test) -> (z_train, z_test)
        For instance ``lambda a, b: (scaler.fit_transform(a), scaler.transform(b))``.
    x_train, x_test : arrays (N, D), (M, D)
        The test part needs at least two rows. `prepare` gets copies.
    tolerance : float
        Largest difference that counts as none, relative to the largest value.
    """
    x_train, x_test = np.array(x_train, dtype=float), np.array(x_test, dtype=float)
    if len(x_test) < 2:
        raise ValueError(f"leaks: x_test needs two rows or more, got shape {x_test.shape}")

    def run(test):
        return [np.asarray(part, dtype=float) for part in prepare(x_train.copy(), test.copy())]

    z_train, z_test = run(x_test)
    moved = x_test.copy()
    moved[1:] = 10 * moved[1:] + 100  # the first row stays
    moved_train, moved_test = run(moved)
    both = run(x_train)
    tried = {
        "the training rows change when the test rows do: something was fitted on both": (z_train, moved_train),
        "a test row changes when the other test rows do: something was fitted on the test rows": (
            z_test[:1], moved_test[:1],
        ),
        "a row comes out differently as a training and as a test row: the two are treated differently": both,
    }  # fmt: skip
    return [finding for finding, (a, b) in tried.items() if not _same(a, b, tolerance)]


def _same(a, b, tolerance) -> bool:
    if a.shape != b.shape:
        return False
    largest = max((float(np.abs(v[np.isfinite(v)]).max(initial=0)) for v in (a, b)), default=0)
    return np.allclose(a, b, rtol=0, atol=tolerance * max(largest, 1e-300), equal_nan=True)
