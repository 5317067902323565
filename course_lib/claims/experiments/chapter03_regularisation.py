"""L1, L2, decoupled decay, dropout, batch and layer normalisation."""

import numpy as np

from course_lib import losses, nn, normalization, optim
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close


def penalties():
    """L1 and L2 on a linear model, L2 against decoupled decay under SGD and Adam."""
    w1, w2 = _penalised("l1"), _penalised("l2")
    none = _penalised("none")
    zeros = [int((np.abs(w) < 1e-6).sum()) for w in (w1, w2)]
    sgd, adam = _decay_difference(optim.SGD), _decay_difference(optim.Adam)
    test = {name: _error(w) for name, w in (("none", none), ("l1", w1), ("l2", w2))}
    heavy = _error(_penalised("l2", 300.0))
    return Evidence(
        f"30 weights of which 3 matter, 40 rows: test error {test['none']:.2f} without a penalty, "
        f"{test['l1']:.2f} with L1 "
        f"({zeros[0]} weights exactly zero), {test['l2']:.2f} with L2 ({zeros[1]}); too strong a penalty gives "
        f"{heavy:.2f}. L2 in the loss and decoupled decay take the same steps under SGD, and differ by up to "
        f"{adam:.2f} under Adam.",
        said={"a penalty lowers the test error": max(test["l1"], test["l2"]) < test["none"]},
        gap={
            "it reduces over-fitting and does not prevent errors: too strong is worse than none": heavy > test["none"],
            "L1 and L2 do different things": zeros[0] > 10 > zeros[1],
            "under Adam L2 is not weight decay": adam > 0.01,
        },
        right={"under SGD they are the same": sgd < 1e-6},
        numbers=test | {"zeros": zeros, "Adam": round(adam, 2)},
    )


def dropout():
    """Ten thousand masks, training and evaluation."""
    x = np.array([1.0, -2, 3, 0.5])
    layer = nn.Dropout(0.5, rng=np.random.default_rng(0))
    rows = Tensor(np.tile(x, (10_000, 1)))
    seen = layer(rows).data
    off = layer.eval()(rows).data
    left_on = float(np.abs(layer.train()(rows).data - x).max())
    return Evidence(
        f"10,000 masks at p = 0.5: the mean output is within {100 * np.abs(seen.mean(0) / x - 1).max():.1f} % of the "
        f"input; in evaluation mode the output is the input; left on, an output is off by up to {left_on:g}.",
        said={"dropout keeps the expectation, so that training with it makes sense": close(seen.mean(0), x, 1)},
        gap={"left on when predicting, it answers at random": left_on > 1},
        right={
            "survivors are divided by 1 - p": set(np.round(np.unique(seen[:, 0]), 9)) == {0.0, 2.0},
            "off in evaluation": np.array_equal(off, rows.data),
        },
        numbers={"mean": np.round(seen.mean(0), 2)},
    )


def batch_mates():
    """One sample in two batches, through batch and layer normalisation."""
    batch, layer = (_beside(f) for f in (_batch_norm, _layer_norm))
    alone = _beside(_batch_norm, evaluate=True)
    spread = _batch_norm(5 * np.random.default_rng(0).normal(size=(500, 3)) + 7)
    return Evidence(
        f"one sample beside other samples: batch normalisation moves its output by {batch:.2f}, layer normalisation by "
        f"{layer:g}, batch normalisation in evaluation by {alone:g}.",
        said={
            "inputs of any size come out with mean 0 and deviation 1": close(spread.mean(0), 0, 5)
            and close(spread.std(0), 1, 3)
        },
        gap={"a sample's output depends on its batch, which a text generator cannot afford": batch > 1},
        right={"layer normalisation does not look at the batch": layer == 0, "nor does evaluation mode": alone == 0},
        numbers={"batch": round(batch, 2), "layer": layer},
    )


def not_parameters():
    """What batch normalisation makes equal: activations, not parameters."""
    rng = np.random.default_rng(0)
    layer = nn.BatchNorm1d(3, dtype=np.float64)
    before = layer.state_dict()
    a, b = (scale * rng.normal(size=(200, 3)) + 3 for scale in (5, 0.1))
    out = [layer(Tensor(x)).data for x in (a, b)]
    weights = np.array_equal(before["weight"], layer.weight.data)
    running = not np.array_equal(before["running_mean"], layer.running_mean)
    plain = nn.Linear(3, 3, rng=rng, dtype=np.float64)
    kept = plain.state_dict()
    plain(Tensor(a)), plain(Tensor(b))
    constant = all(np.array_equal(kept[k], v) for k, v in plain.state_dict().items())
    return Evidence(
        f"batches with deviation 5 and 0.1 come out with {out[0].std():.2f} and {out[1].std():.2f}; the parameters are "
        "the same for every batch with and without the layer; what it keeps are running means for evaluation.",
        said={"without it parameters would differ from batch to batch": not constant},
        right={
            "activations are standardised": close([o.std() for o in out], 1, 2) and close(out[0].mean(0), 0, 9),
            "parameters stay, running averages move": weights and running,
        },
        numbers={"deviations": [round(float(o.std()), 3) for o in out]},
    )


TRUE = np.r_[3.0, -2, 1.5, np.zeros(27)]


def _data(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 30))
    return x, x @ TRUE + 1.5 * rng.normal(size=n)


def _error(w):
    x, y = _data(1000, 1)
    return float(np.mean((x @ w - y) ** 2))


def _penalised(kind, strength=None, steps=3000, lr=0.01):
    """Least squares with a penalty, by (proximal) gradient descent on 40 rows."""
    x, y = _data(40, 0)
    strength = strength or {"l1": 0.8, "l2": 0.4, "none": 0.0}[kind]
    w = np.zeros(30)
    for _ in range(steps):
        w, _ = optim.sgd_update(w, 2 / 40 * x.T @ (x @ w - y), 0.0, lr)
        w = _soft(w, lr * strength) if kind == "l1" else w / (1 + lr * 2 * strength)
    return w


def _soft(w, threshold):
    return np.sign(w) * np.maximum(np.abs(w) - threshold, 0)


def _decay_difference(kind):
    """Largest difference after 50 steps between L2 in the loss and decay of the weights themselves."""
    runs = []
    for decoupled in (False, True):
        w = Tensor(np.array([1.0, -2.0, 0.5]), requires_grad=True)
        optimizer = kind([w], lr=0.05, weight_decay=0.0 if decoupled else 0.1)
        rng = np.random.default_rng(0)
        for _ in range(50):
            optimizer.zero_grad()
            losses.mse_loss(w * rng.normal(size=3), np.array([1.0, 0, 10])).backward()
            if decoupled:
                w.data[...] *= 1 - 0.05 * 0.1
            optimizer.step()
        runs.append(w.data.copy())
    return float(np.abs(runs[0] - runs[1]).max())


def _batch_norm(x):
    return normalization.batch_norm(x, None, None, training=True)


def _layer_norm(x):
    return normalization.layer_norm(x, 3)


def _beside(function, evaluate=False):
    """How far the first sample's output moves when the rest of the batch changes."""
    rng = np.random.default_rng(0)
    sample, mates = rng.normal(size=(1, 3)), rng.normal(size=(2, 7, 3))
    mates[1] -= 5
    if evaluate:
        function = lambda x: normalization.batch_norm(x, np.zeros(3), np.ones(3), training=False)  # noqa: E731
    out = [function(np.concatenate([sample, m]))[0] for m in mates]
    return float(np.abs(out[0] - out[1]).max())
