"""`Tensor` and the tape: reverse-mode automatic differentiation.

Every operation on a `Tensor` that needs a gradient remembers its inputs, and for each input a function that carries
the gradient back. `backward` walks these records from the loss to the leaves, newest first, and sums what arrives
where a value was used more than once. Rumelhart, Hinton & Williams, Nature 323 (1986), eq. 5-7; survey: Baydin et al.,
JMLR 18 (2018).
"""

import math
import threading
from contextlib import contextmanager
from itertools import count
from operator import attrgetter

import numpy as np

from course_lib import activations
from course_lib import arithmetic as ops

_created = count()  # creation order is a topological order: inputs exist before outputs


class _Mode(threading.local):
    """Whether operations are recorded: each thread has its own answer, so a widget may train beside a busy cell."""

    recording = True


_mode = _Mode()


@contextmanager
def no_grad():
    """Compute without recording: inside, no result needs a gradient (as `torch.no_grad`)."""
    before, _mode.recording = _mode.recording, False
    try:
        yield
    finally:
        _mode.recording = before


class Tensor:
    """An array that remembers where it came from.

    Parameters
    ----------
    data : array_like
        NumPy arrays keep their dtype; Python numbers become float32, PyTorch's default.
    dtype : numpy dtype, optional
    requires_grad : bool
        Whether `backward` shall fill `grad`. Only floating-point tensors can.

    Attributes
    ----------
    data : numpy.ndarray
    grad : numpy.ndarray or None
        dL/d(this), filled by `backward` for leaves (and after `retain_grad`). Calls add up until it is set to None.
    requires_grad : bool

    Raises
    ------
    TypeError
        If the data are not numbers, or a gradient is asked for on integers.
    """

    __slots__ = ("data", "grad", "requires_grad", "_parents", "_op", "_index", "_retain", "__weakref__")
    __array_ufunc__ = None  # ndarray * Tensor is handed to Tensor.__rmul__

    def __init__(self, data, dtype=None, requires_grad=False):
        data = data.data if isinstance(data, Tensor) else data
        if dtype is None and not isinstance(data, (np.ndarray, np.generic)):
            dtype = np.float32 if np.asarray(data).dtype.kind == "f" else None
        self.data = np.asarray(data, dtype)
        if self.data.dtype.kind not in "fbiu":
            raise TypeError(f"Tensor: data must be real numbers, got {self.data.dtype}")
        if requires_grad and self.data.dtype.kind != "f":
            raise TypeError(f"Tensor: only floating-point tensors can require gradients, got {self.data.dtype}")
        self.grad = None
        self.requires_grad = requires_grad
        self._parents = ()  # ((input tensor, its vjp), ...)
        self._op = None  # the function that made it
        self._index = next(_created)
        self._retain = False

    def _apply(self, function, args):
        """Run a rule on the tensors' arrays and record the result. Called by `op`."""
        arrays = function.prepare([a.data if isinstance(a, Tensor) else a for a in args])
        try:
            value, vjps = function.rule(*arrays)
        except ValueError as error:
            raise _named(error, function, args) from None
        out = Tensor.__new__(Tensor)
        out.data = value if type(value) is np.ndarray else np.asarray(value)
        out.grad, out._retain, out._index = None, False, next(_created)
        out._parents = _needed(function, args, vjps) if _mode.recording else ()
        out.requires_grad = bool(out._parents)
        out._op = function if out.requires_grad else None
        return out

    def backward(self, gradient=None):
        """Add dL/dx to `x.grad` for every leaf x that this tensor depends on.

        Parameters
        ----------
        gradient : array_like, optional
            dL/d(this); 1 by default, which needs this tensor to be a single number.

        Raises
        ------
        ValueError
            If no gradient is needed anywhere, or the gradient's shape is not this tensor's.
        """
        grads = {id(self): self._seed(gradient)}
        for node in _newest_first(self):
            g = grads.pop(id(node))
            if not node._parents or node._retain:
                node.grad = g if node.grad is None else node.grad + g
            for parent, vjp in node._parents:
                d = _unbroadcast(vjp(g), parent.data)
                if d is g or d.base is not None:  # two tensors must never share one gradient array
                    d = d.copy()
                if not parent._parents:  # a leaf: it keeps its gradient
                    parent.grad = np.asarray(d if parent.grad is None else parent.grad + d)
                else:
                    key = id(parent)
                    grads[key] = grads[key] + d if key in grads else d

    def _seed(self, gradient):
        if not self.requires_grad:
            raise ValueError("backward: this tensor depends on nothing that requires a gradient")
        if gradient is None and self.data.size != 1:
            raise ValueError(f"backward: only a single number has a gradient of its own, got shape {self.shape}; "
                             f"pass gradient= with that shape")
        g = np.ones_like(self.data) if gradient is None else np.array(_data(gradient), self.dtype)
        if g.shape != self.shape:
            raise ValueError(f"backward: gradient has shape {g.shape}, the tensor {self.shape}")
        return g

    def retain_grad(self):
        """Keep the gradient of this intermediate result too."""
        self._retain = True

    def detach(self):
        """The same data, cut off from the tape."""
        return Tensor(self.data)

    def numpy(self):
        """The data as an array (not a copy)."""
        return self.data

    def item(self):
        """The single number this tensor holds, as a Python number."""
        return self.data.item()

    shape = property(lambda self: self.data.shape)
    dtype = property(lambda self: self.data.dtype)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    T = property(lambda self: self.permute(*reversed(range(self.ndim))), doc="All axes reversed.")

    def __add__(self, other): return ops.add(self, other)
    def __radd__(self, other): return ops.add(other, self)
    def __sub__(self, other): return ops.sub(self, other)
    def __rsub__(self, other): return ops.sub(other, self)
    def __mul__(self, other): return ops.mul(self, other)
    def __rmul__(self, other): return ops.mul(other, self)
    def __truediv__(self, other): return ops.div(self, other)
    def __rtruediv__(self, other): return ops.div(other, self)
    def __matmul__(self, other): return ops.matmul(self, other)
    def __rmatmul__(self, other): return ops.matmul(other, self)
    def __pow__(self, exponent): return ops.pow(self, exponent)
    def __neg__(self): return ops.neg(self)
    def __rpow__(self, base): return ops.exp(self * np.log(base))
    def __abs__(self): return ops.abs(self)
    def __getitem__(self, index): return ops.getitem(self, _index(index))
    def __iadd__(self, other): return self._in_place(self + other)
    def __isub__(self, other): return self._in_place(self - other)
    def __imul__(self, other): return self._in_place(self * other)
    def __itruediv__(self, other): return self._in_place(self / other)

    def __eq__(self, other): return Tensor(self.data == _data(other))
    def __ne__(self, other): return Tensor(self.data != _data(other))
    def __lt__(self, other): return Tensor(self.data < _data(other))
    def __le__(self, other): return Tensor(self.data <= _data(other))
    def __gt__(self, other): return Tensor(self.data > _data(other))
    def __ge__(self, other): return Tensor(self.data >= _data(other))
    __hash__ = object.__hash__
    def __bool__(self): return bool(self.data)
    def __float__(self): return float(self.item())
    def __int__(self): return int(self.item())
    def __iter__(self): return (self[i] for i in range(len(self)))

    def exp(self): return ops.exp(self)
    def log(self): return ops.log(self)
    def sqrt(self): return ops.sqrt(self)
    def abs(self): return ops.abs(self)
    def clip(self, min=None, max=None): return ops.clip(self, min, max)
    def sum(self, dim=None, keepdim=False): return ops.sum(self, dim, keepdim)
    def mean(self, dim=None, keepdim=False): return ops.mean(self, dim, keepdim)
    def amax(self, dim=None, keepdim=False): return ops.amax(self, dim, keepdim)
    def amin(self, dim=None, keepdim=False): return -ops.amax(-self, dim, keepdim)
    def argmax(self, dim=None, keepdim=False): return Tensor(self.data.argmax(dim, keepdims=keepdim))
    def relu(self): return activations.relu(self)
    def sigmoid(self): return activations.sigmoid(self)
    def tanh(self): return activations.tanh(self)
    def softmax(self, dim): return activations.softmax(self, dim)
    def reshape(self, *shape): return ops.reshape(self, _one_tuple(shape))
    def view(self, *shape): return self.reshape(*shape)
    def unsqueeze(self, dim): return ops.reshape(self, np.expand_dims(self.data, dim).shape)
    def squeeze(self, dim=None): return ops.reshape(self, np.squeeze(self.data, dim).shape)
    def permute(self, *dims): return ops.permute(self, _one_tuple(dims))

    def flatten(self, start_dim=0):
        """Join the axes from `start_dim` on."""
        return ops.reshape(self, (*self.shape[:start_dim], math.prod(self.shape[start_dim:])))

    def transpose(self, dim0, dim1):
        """Swap two axes."""
        dims = list(range(self.ndim))
        dims[dim0], dims[dim1] = dims[dim1], dims[dim0]
        return ops.permute(self, tuple(dims))

    def _in_place(self, result):
        """``w -= step``: under `no_grad` it changes the leaf w itself, elsewhere w becomes a new tensor."""
        if _mode.recording or not self.requires_grad:
            if self.requires_grad and not self._parents:
                raise RuntimeError("a leaf that requires a gradient can be changed in place only under no_grad()")
            return result
        self.data[...] = result.data
        return self

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype=dtype, copy=copy)

    def __len__(self):
        return len(self.data)

    def __repr__(self):
        body = np.array2string(self.data, precision=4, separator=", ", prefix="Tensor(")
        suffix = f", op={self._op.__name__}" if self._op else ", requires_grad=True" if self.requires_grad else ""
        return f"Tensor({body}, dtype={self.dtype}{suffix})"


def tensor(data, dtype=None, requires_grad=False):
    """Make a `Tensor` from a copy of the data (as `torch.tensor`)."""
    return Tensor(np.array(_data(data)) if isinstance(data, (Tensor, np.ndarray)) else data, dtype, requires_grad)


def _data(x):
    return x.data if isinstance(x, Tensor) else x


def _index(index):
    """An index of arrays from one that may hold tensors."""
    return tuple(map(_data, index)) if isinstance(index, tuple) else _data(index)


def _one_tuple(args):
    return tuple(args[0]) if len(args) == 1 and not isinstance(args[0], (int, np.integer)) else args


def _needed(function, args, vjps):
    """Pair each input that needs a gradient with its vjp."""
    pairs = []
    for i, arg in enumerate(args):
        if isinstance(arg, Tensor) and arg.requires_grad:
            if i >= len(vjps) or vjps[i] is None:
                raise TypeError(f"{function.__name__}: no gradient is defined for argument {i + 1}, which requires one")
            pairs.append((arg, vjps[i]))
    return pairs


def _newest_first(root):
    """The root and every intermediate result that it depends on, latest created first (no recursion, no leaves)."""
    found, stack = {id(root): root}, [root]
    while stack:
        for parent, _ in stack.pop()._parents:
            if parent._parents and id(parent) not in found:
                found[id(parent)] = parent
                stack.append(parent)
    return sorted(found.values(), key=attrgetter("_index"), reverse=True)


def _unbroadcast(g, like):
    """Sum a gradient over the axes along which `like` was broadcast, and give it its dtype."""
    if g.shape != like.shape:
        g = ops._fold(g, like.shape)
    return g if g.dtype == like.dtype else g.astype(like.dtype)


def _named(error, function, args):
    """Say which operation failed and on which shapes, unless the rule already did."""
    name = function.__name__
    if str(error).lower().startswith(name):
        return error
    shapes = " and ".join(str(a.shape) for a in args if hasattr(a, "shape"))
    return ValueError(f"{name}: cannot combine shapes {shapes} ({error})")
