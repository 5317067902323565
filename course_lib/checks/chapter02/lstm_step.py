"""2.2 One step of an LSTM."""

import numpy as np

from course_lib import recurrent

from ..spec import Exercise, Mistake, numbers


def lstm_step(x, h, c, w_ih, w_hh, b):
    """The new (h, c) of an LSTM; x (in,), h and c (H,), w_ih (4H, in), w_hh (4H, H), b (4H,), gates i, f, g, o."""
    i, f, g, o = np.split(w_ih @ x + w_hh @ h + b, 4)
    i, f, o = (0.5 + 0.5 * np.tanh(0.5 * gate) for gate in (i, f, o))  # the sigmoid, without overflow
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def reference(x, h, c, w_ih, w_hh, b):
    """The library's LSTM over a sequence of length 1."""
    y = recurrent.lstm(x[None, None], h[None], c[None], w_ih, w_hh, b)
    return y[1, 0], y[2, 0]


def cases(rng):
    """Small states, and a state that is under way."""
    for n, size in ((1, 1), (2, 1), (1, 2), (3, 2), (2, 3)):
        yield (numbers(rng, n, scale=1), numbers(rng, size, scale=1), numbers(rng, size, scale=1),
               numbers(rng, 4 * size, n, scale=1), numbers(rng, 4 * size, size, scale=1),
               numbers(rng, 4 * size, scale=1))


def written_out(x, h, c, w_ih, w_hh, b):
    """Gate by gate."""
    size = len(h)
    part = lambda k: slice(k * size, (k + 1) * size)  # noqa: E731
    z = lambda k: w_ih[part(k)].dot(x) + w_hh[part(k)].dot(h) + b[part(k)]  # noqa: E731
    sigmoid = lambda v: np.exp(-np.logaddexp(0, -v))  # noqa: E731
    new = sigmoid(z(1)) * c + sigmoid(z(0)) * np.tanh(z(2))
    return sigmoid(z(3)) * np.tanh(new), new


def in_place(x, h, c, w_ih, w_hh, b):
    """Right, but the old state is overwritten."""
    h_new, c_new = lstm_step(x, h, c, w_ih, w_hh, b)
    c[...] = c_new
    return h_new, c_new


SPLIT, CELL, OUT = "i, f, g, o = np.split", "f * c + i * np.tanh(g)", "return o * np.tanh(c), c"
ONES = np.ones(1)
GATES = np.array([[1.0], [2.0], [3.0], [-1.0]])

EXERCISE = Exercise(
    id="2.2",
    title="One step of an LSTM",
    answer=lstm_step,
    reference=reference,
    cases=cases,
    edges=(
        (ONES, np.zeros(1), np.zeros(1), GATES, GATES, np.zeros(4)),
        (ONES, 0.5 * ONES, 2 * ONES, GATES, -GATES, np.array([0.1, 0.2, 0.3, 0.4])),
        (1e4 * ONES, ONES, ONES, GATES, GATES, np.zeros(4)),
        (-1e4 * ONES, ONES, ONES, GATES, GATES, np.zeros(4)),
        (np.zeros(2), np.zeros(2), np.array([1.0, -2.0]), np.ones((8, 2)), np.ones((8, 2)), np.arange(8.0) - 3),
    ),
    mistakes=(
        Mistake("gate-order-ifog", {SPLIT: "i, f, o, g = np.split"},
                "The blocks are taken as i, f, o, g. PyTorch's order, and ours, is i, f, g, o."),
        Mistake("gate-order-figo", {SPLIT: "f, i, g, o = np.split"},
                "Input and forget gate are swapped. The order is i, f, g, o."),
        Mistake("forgets-nothing", {CELL: "c + i * np.tanh(g)"},
                "The old cell state is kept whole: the forget gate must multiply it, f ⊙ c."),
        Mistake("forgets-all", {CELL: "i * np.tanh(g)"}, "The old cell state is lost: c = f ⊙ c + i ⊙ tanh g."),
        Mistake("one-minus-f", {CELL: "(1 - i) * c + i * np.tanh(g)"},
                "That is the GRU's rule, with 1 - i in place of a forget gate. An LSTM has a gate f of its own."),
        Mistake("no-input-gate", {CELL: "f * c + np.tanh(g)"}, "The input gate is missing: i ⊙ tanh g."),
        Mistake("no-tanh-g", {CELL: "f * c + i * g"}, "The candidate needs its tanh: i ⊙ tanh g."),
        Mistake("sigmoid-g", {CELL: "f * c + i * (0.5 + 0.5 * np.tanh(0.5 * g))"},
                "The candidate g goes through tanh, not through the sigmoid: it must be able to be negative."),
        Mistake("no-tanh-out", {OUT: "return o * c, c"}, "The output is o ⊙ tanh c; the tanh is missing."),
        Mistake("no-output-gate", {OUT: "return np.tanh(c), c"}, "The output gate is missing: h = o ⊙ tanh c."),
        Mistake("no-state", {" + w_hh @ h": ""},
                "The previous h is not used: without it there is no memory in the gates."),
        Mistake("no-bias", {" + b, 4": ", 4"}, "The bias b is missing."),
        Mistake("swapped", {OUT: "return c, o * np.tanh(c)"}, "The two are swapped: return h, c."),
        Mistake("h-only", {OUT: "return o * np.tanh(c)"},
                "It returns h alone. The next step needs c too: return h, c."),
        Mistake("naive-sigmoid", {"0.5 + 0.5 * np.tanh(0.5 * gate)": "np.exp(gate) / (1 + np.exp(gate))"},
                "exp overflows for a large gate, and inf/inf is nan. Write σ(z) as ½ + ½ tanh(z/2)."),
        Mistake("tanh-gates", {"0.5 + 0.5 * np.tanh(0.5 * gate)": "np.tanh(gate)"},
                "The gates go through tanh. A gate lets a share between 0 and 1 pass: use the sigmoid."),
        Mistake("old-cell-out", lambda *args: (_with_old_cell(*args), lstm_step(*args)[1]),
                "The output is computed from the old cell state. Update c first."),
        Mistake("writes-input", in_place),
    ),
    right=(written_out, lambda x, h, c, w, u, b: list(written_out(x, h, c, w, u, b))),
    hints=(
        "First one vector of length 4H: w_ih @ x + w_hh @ h + b. Then np.split it into four.",
        "i, f and o go through the sigmoid, g through tanh. The new c keeps the share f of the old one.",
        "c = f * c + i * tanh(g); h = o * tanh(c). For large numbers σ(z) = 0.5 + 0.5 * tanh(z / 2).",
    ),
    minutes=15,
    difficulty=3,
    claims=("S4-2.1-rnn",),
    returns=("h", "c"),
)  # fmt: skip


def _with_old_cell(x, h, c, w, u, b):
    o = np.split(w @ x + u @ h + b, 4)[3]
    return (0.5 + 0.5 * np.tanh(0.5 * o)) * np.tanh(c)
