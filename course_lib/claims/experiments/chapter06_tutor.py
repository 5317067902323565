"""Tutoring: simulated learners, and marks."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.topics import tutor


def mastery():
    """Exercises until a tutor believes six skills mastered; and is it right, if learners guess more than it thinks?"""
    items = {order: tutor.practise(order, learners=80)["items"] for order in ("adaptive", "random")}
    saved = items["random"].mean() - items["adaptive"].mean()
    spread = np.sqrt(sum(i.var() / len(i) for i in items.values()))
    believed = {g: float(tutor.practise("adaptive", learners=80, true_guess=g)["truly"].mean()) for g in (0.2, 0.5)}
    return Evidence(
        f"80 simulated learners: {items['adaptive'].mean():.0f} exercises where the tutor chooses, "
        f"{items['random'].mean():.0f} at random; of the skills it calls mastered {believed[0.2]:.0%} are, but "
        f"{believed[0.5]:.0%} if learners guess more often than it believes.",
        said={"personal choice saves exercises": saved > 3 * spread},
        gap={"its judgement is only as good as its model of the learner": believed[0.5] < believed[0.2] - 0.08},
        right={"with the right model most of what it calls mastered is": believed[0.2] > 0.9},
        numbers={"items": np.round([i.mean() for i in items.values()]), "truly": np.round([*believed.values()], 2)},
    )


def marking():
    """600 made-up short answers, marked by a model of words, and by one that gives everybody the same mark."""
    found = tutor.mark_answers()
    (accuracy, kappa), (base, chance) = found["words"], found["majority"]
    turned = found["words, turned round"][0]
    return Evidence(
        f"agreement with the true marks: words {accuracy:.2f} (κ {kappa:.2f}), the most frequent mark for everybody "
        f"{base:.2f} (κ {chance:.2f}); on answers turned round by “it is not true that” {turned:.2f}.",
        said={"answers are marked": accuracy > 0.85},
        gap={"agreement alone flatters whoever marks all alike": base > 0.5 and abs(chance) < 0.01},
        right={"κ is 0 for that and high for a marker that reads": kappa > 0.6},
        numbers={"words": round(accuracy, 2), "kappa": round(kappa, 2), "majority": round(base, 2)},
    )
