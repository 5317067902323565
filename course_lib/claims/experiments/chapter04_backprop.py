"""Backpropagation: which derivative is multiplied with which."""

import numpy as np

from course_lib import activations, losses, optim
from course_lib.autograd import Tensor
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import differences, gradients, linear

NET = as_printed.NETWORK_342


def chain_rule():
    """∂L/∂w = ∂L/∂z · ∂z/∂w for the last layer; the recursion for the first."""
    W1, b1, W2, b2 = gradients(lambda *p: _network_loss(*p), NET.W1, NET.b1, NET.W2, NET.b2)
    f = as_printed.network_forward()
    delta2 = activations.softmax(f.z2) - NET.y
    delta1 = (NET.W2.T @ delta2) * (f.z1 > 0)
    first = lambda w: (NET.W2 @ activations.relu(w @ NET.x + NET.b1) + NET.b2)[0]  # noqa: E731
    slope = differences(first, NET.W1)[0, 0]
    return Evidence(
        f"last layer: ∂L/∂z times the input is the gradient; for a first-layer weight ∂z₂/∂w is {slope:.3f}, not its "
        f"input {NET.x[0]:g}: the way back through W₂ and relu' is needed.",
        said={"last layer, z before the activation: ∂z/∂wᵢ = aᵢ": close(np.outer(delta2, f.a1), W2, 12)},
        gap={"for earlier layers ∂z/∂w is not the input, and no rule is given": not close(slope, NET.x[0], 3)},
        right={
            "δ₁ = (W₂ᵀδ₂) ⊙ σ'(z₁) and ∂L/∂W₁ = δ₁xᵀ": close(np.outer(delta1, NET.x), W1, 12),
            "∂L/∂b is δ itself": close(delta1, b1, 12) and close(delta2, b2, 12),
        },
        numbers={"δ₂": delta2, "δ₁": delta1},
    )


def delta():
    """δ for a sigmoid unit: with σ' once, and as printed."""
    loss = lambda z: 0.5 * (activations.sigmoid(z) - 1) ** 2  # noqa: E731
    z = np.array(0.5)
    a = activations.sigmoid(z)
    slope = lambda z: activations.sigmoid(z) * (1 - activations.sigmoid(z))  # noqa: E731
    dl_dz = (a - 1) * slope(z)
    truth, printed = differences(loss, z), as_printed.delta(dl_dz, z, slope)
    return Evidence(
        f"sigmoid unit at z = 0.5, label 1: ∂L/∂z is {float(truth):.7f} by finite differences; the printed formula "
        f"gives {float(printed):.7f}, too small by σ'(z) = {float(slope(z)):.3f}.",
        said={"∂L/∂z · σ'(z) is the error to pass on": close(printed, truth, 7)},
        right={"∂L/∂a · σ'(z), which is ∂L/∂z": close(dl_dz, truth, 8) and close(gradients(loss, z)[0], truth, 8)},
        numbers={"finite difference": truth, "right": dl_dz, "printed": printed},
    )


def gradients_not_updates():
    """Does backpropagation change parameters?"""
    layer = linear(NET.W2, NET.b2)
    sgd = optim.SGD(layer.parameters(), lr=0.1)
    before = layer.weight.data.copy()
    losses.cross_entropy(layer(Tensor(np.ones(4))), np.array(1)).backward()
    after_backward = layer.weight.data.copy()
    size = float(np.abs(layer.weight.grad).max())
    sgd.step()
    moved = float(np.abs(layer.weight.data - before).max())
    return Evidence(
        f"backward fills gradients up to {size:.4f} and moves no weight; the optimizer's step then moves them by up to "
        f"{moved:.4f}.",
        said={"English: it computes gradients": size > 0},
        gap={"Chinese: it updates parameters; it does not": bool(np.array_equal(before, after_backward))},
        right={"the optimizer updates": close(moved, 0.1 * size, 12)},
        numbers={"largest gradient": size, "largest change": moved},
    )


def deltas():
    """dZ, dW, db by their definitions, and by the formulas that are missing."""
    rng = np.random.default_rng(0)
    W, X, b, T = (rng.normal(size=s) for s in ((2, 3), (3, 5), (2, 1), (2, 5)))
    of_z = lambda Z: 0.5 * np.sum((activations.sigmoid(Z) - T) ** 2)  # noqa: E731
    Z = W @ X + b
    of_w, of_b = (lambda w: of_z(w @ X + b)), (lambda c: of_z(W @ X + c))
    defined = [differences(of_z, Z), differences(of_w, W), differences(of_b, b)]
    A = activations.sigmoid(Z)
    dZ = (A - T) * A * (1 - A)
    formulas = [dZ, dZ @ X.T, dZ.sum(1, keepdims=True)]
    tape = gradients(lambda w, c: losses.mse_loss(activations.sigmoid(w @ X + c), T, reduction="sum") * 0.5, W, b)
    count = sum(d.size for d in defined)
    return Evidence(
        f"{count} derivatives: {2 * count} evaluations of the loss from the definitions, one pass with the formulas; "
        "they agree to 8 decimals.",
        said={"the definitions name the gradients": close(defined[1], tape[0], 8) and close(defined[2], tape[1], 8)},
        gap={"from them alone every number takes two evaluations of the loss": 2 * count == 36},
        right={
            "dZ = dA ⊙ σ'(Z), dW = dZ Xᵀ, db = row sums of dZ": all(map(close, formulas, defined, (8, 8, 8))),
            "as on the tape": close(formulas[1], tape[0], 12) and close(formulas[2], tape[1], 12),
        },
        numbers={"dW": formulas[1], "db": formulas[2]},
    )


def gradient():
    """The gradient of a logistic loss, defined and computed."""
    data = as_printed.LOGISTIC_REGRESSION
    w = np.array([0.3, -0.2])
    on_tape = lambda w: losses.binary_cross_entropy_with_logits(Tensor(data.X) @ w, data.y)  # noqa: E731
    (g,) = gradients(on_tape, w)
    numeric = differences(lambda w: losses.binary_cross_entropy_with_logits(data.X @ w, data.y), w)
    formula = data.X.T @ (activations.sigmoid(data.X @ w) - data.y) / 4
    return Evidence(
        f"at w = (0.3, -0.2) the four-point logistic loss has the gradient ({g[0]:.6f}, {g[1]:.6f}), by definition and "
        "on the tape.",
        said={"g = ∂J/∂w, component by component": close(numeric, g, 8)},
        right={"(1/n) Xᵀ(σ(Xw) - y)": close(formula, g, 12)},
        numbers={"gradient": g},
    )


def _network_loss(W1, b1, W2, b2):
    """Cross-entropy of S3's network with softmax, from tensors."""
    a1 = activations.relu(W1 @ NET.x + b1)
    return losses.cross_entropy(W2 @ a1 + b2, np.array(1))
