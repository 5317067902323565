"""7.5 A sum that keeps what rounding cuts off."""

import math

import numpy as np

from course_lib.topics import numerics

from ..spec import Exercise, Mistake, numbers


def stable_sum(values):
    """Sum of floats, one after the other, adding at the end what rounding cut off on the way (Neumaier)."""
    total, lost = 0.0, 0.0
    for x in values:
        new = total + x
        if abs(total) >= abs(x):
            lost += (total - new) + x
        else:
            lost += (x - new) + total
        total = new
    return total + lost


def cases(rng):
    """Small numbers between large ones that cancel."""
    for n in (1, 2, 3, 5, 8):
        large = numbers(rng, n) * 10.0 ** rng.integers(16, 20)
        small = numbers(rng, n + 1)
        yield (np.ravel(np.column_stack([small[:n], large, small[1:], -large])),)
        yield (np.concatenate([large, small, -large[::-1]]),)
    yield (numbers(rng, 40),)


def naive(values):
    """No compensation."""
    total = 0.0
    for x in values:
        total = total + x
    return total


def kahan(values):
    """Kahan's sum: right unless the next number is larger than the sum."""
    total, lost = 0.0, 0.0
    for x in values:
        y = x - lost
        new = total + y
        lost = (new - total) - y
        total = new
    return total


ODD, EVEN = 2.0**53 - 1, 2.0**53 - 2  # the largest floats that still have a last digit of 1
BIG, SMALL = "(total - new) + x", "(x - new) + total"

EXERCISE = Exercise(
    id="7.5",
    title="A sum that loses nothing",
    answer=stable_sum,
    reference=numerics.compensated_sum,
    cases=cases,
    edges=(
        (np.array([1.0, 1e16, -1e16]),),
        (np.array([1e16, 1.0, -1e16]),),
        (np.array([1.0, 1e100, 1.0, -1e100]),),
        (np.array([1e16, 1.0, 1.0, 1.0, 1.0, -1e16]),),
        (np.array([ODD, EVEN, -ODD, -EVEN]),),  # near each other: their sum is rounded all the same
        (np.array([ODD, EVEN, *[-(2.0**52)] * 4]),),
        (np.array([1e16, *[1.0] * 7, -1e16, *[1.0] * 7]),),
        (np.array([2.0]),),
        (np.array([-1e16, -1.0, 1e16]),),
        (np.array([3.0, -1e17, 5.0, 1e17, -4.0]),),
        (np.full(1000, 0.1),),
        (np.array([]),),
    ),
    mistakes=(
        Mistake("naive", naive,
                "This gives the plain sum, one number after the other: beside 1e16 a 1 is rounded away. Work out "
                "what each addition lost, and add all of that up, for the end: lost += ..., not lost = ..."),
        Mistake("kahan", kahan,
                "This is Kahan's sum. It loses everything when the next number is larger than the sum so far, as in 1, "
                "1e100, 1, -1e100. Neumaier's version asks which of the two is larger."),
        Mistake("always-total", {SMALL: BIG},
                "It takes total for the larger number each time. Where x is larger, it is total whose digits are lost: "
                "(x - new) + total."),
        Mistake("always-x", {BIG: SMALL},
                "It takes x for the larger number each time. Where total is larger, it is x whose digits are lost: "
                "(total - new) + x."),
        Mistake("swapped", {"abs(total) >= abs(x)": "abs(total) < abs(x)"},
                "The two cases are swapped: subtract new from the larger of the two numbers."),
        Mistake("no-absolute", {"abs(total) >= abs(x)": "total >= x"},
                "It compares the numbers, not their sizes: -1e16 is smaller than 1, but it is the one that dominates."),
        Mistake("subtracted", {"return total + lost": "return total - lost"},
                "What was lost is subtracted; it has to be added."),
        Mistake("sorted", lambda values: naive(sorted(values)),
                "It sorts by value and adds one by one. No order helps in general: what an addition rounds away has to "
                "be worked out and added at the end."),
        Mistake("sorted-sum", lambda values: float(np.sum(np.sort(values))),
                "It sorts and calls np.sum. No order helps in general: what an addition rounds away has to be worked "
                "out and added at the end."),
        Mistake("ascending", lambda values: naive(sorted(values, key=abs)),
                "Sorting by size helps against slow drift, not when large numbers cancel: by then the small ones have "
                "already been rounded away."),
        Mistake("descending", lambda values: naive(sorted(values, key=abs, reverse=True)),
                "Largest first happens to cancel the large pairs, but numbers that are added to a large sum one by one "
                "are still lost."),
        Mistake("numpy", lambda values: float(np.sum(values)),
                "np.sum adds in pairs (and in blocks): better than one by one for many like numbers, but it also loses "
                "a 1 beside 1e16."),
        Mistake("single", lambda values: float(math.fsum(np.asarray(values, np.float32).tolist())),
                "The numbers were turned into float32: that rounds each of them before the sum begins."),
        Mistake("only-lost", {"return total + lost": "return lost"}, "It returns only what was lost."),
        Mistake("counted-from-one", {"total, lost = 0.0, 0.0": "total, lost = 1.0, 0.0"},
                "The sum begins at 1; it must begin at 0."),
    ),
    right=(
        lambda values: math.fsum(values),
        lambda values: float(sum(map(__import__("fractions").Fraction, np.asarray(values, float).tolist()))),
    ),
    hints=(
        "After new = total + x, part of the smaller number is missing in new. It can be computed exactly.",
        "If total is the larger: new - total is what arrived of x, so (total - new) + x was lost.",
        "if abs(total) >= abs(x): lost += (total - new) + x, else lost += (x - new) + total; return total + lost.",
    ),
    minutes=15,
    difficulty=3,
)
