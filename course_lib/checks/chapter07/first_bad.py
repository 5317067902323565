"""7.3 Where the first NaN appears."""

import numpy as np

from course_lib.topics import debugging

from ..spec import Exercise, Mistake, numbers


def first_bad(arrays):
    """Index of the first array in the list that holds a NaN or an infinity; -1 if all numbers are finite."""
    for i, array in enumerate(arrays):
        if not np.isfinite(array).all():
            return i
    return -1


def cases(rng):
    """Layers of different sizes, some of them spoilt in one place."""
    for bad in (np.nan, np.inf, -np.inf):
        for n in (2, 3, 5):
            arrays = [numbers(rng, *rng.integers(1, 4, 2)) for _ in range(n)]
            for i in sorted(rng.choice(n, rng.integers(1, n), replace=False)):
                arrays[i].flat[rng.integers(arrays[i].size)] = bad
            yield (arrays,)
    yield ([numbers(rng, 3), numbers(rng, 2)],)


def last(arrays):
    """Index of the last bad array."""
    bad = [i for i, array in enumerate(arrays) if not np.isfinite(array).all()]
    return bad[-1] if bad else -1


OK, BAD = np.array([1.0, -2.0]), np.array([3.0, np.nan])
TEST = "not np.isfinite(array).all()"

EXERCISE = Exercise(
    id="7.3",
    title="The first NaN",
    answer=first_bad,
    reference=debugging.first_bad,
    cases=cases,
    edges=(
        ([OK],),
        ([BAD],),
        ([OK, BAD, OK, BAD],),
        ([OK, np.array([np.inf, 1.0]), BAD],),
        ([OK, np.array([-np.inf, 1.0])],),
        ([OK, np.array([np.inf, -np.inf])],),
        ([np.array([[1.0, 2.0], [3.0, np.nan]]), OK],),
        ([np.array([np.nan, np.nan]), OK],),
        ([np.array([0.0]), np.array([1e308, 1e308]), np.array([-1e308])],),
        ([np.array([1e308])],),
        ([],),
    ),
    mistakes=(
        Mistake("plus-infinity", {TEST: "np.isnan(array).any() or (array == np.inf).any()"},
                "It lets -inf pass. np.isfinite sees both infinities, and NaN."),
        Mistake("nan-only", {TEST: "np.isnan(array).any()"},
                "It looks for NaN and lets infinities pass. An infinity usually comes first: the NaN is what inf - inf "
                "or 0 · inf makes of it a few layers later. np.isfinite sees both."),
        Mistake("inf-only", {TEST: "np.isinf(array).any()"}, "It looks for infinities and lets NaN pass."),
        Mistake("all-bad", {TEST: "not np.isfinite(array).any()"},
                "It finds only arrays in which no number at all is finite. One bad number is enough."),
        Mistake("last", last, "It gives the last bad array; the first one is where the trouble began."),
        Mistake("count", {"return i": "return sum(not np.isfinite(a).all() for a in arrays)"},
                "It counts the bad arrays instead of saying where the first one is."),
        Mistake("from-one", {"enumerate(arrays)": "enumerate(arrays, 1)"}, "It counts from 1; Python counts from 0."),
        Mistake("none", {"return -1": "return None"}, "Where all is finite it returns None; -1 is asked for."),
        Mistake("returns-zero", {"return -1": "return 0"},
                "Where all is finite it returns 0, as if the first array were bad. -1 is asked for."),
        Mistake("length", {"return -1": "return len(arrays)"},
                "Where all is finite it returns the number of arrays; -1 is asked for."),
        Mistake("equals", {TEST: "(array == np.nan).any()"},
                "NaN equals nothing, not even itself: array == np.nan is False everywhere. Use np.isfinite."),
        Mistake("sum", {TEST: "np.isnan(array.sum())"},
                "The sum is NaN only for NaN, or for inf together with -inf: a single infinity passes."),
        Mistake("finite-sum", {TEST: "not np.isfinite(array.sum())"},
                "Large numbers can overflow in the sum although each of them is finite. Ask each number."),
        Mistake("first-good", {TEST: "np.isfinite(array).all()"}, "It finds the first array that is fine."),
        Mistake("large", {TEST: "not (np.abs(array) < 1e300).all()"},
                "A large number is not an infinite one: 1e308 is finite."),
        Mistake("in-the-array", {"return i": "return int(np.flatnonzero(~np.isfinite(array))[0])"},
                "It gives the place inside the array; the array's index in the list is asked for."),
        Mistake("not-the-first-array", {"enumerate(arrays)": "list(enumerate(arrays))[1:]"},
                "It does not look at the first array."),
        Mistake("yes-or-no", {"return i": "return True", "return -1": "return False"},
                "It says whether there is a bad array; say which is the first, or -1."),
    ),
    right=(
        lambda arrays: next((i for i, a in enumerate(arrays) if np.isnan(a).any() or np.isinf(a).any()), -1),
        lambda arrays: [bool(np.isfinite(a).all()) for a in [*arrays, np.array([np.nan])]].index(False)
        if any(not np.isfinite(a).all() for a in arrays) else -1,
    ),
    hints=(
        "np.isfinite is False for NaN and for both infinities.",
        "enumerate(arrays) gives you the index and the array; return as soon as one is bad.",
        "if not np.isfinite(array).all(): return i; and after the loop, return -1.",
    ),
    minutes=6,
    difficulty=1,
)
