"""8.9 The Q-learning update."""

import numpy as np

from course_lib.topics import rl

from ..spec import Exercise, Mistake, numbers


def q_update(q, state, action, reward, next_state, done, lr, gamma):
    """The table q (states, actions) after one step: Q[s,a] moves by lr towards r + γ max Q[s',·], or r when done."""
    q = q.copy()
    target = reward if done else reward + gamma * q[next_state].max()
    q[state, action] += lr * (target - q[state, action])
    return q


def reference(q, state, action, reward, next_state, done, lr, gamma):
    """The library's."""
    return rl.q_update(q, state, action, reward, next_state, done, lr, gamma)


def cases(rng):
    """Small tables, steps that end an episode and steps that do not."""
    for states, actions in ((2, 2), (2, 3), (3, 2), (4, 4)):
        for done in (False, True):
            s, a, t = int(rng.integers(states)), int(rng.integers(actions)), int(rng.integers(states))
            yield numbers(rng, states, actions), s, a, float(numbers(rng)), t, done, 0.5, 0.9
    yield numbers(rng, 2, 3).T, 1, 0, -1.0, 2, False, 0.1, 0.8


TARGET, MOVE = "reward + gamma * q[next_state].max()", "lr * (target - q[state, action])"
TABLE = np.array([[1.0, 2.0], [4.0, 3.0]])

EXERCISE = Exercise(
    id="8.9",
    title="The Q-learning update",
    answer=q_update,
    reference=reference,
    cases=cases,
    edges=(
        (TABLE, 0, 0, -1.0, 1, False, 0.5, 0.9),
        (TABLE, 0, 1, -1.0, 1, True, 0.5, 0.9),
        (TABLE, 0, 1, 2.0, 0, False, 0.5, 0.5),
        (TABLE, 1, 0, 0.0, 0, False, 1.0, 1.0),
        (np.array([[-1.0, -2.0], [-3.0, -5.0]]), 0, 1, -1.0, 1, False, 0.5, 1.0),
        (np.array([[1e4, 0.0], [-1e4, 1.0]]), 1, 1, 3.0, 0, False, 0.1, 0.9),
    ),
    mistakes=(
        Mistake("ignores-done", {"reward if done else ": ""},
                "It looks beyond the end. Once done, nothing follows: the target is the reward alone."),
        Mistake("own-max", {"q[next_state].max()": "q[state].max()"},
                "The maximum is taken in the state that is being left. It belongs to the next state."),
        Mistake("same-action", {"q[next_state].max()": "q[next_state, action]"},
                "It takes the value of the same action in the next state. Q-learning takes the best one."),
        Mistake("mean", {"q[next_state].max()": "q[next_state].mean()"},
                "It takes the mean over the next actions. Q-learning assumes the best one: max."),
        Mistake("table-max", {"q[next_state].max()": "q.max()"},
                "It takes the maximum of the whole table. Only the next state's row counts."),
        Mistake("argmax", {"q[next_state].max()": "q[next_state].argmax()"},
                "It adds the number of the best action. Its value is wanted: max, not argmax."),
        Mistake("replaced", {MOVE: "target - q[state, action]"},
                "The entry becomes the target at once: the learning rate is missing."),
        Mistake("adds-target", {MOVE: "lr * target"},
                "It adds lr times the target. Add lr times the difference between target and entry."),
        Mistake("no-discount", {TARGET: "reward + q[next_state].max()"}, "γ is missing."),
        Mistake("discounts-reward", {TARGET: "gamma * (reward + q[next_state].max())"},
                "The reward is discounted too. It comes now; only what follows is multiplied by γ."),
        Mistake("wrong-sign", {MOVE: "lr * (q[state, action] - target)"},
                "The entry moves away from the target: the difference has the wrong sign."),
        Mistake("swapped", {"q[state, action] += ": "q[next_state, action] += "},
                "The entry of the next state is changed. It is the step just taken that has been learned about."),
        Mistake("entry-only", {"return q": "return q[state, action]"},
                "It returns the new entry. Return the whole table."),
        Mistake("writes-input", {"q = q.copy()": "q = q"}),
    ),
    right=(
        lambda q, s, a, r, t, done, lr, g: np.where(
            np.outer(np.arange(len(q)) == s, np.arange(q.shape[1]) == a),
            (1 - lr) * q + lr * (r + (not done) * g * q[t].max()), q),
        lambda q, s, a, r, t, done, lr, g: np.array([[v + lr * ((r if done else r + g * max(q[t])) - v)
                                                      if (i, j) == (s, a) else v for j, v in enumerate(row)]
                                                     for i, row in enumerate(q)]),
    ),
    hints=(
        "First the target: the reward, and unless it is over, γ times the best value of the next state.",
        "The entry moves towards the target by the share lr of the distance.",
        "q = q.copy(); q[state, action] += lr * (target - q[state, action]).",
    ),
    minutes=12,
    difficulty=2,
    claims=("S3-8.1-rl",),
)  # fmt: skip
