"""7.1 A gradient from nothing but values."""

import numpy as np

from course_lib.topics import numerics

from ..spec import Exercise, Mistake, numbers


def central_gradient(x, y, w, h):
    """Gradient of the loss L(w) = mean((x @ w - y)²) by central differences with step h; an array like w."""
    gradient = np.zeros(len(w))
    for i in range(len(w)):
        up, down = np.array(w, float), np.array(w, float)
        up[i] += h
        down[i] -= h
        gradient[i] = (np.mean((x @ up - y) ** 2) - np.mean((x @ down - y) ** 2)) / (2 * h)
    return gradient


def cases(rng):
    """One sample to five, one weight to four, steps large enough to tell the formulas apart."""
    for n, d, h in ((1, 1, 0.5), (2, 1, 0.1), (2, 3, 0.5), (3, 2, 0.25), (5, 4, 0.1)):
        yield numbers(rng, n, d), numbers(rng, n), numbers(rng, d), h
    yield rng.integers(-3, 4, (4, 2)), rng.integers(-3, 4, 4), rng.integers(-2, 3, 2), 0.5


def in_place(x, y, w, h):
    """Right, but w is moved (and moved back)."""
    gradient = np.zeros(len(w))
    for i in range(len(w)):
        w[i] = w[i] + h
        up = np.mean((x @ w - y) ** 2)
        w[i] = w[i] - 2 * h
        gradient[i] = (up - np.mean((x @ w - y) ** 2)) / (2 * h)
    return gradient


def exact(x, y, w, h):
    """By calculus; central differences of a quadratic have no error but rounding."""
    return 2 * x.T @ (x @ w - y) / len(y)


UP, DOWN = "np.mean((x @ up - y) ** 2)", "np.mean((x @ down - y) ** 2)"
VALUE = "np.mean((x @ np.array(w, float) - y) ** 2)"

EXERCISE = Exercise(
    id="7.1",
    title="A gradient by central differences",
    answer=central_gradient,
    reference=numerics.squared_loss_gradient,
    cases=cases,
    edges=(
        (np.array([[1.0]]), np.array([0.0]), np.array([1.0]), 0.5),
        (np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([1.0, 3.0]), np.array([0.0, 1.0]), 0.5),
        (np.array([[1.0, 2.0]]), np.array([0.25]), np.array([3, 4]), 0.5),
        (np.array([[100.0, -50.0], [30.0, 10.0]]), np.array([1.0, 2.0]), np.array([5.0, -4.0]), 0.25),
    ),
    mistakes=(
        Mistake("same-array", {"up, down = np.array(w, float), np.array(w, float)": "up = down = np.array(w, float)"},
                "The two losses are the same, so the gradient is 0: up and down are two names of one array. Copy w "
                "twice."),
        Mistake("forward", {DOWN: VALUE, "(2 * h)": "h"},
                "It looks ahead only: (L(w + h) - L(w)) / h. Its error shrinks like h; with w + h and w - h it shrinks "
                "like h²."),
        Mistake("backward", {UP: VALUE, "(2 * h)": "h"},
                "It looks back only: (L(w) - L(w - h)) / h. Use both sides: its error then shrinks like h², not h."),
        Mistake("half-forward", {DOWN: VALUE},
                "It compares w + h with w, which lie h apart, and divides by 2h. Compare w + h with w - h."),
        Mistake("not-twice", {"(2 * h)": "h"},
                "The two points lie 2h apart; it divides by h. Every number is twice too large."),
        Mistake("times-h", {"/ (2 * h)": "* (2 * h)"}, "It multiplies by 2h. Divide."),
        Mistake("priority", {"/ (2 * h)": "/ 2 * h"}, "/ 2 * h divides by 2 and multiplies by h. Write / (2 * h)."),
        Mistake("undivided", {" / (2 * h)": ""}, "The difference of the losses is not divided by the distance, 2h."),
        Mistake("all-at-once", {"up[i] += h": "up += h", "down[i] -= h": "down -= h"},
                "It moves all weights together, so every entry is the same: the sum of the gradient. Move one at a "
                "time."),
        Mistake("sum", {UP: "np.sum((x @ up - y) ** 2)", DOWN: "np.sum((x @ down - y) ** 2)"},
                "The loss is the mean over the samples; this is the gradient of the sum."),
        Mistake("half", {"(2 * h)": "(4 * h)"},
                "Half of what it should be: is the loss taken as ½ mean(...), or the distance as 4h?"),
        Mistake("absolute", {UP: "np.mean(np.abs(x @ up - y))", DOWN: "np.mean(np.abs(x @ down - y))"},
                "The errors are not squared."),
        Mistake("down-minus-up", {"gradient[i] = (": "gradient[i] = -("},
                "Down minus up: every number has the wrong sign. It is L(w + h) - L(w - h)."),
        Mistake("one-number", {"return gradient": "return gradient.sum()"},
                "It returns one number; a gradient has one entry for each weight."),
        Mistake("only-first", {"        gradient[i] =": "        gradient[0] ="},
                "All results go to the first entry; use gradient[i]."),
        Mistake("whole-numbers", {"up, down = np.array(w, float), np.array(w, float)":
                                  "up, down = np.array(w), np.array(w)"},
                "Where w is an array of whole numbers, w + 0.5 cannot be stored in it. Copy w as float."),
        Mistake("wrong-product", {"x @ up": "up @ x[:len(w), :len(w)]", "x @ down": "down @ x[:len(w), :len(w)]"},
                "The product is the wrong way round: the samples are the rows of x, so the predictions are x @ w."),
        Mistake("writes-input", in_place),
    ),
    right=(
        exact,
        lambda x, y, w, h: np.array([
            (np.mean((x @ (w + h * e) - y) ** 2) - np.mean((x @ (w - h * e) - y) ** 2)) / (2 * h)
            for e in np.eye(len(w))
        ]),
    ),
    hints=(
        "Move one weight up by h and down by h; what does the loss do? Then the next weight.",
        "Copy w as float before you change it: np.array(w, float). Another name for the same array is no copy.",
        "gradient[i] = (L(up) - L(down)) / (2 * h), with L(v) = np.mean((x @ v - y) ** 2).",
    ),
    minutes=12,
    difficulty=2,
    rtol=1e-7,
)
