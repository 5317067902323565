"""Optimizers: Adam as printed and as published, SGD and what makes it stochastic."""

import numpy as np

from course_lib import losses, optim
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients, samples_needed

GRADIENTS = (1.0, -2.0, 3.0)


def adam_moments():
    """Three steps and a constant gradient, with both rules."""
    right, printed = (_path(rule, GRADIENTS, 0.1) for rule in (optim.adam_update, as_printed.adam_update))
    steps = -np.diff(_path(as_printed.adam_update, np.ones(8000), 1.0), prepend=0)
    steady = -np.diff(_path(optim.adam_update, np.ones(500), 1.0), prepend=0)
    return Evidence(
        f"gradients 1, -2, 3 with α = 0.1 lead Adam to {right[0]:.4f}, {right[1]:.4f}, {right[2]:.4f}, the printed "
        f"rule to {printed[0]:.4f}, {printed[1]:.4f}, {printed[2]:.4f}; under a constant gradient the printed step "
        f"starts at {steps[0]:.3f}α, peaks at {steps.max():.2f}α and ends at {steps[-1]:.3f}α, where Adam's is α.",
        said={
            "the three formulas are Adam": close(printed, right, 3),
            "a constant gradient gives steps of α": close(steps, 1, 2),
        },
        right={
            "Kingma & Ba: -0.1, -0.0633896, -0.0977138": close(right, [-0.1, -0.0633896, -0.0977138]),
            "a constant gradient gives steps of α": close(steady, 1, 6),
        },
        numbers={"Adam": right, "printed": printed, "printed step / α": steps[[0, steps.argmax(), -1]]},
    )


def adam_names():
    """What m and v tend to when the gradients are N(1, 0.5²)."""
    g = np.random.default_rng(0).normal(1, 0.5, size=(6000, 50))  # 50 runs side by side
    m, v = _averages(optim.adam_update, g)
    m_printed, v_printed = _averages(as_printed.adam_update, g)
    return Evidence(
        f"gradients with mean 1 and mean square 1.25: Adam's averages are m = {m:.2f}, v = {v:.2f}; the printed "
        f"formulas' {m_printed:.2f} and {v_printed:.2f}.",
        said={"Adam's m and v estimate the mean and the mean square": abs(m - 1) < 0.03 and abs(v - 1.25) < 0.03},
        gap={"the printed formulas' do not": abs(m_printed - 1) > 0.4 and abs(v_printed - 1.25) > 0.5},
        right={"printed m tends to half the mean": abs(m_printed - 0.5) < 0.03},
        numbers={"m, v": np.round([m, v], 2), "printed": np.round([m_printed, v_printed], 2)},
    )


def adam_heritage():
    """Adam without momentum is RMSprop; Adam's m is momentum's velocity, scaled."""
    g = np.random.default_rng(0).normal(size=(20, 3))
    late = 10**9  # so many steps that the bias correction has become 1
    w, v, u, s, m, velocity = (np.zeros(3) for _ in range(6))
    for k in g:
        w, _, v = optim.adam_update(w, k, np.zeros(3), v, late, 0.01, 0.0, 0.99)
        u, s = optim.rmsprop_update(u, k, s, 0.01, 0.99)
        m = optim.adam_update(w, k, m, v, late)[1]
        velocity = optim.sgd_update(w, k, velocity, 0.01, momentum=0.9)[1]
    first, *_ = optim.adam_update(np.zeros(2), np.array([1e-3, -50.0]), np.zeros(2), np.zeros(2), 1, 0.1)
    return Evidence(
        "over 20 random gradients Adam with β₁ = 0 and no bias correction takes RMSprop's steps, and its m is 0.1 "
        f"times momentum's velocity; with the correction a first step is α·sign(g): {first[0]:.4f} and {first[1]:.4f}.",
        said={"β₁ = 0: RMSprop": close(w, u, 12), "m: momentum, times 1 - β₁": close(m, 0.1 * velocity, 12)},
        right={"plus bias correction: the first step is α·sign(g)": close(first, [-0.1, 0.1], 5)},
        numbers={"w": w, "first step": first},
    )


def most_used():
    """Full-batch descent against batches of 10, counted in gradients of single samples."""
    full, batches = samples_needed(1000), samples_needed(10)
    return Evidence(
        f"1,000 samples, linear model: to come within 1 % of the best loss, full-batch descent computes {full:,} "
        f"single-sample gradients, batches of 10 {batches:,}.",
        said={"gradient descent trains the model": full < 10**5},
        gap={"on all data at once it is not what is used: batches cost less": batches < full / 3},
        right={"batches of 10 reach the same loss": batches < 10**5},
        numbers={"full batch": full, "batches of 10": batches},
    )


def sgd():
    """One sample's gradient per step: what the index must say, and which rates settle."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=1000)
    x -= x.mean()  # ℓᵢ(w) = ½(w - xᵢ)²; the minimum of the mean is 0
    constant, decreasing = _sgd_error(x, lambda t: 0.5), _sgd_error(x, lambda t: 1 / (1 + 0.5 * t))
    w = 1.5
    single, full = w - x, w - x.mean()  # gradients
    counted = {float(as_printed.sgd_update(w, full, 0.1)) for _ in range(5)}
    return Evidence(
        f"2,000 steps, 200 runs: with a constant α = 0.5 the squared error stays at {constant:.2f}, with 1/(1 + 0.5t) "
        f"it falls to {decreasing:.1e}.",
        said={"one sample's gradient is right on average": close(single.mean(), full, 12)},
        gap={
            "with i as a counter every step is plain descent, nothing is random": len(counted) == 1,
            "a constant rate does not settle": constant > 0.2,
        },
        right={"the sample's index is drawn, and the rate falls (Robbins & Monro)": decreasing < 0.005},
        numbers={"constant": round(constant, 3), "decreasing": f"{decreasing:.1e}"},
    )


def sgd_same():
    """Printed GD and printed SGD, side by side."""
    x = np.array([[1.0, 2], [3, 4], [-2, 1]])
    y, w = np.array([1.0, 0, 1]), np.zeros(2)
    (full,) = gradients(lambda w: losses.mse_loss(x @ w, y), w)
    each = [gradients(lambda w, i=i: losses.mse_loss(x[i : i + 1] @ w, y[i : i + 1]), w)[0] for i in range(3)]
    gd, printed = optim.sgd_update(w, full, 0.0, 0.1)[0], as_printed.sgd_update(w, full, 0.1)
    return Evidence(
        f"the two printed formulas are the same, letter by letter, and so is their step ({printed[0]:.4f}, "
        f"{printed[1]:.4f}); one sample's step is ({-0.1 * each[0][0]:.1f}, {-0.1 * each[0][1]:.1f}).",
        said={
            "the formula for SGD is not that for GD": as_printed.SGD_FORMULA != as_printed.GD_FORMULA,
            "its step is not GD's": not close(printed, gd, 9),
        },
        right={
            "one sample's step differs from the full one": not close(each[0], full, 3),
            "and is equal to it on average": close(np.mean(each, 0), full, 12),
        },
        numbers={"full gradient": full, "of each sample": np.array(each)},
    )


def sgd_drafts():
    """The two copies of one article: α_t in one, α in the other."""
    one, other = as_printed.SGD_DRAFTS
    w = {name: _quadratic(rate) for name, rate in (("α_t", lambda t: 0.5 / t), ("α", lambda t: 0.5))}
    index = any(mark in text for text in as_printed.SGD_DRAFTS for mark in ("ell", "(i)", "i_t"))
    return Evidence(
        f"on ½w², 20 steps from 1, a constant rate 0.5 ends at {w['α']:.1e}, α_t = 0.5/t at {w['α_t']:.3f}: not the "
        "same method; neither copy says which sample is meant.",
        said={"either is a descent step": 0 < w["α"] < 1 and 0 < w["α_t"] < 1},
        gap={"the copies disagree": one != other and not close(w["α_t"], w["α"], 3)},
        right={"what SGD needs, the sample's index, is in neither": not index},
        numbers={"w after 20 steps (α_t, α)": [w["α_t"], w["α"]]},
    )


def _path(rule, gradients, lr):
    """Positions after each step from 0."""
    w, m, v = (np.zeros(1) for _ in range(3))
    path = []
    for t, g in enumerate(gradients, 1):
        w, m, v = rule(w, np.full(1, g), m, v, t, lr)
        path.append(w[0])
    return np.array(path)


def _averages(rule, gradients, last=2000):
    """Time average of m and v over the last steps and all runs."""
    w, m, v = (np.zeros(gradients.shape[1]) for _ in range(3))
    seen = []
    for t, g in enumerate(gradients, 1):
        w, m, v = rule(w, g, m, v, t)
        seen.append((m.mean(), v.mean()))
    return np.mean(seen[-last:], 0)


def _sgd_error(x, rate, steps=2000, runs=200):
    """Mean squared distance from the minimum after SGD on randomly drawn samples."""
    rng, w = np.random.default_rng(1), np.zeros(runs)
    for t in range(1, steps + 1):
        w, _ = optim.sgd_update(w, w - x[rng.integers(len(x), size=runs)], 0.0, rate(t))
    return float(np.mean(w**2))


def _quadratic(rate):
    w = 1.0
    for t in range(1, 21):
        w, _ = optim.sgd_update(w, w, 0.0, rate(t))
    return w
