"""4.5 Backwards through a linear layer."""

import numpy as np

from course_lib.autograd import Tensor

from ..spec import Exercise, Mistake, numbers


def linear_backward(x, w, g):
    """Gradients (dx, dw, db) of y = x @ w.T + b; x (N, in), w (out, in), and g = dL/dy (N, out)."""
    dx = g @ w  # (N, in)
    dw = g.T @ x  # (out, in)
    db = g.sum(axis=0)  # (out,)
    return dx, dw, db


def reference(x, w, g):
    """What the library's tape gives."""
    x, w = (Tensor(np.asarray(a, float), requires_grad=True) for a in (x, w))
    b = Tensor(np.zeros(w.shape[0]), requires_grad=True)
    (x @ w.T + b).backward(np.asarray(g, float))
    return x.grad, w.grad, b.grad


def cases(rng):
    """Shapes (N, in, out) with all different, then with some equal: a wrong transpose may fit there and not raise."""
    for n, i, o in ((1, 1, 2), (1, 2, 1), (2, 1, 1), (1, 3, 2), (2, 2, 2), (3, 2, 4), (3, 3, 3), (5, 3, 2)):
        yield numbers(rng, n, i), numbers(rng, o, i), numbers(rng, n, o)
    yield numbers(rng, 3, 2).T, numbers(rng, 3, 4).T, numbers(rng, 2, 4)


EXERCISE = Exercise(
    id="4.5",
    title="Backwards through a linear layer",
    answer=linear_backward,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[2.0]]), np.array([[3.0]]), np.array([[5.0]])),
        (np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]]), np.array([[1e4]])),
        (np.array([[1], [2]]), np.array([[3]]), np.array([[1], [-1]])),
    ),
    mistakes=(
        Mistake("dw-transposed", {"g.T @ x": "x.T @ g"},
                "dw has shape (in, out), the transpose of w: this is the article's A·δᵀ, which cannot be subtracted "
                "from "
                "W. A gradient always has the shape of what it belongs to: g.T @ x."),
        Mistake("dw-elementwise", {"g.T @ x": "(g * x).sum(axis=0)"},
                "dw is a product of numbers at the same place, summed. Every output has a weight for every input: "
                "g.T @ x, (out, N) @ (N, in)."),
        Mistake("dx-transposed", {"g @ w ": "g @ w.T "},
                "dx = g @ w.T does not fit unless w is square, and is wrong even then. Forward used w.T, so backward "
                "uses "
                "w: (N, out) @ (out, in) = (N, in)."),
        Mistake("dx-and-dw-transposed", {"g @ w ": "g @ w.T ", "g.T @ x": "x.T @ g"},
                "Both products have their transpose in the wrong place. Go by the shapes: dx is (N, in) = (N, out) @ "
                "(out, in), so g @ w; dw is (out, in) = (out, N) @ (N, in), so g.T @ x."),
        Mistake("averaged", {"g.T @ x": "g.T @ x / len(x)", "g.sum(axis=0)": "g.mean(axis=0)"},
                "dw and db are divided by N. The samples' gradients add up; the 1/N of a mean loss is already in g."),
        Mistake("all-averaged", {"g @ w ": "g @ w / len(x) ", "g.T @ x": "g.T @ x / len(x)",
                                 "g.sum(axis=0)": "g.mean(axis=0)"},
                "All three are divided by N. The 1/N of a mean loss is already in g; nothing is divided here."),
        Mistake("dw-averaged", {"g.T @ x": "g.T @ x / len(x)"},
                "dw is divided by N. The samples' gradients add up; the 1/N of a mean loss is already in g."),
        Mistake("db-averaged", {"g.sum(axis=0)": "g.mean(axis=0)"},
                "db is averaged over the samples, dw is summed. Both are sums: b is used once per sample."),
        Mistake("db-not-summed", {"g.sum(axis=0)": "g"},
                "db is g itself, one row per sample. There is one b for all samples, so their contributions add up."),
        Mistake("db-wrong-axis", {"g.sum(axis=0)": "g.sum(axis=1)"},
                "db is summed over the outputs (axis 1), which leaves one number per sample. Sum over the samples, "
                "axis 0."),
        Mistake("db-one-number", {"g.sum(axis=0)": "g.sum()"}, "db is a single number; there is one for each output."),
        Mistake("db-keepdims", {"g.sum(axis=0)": "g.sum(axis=0, keepdims=True)"},
                "db has shape (1, out); b has shape (out,), and its gradient must too."),
        Mistake("order", {"return dx, dw, db": "return dw, dx, db"},
                "dx and dw are the wrong way round: return dx, dw, db."),
        Mistake("forward", {"g @ w ": "x @ w.T "}, "dx is the layer's output x @ w.T. Backwards, g goes in: g @ w."),
    ),
    right=(
        lambda x, w, g: (np.einsum("no,oi->ni", g, w), np.einsum("no,ni->oi", g, x), np.einsum("no->o", g)),
        lambda x, w, g: ((w.T @ g.T).T, sum(map(np.outer, g, x)), np.ones(len(g)) @ g),
    ),
    hints=(
        "Write down the shapes: dx is (N, in), dw is (out, in), db is (out,). Only one product of g with w, or x, "
        "fits each.",
        "For one number: y = w·x + b gives dx = g·w, dw = g·x, db = g. Now with shapes.",
        "dx = g @ w; for dw transpose g; for db add up g over the samples.",
    ),
    minutes=12,
    difficulty=3,
    claims=("S3-4.2-w2-update", "S3-4.2-w1-update", "S3-4.2-bias-updates"),
    returns=("dx", "dw", "db"),
)
