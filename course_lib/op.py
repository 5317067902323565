"""What makes a NumPy function differentiable: the `op` decorator.

A *rule* computes a value and says how gradients flow back through it::

    @op
    def mul(a: Array, b: Array):
        return a * b, (lambda g: g * b, lambda g: g * a)

There is one vector-Jacobian product (vjp) per leading argument: it takes the gradient of the loss with respect to the
output and returns the gradient with respect to that argument. Rules know nothing of the tape; the tape
(`course_lib.autograd`) knows nothing of the rules. `Array` marks a real-valued input, `Labels` an input that is taken
as it comes (class indices, masks); everything else is an option.
"""

import inspect
from collections.abc import Callable
from functools import wraps

import numpy as np

Array = np.ndarray


class Labels(np.ndarray):
    """Marks an argument whose dtype is left alone, such as integer class indices."""


_INPUTS = {Array: False, Array | None: False, Labels: True, Labels | None: True}


def op(rule: Callable) -> Callable:
    """Turn a rule into a function of arrays or tensors.

    Arrays (or lists, or numbers) in: an array out, and the vjps are thrown away. A `Tensor` anywhere among the
    arguments: a `Tensor` out, recorded on the tape. The rule stays reachable as ``function.rule``.

    Parameters
    ----------
    rule : callable
        Returns ``(value, vjps)``, with one vjp per leading argument that a gradient can flow to.
    """
    signature = inspect.signature(rule)
    kinds = [_INPUTS.get(p.annotation) for p in signature.parameters.values()]
    inputs = [(i, keep_dtype) for i, keep_dtype in enumerate(kinds) if keep_dtype is not None]

    def prepare(args):
        """Turn the inputs that are not float arrays yet (lists, numbers, integer arrays) into some."""
        args = list(args)
        for i, keep_dtype in inputs:
            if i >= len(args):
                break
            x = args[i]
            if x is not None and (type(x) is not np.ndarray or (not keep_dtype and x.dtype.kind != "f")):
                args[i] = _as_array(x, keep_dtype, args, rule.__name__)
        return args

    @wraps(rule)
    def function(*args, **options):
        if options:  # one calling convention from here on: everything by position
            bound = signature.bind(*args, **options)
            bound.apply_defaults()
            args = bound.args
        for arg in args:
            if hasattr(arg, "_apply"):
                return arg._apply(function, args)
        return function.rule(*prepare(args))[0]

    function.rule = rule
    function.prepare = prepare
    return function


def _as_array(x, keep_dtype, args, name):
    """Make an array of x; numbers and integers take the dtype of the first float array among the arguments."""
    array = np.asarray(x)
    if array.dtype.kind not in "fbiu":
        raise TypeError(f"{name}: needs real numbers, got {type(x).__name__} of dtype {array.dtype}")
    if keep_dtype or (array.dtype.kind == "f" and not isinstance(x, float)):
        return array
    floats = (a.dtype for a in args if isinstance(a, np.ndarray) and a.dtype.kind == "f")
    return array.astype(next(floats, float))


def once(backward: Callable) -> Callable:
    """Share one backward pass among several vjps: the result for a gradient is computed once and remembered."""
    last = [None, None]

    def shared(g):
        if last[0] is not g:
            last[:] = g, backward(g)
        return last[1]

    return shared
