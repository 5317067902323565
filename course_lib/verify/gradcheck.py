"""Is a gradient right? Ask finite differences: they know nothing of the chain rule."""

from dataclasses import dataclass

import numpy as np

from course_lib.autograd import Tensor, no_grad


@dataclass(frozen=True)
class GradReport:
    """What `gradcheck` found; true if the gradients agree.

    Attributes
    ----------
    error : float
        Worst difference, divided by the largest gradient component of that input, or by 1 if that is larger.
    where : tuple
        (number of the input, index in it) of the worst component.
    backward, differences : float
        What the two methods say there.
    tolerance : float
    """

    error: float
    where: tuple
    backward: float
    differences: float
    tolerance: float

    def __bool__(self):
        return bool(self.error <= self.tolerance)  # False for nan

    def __str__(self):
        if self:
            return f"gradients agree: worst relative error {self.error:.1e}"
        number, index = self.where
        return (f"gradients differ: input {number} at {index}: backward says {self.backward:.6g}, "
                f"differences {self.differences:.6g} (relative error {self.error:.1e})")  # fmt: skip


def gradcheck(
    f, *inputs, h: float = 1e-3, tolerance: float = 1e-6, seed: int = 0, most: int | None = None
) -> GradReport:
    """Compare the gradients that `backward` computes with central finite differences.

    f'(x) ≈ (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h, wrong by O(h⁴) plus rounding. If f returns more than one
    number, the sum of its results times random weights is differentiated.

    Parameters
    ----------
    f : callable
        Takes the inputs, returns a Tensor. It must be smooth within 2h of the inputs (no kink of relu there).
    inputs : Tensor or array_like
        Floating-point inputs are checked, in float64; tensors that require no gradient and integers are left alone.
        Tensors are moved in place and put back, so f may also reach them in other ways, as a model does.
    h, tolerance : float
    seed : int
        Chooses the weights.
    most : int, optional
        Check so many components of each input at most, drawn at random. All by default.

    Returns
    -------
    GradReport

    Raises
    ------
    TypeError
        If a tensor to be checked is float32: its rounding is larger than most mistakes.
    ValueError
        If there is nothing to check.
    """
    tensors = [_prepared(i, x) for i, x in enumerate(inputs)]
    checked = [(i, t) for i, t in enumerate(tensors) if isinstance(t, Tensor) and t.requires_grad]
    if not checked:
        raise ValueError("gradcheck: no input is a floating-point array or a tensor that requires a gradient")
    weights, exact = _backward(f, tensors, [t for _, t in checked], seed)

    def loss():
        with no_grad():
            return float((f(*tensors).data * weights).sum())

    worst = GradReport(0.0, (), 0.0, 0.0, tolerance)
    for (i, tensor), gradient in zip(checked, exact, strict=True):
        numeric = _differences(loss, tensor.data, h, _chosen(gradient, most, seed), gradient)
        worst = max(worst, _compare(i, gradient, numeric, tolerance), key=lambda r: (r.error != r.error, r.error))
    return worst


def _prepared(i, x):
    if isinstance(x, Tensor):
        if x.requires_grad and x.dtype != np.float64:
            raise TypeError(f"gradcheck: input {i} is {x.dtype}; finite differences need float64")
        return x
    x = np.array(x)
    return Tensor(x.astype(np.float64), requires_grad=True) if x.dtype.kind == "f" else x


def _backward(f, tensors, checked, seed):
    """Return random weights in the shape of f's result, and the gradients of the weighted sum."""
    before = [t.grad for t in checked]
    for t in checked:
        t.grad = None
    out = f(*tensors)
    weights = np.random.default_rng(seed).uniform(0.5, 1.5, out.shape)
    if out.requires_grad:
        out.backward(weights)
    gradients = [np.zeros(t.shape) if t.grad is None else t.grad for t in checked]
    for t, grad in zip(checked, before, strict=True):
        t.grad = grad
    return weights, gradients


def _chosen(x, most, seed):
    """All indices of an array, or `most` of them."""
    indices = list(np.ndindex(x.shape))
    if most is None or len(indices) <= most:
        return indices
    return [indices[k] for k in np.random.default_rng(seed).choice(len(indices), most, replace=False)]


def _differences(loss, x, h, indices, gradient):
    """Move one chosen component of x at a time, by h and 2h both ways; the others keep what `gradient` says."""
    out = gradient.copy()
    for index in indices:
        middle, values = x[index].copy(), []
        for step in (h, -h, 2 * h, -2 * h):
            x[index] = middle + step
            values.append(loss())
        x[index] = middle
        near, far = values[0] - values[1], values[2] - values[3]
        out[index] = (8 * near - far) / (12 * h)
    return out


def _compare(i, gradient, numeric, tolerance):
    if not gradient.size:
        return GradReport(0.0, (i, ()), 0.0, 0.0, tolerance)
    error = np.abs(gradient - numeric)
    at = np.unravel_index(np.argmax(error), error.shape)  # a nan counts as the largest
    scale = max(1.0, float(np.abs(numeric).max()))
    where = (i, tuple(int(k) for k in at))
    return GradReport(float(error[at]) / scale, where, float(gradient[at]), float(numeric[at]), tolerance)
