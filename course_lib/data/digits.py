"""The 8×8 handwritten digits that scikit-learn carries."""

import numpy as np

from course_lib.data.source import Source, Split

DIGITS = Source(
    "digits",
    "test part of Optical Recognition of Handwritten Digits, E. Alpaydin & C. Kaynak, UCI repository, 1998; "
    "shipped with scikit-learn",
    "CC BY 4.0 (data), BSD-3-Clause (scikit-learn)",
    "grey images of the handwritten digits 0 to 9, 8×8",
    "1,797 images",
)


def digits(test_size: float = 0.2, seed: int = 0, flat: bool = True) -> Split:
    """1,797 grey images of the digits 0 to 9, 8×8, scaled to [0, 1], split with the same mix of classes on both sides.

    Parameters
    ----------
    test_size : float in (0, 1)
    seed : int
        Which split.
    flat : bool
        x is (N, 64) if true, else (N, 1, 8, 8).

    Returns
    -------
    Split
        x float32, y int64. See `DIGITS` for origin and licence.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    if not 0 < test_size < 1:
        raise ValueError(f"digits: test_size must lie strictly between 0 and 1, got {test_size}")
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32).reshape(len(y), *((64,) if flat else (1, 8, 8)))
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=test_size, random_state=seed, stratify=y)
    return Split(x_train, y_train, x_test, y_test)
