"""3.5 Inverted dropout."""

import numpy as np

from course_lib import normalization

from ..spec import Exercise, Mistake, numbers


def dropout(x, p, u, training):
    """Each x is dropped where its u is below p, and the survivors divided by 1 - p; outside training x itself."""
    if not training:
        return x.copy()
    return np.where(u >= p, x / (1 - p), 0.0)


class Drawn:
    """A generator whose random numbers are given."""

    def __init__(self, u):
        self.u = u

    def random(self, shape, dtype=None):
        return self.u.reshape(shape)


def reference(x, p, u, training):
    """The library's, on the given random numbers."""
    return np.array(normalization.dropout(x, p, training, Drawn(u)))


def cases(rng):
    """Small and large p, in training and outside."""
    for n, p in ((1, 0.5), (2, 0.5), (3, 0.2), (4, 0.5), (5, 0.9)):
        yield numbers(rng, n) + 0.05, p, rng.random(n).round(2), True
    yield numbers(rng, 3, 4) + 0.05, 0.25, rng.random((3, 4)).round(2), True
    yield numbers(rng, 2, 3) + 0.05, 0.5, rng.random((2, 3)).round(2), False


def in_place(x, p, u, training):
    """Right, but x is overwritten."""
    if training:
        x[u < p] = 0
        x /= 1 - p
    return x


KEEP, SCALE = "u >= p", "x / (1 - p)"

EXERCISE = Exercise(
    id="3.5",
    title="Inverted dropout",
    answer=dropout,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([2.0, 4.0]), 0.5, np.array([0.2, 0.7]), True),
        (np.array([2.0, 4.0]), 0.2, np.array([0.2, 0.1]), True),  # u equal to p survives
        (np.array([1.0, -3.0]), 0.75, np.array([0.8, 0.3]), True),
        (np.array([1.0, -3.0]), 0.75, np.array([0.8, 0.3]), False),
        (np.array([1e4, -1e4]), 0.0, np.array([0.0, 0.9]), True),
    ),
    mistakes=(
        Mistake("not-scaled", {SCALE: "x"},
                "Survivors are not divided by 1 - p, so the mean output in training is smaller than x, and the next "
                "layer sees something else when dropout is off."),
        Mistake("scaled-when-predicting", {SCALE: "x", "return x.copy()": "return x * (1 - p)"},
                "This is the original form, which multiplies by 1 - p when predicting. Inverted dropout divides in "
                "training and leaves prediction alone."),
        Mistake("keeps-p", {KEEP: "u < p", SCALE: "x / p if p else x"},
                "p is taken for the probability of keeping. It is that of dropping: keep where u is at least p, divide "
                "by 1 - p."),
        Mistake("wrong-side", {KEEP: "u < p"}, "It keeps what should be dropped, and drops what should be kept."),
        Mistake("divided-by-p", {SCALE: "x / p if p else x"},
                "Survivors are divided by p; divide by 1 - p, the share kept."),
        Mistake("multiplied", {SCALE: "x * (1 - p)"},
                "Survivors are multiplied by 1 - p. They must become larger: divide."),
        Mistake("always-on", {"return x.copy()": "return np.where(u >= p, x / (1 - p), 0.0)"},
                "It drops outside training too. Predictions would change from one call to the next."),
        Mistake("scaled-outside", {"return x.copy()": "return x / (1 - p)"},
                "Outside training nothing is dropped, so nothing needs to be made up for: return x."),
        Mistake("multiplied-outside", {"return x.copy()": "return x * (1 - p)"},
                "Divided in training and multiplied when predicting: it makes up twice. Outside training return x."),
        Mistake("other-end", {KEEP: "u < 1 - p"},
                "It keeps where u < 1 - p: as often, but not the agreed ones. x is dropped where u is below p."),
        Mistake("never-on", {"np.where(u >= p, x / (1 - p), 0.0)": "x.copy()"}, "Nothing is ever dropped."),
        Mistake("strict", {KEEP: "u > p"},
                "A u that is equal to p survives: u ≥ p. With p = 0 nothing may be dropped."),
        Mistake("mask-only", {"np.where(u >= p, x / (1 - p), 0.0)": "np.where(u >= p, 1.0, 0.0)"},
                "It returns the mask; multiply it with x."),
        Mistake("counted", {SCALE: "x * u.size / max(np.sum(u >= p), 1)"},
                "It divides by the share that happened to be kept. Divide by 1 - p, the expected share: the same "
                "number "
                "whatever was drawn."),
        Mistake("writes-input", in_place),
    ),
    right=(
        lambda x, p, u, training: x * (u >= p) / (1 - p) if training else x + 0.0,
        lambda x, p, u, training: np.multiply(x, ~(u < p) / (1 - p)) if training else np.array(x),
    ),
    hints=(
        "Two questions: which elements survive, and by how much are they enlarged so that the mean stays?",
        "A share 1 - p survives. For the expectation to be x, survivors become x / (1 - p).",
        "np.where(u >= p, x / (1 - p), 0) in training, x otherwise.",
    ),
    minutes=8,
    difficulty=2,
    claims=("S3-3.1-regularisation",),
)
