"""Reinforcement learning (强化学习) in two toys: a bandit, and a grid where the best path can be computed exactly."""

from dataclasses import dataclass

import numpy as np

MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left


def bandit_regret(means, epsilon: float, steps: int, rng) -> np.ndarray:
    """Total regret after each step of an ε-greedy player; rewards are N(mean, 1). Sutton & Barto, 2018, ch. 2.

    Regret is what the best arm would have brought on average, less what the chosen arms bring on average.

    Parameters
    ----------
    means : array, (arms,)
    epsilon : float in [0, 1]
        Share of random choices; the others take the arm with the best average so far.
    """
    if not 0 <= epsilon <= 1:
        raise ValueError(f"bandit_regret: epsilon must lie in [0, 1], got {epsilon}")
    means = np.asarray(means, float)
    value, count, regret = np.zeros(len(means)), np.zeros(len(means)), np.empty(steps)
    for t in range(steps):
        arm = int(rng.integers(len(means))) if rng.random() < epsilon else int(value.argmax())
        count[arm] += 1
        value[arm] += (means[arm] + rng.normal() - value[arm]) / count[arm]  # running mean
        regret[t] = means.max() - means[arm]
    return regret.cumsum()


@dataclass(frozen=True)
class Grid:
    """A square grid: start in the upper left corner, goal in the lower right one, every step costs 1.

    Attributes
    ----------
    side : int
    walls : frozenset of (row, column)
        Cells that cannot be entered; a move into one, or off the grid, leaves the player where he is.
    """

    side: int = 4
    walls: frozenset = frozenset({(1, 1), (1, 3), (2, 3), (3, 0)})

    @property
    def goal(self) -> int:
        """The goal's number; cells are numbered row by row."""
        return self.side**2 - 1

    def step(self, state: int, action: int) -> tuple[int, float]:
        """(next state, reward) of a move from `MOVES`."""
        row, column = divmod(state, self.side)
        row, column = row + MOVES[action][0], column + MOVES[action][1]
        inside = 0 <= row < self.side and 0 <= column < self.side and (row, column) not in self.walls
        return (row * self.side + column if inside else state), -1.0


def q_update(q, state: int, action: int, reward: float, next_state: int, done: bool, lr: float, gamma: float):
    """A new table with Q[s,a] ← Q[s,a] + α (r + γ max Q[s',·] - Q[s,a]); nothing follows once done.

    Watkins & Dayan, Machine Learning 8 (1992). q (states, actions); the input stays as it is.
    """
    q = np.array(q, float)
    target = reward + (0.0 if done else gamma * q[next_state].max())
    q[state, action] += lr * (target - q[state, action])
    return q


def q_learning(grid: Grid, episodes: int, rng, *, epsilon=0.1, lr=0.5, gamma=1.0, limit=200):
    """Learn a table by trial and error. Returns (q, the return of each episode, steps taken in all)."""
    q, returns, taken = np.zeros((grid.side**2, len(MOVES))), [], 0
    for _ in range(episodes):
        state, total = 0, 0.0
        for _ in range(limit):
            explore = rng.random() < epsilon
            action = int(rng.integers(len(MOVES))) if explore else int(q[state].argmax())
            after, reward = grid.step(state, action)
            q = q_update(q, state, action, reward, after, after == grid.goal, lr, gamma)
            state, total, taken = after, total + reward, taken + 1
            if state == grid.goal:
                break
        returns.append(total)
    return q, np.array(returns), taken


def value_iteration(grid: Grid, gamma: float = 1.0, sweeps: int = 100) -> np.ndarray:
    """Best value of every cell, V(s) = max_a r + γ V(s'), from the rules of the grid, not from trials. (states,)"""
    value = np.zeros(grid.side**2)
    for _ in range(sweeps):
        value = np.array([_best(grid, value, s, gamma) for s in range(len(value))])
    return value


def _best(grid, value, state, gamma):
    if state == grid.goal:
        return 0.0
    moves = (grid.step(state, a) for a in range(len(MOVES)))
    return max(reward + gamma * value[after] for after, reward in moves)


def greedy_return(grid: Grid, q, limit: int = 200) -> float:
    """Return of the greedy player from the start; -limit if he never arrives."""
    state, total = 0, 0.0
    while state != grid.goal and -total < limit:
        state, reward = grid.step(state, int(q[state].argmax()))
        total += reward
    return total
