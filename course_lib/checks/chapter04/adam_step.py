"""4.6 One step of Adam."""

import numpy as np

from course_lib import optim

from ..spec import Exercise, Mistake, Slot, numbers


def adam_step(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """The t-th step of Adam (t = 1, 2, ...); returns the new (param, m, v)."""
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return param - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def cases(rng):
    """First steps from rest with the default settings, later steps with others; a large eps shows where it stands."""
    for n in (1, 2):
        yield numbers(rng, n), numbers(rng, n), np.zeros(n), np.zeros(n), 1
    for n, t in ((1, 2), (2, 10), (3, 1000)):
        yield numbers(rng, n), numbers(rng, n), numbers(rng, n), numbers(rng, n) ** 2, t, 0.1
    yield numbers(rng, 3), numbers(rng, 3), numbers(rng, 3), numbers(rng, 3) ** 2, 3, 0.1, 0.8, 0.95, 0.1
    yield numbers(rng, 2, 3), numbers(rng, 2, 3), numbers(rng, 2, 3), numbers(rng, 2, 3) ** 2, 4, 0.01, 0.5, 0.9, 1e-3
    yield numbers(rng, 2, 3).T, numbers(rng, 2, 3).T, numbers(rng, 2, 3).T, numbers(rng, 2, 3).T ** 2, 5, 0.01


def as_printed(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """The article's formula (claim S0-4.3.2-adam-moments)."""
    v = beta2 * v + (1 - beta2) * ((grad - m) ** 2 - v)
    m = beta1 * m + (1 - beta1) * (grad - m)
    return param - lr * m / (np.sqrt(v) + eps), m, v


def in_place(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Right, but m and v are overwritten."""
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * grad**2
    return param - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m.copy(), v.copy()


def rearranged(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """With the corrections gathered into the step size, as Kingma & Ba suggest at the end of section 2."""
    m, v = m + (1 - beta1) * (grad - m), v + (1 - beta2) * (grad * grad - v)
    root = np.sqrt(1 - beta2**t)
    return param - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), m, v


def one_by_one(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """A loop over the numbers."""
    new = [np.empty(param.shape) for _ in range(3)]
    for i in np.ndindex(param.shape):
        new[1][i] = beta1 * m[i] + (1 - beta1) * grad[i]
        new[2][i] = beta2 * v[i] + (1 - beta2) * grad[i] * grad[i]
        new[0][i] = param[i] - lr * (new[1][i] / (1 - beta1**t)) / ((new[2][i] / (1 - beta2**t)) ** 0.5 + eps)
    return tuple(new)


def old_averages(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """The step with the averages that came in."""
    _, m_new, v_new = adam_step(param, grad, m, v, t, lr, beta1, beta2, eps)
    return param - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m_new, v_new


M_HAT, V_HAT, ROOT, END = "m / (1 - beta1**t)", "v / (1 - beta2**t)", "(np.sqrt(v_hat) + eps)", ", m, v\n"

EXERCISE = Exercise(
    id="4.6",
    title="One step of Adam",
    answer=adam_step,
    reference=optim.adam_update,
    cases=cases,
    edges=(
        (np.array([1.0]), np.array([0.5]), np.zeros(1), np.zeros(1), 1),
        (np.array([1.0]), np.array([0.0]), np.zeros(1), np.zeros(1), 1),
        (np.array([0.0]), np.array([1e4]), np.zeros(1), np.zeros(1), 1),
        (np.array([0.0]), np.array([1e-8]), np.zeros(1), np.zeros(1), 1),
    ),
    mistakes=(
        Mistake("as-printed", as_printed,
                "This is the article's formula. It averages g - m and (g - m)² instead of g and g², and corrects "
                "neither for the start at zero: its first step is 3.16 times too long, later ones settle at 1.41 "
                "times."),
        Mistake("no-correction", {M_HAT: "m", V_HAT: "v"},
                "m and v start at zero and are not corrected for it: at t=1 they are 10 and 1000 times too small, "
                "which "
                "makes the step √1000/10 = 3.16 times too long. Divide by 1 - β₁ᵗ and 1 - β₂ᵗ."),
        Mistake("m-not-corrected", {M_HAT: "m"},
                "v̂ is corrected, m̂ is not: at t=1 your step is 10 times too short. m̂ = m / (1 - β₁ᵗ)."),
        Mistake("v-not-corrected", {V_HAT: "v"},
                "m̂ is corrected, v̂ is not: at t=1 your step is 31.6 times too long. v̂ = v / (1 - β₂ᵗ)."),
        Mistake("eps-inside", {ROOT: "np.sqrt(v_hat + eps)"},
                "ε stands inside the root. √(v̂ + 1e-8) is never below 1e-4, so small gradients barely move; it "
                "belongs "
                "outside: √v̂ + ε."),
        Mistake("t-from-zero", {"beta1**t": "beta1 ** (t - 1)", "beta2**t": "beta2 ** (t - 1)"},
                "The exponent is one too small: at t=1 it divides by 1 - β⁰ = 0. The first step has t = 1: use βᵗ."),
        Mistake("t-plus-one", {"beta1**t": "beta1 ** (t + 1)", "beta2**t": "beta2 ** (t + 1)"},
                "The exponent is one too large; t already counts from 1."),
        Mistake("t-ignored", {"beta1**t": "beta1", "beta2**t": "beta2"},
                "Right at t=1 only: it divides by 1 - β at every step, and the correction never fades. Use βᵗ."),
        Mistake("uphill", {"param - lr": "param + lr"}, "The step goes uphill: subtract it from param."),
        Mistake("no-root", {"np.sqrt(v_hat)": "v_hat"},
                "The square root is missing: v̂ is in units of the gradient squared, the step would be too."),
        Mistake("not-squared", {"grad**2": "grad"}, "v averages the gradient; it should average its square."),
        Mistake("m-not-weighted", {"(1 - beta1) * grad": "grad"},
                "m adds the whole gradient. An average needs weights that sum to 1: β₁·m + (1 - β₁)·g."),
        Mistake("v-not-weighted", {"(1 - beta2) * grad**2": "grad**2"},
                "v adds the whole squared gradient. An average needs weights that sum to 1: β₂·v + (1 - β₂)·g²."),
        Mistake("weights-exchanged", {"beta1 * m + (1 - beta1) * grad": "(1 - beta1) * m + beta1 * grad",
                                      "beta2 * v + (1 - beta2) * grad**2": "(1 - beta2) * v + beta2 * grad**2"},
                "β multiplies the new gradient and 1 - β the old average. It is the other way round: the average "
                "changes slowly."),
        Mistake("eps-missing", {" + eps)": ")"},
                "ε is missing: where the gradient has always been 0, this divides 0 by 0."),
        Mistake("eps-beside-v", {ROOT: "(np.sqrt(v) + eps) * np.sqrt(1 - beta2**t)"},
                "The corrections are gathered into the step size and ε is added to √v. That is the paper's short form, "
                "in which ε means something else: here it is added to √v̂, after the correction."),
        Mistake("times-t", {"beta1**t": "beta1 * t", "beta2**t": "beta2 * t"},
                "It has β·t where βᵗ is meant: beta1**t."),
        Mistake("corrections-swapped", {"beta1**t": "beta2**t", "v / (1 - beta2**t)": "v / (1 - beta1**t)"},
                "β₁ and β₂ have changed places in the corrections: m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ)."),
        Mistake("multiplied", {M_HAT: "m * (1 - beta1**t)", V_HAT: "v * (1 - beta2**t)"},
                "It multiplies by 1 - βᵗ. m and v are too small at first: divide."),
        Mistake("gradient-steps", {"lr * m_hat": "lr * grad"},
                "The step uses the gradient itself; it should use its average m̂."),
        Mistake("old-averages", old_averages,
                "The step is taken with the m and v from before. Update both first, then use them."),
        Mistake("hard-coded", lambda p, g, m, v, t, lr=1e-3, *rest: adam_step(p, g, m, v, t, lr),
                "Right with the default β₁, β₂ and ε only: their values are written into the formula. Use the "
                "arguments."),
        Mistake("rate-hard-coded", lambda p, g, m, v, t, lr=1e-3, *rest: adam_step(p, g, m, v, t, 1e-3, *rest),
                "Right with lr=0.001 only: use the argument lr."),
        Mistake("betas-swapped", {"beta1 * m + (1 - beta1)": "beta2 * m + (1 - beta2)",
                                  "beta2 * v + (1 - beta2)": "beta1 * v + (1 - beta1)"},
                "β₁ and β₂ have changed places in the averages: β₁ (0.9) belongs to m, β₂ (0.999) to v."),
        Mistake("returns-corrected", {END: ", m_hat, v_hat\n"},
                "It returns m̂ and v̂. They are for this step only: next time they would be averaged and corrected "
                "again. "
                "Return m and v."),
        Mistake("returns-old", lambda p, g, m, v, *rest: (adam_step(p, g, m, v, *rest)[0], m.copy(), v.copy()),
                "It returns the m and v that came in. Adam has no memory then: return the new averages."),
        Mistake("param-only", {END: "\n"}, "It returns param alone. The next step needs m and v: return param, m, v."),
        Mistake("writes-input", in_place),
    ),
    right=(rearranged, one_by_one),
    hints=(
        "Four lines: update m, update v, correct both for their start at zero, take the step.",
        "After one step from zero m is (1 - β₁)·g. By what must it be divided to be g? And after t steps of the same "
        "g?",
        "m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ), param - lr · m̂ / (√v̂ + ε). Return m and v, not m̂ and v̂.",
    ),
    minutes=15,
    difficulty=3,
    claims=("S0-4.3.2-adam-moments", "S0-4.3.2-adam-moment-names", "S1-4.1-adam-heritage"),
    returns=("param", "m", "v"),
    slot=Slot("adam", "course_lib.optim:adam_update"),
)
