"""What enters a model's activations: its real pre-activations, and where the activation's slope is nearly zero."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib import activations
from course_lib.autograd import Tensor, no_grad
from course_lib.nn import Parameter

from .learners import numbers

NAMES = ("relu", "leaky_relu", "elu", "sigmoid", "tanh", "gelu", "silu", "softplus")
SATURATED = 0.05  # |f′| below this: hardly any gradient passes
DEAD = 1e-6  # |f′| below this for every sample: none does


@dataclass
class Site:
    """One use of an activation: its name, its pre-activations z, and the function with its slope, both of arrays."""

    name: str
    z: np.ndarray
    f: Callable
    slope: Callable


def finite_slope(f, z):
    """Return the central finite difference of ``f`` at every element of ``z``; the step is 6e-6·max(1, |z|)."""
    h = 6e-6 * np.maximum(1.0, np.abs(z))
    return (f(z + h) - f(z - h)) / (2 * h)


def own(name: str, function) -> tuple[Callable, Callable]:
    """Return a learner's NumPy function, its result checked, and its slope by finite differences."""

    def f(z):
        y = numbers(f"{name}(z)", function(z.copy()))
        if y.shape != z.shape:
            raise ValueError(f"{name}(z): expected an array of shape {z.shape}, one number per element; got {y.shape}")
        return y

    return f, lambda z: finite_slope(f, z)


def library(function, options=()) -> tuple[Callable, Callable]:
    """Return an activation of the library, and its slope.

    The slope is the library's derivative, or if `use_mine` has put a function of the learner in its place
    the finite difference of that.
    """

    def f(z):
        return np.asarray(function.rule(z, *options)[0], np.float64)

    if function.rule.__module__ != function.__module__:
        return f, lambda z: finite_slope(f, z)
    return f, lambda z: function.rule(z, *options)[1][0](np.ones_like(z))


def label(name: str) -> str:
    """Return the activation's name, with a note if `use_mine` has put the learner's function in its place."""
    function = getattr(activations, name, None)
    return f"{name} (yours)" if function and function.rule.__module__ != function.__module__ else name


def is_activation(function) -> bool:
    """Return whether an op is an activation: one of the library's, or a learner's own op."""
    if function.__module__ == activations.__name__:
        return function.__name__ in NAMES
    return not function.__module__.startswith("course_lib.")


def find(model, x, scale: float = 1.0, swap=None) -> list[Site]:
    """Run a copy of ``model`` on the batch ``x`` and return every activation it passes, first one first.

    Parameters
    ----------
    model : course_lib.nn.Module
        Left as it is. The copy runs in evaluation mode (no dropout, running means).
    x : array or Tensor, (N, ...)
    scale : float
        Every weight of two or more dimensions is multiplied by it.
    swap : (name, (f, slope)), optional
        Takes the place of every activation.

    Raises
    ------
    ValueError
        If the model uses no activation that can be seen.
    """
    sites: list[Site] = []
    watched = _watched(sites, swap)
    model = copy.deepcopy(model).eval()
    for p in model.parameters():
        p.data = p.data * p.dtype.type(scale) if p.ndim > 1 else p.data
        p.__class__ = watched
    x = Tensor(x)
    x.__class__ = watched
    with no_grad(), np.errstate(over="ignore", invalid="ignore"):
        model(x)
    if not sites:
        raise ValueError(f"ActLab: {type(model).__name__} uses no activation element by element "
                         f"(looked for {', '.join(NAMES)} and ops of your own)")
    return sites


def _watched(sites, swap):
    """Make a class of tensors that note every activation they pass, and so do all results computed from them."""

    class Watched(Parameter):
        __slots__ = ()

        def _apply(self, function, args):
            if is_activation(function):
                z = np.asarray(args[0].data, np.float64)
                name, (f, slope) = swap or (function.__name__, library(function, _options(args)))
                sites.append(Site(name, z, f, slope))
                out = Tensor(f(z).astype(args[0].dtype)) if swap else super()._apply(function, args)
            else:
                out = super()._apply(function, args)
            out.__class__ = Watched
            return out

    return Watched


def _options(args):
    return tuple(a.data if isinstance(a, Tensor) else a for a in args[1:])


def saturation(z, slopes) -> tuple[float, float]:
    """Return the share of ``z`` with |f′| < 0.05, and the share of units that are dead: |f′| < 1e-6 for all samples.

    Units lie along the last axis, of images (N, C, H, W) along axis 1.
    """
    size = np.abs(slopes)
    units = np.moveaxis(size, 1 if size.ndim == 4 else -1, -1).reshape(-1, size.shape[1 if size.ndim == 4 else -1])
    return float((size < SATURATED).mean()), float((units < DEAD).all(axis=0).mean())


def histogram(z, slopes, reach: float, bins: int = 61) -> np.ndarray:
    """Return shares (2, bins) of all z per bin of [-reach, reach]: not saturated, saturated.

    What lies beyond counts in the end bins; what is not a number counts nowhere.
    """
    finite = np.isfinite(z)
    index = np.clip((z[finite] / reach + 1) / 2 * bins, 0, bins - 1).astype(int)
    flat = np.abs(slopes[finite]) < SATURATED
    return np.stack([np.bincount(index[flat == s], minlength=bins) for s in (False, True)]) / max(1, z.size)
