"""1.7 A power law is a straight line, on the right paper."""

import numpy as np

from course_lib.topics import scaling

from ..spec import Exercise, Mistake


def fit_line(n, loss):
    """(a, b) of loss ≈ a · n^-b, from the least-squares line through (ln n, ln loss); n and loss (M,)."""
    slope, intercept = np.polyfit(np.log(n), np.log(loss), 1)
    return float(np.exp(intercept)), float(-slope)


def cases(rng):
    """Sizes from hundreds to millions, losses with some noise."""
    for m in (2, 3, 4, 6):
        n = np.sort(rng.choice([300, 1000, 3000, 1e4, 5e4, 2e5, 1e6], m, replace=False))
        yield n, (20 * n**-0.15 * rng.uniform(0.9, 1.1, m)).round(3)


LINE, BACK = "np.polyfit(np.log(n), np.log(loss), 1)", "float(np.exp(intercept)), float(-slope)"

EXERCISE = Exercise(
    id="1.7",
    title="Fit a power law",
    answer=fit_line,
    reference=scaling.fit_line,
    cases=cases,
    edges=(
        (np.array([10.0, 100.0]), np.array([4.0, 2.0])),
        (np.array([10.0, 100.0, 1000.0]), np.array([5.0, 3.5, 3.0])),
        (np.array([700.0, 1500.0, 4600.0]), np.array([2.9, 2.7, 2.5])),
        (np.array([1e6, 1e8, 1e11]), np.array([4.0, 3.0, 1.7])),
    ),
    mistakes=(
        Mistake("log-of-a", {"np.exp(intercept)": "intercept"},
                "a is still a logarithm: the line's intercept is ln a. Take exp of it."),
        Mistake("log10-of-a", {LINE: "np.polyfit(np.log10(n), np.log10(loss), 1)", "np.exp(intercept)": "intercept"},
                "a is still a logarithm, to base 10: return 10**intercept."),
        Mistake("rising", {"-slope": "slope"}, "The line falls, so its slope is -b. Change the sign of b."),
        Mistake("order", {BACK: "float(-slope), float(np.exp(intercept))"},
                "a and b have changed places: return (a, b)."),
        Mistake("plain", {LINE: "np.polyfit(n, loss, 1)"},
                "It fits a line to the numbers themselves. Take logarithms of both first."),
        Mistake("half-log-x", {"np.log(loss)": "loss"},
                "Only n is taken as a logarithm: that fits loss = a - b·ln n. Take ln of the losses too."),
        Mistake("half-log-y", {"np.log(n)": "n"},
                "Only the loss is taken as a logarithm: that fits an exponential. Take ln of n too."),
        Mistake("axes-swapped", {"np.log(n), np.log(loss)": "np.log(loss), np.log(n)"},
                "x and y have changed places: n explains the loss."),
        Mistake("base-ten", {LINE: "np.polyfit(np.log10(n), np.log10(loss), 1)"},
                "It takes log10, but goes back by exp. Use 10**intercept, or ln throughout."),
        Mistake("unpacked-wrong", {"slope, intercept =": "intercept, slope ="},
                "np.polyfit gives the highest power first: slope, then intercept."),
        Mistake("ends-only", lambda n, y: (
            float(y[0] * n[0] ** (np.log(y[0] / y[-1]) / np.log(n[-1] / n[0]))),
            float(np.log(y[0] / y[-1]) / np.log(n[-1] / n[0]))),
            "It joins the first and the last point. A least-squares line uses all of them."),
        Mistake("through-zero", lambda n, y: (1.0, float(-(np.log(n) @ np.log(y)) / (np.log(n) @ np.log(n)))),
                "It forces the line through the origin, which means a = 1. Fit the intercept too."),
    ),
    right=(
        lambda n, y: (lambda b: (float(np.exp(np.mean(np.log(y)) + b * np.mean(np.log(n)))), float(b)))(
            -np.cov(np.log(n), np.log(y))[0, 1] / np.var(np.log(n), ddof=1)),
        lambda n, y: (lambda w: [float(np.exp(w[0])), float(-w[1])])(
            np.linalg.lstsq(np.stack([np.ones(len(n)), np.log(n)], 1), np.log(y), rcond=None)[0]),
    ),
    hints=(
        "Take the logarithm of a · n^-b. What is the slope, what the intercept?",
        "ln loss = ln a - b · ln n. np.polyfit(x, y, 1) gives (slope, intercept).",
        "slope, intercept = np.polyfit(np.log(n), np.log(loss), 1); then np.exp(intercept), -slope",
    ),
    minutes=10,
    difficulty=2,
    rtol=1e-7,
)
