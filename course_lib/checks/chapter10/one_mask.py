"""10.4 One mask for all time steps."""

import numpy as np

from course_lib import normalization

from ..spec import Exercise, Mistake, numbers


def one_mask(x, u, p):
    """Dropout of x (T, N, D): where u (N, D) lies below p, 0 at every step; elsewhere x over the share that is kept."""
    return x * (u >= p) / (1 - p)


class Drawn:
    """A generator that draws what it was given."""

    def __init__(self, u):
        self.u = u

    def random(self, shape, dtype=float):
        """Return u in this shape, unrounded: the comparison with p is then the same."""
        return self.u.reshape(shape)


def reference(x, u, p):
    """The library's, with u for what it draws."""
    return normalization.variational_dropout.rule(np.asarray(x, float), p, rng=Drawn(u))[0]


def cases(rng):
    """Sequences of several shapes."""
    for shape, p in (((2, 1, 2), 0.5), ((3, 2, 2), 0.5), ((2, 3, 4), 0.2), ((4, 4, 4), 0.25), ((5, 2, 3), 0.75)):
        yield numbers(rng, *shape), rng.random(shape[1:]).round(2), p


X = np.arange(1.0, 9.0).reshape(2, 2, 2)
U = np.array([[0.1, 0.6], [0.5, 0.4]])

EXERCISE = Exercise(
    id="10.4",
    title="One mask for all time steps",
    answer=one_mask,
    reference=reference,
    cases=cases,
    edges=((X, U, 0.5), (X, U, 0.0), (X, U, 0.45), (X[:1], U, 0.2), (X, np.zeros((2, 2)), 0.9), (X * 1e6, U, 0.2)),
    mistakes=(
        Mistake("not-scaled", {" / (1 - p)": ""},
                "What is kept must grow by 1 / (1 - p), so that the mean stays what it was."),
        Mistake("scaled-by-p", {"/ (1 - p)": "/ max(p, 1e-9)"},
                "It divides by the share that is dropped. Divide by the share that is kept, 1 - p."),
        Mistake("share-of-mask", {"/ (1 - p)": "/ max((u >= p).mean(), 1e-9)"},
                "It divides by the share that this mask happens to keep. Divide by 1 - p."),
        Mistake("scaled-down", {"/ (1 - p)": "* (1 - p)"},
                "It makes the rest smaller. That is what the old form did at test time; here, divide."),
        Mistake("inverted", {"u >= p": "u < p"}, "It keeps what should be dropped: u < p is dropped."),
        Mistake("boundary", {"u >= p": "u > p"}, "Where u equals p the number is kept: u >= p."),
        Mistake("mask-alone", {"x * ": "np.ones_like(x) * "}, "These are the factors. Multiply x by them."),
        Mistake("first-step-only", lambda x, u, p: np.concatenate([x[:1] * (u >= p) / (1 - p), x[1:]]),
                "Only the first step is masked. The same mask is used at every step."),
        Mistake("new-masks", lambda x, u, p: np.stack(
            [x_t * (np.roll(u, t) >= p) / (1 - p) for t, x_t in enumerate(x)]),
                "Each step has another mask: this is dropout as it was before Gal and Ghahramani. Use the one mask."),
        Mistake("per-sample", lambda x, u, p: x * (u[:, :1] >= p) / (1 - p),
                "A whole sample is dropped or kept. The mask has an entry for each sample and each feature."),
        Mistake("shared-by-samples", lambda x, u, p: x * (u[0] >= p) / (1 - p),
                "All samples share the first one's mask. Every sample has its own, u[n]."),
        Mistake("no-dropout", lambda x, u, p: x + 0.0, "Nothing is dropped."),
    ),
    right=(
        lambda x, u, p: np.where(u[None] < p, 0.0, x / (1 - p)),
        lambda x, u, p: np.einsum("tnd,nd->tnd", x, (1 - (u < p)) * (1 / (1 - p))),
    ),
    hints=(
        "The mask has no time axis; NumPy's broadcasting repeats it for every step.",
        "Kept where u >= p; what is kept is divided by 1 - p.",
        "x * (u >= p) / (1 - p).",
    ),
    minutes=5,
    difficulty=1,
    claims=("S2-10-repeats",),
)  # fmt: skip
