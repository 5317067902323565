"""Layers: weighted sums, shapes and indices."""

import numpy as np

from course_lib import activations, nn
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import linear, raises


def weighted_sum():
    """z = Σ wᵢaᵢ + b, then the activation."""
    layer = linear([[1, 2, 3]], [0.5])
    z = layer(Tensor(np.array([1.0, 0, -1]))).numpy()
    out = activations.relu(z)
    return Evidence(
        f"w = (1, 2, 3), a = (1, 0, -1), b = 0.5 give z = {z[0]:g}; the unit's output is f(z), here relu(z) = "
        f"{out[0]:g}.",
        said={"z is the weighted sum plus b": close(z, 1 * 1 + 2 * 0 + 3 * -1 + 0.5, 12)},
        right={"z is not the output yet: the activation changes it": bool(out[0] == 0 != z[0])},
        numbers={"z": z, "relu(z)": out},
    )


def layer():
    """Y = σ(WX + b) with samples in columns: which shapes of b work?"""
    rng = np.random.default_rng(0)
    W, X, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 5)), rng.normal(size=2)
    Y = activations.sigmoid(W @ X + b[:, None])
    rows = nn.Sequential(linear(W, b), nn.Sigmoid())(Tensor(X.T)).numpy()
    return Evidence(
        f"W {W.shape}, X {X.shape} and b (2, 1) give Y {Y.shape}; b of shape {b.shape} raises an error; the library "
        f"keeps samples in rows and gets {rows.shape}.",
        said={"with b as a column the shapes fit": Y.shape == (2, 5)},
        gap={"with b of shape (2,), as one would store it, they do not": raises(ValueError, lambda: W @ X + b)},
        right={"samples in rows: XWᵀ + b is the same, transposed": close(rows.T, Y, 12)},
        numbers={"Y": Y},
    )


def forward_z():
    """Z = WX + b, A = σ(Z): which of the two is the activation?"""
    rng = np.random.default_rng(0)
    W, b, X = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=(5, 3))
    Z = linear(W, b)(Tensor(X)).numpy()
    A = activations.sigmoid(Z)
    return Evidence(
        f"Z runs from {Z.min():.3f} to {Z.max():.3f}, A from {A.min():.3f} to {A.max():.3f}: only A can be what σ "
        "gave.",
        said={"Z = WX + b and A = σ(Z) compute a layer": close(Z, X @ W.T + b, 12)},
        gap={"Z, called the activation value, leaves the range of σ": bool(Z.min() < 0 and Z.max() > 1)},
        right={"A, the activation, stays inside (0, 1)": bool(A.min() > 0 and A.max() < 1)},
        numbers={"Z": Z[0], "A": A[0]},
    )


def forward_shapes():
    """Z = WX + b for a column X."""
    rng = np.random.default_rng(0)
    W, X, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 1)), rng.normal(size=(4, 1))
    Z = W @ X + b
    by_hand = [sum(W[j, i] * X[i, 0] for i in range(3)) + b[j, 0] for j in range(4)]
    library = linear(W, b[:, 0])(Tensor(X.T)).numpy()
    return Evidence(
        f"W {W.shape} times X {X.shape} plus b {b.shape} is Z {Z.shape}, equal to the four sums written out.",
        said={"Z = WX + b is the weighted sum of each unit": close(Z[:, 0], by_hand, 12)},
        right={"the library's Linear gives the same": close(library[0], Z[:, 0], 12)},
        numbers={"Z": Z[:, 0]},
    )


def hidden():
    """h_j = σ(Σᵢ w_ji xᵢ + b_j), index by index and as a layer."""
    rng = np.random.default_rng(0)
    w, x, b = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
    h = [activations.sigmoid(np.array(sum(w[j, i] * x[i] for i in range(3)) + b[j])) for j in range(4)]
    library = nn.Sequential(linear(w, b), nn.Sigmoid())(Tensor(x)).numpy()
    return Evidence(
        f"four hidden units summed index by index give {np.round(h, 4).tolist()}, as the layer does.",
        said={"the sum over i with w_ji is the layer σ(Wx + b)": close(h, library, 12)},
        right={"w_ji leads from i to j: W has shape (to, from)": w.shape == (4, 3)},
        numbers={"h": np.array(h)},
    )


def output():
    """y_k = σ(Σⱼ w_jk h_j + b_k): are the indices in the order of the line above?"""
    rng = np.random.default_rng(0)
    W2, h, b = rng.normal(size=(2, 4)), rng.normal(size=4), rng.normal(size=2)  # (to, from), as for w_ji
    literal = lambda w: [sum(w[j, k] * h[j] for j in range(4)) + b[k] for k in range(2)]  # noqa: E731
    library = linear(W2, b)(Tensor(h)).numpy()
    return Evidence(
        "with W2 stored as (to, from) = (2, 4), like the first layer, w_jk runs out of the matrix at j = 2; read as "
        "(from, to) it works.",
        said={"with w_jk from j to k the sum is a layer": close(literal(W2.T), library, 12)},
        gap={"in the order of the first formula (w_ji: to, from) it does not fit": raises(IndexError, literal, W2)},
        right={"w_kj: W2 h + b": close(W2 @ h + b, library, 12)},
        numbers={"W2 h + b": library},
    )


def fully_connected():
    """From (N, 16, 2, 2) feature maps to ten class probabilities."""
    maps = np.random.default_rng(0).normal(size=(5, 16, 2, 2))
    flat = nn.Flatten()(Tensor(maps))
    layer = nn.Linear(64, 10, rng=np.random.default_rng(1), dtype=np.float64)
    p = activations.softmax(layer(flat)).numpy()
    count = sum(parameter.size for parameter in layer.parameters())
    return Evidence(
        f"flattening {maps.shape} gives {flat.shape}; a matrix with {count} parameters makes ten scores of it, softmax "
        "makes them probabilities.",
        said={"flattening gives one vector per image": flat.shape == (5, 64)},
        gap={"flattened and activated it is 64 numbers, not 10 classes": activations.softmax(flat).shape == (5, 64)},
        right={
            "the layer is a matrix and a bias: 650 parameters": count == 650,
            "softmax rows are distributions": p.shape == (5, 10) and close(p.sum(1), 1, 12),
        },
        numbers={"shapes": f"{maps.shape} → {flat.shape} → {p.shape}", "parameters": count},
    )
