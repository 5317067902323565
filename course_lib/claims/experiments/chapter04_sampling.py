"""Sampling is not optimisation: Metropolis beside gradient descent, and a race of optimizers."""

import math

import numpy as np

from course_lib import optim
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import samples_needed

CURVATURE = np.array([1.0, 100])  # ½ Σ c·w²: condition number 100


def mcmc():
    """Metropolis on exp(-(w - 2)²), 100 chains of 2,200 steps, the first 200 dropped."""
    chains = _metropolis(lambda w: (w - 2) ** 2, lambda t: 1.0)[200:]
    cooled = _metropolis(lambda w: (w - 2) ** 2, lambda t: 0.995**t, width=0.3)[-1]
    w = 0.0
    for _ in range(100):
        w, _ = optim.sgd_update(w, 2 * (w - 2), 0.0, 0.1)
    near, spread = float((np.abs(chains - 2) < 0.1).mean()), float(chains.std())
    late = float(chains[-1000:].std())
    return Evidence(
        f"the chains' mean is {chains.mean():.2f}, their spread {spread:.2f} (√½ = 0.71) and stays so; {near:.0%} of "
        "the samples are within 0.1 of the minimum; gradient descent is there to 9 digits after 100 steps.",
        said={"the chain converges to the optimum": late < 0.1},
        right={
            "it samples the distribution: mean 2": abs(chains.mean() - 2) < 0.03,
            "and spread √½": abs(spread - math.sqrt(0.5)) < 0.03,
            "gradient descent finds the minimum": close(w, 2, 8),
            "with falling temperature (annealing) the chain does too": bool(np.abs(cooled - 2).max() < 0.1),
        },
        numbers={"mean": round(float(chains.mean()), 2), "spread": round(spread, 2), "within 0.1": round(near, 3)},
    )


def accelerate():
    """Steps until the loss is below 10⁻⁶, from (1, 1)."""
    beta = ((10 - 1) / (10 + 1)) ** 2  # the best momentum for condition number 100
    steps = {
        "gradient descent": _race(lambda w, g, t, s: optim.sgd_update(w, g, s[0], 2 / 101), 1),
        "momentum": _race(lambda w, g, t, s: optim.sgd_update(w, g, s[0], (2 / 11) ** 2, beta), 1),
        "Adam": _race(lambda w, g, t, s: optim.adam_update(w, g, *s, t, 0.1, 0.9, 0.99), 2),
    }
    chains = _metropolis(lambda w: 0.5 * np.sum(CURVATURE[:, None] * w**2, 0), lambda t: 1.0, 0.15, (2, 100))
    loss = 0.5 * np.sum(CURVATURE[:, None] * chains**2, 1)
    late = float(loss[-1000:].mean())
    at_same_time = loss[min(steps["gradient descent"], len(loss) - 1)].mean()
    return Evidence(
        f"to a loss of 10⁻⁶: gradient descent {steps['gradient descent']} steps, momentum {steps['momentum']}, Adam "
        f"{steps['Adam']}; Metropolis still has a mean loss of {late:.1f} after 2,200.",
        said={
            "SGD needs fewer single-sample gradients than full batches": samples_needed(10) < samples_needed(1000),
            "a Metropolis chain is as fast as gradient descent": at_same_time < 1e-6,
        },
        right={
            "momentum and Adam are, and are missing": max(steps["momentum"], steps["Adam"]) < steps["gradient descent"],
            "the chain's mean loss tends to 1, half the dimension": abs(late - 1) < 0.1,
        },
        numbers=steps | {"Metropolis, mean loss": round(late, 1)},
    )


def _metropolis(energy, temperature, width=1.0, shape=(100,), steps=2200):
    """Chains from 0 that sample exp(-energy / temperature(t)); returns (steps, *shape). The last axis is the chains."""
    rng = np.random.default_rng(0)
    w, path = np.zeros(shape), []
    for t in range(steps):
        proposal = w + width * rng.normal(size=shape)
        accept = np.log(rng.random(shape[-1])) * temperature(t) < energy(w) - energy(proposal)
        w = np.where(accept, proposal, w)
        path.append(w)
    return np.array(path)


def _race(rule, states):
    """Steps of a rule(w, gradient, t, states) → (w, *states) until ½ Σ c·w² < 10⁻⁶."""
    w, state = np.ones(2), [np.zeros(2)] * states
    for t in range(1, 5000):
        w, *state = rule(w, CURVATURE * w, t, state)
        if 0.5 * np.sum(CURVATURE * w**2) < 1e-6:
            return t
    return 5000
