"""Activation functions: their values, slopes and what they are good for."""

import numpy as np

from course_lib import activations, nn
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients


def relu():
    """Values and slopes of relu on both sides of 0 and at 0."""
    x = np.array([-2, -1, -0.1, 0, 0.1, 1, 2])
    y, (slope,) = activations.relu(x), gradients(lambda t: activations.relu(t).sum(), x)
    return Evidence(
        f"relu of -2 is {y[0]:g}, of 0.1 is {y[4]:g}; its slope is {slope[0]:g} below 0, {slope[3]:g} at 0, "
        f"{slope[-1]:g} above.",
        said={"0 below 0, x itself from 0 on": bool(np.array_equal(y, np.where(x < 0, 0, x)))},
        right={"slope 0 up to and at 0, 1 above": bool(np.array_equal(slope, x > 0))},
        numbers={"x": x, "relu(x)": y, "slope": slope},
    )


def threshold():
    """Does an activation decide between on and off, and what happens without one?"""
    x = np.linspace(-6, 6, 121)
    s = activations.sigmoid(x)
    rng = np.random.default_rng(0)
    W1, W2, v = rng.normal(size=(4, 3)), rng.normal(size=(2, 4)), rng.normal(size=3)
    with_relu = W2 @ activations.relu(W1 @ v)
    levels = len(np.unique(s))
    return Evidence(
        f"sigmoid gives {levels} different answers at {len(x)} inputs, none of them 0 or 1; without an activation two "
        "layers are one matrix.",
        said={"relu is off below 0 and on above": bool(np.array_equal(activations.relu(x) > 0, x > 0))},
        gap={"sigmoid is neither on nor off: it answers by degrees": levels == len(x) and s.min() > 0 and s.max() < 1},
        right={
            "two layers without activation are one matrix": close(W2 @ (W1 @ v), (W2 @ W1) @ v, 12),
            "with relu between them they are not": not close(with_relu, (W2 @ W1) @ v, 2),
        },
        numbers={"with relu": with_relu, "without": W2 @ (W1 @ v)},
    )


def sigmoid():
    """Values, slope and behaviour at ±1000."""
    x = np.array([-2.0, -1, 0, 1, 2])
    s, (slope,) = activations.sigmoid(x), gradients(lambda t: activations.sigmoid(t).sum(), x)
    far = activations.sigmoid(np.array([-1000.0, 1000.0]))
    return Evidence(
        f"sigmoid(1) = {s[3]:.6f}; its slope is largest at 0, {slope.max():g}; at -1000 and 1000 it is {far[0]:g} "
        f"and {far[1]:g} without overflow.",
        said={"1 / (1 + e^-z)": close(s, 1 / (1 + np.exp(-x)), 12)},
        right={
            "slope s(1 - s), at most 1/4": close(slope, s * (1 - s), 12) and slope.max() == 0.25,
            "finite at -1000 and 1000": close(far, [0, 1], 12),
        },
        numbers={"z": x, "sigmoid(z)": s, "slope": slope},
    )


def sigmoid_range():
    """Does sigmoid stay inside (0, 1)? On paper yes, in floating point up to a point."""
    inside = activations.sigmoid(np.linspace(-36, 36, 1001))
    first64 = next(x for x in range(60) if activations.sigmoid(np.array(float(x))) == 1)
    first32 = next(x for x in range(60) if activations.sigmoid(np.array(x, np.float32)) == 1)
    return Evidence(
        f"between -36 and 36 sigmoid stays inside (0, 1); it rounds to exactly 1 from {first64} on in float64 and from "
        f"{first32} on in float32.",
        said={"inside (0, 1) between -36 and 36": bool(inside.min() > 0 and inside.max() < 1)},
        right={"rounds to 1 from 37 (float64) and 17 (float32)": (first64, first32) == (37, 17)},
        numbers={"float64": first64, "float32": first32},
    )


def tanh():
    """tanh is a stretched and shifted sigmoid."""
    z = np.linspace(-3, 3, 61)
    y, (slope,) = activations.tanh(z), gradients(lambda t: activations.tanh(t).sum(), z)
    at_1 = float(activations.tanh(np.array(1.0)))
    return Evidence(
        f"tanh(1) = {at_1:.6f}; tanh z = 2 sigmoid(2z) - 1 and tanh(-z) = -tanh(z) at {len(z)} points; its slope at 0 "
        f"is {slope[30]:g}.",
        said={"(e^z - e^-z) / (e^z + e^-z)": close(y, (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)), 12)},
        right={
            "2 sigmoid(2z) - 1": close(y, 2 * activations.sigmoid(2 * z) - 1, 12),
            "slope 1 - tanh²": close(slope, 1 - y**2, 12),
            "odd: tanh(-z) = -tanh(z)": close(y, -y[::-1], 12),
        },
        numbers={"tanh(1)": at_1},
    )


def tanh_identity():
    """How far is tanh x from x?"""
    x = np.array([0.1, 0.5, 1, 2])
    distance = np.abs(activations.tanh(x) - x)
    (slope,) = gradients(activations.tanh, 0.0)
    return Evidence(
        f"|tanh x - x| is {distance[0]:.5f} at 0.1, {distance[1]:.4f} at 0.5, {distance[2]:.4f} at 1 and "
        f"{distance[3]:.3f} at 2.",
        said={
            "maps into (-1, 1)": bool(np.all(np.abs(activations.tanh(x)) < 1)),
            "is the identity: tanh x = x": close(activations.tanh(x), x, 3),
        },
        right={"close to x near 0 only: slope 1 there": slope == 1 and distance[0] < 1e-3 < distance[1]},
        numbers={"x": x, "|tanh x - x|": distance},
    )


def relu_properties():
    """Has relu fewer parameters than sigmoid? What does each pass back through ten layers?"""
    count = {layer.__name__: len(layer().parameters()) for layer in (nn.ReLU, nn.Sigmoid, nn.Tanh)}
    back = {}
    for f in (activations.relu, activations.sigmoid):
        x = y = Tensor(np.array(1.0), requires_grad=True)
        for _ in range(10):
            y = f(y)
        y.backward()
        back[f.__name__] = float(x.grad)
    return Evidence(
        f"relu, sigmoid and tanh have {sum(count.values())} parameters; ten active relus pass back {back['relu']:g} of "
        f"a gradient, ten sigmoids {back['sigmoid']:.1e}, at most 0.25¹⁰ = {0.25**10:.1e}.",
        said={
            "maps to [0, ∞)": bool(np.all(activations.relu(np.linspace(-9, 9, 99)) >= 0)),
            "fewer parameters than the others": count["ReLU"] < min(count["Sigmoid"], count["Tanh"]),
        },
        right={
            "none of the three has any": set(count.values()) == {0},
            "what sets relu apart: it does not shrink the gradient": back["relu"] == 1 > 0.25**10 >= back["sigmoid"],
        },
        numbers={"parameters": str(count), "gradient after ten layers": list(back.values())},
    )
