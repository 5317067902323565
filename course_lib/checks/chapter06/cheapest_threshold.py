"""6.7 A threshold from costs."""

import numpy as np

from course_lib.topics import risk

from ..spec import Exercise, Mistake


def cheapest_threshold(score, y, false_alarm, missed):
    """The t, of infinity and the scores, for which calling score ≥ t bad costs least; the largest of equals.

    y is 1 for bad; a case of y = 0 called bad costs false_alarm, one of y = 1 not called costs missed.
    """
    candidates = [np.inf, *np.sort(score)[::-1]]
    costs = []
    for t in candidates:
        called = score >= t
        costs.append(false_alarm * (called & (y == 0)).sum() + missed * (~called & (y == 1)).sum())
    return candidates[int(np.argmin(costs))]


def cases(rng):
    """Scores that have something to do with the label; whole-number costs, so that equal costs are equal."""
    for n in (3, 4, 5, 6, 8, 10):
        y = rng.integers(0, 2, n)
        score = (rng.integers(0, 8, n) + 2 * y) / 10
        yield score, y, 1, 3
        yield score, 1 - y, 2, 1
        yield score, y, 1, 1


T, COST = "called = score >= t", "false_alarm * (called & (y == 0)).sum() + missed * (~called & (y == 1)).sum()"

EXERCISE = Exercise(
    id="6.7",
    title="A threshold from costs",
    answer=cheapest_threshold,
    reference=risk.cheapest_threshold,
    cases=cases,
    edges=(
        (np.array([0.5]), np.array([1]), 1, 1),
        (np.array([0.5]), np.array([0]), 1, 1),
        (np.array([0.2, 0.6]), np.array([0, 1]), 1, 1),
        (np.array([0.6, 0.2]), np.array([0, 1]), 1, 1),
        (np.array([0.6, 0.2]), np.array([0, 1]), 1, 5),
        (np.array([0.6, 0.2]), np.array([0, 1]), 5, 1),
        (np.array([0.1, 0.4, 0.6, 0.8]), np.array([0, 1, 0, 1]), 1, 2),
        (np.array([0.1, 0.4, 0.6, 0.8]), np.array([0, 1, 0, 1]), 2, 1),
        (np.array([0.1, 0.4, 0.4, 0.8]), np.array([0, 1, 0, 0]), 1, 10),
        (np.array([0.4, 0.6, 0.8]), np.array([1, 0, 1]), 1, 1),  # two equally cheap
        (np.array([-3.25, 12.5]), np.array([0, 1]), 1, 1),  # scores need not be probabilities
    ),
    mistakes=(
        Mistake("costs-swapped", {"false_alarm * (": "missed * (", "missed * (~": "false_alarm * (~"},
                "The two costs have changed places: a false alarm is a good case (0) called bad."),
        Mistake("labels-swapped", {COST: "false_alarm * (called & (y == 1)).sum() + missed * (~called & "
                                         "(y == 0)).sum()"},
                "Good and bad have changed places: y is 1 for a bad case."),
        Mistake("strict", {"score >= t": "score > t"},
                "It calls score > t bad, so the case at the threshold itself is let through. Use ≥."),
        Mistake("costs-ignored", {COST: "(called & (y == 0)).sum() + (~called & (y == 1)).sum()"},
                "It counts errors. Each kind has its own price: multiply before adding."),
        Mistake("always-call", {"[np.inf, *np.sort(score)[::-1]]": "[*np.sort(score)[::-1]]"},
                "Calling nothing bad is a choice too, and the cheapest where alarms are dear: try t = infinity."),
        Mistake("never-infinity", {"np.inf": "1.0"},
                "1.0 stands for \"call nothing bad\". Return np.inf for that; 1.0 may be a score."),
        Mistake("textbook", lambda s, y, a, m: a / (a + m),
                "a / (a + m) is right for calibrated probabilities. These are any scores: try all of them."),
        Mistake("smallest-of-equal", {"np.sort(score)[::-1]]": "np.sort(score)[::-1]][::-1]"},
                "Of equally cheap thresholds it returns the smallest. Take the largest: fewer cases are called bad."),
        Mistake("dearest", {"np.argmin": "np.argmax"}, "This is the threshold that costs most."),
        Mistake("returns-cost", {"candidates[int(np.argmin(costs))]": "min(costs)"},
                "It returns the cost. The threshold is asked for."),
        Mistake("returns-position", {"candidates[int(np.argmin(costs))]": "int(np.argmin(costs))"},
                "It returns a position in the list of candidates. Return the candidate."),
        Mistake("misses-only", {COST: "missed * (~called & (y == 1)).sum()"},
                "False alarms cost nothing here, so it calls too many bad."),
        Mistake("alarms-only", {COST: "false_alarm * (called & (y == 0)).sum()"},
                "Missed cases cost nothing here, so it never calls one bad."),
        Mistake("reversed-decision", {"score >= t": "score <= t"}, "It calls *low* scores bad."),
    ),
    right=(
        lambda s, y, a, m: max([np.inf, *s.tolist()],
                               key=lambda t: (-(a * ((s >= t) & (y == 0)).sum() + m * ((s < t) & (y == 1)).sum()), t)),
        lambda s, y, a, m: min((float(a * np.sum((s >= t) & (y < 1)) + m * np.sum((s < t) & (y > 0))), -t)
                               for t in [np.inf, *s])[1] * -1,
    ),
    hints=(
        "Compute the cost for every candidate, then take the cheapest.",
        "Candidates: infinity (nothing is called bad) and every score. Sorted from high to low, "
        "the first minimum is the largest.",
        "cost = false_alarm·(called & y == 0).sum() + missed·(~called & y == 1).sum(); np.argmin picks the first.",
    ),
    minutes=15,
    difficulty=2,
    claims=("S4-6.5-risk", "S2-6.4-automated-decisions"),
)
