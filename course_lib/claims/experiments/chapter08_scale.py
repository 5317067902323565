"""Larger, more data, longer: what growth bought on the digits, and what a forecast from it is worth."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.digit_nets import accuracy, digits, logits, network, train
from course_lib.losses import cross_entropy
from course_lib.topics import energy


def width():
    """Hidden units 1 to 256 on the same digits, two seeds."""
    d, right = digits(), {}
    for hidden in (1, 4, 16, 64, 256):
        nets = [train(network(seed, hidden), d.x_train, d.y_train, 8) for seed in range(2)]
        right[hidden] = float(np.mean([accuracy(net, d.x_test, d.y_test) for net in nets]))
    gopher, chinchilla = energy.training_flops(280e9, 300e9), energy.training_flops(70e9, 1.4e12)
    return Evidence(
        f"test accuracy with 1, 4, 16, 64, 256 units: {', '.join(f'{a:.2f}' for a in right.values())}. Four times as "
        "many "
        "units as 64 buy next to nothing when the data stay the same.",
        said={"from 1 to 64 units it gets better": right[1] < right[4] < right[16] < right[64]},
        gap={"from 64 to 256 it hardly does, with the same data": right[256] - right[64] < 0.02},
        right={"Chinchilla (70 B, 1.4 T tokens) cost about as much compute as Gopher (280 B, 300 B tokens)":
               0.8 < chinchilla / gopher < 1.25},
        numbers={str(h): round(a, 2) for h, a in right.items()},
    )  # fmt: skip


def forecast():
    """A power law fitted to the test loss of 50 to 400 samples, stretched to all 1,437."""
    d, sizes = digits(), np.array([50, 100, 200, 400, 1437])
    loss = np.array([[_loss(n, seed) for n in sizes] for seed in range(3)])  # (seeds, sizes)
    fits = [np.polyfit(np.log(sizes[:4]), np.log(row[:4]), 1) for row in loss]
    told = np.exp([np.polyval(fit, np.log(len(d.y_train))) for fit in fits])
    off = told / loss[:, 4]
    return Evidence(
        f"the loss falls with more data, about as n to the power {np.mean(fits, 0)[0]:.1f}; stretched from 400 to "
        "1,437 "
        f"samples the law is off by factors from {off.min():.1f} to {off.max():.1f} over three seeds.",
        said={"in the range that was measured, more data help every time": (np.diff(loss[:, :4], axis=1) < 0).all()},
        gap={"and beyond it, the law misses by more than a fifth, every time": (np.abs(off - 1) > 0.2).all()},
        right={"a straight line in log-log fits the range that was measured": _residual(sizes[:4], loss[:, :4]) < 0.25},
        numbers={"exponent": round(float(np.mean(fits, 0)[0]), 1)},
    )


def _loss(n, seed):
    d = digits()
    i = np.random.default_rng(seed).permutation(len(d.y_train))[:n]
    model = train(network(seed), d.x_train[i], d.y_train[i], 20)
    return float(cross_entropy(logits(model, d.x_test), d.y_test))


def _residual(n, loss):
    """Largest distance in log loss from the fitted line."""
    lines = [np.polyval(np.polyfit(np.log(n), np.log(row), 1), np.log(n)) for row in loss]
    return float(np.abs(np.log(loss) - lines).max())


def label_noise():
    """0 to 80 % of the training labels drawn anew at random, two seeds."""
    d, right = digits(), {}
    for share in (0.0, 0.2, 0.8):
        scores = []
        for seed in range(2):
            rng, y = np.random.default_rng(seed), d.y_train.copy()
            hit = rng.random(len(y)) < share
            y[hit] = rng.integers(0, 10, hit.sum())
            scores.append(accuracy(train(network(seed), d.x_train, y, 10), d.x_test, d.y_test))
        right[share] = float(np.mean(scores))
    return Evidence(
        f"test accuracy {right[0.0]:.2f}, {right[0.2]:.2f} and {right[0.8]:.1f} with 0, 20 and 80 % of the labels at "
        "random.",
        said={"bad labels make a bad model": right[0.0] - right[0.8] > 0.1},
        right={"but a fifth of them costs little here": right[0.0] - right[0.2] < 0.08},
        numbers={f"{share:.0%} random": round(a, 1) for share, a in right.items()},
    )
