"""Inputs for the proofs: arrays of many shapes and memory layouts, extreme values, and hypothesis strategies."""

import numpy as np
from hypothesis.extra import numpy as hnp

from course_lib.verify.spec import case, edge
from course_lib.verify.tools import hypothesis

st = hypothesis.strategies
SHAPES = ((), (1,), (5,), (3, 4), (1, 3), (2, 1, 3), (2, 2, 1, 3))


def normal(rng, shape=(), scale=1.0, layout=None) -> np.ndarray:
    """N(0, scale²) draws in C order, Fortran order or strided, by chance or by `layout`."""
    return laid_out(rng.normal(0, scale, shape), rng.integers(3) if layout is None else layout)


def uniform(rng, low, high, shape=()) -> np.ndarray:
    """U(low, high) draws, laid out by chance."""
    return laid_out(rng.uniform(low, high, shape), rng.integers(3))


def laid_out(x, layout) -> np.ndarray:
    """Return the same values in C order (0), Fortran order (1), or with gaps and reversed (2)."""
    if layout == 1 and x.ndim:
        return np.asfortranarray(x)
    if layout == 2 and x.ndim:
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
        wide[..., ::2] = x[::-1]
        return wide[::-1, ..., ::2] if x.ndim > 1 else wide[..., ::2][::-1]
    return np.array(x)


def off(x, *kinks, gap=0.05) -> np.ndarray:
    """Push values that lie closer than `gap` to a kink away from it."""
    for kink in kinks:
        side = np.where(x >= kink, 1.0, -1.0)
        x = np.where(np.abs(x - kink) < gap, kink + gap * side, x)
    return x


def elementwise(*kinks, scale=2.0, low=None, high=None, shapes=SHAPES, **options):
    """Cases for a function of one array: every shape, plus the options given as lists of values."""

    def cases(rng):
        for shape in shapes:
            x = normal(rng, shape, scale) if low is None else uniform(rng, low, high, shape)
            yield case(off(x, *kinks), **{name: values[rng.integers(len(values))] for name, values in options.items()})
        for name, values in options.items():
            for value in values:
                yield case(off(normal(rng, (3, 4), scale), *kinks), **{name: value})

    return cases


def extremes(*kinks, shape=(0, 3), skip=(), **options):
    """Edges for a function of one array: empty, 0, kinks, ±1e4, nan, ±inf."""
    points = {
        "0": [0.0, -0.0],
        "±1e4": [-1e4, -1e2, 1e2, 1e4],
        "NaN": [np.nan, 1.0],
        "±∞": [-np.inf, np.inf],
    }

    def edges(rng):
        yield edge("empty", np.zeros(shape), **options)
        if kinks:
            yield edge("kink", np.array(kinks, float), **options)
        for label, values in points.items():
            if label not in skip:
                yield edge(label, np.array(values), **options)

    return edges


def both(*samplers):
    """Join samplers."""
    return lambda rng: (c for sampler in samplers for c in sampler(rng))


# Strategies. Property functions take their inputs from these, so that a failure is shrunk to a small example.
def floats(low=-10.0, high=10.0):
    """Ordinary numbers: finite, not subnormal."""
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


def arrays(low=-10.0, high=10.0, shape=None, min_dims=1, max_dims=3):
    """Float64 arrays of small shapes (or of one shape)."""
    shape = hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, max_side=4) if shape is None else shape
    return hnp.arrays(np.float64, shape, elements=floats(low, high))


def seeds():
    """Generators, for inputs that are easier drawn than described."""
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


def holds(examples: int = 25, **strategies):
    """Make a property from a function of drawn inputs that asserts something. Same draws every time."""
    config = hypothesis.settings(max_examples=examples, derandomize=True, deadline=None, database=None)

    def decorate(function):
        return config(hypothesis.given(**strategies)(function))

    return decorate


def close(a, b, tolerance=1e-12) -> bool:
    """Whether two arrays agree, relative to the largest value or to 1."""
    a, b = np.asarray(getattr(a, "data", a)), np.asarray(getattr(b, "data", b))
    scale = max(1.0, np.abs(b).max(initial=0.0))
    return bool(np.all(np.abs(a - b) <= tolerance * scale))
