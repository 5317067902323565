"""Learning by reward: what it finds, and how much trial and error that takes."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.topics import rl


def reward():
    """Q-learning on the grid, and a bandit with and without exploring."""
    grid = rl.Grid()
    best = float(rl.value_iteration(grid)[0])
    runs = [rl.q_learning(grid, 200, np.random.default_rng(seed)) for seed in range(3)]
    reached = [rl.greedy_return(grid, q) for q, _, _ in runs]
    steps = int(np.mean([taken for *_, taken in runs]))
    regret = {e: float(np.mean([_regret(e, seed) for seed in range(30)])) for e in (0.0, 0.1)}
    return Evidence(
        f"the greedy policy learned by Q-learning returns {max(reached):.0f}, the optimum {best:.0f}, after about "
        f"{round(steps, -2)} steps in a grid of 16 cells; regret of a bandit player after 1,000 rounds: "
        f"{regret[0.1]:.0f} with 10 % exploring, {regret[0.0]:.0f} without.",
        said={"by reward alone, the best path is found": min(reached) == best},
        gap={
            "it takes many trials: over 50 steps for each cell": steps > 50 * 16,
            "and exploring: without it the regret is much larger": regret[0.0] > 1.5 * regret[0.1],
        },
        right={"the optimum is the shortest path, 6 steps": best == -6},
        numbers={"optimum": best, "learned": min(reached), "regret, 10 %": round(regret[0.1])},
    )


def _regret(epsilon, seed):
    rng = np.random.default_rng(seed)
    return rl.bandit_regret(rng.normal(size=10), epsilon, 1000, rng)[-1]
