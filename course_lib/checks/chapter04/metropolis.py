"""4.11 A Metropolis chain."""

import math

import numpy as np

from ..spec import Exercise, Mistake, numbers


def metropolis(log_p, proposals, u, start=0):
    """The states a Metropolis chain visits, one for each proposal.

    log_p[k] is the logarithm of state k's (unnormalised) probability; u[i], uniform in (0, 1), decides on proposals[i].
    """
    state, visited = start, []
    for proposal, threshold in zip(proposals, u, strict=True):
        if np.log(threshold) < log_p[proposal] - log_p[state]:
            state = int(proposal)
        visited.append(state)
    return visited


def reference(log_p, proposals, u, start=0):
    """The same rule, on plain numbers."""
    chain = [start]
    for proposal, threshold in zip(proposals.tolist(), u.tolist(), strict=True):
        gain = float(log_p[proposal]) - float(log_p[chain[-1]])
        chain.append(proposal if gain >= 0 or threshold < math.exp(gain) else chain[-1])
    return chain[1:]


def cases(rng):
    """Chains over two to six states."""
    for states, steps in ((2, 1), (2, 2), (2, 5), (3, 8), (4, 12), (6, 40)):
        yield numbers(rng, states), rng.integers(0, states, steps), rng.uniform(0.01, 0.99, steps).round(2)
    yield numbers(rng, 4), rng.integers(0, 4, 9), rng.uniform(0.01, 0.99, 9).round(2), 3


TEST, RECORD = "np.log(threshold) < log_p[proposal] - log_p[state]", "        visited.append(state)\n"
DOWN = np.array([0.0, -1.0])  # state 1 is e times less probable than state 0

EXERCISE = Exercise(
    id="4.11",
    title="A Metropolis chain samples, it does not optimise",
    answer=metropolis,
    reference=reference,
    cases=cases,
    edges=(
        (DOWN, np.array([1]), np.array([0.3])),  # 0.3 < 1/e: down it goes
        (DOWN, np.array([1]), np.array([0.5])),  # and here it stays
        (DOWN, np.array([0]), np.array([0.9]), 1),
        (DOWN, np.array([1]), np.array([0.9]), 1),
        (DOWN, np.array([1, 1, 1]), np.array([0.9, 0.8, 0.2])),
        (np.array([0.0, 0.5]), np.array([1]), np.array([0.9])),  # up it goes, whatever u
        (np.array([-1e4, -1e4 - 1]), np.array([1, 0]), np.array([0.3, 0.9])),
        (np.array([-1e4, 1e4]), np.array([1, 0, 1]), np.array([0.5, 0.5, 0.5])),
        (DOWN, np.array([], dtype=int), np.array([])),
    ),
    mistakes=(
        Mistake("greedy", {TEST: "log_p[proposal] > log_p[state]"},
                "It moves uphill only. That is the article's MCMC, an optimiser: it climbs to the most probable "
                "state and "
                "stays. A sampler must also go down, with probability p(new)/p(old)."),
        Mistake("always", {TEST: "True"},
                "It takes every proposal, whatever log_p says (or records the proposal even when it was turned down)."),
        Mistake("rejected-dropped", {RECORD: "            visited.append(state)\n"},
                "A rejected proposal leaves no entry. The chain then stays at the old state for one more step, and "
                "that "
                "step counts: record it again, or probable states come out too rare."),
        Mistake("ratio-inverted", {TEST: "np.log(threshold) < log_p[state] - log_p[proposal]"},
                "The ratio is upside down: it moves readily to less probable states. Accept with p(new)/p(old)."),
        Mistake("log-missing", {TEST: "threshold < log_p[proposal] - log_p[state]"},
                "u is compared with a difference of logarithms. Compare log(u), or take exp of the difference."),
        Mistake("ratio-of-logs", {TEST: "threshold < np.divide(log_p[proposal], log_p[state])"},
                "It divides logarithms. The logarithm of a ratio is a difference: log p(new) - log p(old)."),
        Mistake("log-of-ratio-of-logs", {TEST: "np.log(threshold) < np.divide(log_p[proposal], log_p[state])"},
                "It divides logarithms. The logarithm of a ratio is a difference: log p(new) - log p(old)."),
        Mistake("new-alone", {TEST: "np.log(threshold) < log_p[proposal]"},
                "u is compared with p(new) alone. What counts is the ratio p(new)/p(old)."),
        Mistake("downhill", {TEST: "log_p[proposal] < log_p[state]"},
                "It moves to less probable states only: the comparison is the wrong way round, and u is not used."),
        Mistake("from-start", lambda log_p, proposals, u, start=0: [
            int(k) if np.log(r) < log_p[k] - log_p[start] else start for k, r in zip(proposals, u, strict=True)],
                "Every proposal is compared with the start. An accepted proposal becomes the state for the next one."),
        Mistake("rejects-sure", {TEST: "log_p[proposal] < log_p[state] and " + TEST},
                "A proposal that is at least as probable is turned down. The ratio is then 1 or more: accept always."),
        Mistake("overflow", {TEST: "threshold < np.exp(log_p[proposal]) / np.exp(log_p[state])"},
                "exp(-10000) is 0, and 0/0 is nan: the chain never moves. Subtract the logarithms first."),
        Mistake("with-start", {"return visited": "return [start, *visited]"},
                "The start is in the list. One state per proposal: record after each decision."),
        Mistake("recorded-early", {RECORD: "", "        if np.log": "        visited.append(state)\n        if np.log"},
                "It records the state before the decision, so everything comes one step late. Record after it."),
        Mistake("reversed", {TEST: "np.log(threshold) > log_p[proposal] - log_p[state]"},
                "It accepts exactly when it should reject: < and > are swapped."),
        Mistake("start-ignored", {"state, visited = start, []": "state, visited = 0, []"},
                "It always starts in state 0."),
    ),
    right=(
        reference,
        lambda log_p, proposals, u, start=0: np.array([
            start := int(k) if u[i] < np.exp(min(0.0, log_p[k] - log_p[start])) else start
            for i, k in enumerate(proposals)
        ]) if len(u) else [],
    ),
    hints=(
        "Accept the proposal with probability min(1, p(new)/p(old)): u below that number means yes.",
        "With logarithms: log u < log p(new) - log p(old). No exponential is needed.",
        "Append the current state in every round of the loop, also when the proposal was turned down.",
    ),
    minutes=15,
    difficulty=3,
    claims=("S2-4.3.2-mcmc",),
)
