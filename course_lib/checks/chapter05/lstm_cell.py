"""5.1 One step of an LSTM."""

import numpy as np

from course_lib import recurrent

from ..spec import Exercise, Mistake, numbers


def lstm_cell(x, h, c, w, u, b):
    """One step of an LSTM: x (D,), h and c (H,), w (4H, D), u (4H, H), b (4H,); returns the new (h, c)."""
    a = w @ x + u @ h + b
    i, f, g, o = np.split(a, 4)
    c = 1 / (1 + np.exp(-f)) * c + 1 / (1 + np.exp(-i)) * np.tanh(g)
    return 1 / (1 + np.exp(-o)) * np.tanh(c), c


def reference(x, h, c, w, u, b):
    """The library's LSTM, one sequence of one step."""
    y = recurrent.lstm(*(np.asarray(a, float) for a in (x[None, None], h[None], c[None], w, u, b)))
    return y[1, 0], y[2, 0]


def cases(rng):
    """One to three inputs and states."""
    for d, n in ((1, 1), (2, 1), (1, 2), (2, 3), (3, 2)):
        yield tuple(numbers(rng, *s, scale=1.0) for s in ((d,), (n,), (n,), (4 * n, d), (4 * n, n), (4 * n,)))


def sigmoid(a):
    """By way of tanh."""
    return 0.5 * (1 + np.tanh(a / 2))


def by_slices(x, h, c, w, u, b):
    """The same, gate by gate."""
    n = len(h)
    gate = [w[k * n : (k + 1) * n] @ x + u[k * n : (k + 1) * n] @ h + b[k * n : (k + 1) * n] for k in range(4)]
    new = sigmoid(gate[1]) * c + sigmoid(gate[0]) * np.tanh(gate[2])
    return [sigmoid(gate[3]) * np.tanh(new), new]


CELL = "1 / (1 + np.exp(-f)) * c + 1 / (1 + np.exp(-i)) * np.tanh(g)"
OUT = "1 / (1 + np.exp(-o)) * np.tanh(c), c"

EXERCISE = Exercise(
    id="5.1",
    title="One step of an LSTM",
    answer=lstm_cell,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1.0]), np.array([0.5]), np.array([2.0]), np.array([[0.5], [1.0], [-1.0], [0.3]]),
         np.array([[0.2], [-0.4], [0.6], [1.5]]), np.array([0.1, -0.2, 0.3, 0.7])),
        (np.array([0.0]), np.array([0.0]), np.array([1.0]), np.zeros((4, 1)), np.zeros((4, 1)),
         np.array([-30.0, 30.0, 0.0, 30.0])),  # all kept, nothing let in
        (np.array([0.0]), np.array([0.0]), np.array([5.0]), np.zeros((4, 1)), np.zeros((4, 1)),
         np.array([30.0, -30.0, 1.0, 0.0])),  # all forgotten
    ),
    mistakes=(
        Mistake("order", {"i, f, g, o": "i, f, o, g"},
                "The rows of w, u and b belong to i, f, g, o in this order (PyTorch's): the candidate g comes third."),
        Mistake("forget-and-input", {"i, f, g, o": "f, i, g, o"},
                "The input gate and the forget gate have changed places: the first block of rows is i, the second f."),
        Mistake("no-forgetting", {CELL: "c + 1 / (1 + np.exp(-i)) * np.tanh(g)"},
                "The old cell is kept whole. The forget gate multiplies it: f ⊙ c."),
        Mistake("no-input-gate", {CELL: "1 / (1 + np.exp(-f)) * c + np.tanh(g)"},
                "The candidate is let in whole. The input gate multiplies it: i ⊙ g."),
        Mistake("sigmoid-candidate", {"np.tanh(g)": "1 / (1 + np.exp(-g))"},
                "The candidate goes through tanh, not through a sigmoid: it must be able to be negative."),
        Mistake("old-cell", lambda x, h, c, w, u, b: (
            sigmoid(np.split(w @ x + u @ h + b, 4)[3]) * np.tanh(c), lstm_cell(x, h, c, w, u, b)[1]),
                "h is made from the old cell. Update c first: h = o ⊙ tanh(new c)."),
        Mistake("no-tanh", {"np.tanh(c), c": "c, c"}, "The output is o ⊙ tanh(c); the tanh is missing."),
        Mistake("no-output-gate", {OUT: "np.tanh(c), c"}, "The output gate is missing: h = o ⊙ tanh(c)."),
        Mistake("state-left-out", {"w @ x + u @ h + b": "w @ x + b"},
                "The old state h is not used. Every gate sees x and h: w x + u h + b."),
        Mistake("no-bias", {"w @ x + u @ h + b": "w @ x + u @ h"}, "The bias b is missing."),
        Mistake("linear-candidate", {"np.tanh(g)": "g"}, "The candidate is g = tanh(a_g); the tanh is missing."),
    ),
    right=(by_slices, lambda x, h, c, w, u, b: tuple(np.array(part) for part in by_slices(x, h, c, w, u, b))),
    hints=(
        "All four gates come from one vector a = w x + u h + b of length 4H.",
        "Cut a into i, f, g, o. i, f, o go through a sigmoid, g through tanh.",
        "c = f ⊙ c + i ⊙ g, then h = o ⊙ tanh(c). Return both.",
    ),
    minutes=15,
    difficulty=2,
    claims=("S0-5.2-parameters",),
    returns=("h", "c"),
)
