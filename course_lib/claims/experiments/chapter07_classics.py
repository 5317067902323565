"""Papers that could not be found, and the subject that each title names: tested on its own."""

import numpy as np

from course_lib.claims import references
from course_lib.claims.evidence import Evidence
from course_lib.topics import classics

DEGREES = (1, 3, 9)


def universal_approximation():
    """One hidden layer of tanh units on the sine, its width chosen: Cybenko (1989), Hornik et al. (1989)."""
    errors = {width: classics.worst_error(width) for width in (2, 16)}
    return Evidence(
        f"one hidden layer of tanh fits the sine to within {errors[16]:.1g} with 16 units and {errors[2]:.1g} with 2.",
        said={"a theory of the multilayer perceptron exists: enough units approximate": errors[16] < 0.05},
        gap=_not_found("S1-7-mlp-theory-paper"),
        right={"more units, smaller error": errors[16] < errors[2] / 5},
        numbers={"worst error, 16 units": float(f"{errors[16]:.1g}"), "2 units": float(f"{errors[2]:.1g}")},
    )


def perceptron_noise():
    """The perceptron's rule on separable points, and after a tenth of the labels were flipped."""
    rng = np.random.default_rng(0)
    direction = np.array([1.0, -2.0, 0.5]) / np.sqrt(5.25)
    x = np.round(rng.normal(size=(400, 3)) * 16) / 16  # sums of sixteenths are exact on every machine
    x = x[np.abs(x @ direction) > 0.3]
    y = np.sign(x @ direction)
    bound = (np.linalg.norm(x, axis=1).max() / np.abs(x @ direction).min()) ** 2
    flipped = y * np.where(rng.random(len(y)) < 0.1, -1, 1)
    clean, noisy = classics.mistakes(x, y), classics.mistakes(x, flipped)
    return Evidence(
        f"separable: {sum(clean)} mistakes in all (Novikoff's bound {bound:.0f}), none in the last epoch; with one "
        f"label in ten flipped it still makes {noisy[-1]} mistakes in the {len(noisy)}th epoch.",
        said={"noise changes what a perceptron does": noisy[-1] > 0},
        gap=_not_found("S3-7-perceptron-noise"),
        right={"separable: no more mistakes than (R/γ)²": sum(clean) <= bound and clean[-1] == 0,
               "with flipped labels it does not settle": min(noisy[-10:]) > 0},
        numbers={"mistakes": sum(clean), "bound": round(float(bound)), "last epoch, noisy": noisy[-1]},
    )  # fmt: skip


def bias_variance():
    """Polynomials of degree 1, 3 and 9 on 200 training sets: error = bias² + variance + noise."""
    parts = {degree: classics.bias_variance(degree) for degree in DEGREES}
    sums = {d: sum(p[:3]) for d, p in parts.items()}
    errors = {d: p[3] for d, p in parts.items()}
    return Evidence(
        "bias², variance and test error of degree "
        + "; ".join(f"{d}: {p[0]:.2f}, {p[1]:.2f}, {p[3]:.2f}" for d, p in parts.items())
        + " (noise 0.09).",
        said={"bias and variance trade off": parts[1][0] > parts[9][0] and parts[1][1] < parts[9][1]},
        gap=_not_found("S4-7-bias-variance-paper"),
        right={"bias² + variance + noise is the test error, to 5 %": all(abs(sums[d] / errors[d] - 1) < 0.05
                                                                         for d in sums),
               "the middle degree has the least error": min(errors, key=errors.get) == 3},
        numbers={"test error": [round(errors[d], 2) for d in errors]},
    )  # fmt: skip


def small_shifts():
    """A network on the digits, then the test digits moved to the right by one pixel: Azulay & Weiss (2019)."""
    scores = np.array([classics.shift_scores(seed) for seed in range(3)])
    still, moved = np.median(scores, axis=0)
    return Evidence(
        f"median of three seeds: {still:.2f} of the test digits are read, {moved:.1f} after a shift by one pixel.",
        said={"small deformations change what a network reads": moved < still - 0.1},
        gap=_not_found("S4-7-small-deformations-paper"),
        right={"on every seed the shift costs more than a tenth": bool((scores[:, 1] < scores[:, 0] - 0.1).all())},
        numbers={"as they are": round(float(still), 1), "moved": round(float(moved), 1)},
    )


def _not_found(claim):
    """That nothing printed leads to a work."""
    (printed,) = [p for p in references.printed() if p.claim == claim]
    bare = printed.year is None and not printed.work
    return {"no year is printed and no work known": bare, "no known title is like it":
            references.nearest(printed.title)[0] < 0.9}  # fmt: skip
