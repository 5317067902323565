"""Privacy has a price, and its absence too: noise, memorised secrets, gradients and models that give data away."""

import numpy as np

from course_lib import losses, metrics
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.digit_nets import accuracy, digits, logits, network, train, trained
from course_lib.data.text import descriptions
from course_lib.topics import attacks, privacy
from course_lib.topics import canary as secrets


def laplace():
    """The mean of 1,000 values under three budgets, 2,000 times each."""
    values, rng, error = np.random.default_rng(1).random(1000), np.random.default_rng(0), {}
    for epsilon in (0.1, 1, 10):
        error[epsilon] = np.mean([abs(privacy.laplace_mean(values, epsilon, rng) - values.mean()) for _ in range(2000)])
    scaled = {e: float(error[e] * e * 1000) for e in error}
    return Evidence(
        f"mean absolute error {error[0.1]:.2g}, {error[1]:.2g} and {error[10]:.2g} for ε = 0.1, 1 and 10: about "
        "1/(nε).",
        said={"techniques exist that protect and still answer: error below 0.002 at ε = 1": error[1] < 0.002},
        right={"the price is 1/(nε)": max(abs(s - 1) for s in scaled.values()) < 0.1},
        numbers={f"error · n · ε at ε = {e}": round(s, 2) for e, s in scaled.items()},
    )


def trade_off():
    """Softmax regression on the digits by DP-SGD, more and more noise."""
    d, right = digits(), {}
    x, new = (np.column_stack([a, np.ones(len(a))]).astype(float) for a in (d.x_train, d.x_test))
    for noise in (0, 2, 8):
        weight = privacy.dp_sgd(x, d.y_train, 10, np.random.default_rng(0), noise=noise, steps=200, lr=2.0)
        right[noise] = float(((new @ weight.T).argmax(1) == d.y_test).mean())
    gradients = privacy.softmax_gradients(np.zeros((10, 65)), x, d.y_train)
    longest = np.linalg.norm(privacy.clip_per_sample(gradients, 1.0), axis=1).max()
    return Evidence(
        f"test accuracy {right[0]:.2f} without noise, {right[2]:.2f} with noise multiplier 2, {right[8]:.1f} with 8.",
        said={"protected data can still be used: accuracy above 0.8": right[2] > 0.8},
        gap={"protection costs accuracy, the more the stronger it is": right[0] > right[2] > right[8] + 0.1},
        right={"no sample moves the sum by more than the bound": longest < 1 + 1e-9},
        numbers={f"noise {n}": round(a, 1) for n, a in right.items()},
    )


def canary():
    """A four-digit secret put 0 and 8 times into 10,000 characters of prose."""
    prose = " ".join(" ".join(t.text for t in descriptions()).split()[:1500])
    bits = {}
    for times in (0, 8):
        text = secrets.insert(prose, "4071", times, np.random.default_rng(0))
        bits[times] = privacy.exposure(secrets.secret_losses(secrets.train_on(text, 5)), 4071)
    return Evidence(
        f"exposure {bits[0]:.0f} bits when the secret was not in the text, {bits[8]:.1f} of at most 13.3 when it "
        "stood there "
        "8 times: of 10,000 numbers the model then finds this one the most probable.",
        said={"what was not in the data is not known": bits[0] < 6},
        gap={"a model gives away what it was trained on": bits[8] > 10},
        right={"eight times are enough for the first rank": bits[8] > 13.2},
        numbers={"not there": round(bits[0]), "8 times": round(bits[8], 1)},
    )


def attack():
    """Small changes that fool a network, and one gradient that shows the image it came from."""
    d, model = digits(), trained()
    clean = accuracy(model, d.x_test, d.y_test)
    fooled = accuracy(model, attacks.fgsm(model, d.x_test, d.y_test, 0.2), d.y_test)
    model.zero_grad()
    losses.cross_entropy(model(Tensor(d.x_test[:1])), d.y_test[:1]).backward()
    error = float(np.abs(attacks.invert_linear(model[0].weight.grad, model[0].bias.grad) - d.x_test[0]).max())
    return Evidence(
        f"accuracy {clean:.2f}; after moving each pixel by at most 0.2 along the sign of the gradient {fooled:.2f}; "
        "from one "
        f"sample's gradient the image comes back (largest error below 0.001: {error < 1e-3}).",
        said={"as long as nobody attacks, all is well": clean > 0.9},
        gap={"a change that a person would overlook breaks it": fooled < 0.3,
             "sending gradients in place of data is not protection": error < 1e-3},
        right={"no pixel moved by more than 0.2": np.abs(attacks.fgsm(model, d.x_test, d.y_test, 0.2) - d.x_test).max()
               < 0.2 + 1e-6},
        numbers={"clean": round(clean, 2), "attacked": round(fooled, 1)},
    )  # fmt: skip


def membership():
    """Who was in the training data? Asked of a network that learned 150 noisy labels by heart, and of a gentler one."""
    d = digits()
    found = {name: [_attack(d, n, epochs, seed) for seed in range(2)] for name, n, epochs in
             (("over-fitted", 150, 100), ("gentle", 700, 8))}  # fmt: skip
    over, gentle = (float(np.mean(found[k])) for k in ("over-fitted", "gentle"))
    return Evidence(
        f"area under the attacker's curve {over:.1f} for the over-fitted network, {gentle:.1f} for the gentle one "
        "(0.5: "
        "guessing).",
        said={"a model can keep its training set to itself": gentle < 0.6},
        gap={"or betray it: membership can be told from the loss": over > 0.65},
        right={"over-fitting is what betrays it": over - gentle > 0.1},
        numbers={"over-fitted": round(over, 1), "gentle": round(gentle, 1)},
    )


def _attack(d, n, epochs, seed):
    rng = np.random.default_rng(seed)
    order, y = rng.permutation(len(d.y_train)), d.y_train.copy()
    noisy = rng.random(len(y)) < 0.2
    y[noisy] = rng.integers(0, 10, noisy.sum())
    inside, outside = order[:n], order[n:]
    model = train(network(seed), d.x_train[inside], y[inside], epochs)
    score = [-attacks.sample_losses(logits(model, d.x_train[i]), y[i]) for i in (inside, outside)]
    return metrics.roc_auc(np.concatenate(score), np.repeat([1, 0], [len(inside), len(outside)]))
