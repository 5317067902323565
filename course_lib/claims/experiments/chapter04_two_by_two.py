"""S1's 2×2 example, recomputed: output, loss, gradient, update."""

from itertools import product

import numpy as np

from course_lib import activations, losses
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import differences, gradients

EX = as_printed.EXAMPLE_2X2
IDENTITY = np.eye(2)  # the example gives no labels; we take these


def forward():
    """σ(WX) as printed and as computed; the bias that each printed entry would need."""
    Y = activations.sigmoid(EX.W @ EX.X)
    with np.errstate(divide="ignore"):
        bias = np.log(EX.output / (1 - EX.output)) - EX.W @ EX.X
    return Evidence(
        f"sigmoid gives ({Y[0, 0]:.6f}, {Y[0, 1]:.6f}; {Y[1, 0]:.6f}, {Y[1, 1]:.6f}); the printed entries would need "
        f"the biases {bias[0, 0]:.3f}, {bias[0, 1]:.3f}, {bias[1, 0]:.3f} and {bias[1, 1]:g}.",
        said={
            "the output is (0.7, 0.8; 0.9, 1.0) with b = 0": close(Y, EX.output, 2),
            "or with one bias per unit": close(bias[:, 0], bias[:, 1], 2),
        },
        right={"σ(W), all entries below 1": close(Y, 1 / (1 + np.exp(-EX.W)), 12) and Y.max() < 1},
        numbers={"output": Y, "bias needed": bias},
    )


def loss():
    """Is there any labelling that gives the printed loss?"""
    labels = [np.reshape(bits, (2, 2)) for bits in product((0, 1), repeat=4)]
    printed = sorted({round(float(as_printed.half_sum_of_squares(EX.output, y)), 6) for y in labels})
    Y = activations.sigmoid(EX.W @ EX.X)
    computed = sorted({round(float(_loss(EX.W, y)), 6) for y in labels})
    value = float(_loss(EX.W))
    return Evidence(
        f"the 16 labellings with 0 and 1 give losses from {printed[0]:g} to {printed[-1]:g} with the printed output, "
        f"none {EX.loss:g}; with the computed output and labels I it is {value:.6f}.",
        said={"some 0/1 labelling gives 0.15": any(close(v, EX.loss, 3) for v in printed + computed)},
        right={"½ Σ (Y - I)²": close(0.5 * np.sum((Y - IDENTITY) ** 2), value, 12) and close(value, 0.509499)},
        numbers={"possible with the printed output": printed, "labels I": value},
    )


def gradient():
    """The gradient that was printed, and the one there is."""
    (g,) = gradients(_loss, EX.W)
    others = [gradients(lambda w, y=y: _loss(w, np.reshape(y, (2, 2))), EX.W)[0] for y in product((0, 1), repeat=4)]
    slope = EX.output * (1 - EX.output)  # σ' at the printed output
    return Evidence(
        f"for labels I the gradient is ({g[0, 0]:.6f}, {g[0, 1]:.6f}; {g[1, 0]:.6f}, {g[1, 1]:.6f}); at a printed "
        f"output of 1.0 the slope is {slope[1, 1]:g}, so the printed {EX.gradient[1, 1]:g} cannot be.",
        said={
            "at the printed output: 0 where σ' is 0": close(EX.gradient[1, 1] * (slope[1, 1] == 0), 0),
            "at the computed output: the gradient of some 0/1 labelling": any(close(o, EX.gradient, 2) for o in others),
        },
        right={"((Y - I) ⊙ Y ⊙ (1 - Y)) Xᵀ, as by finite differences": close(g, differences(_loss, EX.W), 8)},
        numbers={"gradient": g},
    )


def update():
    """Weights before and after a step."""
    (g,) = gradients(_loss, EX.W)
    new = EX.W - 0.1 * g
    printed = EX.W - 0.1 * EX.gradient
    before, after = float(_loss(EX.W)), float(_loss(new))
    return Evidence(
        f"with α = 0.1 the weights become ({new[0, 0]:.6f}, {new[0, 1]:.6f}; {new[1, 0]:.6f}, {new[1, 1]:.6f}) and the "
        f"loss goes from {before:.6f} to {after:.6f}; with the printed gradient they would be "
        f"{np.round(printed, 2).tolist()}.",
        said={"W - α·(printed gradient) is W again": close(printed, EX.W_new, 9)},
        right={"a step moves W and lowers the loss": not close(new, EX.W, 3) and close(after, 0.503359)},
        numbers={"W": new, "loss": [before, after], "with the printed gradient": printed},
    )


def _loss(W, labels=IDENTITY):
    """Half the sum of squares of σ(WX) against the labels."""
    half_sum = losses.mse_loss(activations.sigmoid(W @ EX.X), np.asarray(labels, float), reduction="sum")
    return half_sum * 0.5
