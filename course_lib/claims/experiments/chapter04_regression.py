"""Gradient descent on a line through four points."""

import numpy as np

from course_lib import losses, optim
from course_lib.autograd import Tensor
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import differences, gradients, linear

X = np.array([0.0, 1, 2, 3])
Y = 2 * X + 1
DESIGN = np.column_stack([X, np.ones(4)])
LIMIT = 2 / np.linalg.eigvalsh(2 / 4 * DESIGN.T @ DESIGN).max()  # largest stable learning rate


def linear_regression():
    """Numbers for the example that has none."""
    w = {steps: _descend(0.1, steps) for steps in (0, 1, 2, 100)}
    (g,) = gradients(_loss, np.zeros(2))
    best, *_ = np.linalg.lstsq(DESIGN, Y, rcond=None)
    return Evidence(
        f"y = 2x + 1 at x = 0, 1, 2, 3: loss {_loss(w[0]):g}, gradient ({g[0]:g}, {g[1]:g}); with α = 0.1 (w, b) is "
        f"({w[1][0]:g}, {w[1][1]:g}), ({w[2][0]:g}, {w[2][1]:g}), ..., ({w[100][0]:.7f}, {w[100][1]:.7f}) after 100 "
        f"steps; α must stay below {LIMIT:.5f}.",
        said={"the two update equations reach the line": close(w[100], best, 3)},
        gap={"with a rate above the bound, which is not given, they run away": _loss(_descend(0.3, 100)) > 1e6},
        right={
            "gradient (2/n) Σ(ŷ - y)x and (2/n) Σ(ŷ - y)": close(g, [-17, -8], 12),
            "the first two steps": close([w[1], w[2]], [[1.7, 0.8], [1.97, 0.93]], 12),
            "losses 21, 0.535, 0.01435": close([_loss(w[k]) for k in (0, 1, 2)], [21, 0.535, 0.01435], 12),
        },
        numbers={"after 1": w[1], "after 2": w[2], "after 100": w[100], "largest rate": LIMIT},
    )


def gradient_descent():
    """All parameters at once, with the gradient at the old values."""
    layer = linear([[0.0]], [0.0])
    sgd = optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(300):
        sgd.zero_grad()
        losses.mse_loss(layer(Tensor(X[:, None])), Y[:, None]).backward()
        sgd.step()
    w, b = layer.weight.item(), layer.bias.item()
    g = differences(_loss, np.zeros(2))
    in_turn = np.array([-0.1 * g[0], 0])
    in_turn[1] = -0.1 * differences(_loss, in_turn)[1]  # b's gradient after w has moved
    return Evidence(
        f"from (0, 0) gradient descent reaches ({w:.6f}, {b:.6f}) in 300 steps; its first step is (1.7, 0.8), or "
        f"({in_turn[0]:.1f}, {in_turn[1]:.2f}) if b waits for the new w, which is another method.",
        said={"w - α ∂L/∂w, repeated, finds the minimum": close([w, b], [2, 1], 5)},
        right={
            "the gradient is taken at the old parameters": close(_descend(0.1, 1), -0.1 * g, 8),
            "all are updated together": not close(in_turn, -0.1 * g, 2),
        },
        numbers={"after 300 steps": [w, b], "one after the other": in_turn},
    )


def step_length():
    """Just below and just above the largest stable learning rate."""
    below, above = (_loss(_descend(rate, 2000)) for rate in (0.237, 0.239))
    (g,) = gradients(_loss, np.zeros(2))
    step = float(np.linalg.norm(_descend(0.1, 1)))
    return Evidence(
        f"α = 0.237 takes the loss from 21 to {below:.1e} in 2,000 steps, α = 0.239 to {above:.1e}: the limit is "
        f"2/λ_max = {LIMIT:.5f}; at α = 0.1 the first step is {step:.4f} long.",
        said={"w - α g lowers the loss for a small α": _loss(_descend(0.1, 1)) < _loss(np.zeros(2))},
        right={
            "stable below 2/λ_max only": 0.237 < LIMIT < 0.239 and below < 1e-6 and above > 21,
            "the step's length is α times that of g": close(step, 0.1 * np.linalg.norm(g), 12),
        },
        numbers={"limit": LIMIT},
    )


def english_indices():
    """L = ½c·w²: the gradient at the old point, and at the new one."""
    c, lr, w = 25.0, 0.1, 1.0
    old, _ = optim.sgd_update(w, c * w, 0.0, lr)
    new = as_printed.gd_update_english(w, c, lr)
    return Evidence(
        f"L = 12.5w², α = 0.1, w = 1: the gradient at the old point gives w = {old:g}, at the new point {new:.4f}; the "
        "first diverges here, the second never does.",
        said={"Chinese: w ← w - α ∂L/∂w is gradient descent": close(old, w - lr * c * w, 12)},
        gap={"English: ∂L/∂w_t at the new point is another method": close(new, w - lr * c * new, 12) and new != old},
        right={"w_t = w_(t-1) - α∇L(w_(t-1)): -1.5 here": close(old, -1.5, 12)},
        numbers={"old point": old, "new point": new},
    )


def _loss(w):
    """Mean squared error of the line (w, b), for an array or a tensor."""
    return losses.mse_loss(DESIGN @ w, Y)


def _descend(lr, steps):
    w = np.zeros(2)
    for _ in range(steps):
        w, _ = optim.sgd_update(w, 2 / 4 * DESIGN.T @ (DESIGN @ w - Y), 0.0, lr)
    return w
