"""6.1 Coverage and accuracy of a system that may abstain."""

import numpy as np

from course_lib.topics import faq

from ..spec import Exercise, Mistake


def selective(score, correct, threshold):
    """(share of questions with score ≥ threshold, share of right ones among these or nan if there are none)."""
    answered = score >= threshold
    accuracy = correct[answered].mean() if answered.any() else np.nan
    return answered.mean(), accuracy


def cases(rng):
    """One question to nine; the threshold is one of the scores."""
    for n in (2, 3, 4, 5, 7, 9):
        score = rng.integers(1, 9, n) / 10
        yield score, rng.integers(0, 2, n), float(rng.choice(score))
        yield rng.permutation(n) / 10, (np.arange(n) % 2), 0.1


ANSWERED, RIGHT = "score >= threshold", "correct[answered].mean()"

EXERCISE = Exercise(
    id="6.1",
    title="Coverage and accuracy",
    answer=selective,
    reference=faq.selective,
    cases=cases,
    edges=(
        (np.array([0.5]), np.array([1]), 0.5),
        (np.array([0.5]), np.array([1]), 0.6),
        (np.array([0.1, 0.9, 0.4]), np.array([0, 1, 1]), 0.4),
        (np.array([0.3, 0.9, 0.9, 0.7]), np.array([1, 0, 1, 1]), 0.7),
        (np.array([0.3, 0.9, 0.6, 0.7, 0.2]), np.array([1, 0, 1, 1, 0]), -1e4),
    ),
    mistakes=(
        Mistake("strict", {">=": ">"},
                "A score exactly at the threshold is answered: use ≥. With > these questions go to a human."),
        Mistake("other-side", {">=": "<="}, "It answers where the score is low. High scores are the sure ones."),
        Mistake("over-all", {RIGHT: "correct[answered].sum() / len(correct)"},
                "The right answers are divided by all questions. Accuracy is counted among the answered ones; this is "
                "accuracy times coverage."),
        Mistake("abstaining-ignored", {RIGHT: "correct.mean()"},
                "The accuracy is that of all questions, as if nothing were handed over: select the answered ones."),
        Mistake("of-the-refused", {RIGHT: "(correct[~answered].mean() if (~answered).any() else np.nan)"},
                "This is the accuracy among those that were *not* answered."),
        Mistake("count", {"return answered.mean()": "return answered.sum()"},
                "Coverage is a share: divide the number of answered questions by the number of all."),
        Mistake("escalation", {"return answered.mean()": "return 1 - answered.mean()"},
                "This is the escalation rate, the share handed to a human. Coverage is the share answered."),
        Mistake("nothing-is-zero", {"np.nan": "0.0"},
                "With no question answered there is no accuracy: return nan. A 0 would say that all were wrong."),
        Mistake("nothing-is-perfect", {"np.nan": "1.0"},
                "With no question answered there is no accuracy: return nan. A 1 would reward a silent system."),
        Mistake("both-together", {RIGHT: "((score >= threshold) == correct).mean()"},
                "It counts the refusals of wrong answers as right too. Accuracy looks at answered questions only."),
        Mistake("wrong-order", lambda s, c, t: ((c[s >= t].mean() if (s >= t).any() else np.nan), (s >= t).mean())),
    ),
    right=(
        lambda s, c, t: (sum(s >= t) / len(s), sum(c * (s >= t)) / sum(s >= t) if max(s) >= t else float("nan")),
        lambda s, c, t: [float(np.mean(s >= t)), float(np.average(c, weights=s >= t)) if (s >= t).any() else np.nan],
    ),
    hints=(
        "First a mask: which questions are answered?",
        "The mean of a mask is a share. The accuracy is the mean of `correct` under the mask.",
        "answered = score >= threshold; coverage answered.mean(); accuracy correct[answered].mean(), or nan if empty.",
    ),
    minutes=8,
    difficulty=1,
    claims=("S0-6.1-customer-service", "S1-6.1-customer-service"),
    returns=("coverage", "accuracy"),
)
