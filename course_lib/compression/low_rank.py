"""Low-rank factors: one layer of out·in weights becomes two of r·(out + in)."""

import numpy as np

from course_lib import nn


def low_rank(layer: nn.Linear, rank: int) -> nn.Sequential:
    """Two linear layers, in → rank → out, whose product is the closest to W that the rank allows.

    W = U Σ Vᵀ is cut after `rank` singular values; the layers hold √Σ Vᵀ and U √Σ. The squared error, Frobenius norm,
    is the sum of the squares of the values cut off. Eckart & Young, Psychometrika 1 (1936). It saves weights if
    rank < out·in / (out + in).

    Parameters
    ----------
    layer : Linear
        It stays as it is.
    rank : int
        From 1 to min(out, in).
    """
    rows, columns = layer.weight.shape
    if not 1 <= rank <= min(rows, columns):
        raise ValueError(f"low_rank: rank must lie in 1..{min(rows, columns)}, got {rank}")
    u, s, v = np.linalg.svd(layer.weight.data, full_matrices=False)
    root = np.sqrt(s[:rank])
    options = {"dtype": layer.weight.dtype, "rng": np.random.default_rng(0)}  # overwritten at once
    first = nn.Linear(columns, rank, bias=False, **options)
    second = nn.Linear(rank, rows, bias=layer.bias is not None, **options)
    first.weight.data[...] = root[:, None] * v[:rank]
    second.weight.data[...] = u[:, :rank] * root
    if layer.bias is not None:
        second.bias.data[...] = layer.bias.data
    return nn.Sequential(first, second)
