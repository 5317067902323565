"""Rare events, decisions from costs, and control that learns by failing."""

import numpy as np

from course_lib import metrics
from course_lib.claims.evidence import Evidence
from course_lib.topics import risk

GRID = np.array([[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, 1, 1, 0]])  # start lower left, goal lower right, 1 a cliff
MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1))
LEARNING_RATE = 0.5


def rare():
    """Three sets of synthetic cases, about 1 % bad: logistic regression."""
    rows = np.array([_judge(*_scores(seed)) for seed in range(3)])
    accuracy, trivial, recall, ap, base, saved = rows.mean(0)
    return Evidence(
        f"accuracy {accuracy:.3f}, calling nobody bad {trivial:.3f}; at ½ the model finds {recall:.0%} of the bad; "
        f"average precision {ap:.2f} (random {base:.3f}; sets from {rows[:, 3].min():.2f} to {rows[:, 3].max():.2f}); "
        f"a threshold from costs saves {saved:.0%}.",
        said={"the scores are better than chance": ap > 10 * base},
        gap={
            "accuracy hardly differs from doing nothing": accuracy - trivial < 0.01,
            "and most of the bad are missed at ½": recall < 0.5,
        },
        right={"the threshold follows from the costs": saved > 0.1 and rows[:, 5].min() > 0},
        numbers={"accuracy": round(accuracy, 3), "trivial": round(trivial, 3), "recall": round(recall, 2),
                 "AP": round(ap, 2)},
    )  # fmt: skip


def decisions():
    """An order from a forecast's mean and from costs; a credit score in two groups."""
    rng = np.random.default_rng(0)
    past, future = rng.gamma(4, 25, 400), rng.gamma(4, 25, 4000)
    loss = lambda q: float((9 * np.maximum(future - q, 0) + np.maximum(q - future, 0)).mean())  # noqa: E731
    mean, quantile = loss(past.mean()), loss(risk.order_quantity(past, 9, 1))
    score, y, group = _scores(0)
    called = score >= risk.cheapest_threshold(score, y, 1, 30)
    alarms = [row[4] for row in risk.fairness_table(called, y, group)]
    return Evidence(
        f"a piece short costs 9, a piece left 1: ordering the expected demand loses {mean:.0f} a day, ordering its 90 "
        f"% quantile {quantile:.0f}; one credit threshold wrongly stops {alarms[0]:.1%} of one group and "
        f"{alarms[1]:.1%} of the other.",
        said={"a score separates good from bad": metrics.roc_auc(score, y) > 0.7},
        gap={
            "a forecast is not yet a decision: the mean is the wrong order": mean > 1.3 * quantile,
            "one threshold treats two groups unequally": alarms[1] > 1.3 * alarms[0],
        },
        right={"the quantile of the costs is the cheapest order": quantile <= min(map(loss, range(0, 400, 5))) * 1.02},
        numbers={"mean": round(mean), "quantile": round(quantile), "false alarms": np.round(alarms, 3)},
    )


def control():
    """A cliff walk learnt by trial and error: the final path is the shortest safe one; the falls come before."""
    q, falls = np.zeros((*GRID.shape, 4)), []
    rng = np.random.default_rng(0)
    for _ in range(300):
        falls.append(_episode(q, rng))
    length = _walk(q)
    late = sum(falls[-100:])
    return Evidence(
        f"after 300 walks the learnt path has {length} steps, the shortest that there is; on the way it fell "
        f"{sum(falls)} times, {late} of them in the last 100 walks.",
        said={"it learns to drive the course": length == 6},
        gap={"learning costs falls, which no street allows": sum(falls) > 20,
             "and exploring goes on falling": late > 0},
        right={"shortest path, by counting: 6 steps": length == 6},
        numbers={"steps": length, "falls": sum(falls)},
    )  # fmt: skip


def _scores(seed):
    """Score, label and group of the last 9,000 cases, by a model taught on the first 9,000."""
    from sklearn.linear_model import LogisticRegression

    cases = risk.make_cases(18_000, seed)
    half = 9_000
    model = LogisticRegression(max_iter=500).fit(cases.x[:half], cases.y[:half])
    return model.predict_proba(cases.x[half:])[:, 1], cases.y[half:], cases.group[half:]


def _judge(score, y, group):
    at_half = (score >= 0.5).astype(int)
    first, second = slice(0, 4500), slice(4500, None)  # the threshold is chosen on one half, judged on the other
    t = risk.cheapest_threshold(score[first], y[first], 1, 30)
    costs = [risk.total_cost(score[second], y[second], threshold, 1, 30) for threshold in (t, 0.5)]
    return (metrics.accuracy(at_half, y), 1 - y.mean(), metrics.recall(at_half, y), risk.average_precision(score, y),
            y.mean(), 1 - costs[0] / costs[1])  # fmt: skip


def _step(state, action):
    """New state, reward, whether it fell."""
    row, column = (min(max(s + d, 0), n - 1) for s, d, n in zip(state, MOVES[action], GRID.shape, strict=True))
    return ((2, 0), -100, True) if GRID[row, column] else ((row, column), -1, False)


def _episode(q, rng):
    """One walk of Q-learning (Watkins & Dayan, Machine Learning 8, 1992) with one random step in ten; counts falls."""
    state, falls = (2, 0), 0
    for _ in range(100):
        action = int(rng.integers(4)) if rng.random() < 0.1 else int(q[state].argmax())
        new, reward, fell = _step(state, action)
        future = 0 if new == (2, 4) else q[new].max()
        q[state][action] += LEARNING_RATE * (reward + future - q[state][action])
        state, falls = new, falls + fell
        if state == (2, 4):
            break
    return falls


def _walk(q):
    state = (2, 0)
    for steps in range(1, 30):
        state, _, _ = _step(state, int(q[state].argmax()))
        if state == (2, 4):
            return steps
    return 30
