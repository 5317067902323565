"""The elementary operations: arithmetic, reductions, shapes. Each is a NumPy forward with its derivative beside it.

Broadcasting needs no care here: the tape sums a gradient over the axes along which an input was broadcast.
"""

import numpy as np

from course_lib.op import Array, Labels, op


@op
def add(a: Array, b: Array):
    """a + b."""
    return a + b, (lambda g: g, lambda g: g)


@op
def sub(a: Array, b: Array):
    """a - b."""
    return a - b, (lambda g: g, lambda g: -g)


@op
def mul(a: Array, b: Array):
    """a · b, element by element; d/da = b, d/db = a."""
    return a * b, (lambda g: g * b, lambda g: g * a)


@op
def div(a: Array, b: Array):
    """a / b; d/da = 1/b, d/db = -a/b²."""
    return a / b, (lambda g: g / b, lambda g: -g * a / (b * b))


@op
def pow(a: Array, exponent: float = 2.0):
    """a ** exponent for a constant exponent n; d/da = n·aⁿ⁻¹, and 0 for n = 0."""
    exponent = exponent.item() if isinstance(exponent, np.generic) else exponent  # a float64 would widen float32
    return a**exponent, (lambda g: g * exponent * a ** (exponent - 1) if exponent else 0 * g,)


@op
def neg(a: Array):
    """-a."""
    return -a, (lambda g: -g,)


@op
def exp(a: Array):
    """eᵃ; its own derivative."""
    y = np.exp(a)
    return y, (lambda g: g * y,)


@op
def log(a: Array):
    """Natural logarithm; d/da = 1/a. log 0 is -inf and log of a negative number is nan, as in PyTorch."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(a), (lambda g: g / a,)


@op
def sqrt(a: Array):
    """√a; d/da = 1/(2√a)."""
    with np.errstate(invalid="ignore"):
        y = np.sqrt(a)
    return y, (lambda g: g / (2 * y),)


@op
def abs(a: Array):
    """|a|; the subgradient at 0 is 0."""
    return np.abs(a), (lambda g: g * np.sign(a),)


@op
def clip(a: Array, min: float | None = None, max: float | None = None):
    """Limit a to [min, max]; the gradient passes where a lies inside, bounds included (as in PyTorch)."""
    low, high = (-np.inf if min is None else min), (np.inf if max is None else max)
    inside = (a >= low) & (a <= high)
    return np.clip(a, low, high).astype(a.dtype, copy=False), (lambda g: g * inside,)


@op
def matmul(a: Array, b: Array):
    """Matrix product a @ b with NumPy's rules for vectors and batches; dA = G Bᵀ, dB = Aᵀ G."""
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError(f"matmul: needs at least one dimension on both sides, got shapes {a.shape} and {b.shape}")
    a2, b2 = (a[None, :] if a.ndim == 1 else a), (b[:, None] if b.ndim == 1 else b)  # vectors as matrices
    if a2.shape[-1] != b2.shape[-2]:
        inner = f"{a2.shape[-1]} and {b2.shape[-2]}"
        raise ValueError(f"matmul: inner dimensions {inner} differ (shapes {a.shape} and {b.shape})")

    def as_matrix(g):
        g = g[..., None] if b.ndim == 1 else g
        return np.expand_dims(g, -2) if a.ndim == 1 else g

    def da(g):
        return _fold(as_matrix(g) @ b2.swapaxes(-1, -2), a2.shape).reshape(a.shape)

    def db(g):
        return _fold(a2.swapaxes(-1, -2) @ as_matrix(g), b2.shape).reshape(b.shape)

    return a @ b, (da, db)


@op
def linear(x: Array, weight: Array, bias: Array | None = None):
    """y = x Wᵀ + b, with x (..., in), W (out, in), b (out,); dx = G W, dW = Gᵀ x, db = Σ G."""
    if x.ndim == 0 or x.shape[-1] != weight.shape[-1]:
        got = x.shape[-1] if x.ndim else "a single number"
        raise ValueError(f"Linear: expected last dimension {weight.shape[-1]}, got {got} (input shape {x.shape})")
    y = x @ weight.T
    if bias is not None:
        y += bias

    def rows(a):
        return a if a.ndim == 2 else a.reshape(-1, a.shape[-1])  # (..., n) → (N, n)

    return y, (
        lambda g: g @ weight,
        lambda g: rows(g).T @ rows(x),
        lambda g: rows(g).sum(0),
    )


@op
def sum(a: Labels, dim: int | tuple | None = None, keepdim: bool = False):
    """Sum over `dim` (all axes by default); the gradient is copied to every summed element."""
    return a.sum(dim, keepdims=keepdim), (lambda g: np.broadcast_to(_restore(g, dim, keepdim), a.shape),)


@op
def mean(a: Array, dim: int | tuple | None = None, keepdim: bool = False):
    """Mean over `dim` (all axes by default); the gradient is spread evenly."""
    y = a.mean(dim, keepdims=keepdim) if a.size else np.full(a.sum(dim, keepdims=keepdim).shape, np.nan, a.dtype)
    count = max(a.size // max(y.size, 1), 1)
    return y, (lambda g: np.broadcast_to(_restore(g, dim, keepdim) / count, a.shape),)


@op
def amax(a: Labels, dim: int | tuple | None = None, keepdim: bool = False):
    """Maximum over `dim`; equal maxima share the gradient evenly (as torch.amax does)."""
    y = a.max(dim, keepdims=keepdim)
    winners = a == _restore(y, dim, keepdim)
    share = winners / winners.sum(dim, keepdims=True)
    return y, (lambda g: (_restore(g, dim, keepdim) * share).astype(a.dtype, copy=False),)


@op
def reshape(a: Labels, shape: tuple):
    """The same numbers in another shape."""
    return a.reshape(shape), (lambda g: g.reshape(a.shape),)


@op
def permute(a: Labels, dims: tuple):
    """Reorder the axes; the gradient goes back through the inverse order."""
    return a.transpose(dims), (lambda g: g.transpose(np.argsort([d % a.ndim for d in dims])),)


@op
def getitem(a: Labels, index: object):
    """a[index]; an element that was taken twice receives both gradients."""

    def da(g):
        out = np.zeros_like(a)
        if _is_basic(index):
            out[index] = g
        else:
            np.add.at(out, index, g)
        return out

    return a[index], (da,)


def cat(tensors, dim: int = 0):
    """Join arrays or tensors along an axis they have (as `torch.cat`); each gets its own part of the gradient back."""
    return _cat(dim, *tensors)


@op
def _cat(dim: int, *parts):
    ends = np.cumsum([p.shape[dim] for p in parts])[:-1]
    return np.concatenate(parts, dim), (None, *(lambda g, k=k: np.split(g, ends, dim)[k] for k in range(len(parts))))


@op
def embedding(input: Labels, weight: Array, padding_idx: int | None = None):
    """weight[input]: row i of the weight for each index i; a row's gradient is the sum over the places it was used.

    Shapes: input (...) of integers in 0..V-1, weight (V, D); result (..., D). The row `padding_idx` gets no gradient.
    """
    rows = len(weight)
    if input.dtype.kind not in "iu" or weight.ndim != 2:
        raise ValueError(f"embedding: needs integers and a matrix, got {input.dtype} and a weight {weight.shape}")
    if input.size and not (input.min() >= 0 and input.max() < rows):
        raise ValueError(f"embedding: indices must lie in 0..{rows - 1}, got {input.min()}..{input.max()}")

    def dw(g):
        out, index = np.zeros_like(weight), input.ravel()
        order = np.argsort(index, kind="stable")  # equal indices side by side: much faster than np.add.at
        used, starts = np.unique(index[order], return_index=True)
        if index.size:
            out[used] = np.add.reduceat(g.reshape(-1, weight.shape[1])[order], starts)
        if padding_idx is not None:
            out[padding_idx] = 0
        return out

    return weight[input], (None, dw)


@op
def where(condition: Labels, a: Array, b: Array):
    """a where the condition holds, else b."""
    return np.where(condition, a, b), (None, lambda g: g * condition, lambda g: g * ~condition.astype(bool))


def _restore(g, dim, keepdim):
    """Give a reduced array back the axes that the reduction dropped, with length 1."""
    return g if dim is None or keepdim else np.expand_dims(g, dim)


def _fold(g, shape):
    """Sum a batched matrix gradient over the batch axes that were broadcast, down to `shape`."""
    extra = g.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1)
    return g.sum(axes).reshape(shape) if axes else g


def _is_basic(index):
    """Whether an index takes every element at most once (integers, slices, None, Ellipsis, Boolean masks)."""
    parts = index if isinstance(index, tuple) else (index,)
    basic = all(p is None or p is Ellipsis or isinstance(p, (int, np.integer, slice)) for p in parts)
    return basic or (len(parts) == 1 and getattr(parts[0], "dtype", None) == bool)
