"""Explanations put to the test, and confidence compared with what comes true."""

import numpy as np

from course_lib import metrics
from course_lib.activations import softmax
from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.digit_nets import digits, logits, network, train, trained
from course_lib.topics import explain


def sanity():
    """Maps of 50 test digits from a trained network, and from one with random weights."""
    d, trained_net, random_net = digits(), trained(), network(99)
    x = d.x_test[:50]
    target = logits(trained_net, x).argmax(1)
    maps = [explain.input_gradient(net, x, target) for net in (trained_net, random_net)]
    times_input = [np.abs(m * x) for m in maps]
    plain, masked = (_similarity(*pair) for pair in (list(map(np.abs, maps)), times_input))
    whole = explain.integrated_gradients(lambda a: explain.input_gradient(trained_net, a, target), x, 0.0, 50)
    rows, black = np.arange(len(x)), np.zeros_like(x)
    rise = logits(trained_net, x)[rows, target] - logits(trained_net, black)[rows, target]
    error = float(np.abs(whole.sum(1) - rise).max() / np.abs(rise).mean())
    return Evidence(
        f"rank correlation of the maps of a trained and of a random network: {round(plain, 1) + 0.0} for the "
        f"gradient, {masked:.1f} once "
        f"it is multiplied by the image; integrated gradients add up to the rise of the logit (error below 5 %: "
        f"{error < 0.05}).",
        said={"a gradient map says something about what the network learned": plain < 0.4},
        gap={"a map can look right for a network that has learned nothing": masked > 0.6},
        right={"integrated gradients are complete": error < 0.05},
        numbers={"gradient": round(plain, 1) + 0.0, "gradient × image": round(masked, 1)},
    )


def _similarity(a, b):
    """Mean over the samples of the rank correlation of two maps."""
    ranks = [m.argsort(1, kind="stable").argsort(1, kind="stable") for m in (a, b)]
    return float(np.mean([np.corrcoef(p, q)[0, 1] for p, q in zip(*ranks, strict=True)]))


def calibrated():
    """A network trained fast on 200 digits: expected calibration error before and after temperature scaling."""
    d = digits()
    before, after, temperatures = [], [], []
    for seed in range(3):
        model = train(network(seed), d.x_train[:200], d.y_train[:200], 60, lr=1e-2, seed=seed)
        held, new = logits(model, d.x_train[200:600]), logits(model, d.x_train[600:])
        t = explain.best_temperature(held, d.y_train[200:600], np.linspace(0.5, 4, 36))
        before.append(metrics.expected_calibration_error(softmax(new), d.y_train[600:]))
        after.append(metrics.expected_calibration_error(softmax(new / t), d.y_train[600:]))
        temperatures.append(t)
    b, a = float(np.mean(before)), float(np.mean(after))
    return Evidence(
        f"expected calibration error {b:.3f} before and {a:.3f} after division by a temperature of about "
        f"{np.mean(temperatures):.1f} (three seeds); not one answer changes.",
        said={"how far a confidence can be relied on can be measured and improved": a < b},
        right={"the networks are too sure of themselves: temperature above 1": min(temperatures) > 1},
        numbers={"before": round(b, 3), "after": round(a, 3)},
    )
