"""Values against the shortest path found by breadth-first search, learning against them, regret against theory."""

from collections import deque

import numpy as np
import pytest

from course_lib.topics import rl

GRID = rl.Grid()


def shortest(grid, start=0):
    """Steps to the goal by breadth-first search."""
    seen, queue = {start: 0}, deque([start])
    while queue:
        state = queue.popleft()
        if state == grid.goal:
            return seen[state]
        for action in range(4):
            after, _ = grid.step(state, action)
            if after not in seen:
                seen[after] = seen[state] + 1
                queue.append(after)
    return None


def test_values_are_shortest_paths():
    values = rl.value_iteration(GRID)
    for state in range(16):
        if divmod(state, 4) not in GRID.walls:
            assert values[state] == -shortest(GRID, state)


def test_discounted_values_solve_bellmans_equation():
    values = rl.value_iteration(GRID, gamma=0.9, sweeps=200)
    for state in range(15):
        right = max(r + 0.9 * values[s] for s, r in (GRID.step(state, a) for a in range(4)))
        assert abs(values[state] - right) < 1e-9


def test_q_learning_finds_the_best_path():
    for seed in range(5):
        q, returns, taken = rl.q_learning(GRID, 200, np.random.default_rng(seed))
        assert rl.greedy_return(GRID, q) == -shortest(GRID)
        assert -returns.sum() == taken


def test_one_update_by_hand():
    q = np.array([[1.0, 2.0], [4.0, 3.0]])
    np.testing.assert_allclose(rl.q_update(q, 0, 1, -1.0, 1, False, 0.5, 0.9)[0, 1], 2 + 0.5 * (-1 + 0.9 * 4 - 2))
    np.testing.assert_allclose(rl.q_update(q, 0, 1, -1.0, 1, True, 0.5, 0.9)[0, 1], 2 + 0.5 * (-1 - 2))
    assert q[0, 1] == 2


def test_walls_and_edges_stop_the_player():
    assert GRID.step(0, 0) == (0, -1.0)
    assert GRID.step(1, 2) == (1, -1.0)  # below is the wall (1, 1)


def test_a_player_who_never_arrives_is_stopped():
    assert rl.greedy_return(GRID, np.zeros((16, 4)), limit=50) == -50


def test_regret_of_pure_chance_is_the_mean_gap():
    means = np.array([0.0, 1.0, 2.0])
    regret = np.mean([rl.bandit_regret(means, 1.0, 500, np.random.default_rng(s))[-1] for s in range(40)])
    assert abs(regret / 500 - 1.0) < 0.02
    assert (np.diff(rl.bandit_regret(means, 0.1, 100, np.random.default_rng(0))) >= 0).all()


def test_epsilon_is_checked():
    with pytest.raises(ValueError, match=r"epsilon must lie in \[0, 1\]"):
        rl.bandit_regret([0.0, 1.0], 1.5, 10, np.random.default_rng(0))
