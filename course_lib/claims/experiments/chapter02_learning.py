"""Learning: capacity, memory, few labels, pre-training, and the order of the pipeline."""

import numpy as np

from course_lib import compression, losses, nn, optim, recurrent
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients
from course_lib.data import digits
from course_lib.metrics import accuracy
from course_lib.topics import transfer


def more_params():
    """Least squares on random relu features, for 100 training digits: test accuracy against the number of features."""
    data = digits()
    few = {w: np.mean([_random_features(data, 100, w, seed) for seed in range(3)]) for w in (30, 100, 1000)}
    many = {w: np.mean([_random_features(data, 1000, w, seed) for seed in range(3)]) for w in (30, 100)}
    found = {"100 samples": list(few.values()), "1,000 samples": list(many.values())}
    return Evidence(
        f"100 training digits: {few[30]:.2f} right with 30 features, {few[100]:.2f} with 100, {few[1000]:.2f} with "
        f"1,000; 1,000 training digits: {many[30]:.2f} with 30, {many[100]:.2f} with 100.",
        said={"from few to many features it gets better": few[1000] > few[30] and many[100] > many[30]},
        gap={"in between, with as many features as samples, it gets worse": few[100] < few[30] - 0.1},
        right={"with ten times the data the same growth helps": many[100] > many[30] + 0.05},
        numbers={name: np.round(values, 2) for name, values in found.items()},
    )


def rnn_memory():
    """The gradient that reaches the first of 50 steps, and a bit that must be kept for ten."""
    reach = {w: _reach(w) for w in (0.9, 1.1)}
    kept = _remembers(steps=10)
    return Evidence(
        f"a small RNN names the first of ten symbols with accuracy {kept:.2f}; over 50 linear steps a gradient shrinks "
        f"to {reach[0.9]:.5f} with weight 0.9 and grows to {reach[1.1]:.1f} with 1.1.",
        said={"an RNN carries what it read before": kept > 0.95},
        right={"the gradient vanishes or explodes as wᵀ": close(reach[0.9], 0.9**50) and close(reach[1.1], 1.1**50, 3)},
        numbers={"kept": round(kept, 2), "0.9": reach[0.9], "1.1": reach[1.1]},
    )


def pretrain_finetune():
    """Five labels per digit: from scratch, after restoring hidden pixels, and after another task."""
    data = digits()
    runs = np.array([_transfer(data, seed) for seed in range(3)])
    scratch, restored, other_scratch, other = runs.mean(0)
    return Evidence(
        f"five labels per class: {scratch:.2f} from scratch, {restored:.2f} after pre-training on hidden pixels (mean "
        f"of 3 seeds); on classes 5 to 9, {other_scratch:.2f} from scratch, {other:.2f} after pre-training on 0 to 4.",
        said={"pre-training on all images, then fine-tuning, helps": restored > scratch},
        right={"not every source helps: classes 0 to 4 do not": other < other_scratch},
        numbers={"scratch, restored": np.round(runs.mean(0)[:2], 2), "5 to 9": np.round(runs.mean(0)[2:], 2)},
    )


def few_shot():
    """Nearest class mean on raw pixels, 20 draws for each number of examples."""
    data = digits()
    means = {k: float(np.mean([_nearest_mean(data, k, seed) for seed in range(20)])) for k in (1, 5, 50)}
    return Evidence(
        f"the nearest class mean of raw pixels is right for {means[1]:.2f} with one example per class, {means[5]:.2f} "
        f"with 5, {means[50]:.2f} with 50.",
        said={"a few examples are enough for something: five times chance": means[1] > 0.5},
        gap={"without a representation learned elsewhere, one example costs much": means[50] - means[1] > 0.15},
        right={"what is saved here, a pre-training must have paid": means[5] < means[50] < 0.95},
        numbers={str(k): round(v, 2) for k, v in means.items()},
    )


def compressed():
    """A digits network in 8 bits: bytes and accuracy."""
    data, rng = digits(), np.random.default_rng(0)
    model = transfer.with_head(transfer.body(rng), 10, rng)
    transfer.train_steps(model, data.x_train, data.y_train, 300, 64, 0)
    state, before = model.state_dict(), _accuracy(model, data)
    stored = compression.quantize_state(state)
    model.load_state_dict(compression.dequantize_state(stored))
    after, ratio = _accuracy(model, data), compression.stored_bytes(stored) / compression.stored_bytes(state)
    return Evidence(
        f"in 8 bits the file has {ratio:.2f} of its size, and accuracy goes from {before:.2f} to {after:.2f}.",
        said={"storage goes down": ratio < 0.4},
        right={"at a cost of less than a point of accuracy here": abs(after - before) < 0.01},
        numbers={"ratio": round(ratio, 2), "before": round(before, 2), "after": round(after, 2)},
    )


def pipeline():
    """Does backpropagation train? And what is the test accuracy of the best of 200 models worth?"""
    rng = np.random.default_rng(0)
    layer = nn.Linear(2, 2, rng=rng)
    before = layer.weight.data.copy()
    losses.cross_entropy(layer(Tensor(np.ones((1, 2), np.float32))), np.array([0])).backward()
    unmoved = close(layer.weight.data, before, 12)
    optim.SGD(layer.parameters(), lr=0.1).step()
    moved = not close(layer.weight.data, before, 12)
    guesses = rng.integers(2, size=(200, 100)) == rng.integers(2, size=100)  # coin flips, judged on one test set
    best, fresh = guesses.mean(1).max(), (rng.integers(2, size=100) == rng.integers(2, size=100)).mean()
    return Evidence(
        f"after backward the weights are where they were; the best of 200 coin-flippers has {best:.2f} on the test set "
        f"on which it was chosen and {fresh:.2f} on fresh data.",
        said={"the listed steps exist: gradients come from backpropagation": layer.weight.grad is not None},
        gap={"choosing on the test set spoils it; no validation set is listed": best - fresh > 0.08},
        right={"backpropagation computes gradients": unmoved, "the optimizer moves the weights": moved},
        numbers={"best of 200": best, "fresh": fresh},
    )


def _random_features(data, samples, width, seed):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(data.x_train))[:samples]
    w, b = rng.normal(size=(64, width)), rng.normal(size=width)
    features = lambda x: np.maximum(x @ w + b, 0)  # noqa: E731
    fit, *_ = np.linalg.lstsq(features(data.x_train[rows]), np.eye(10)[data.y_train[rows]], rcond=None)
    return accuracy(features(data.x_test) @ fit, data.y_test)


def _reach(weight):
    x, h, one = np.zeros((50, 1, 1)), np.ones((1, 1)), np.array([[float(weight)]])
    run = lambda h: recurrent.rnn(x, h, one, one, nonlinearity="relu")[-1].sum()  # noqa: E731
    return float(gradients(run, h)[0][0, 0])


def _remembers(steps):
    rng = np.random.default_rng(0)
    rnn, head = nn.RNN(2, 12, rng=rng), nn.Linear(12, 2, rng=rng)
    adam = optim.Adam(rnn.parameters() + head.parameters(), lr=0.01)
    for _ in range(150):
        x, y = _bits(rng, steps)
        adam.zero_grad()
        losses.cross_entropy(head(rnn(Tensor(x))[0][-1]), y).backward()
        adam.step()
    x, y = _bits(rng, steps)
    return accuracy(head(rnn(Tensor(x))[0][-1]).data, y)


def _bits(rng, steps, batch=64):
    bits = rng.integers(2, size=(steps, batch))
    return np.eye(2, dtype=np.float32)[bits], bits[0]


def _transfer(data, seed):
    """(from scratch, from hidden pixels) on all classes, and (from scratch, from 0 to 4) on the classes 5 to 9."""
    return [*_two_starts(data, seed, "pixels"), *_two_starts(data, seed, "0 to 4")]


def _two_starts(data, seed, source):
    late = source == "0 to 4"
    keep, shown = (data.y_train >= 5 * late), (data.y_test >= 5 * late)
    x, y, out = data.x_train[keep], data.y_train[keep] - 5 * late, []
    for pretrain in (False, True):
        rng = np.random.default_rng(seed)
        trunk = transfer.body(rng)
        if pretrain and late:
            early = data.y_train < 5
            task = transfer.with_head(trunk, 5, rng), data.x_train[early], data.y_train[early]
            transfer.train_steps(*task, 200, 64, seed)
        elif pretrain:
            task = transfer.with_head(trunk, 64, rng), *transfer.hidden_pixels(data.x_train, 0.5, rng)
            transfer.train_steps(*task, 300, 64, seed)
        rng = np.random.default_rng(100 + seed)
        few, model = transfer.few_per_class(y, 5, rng), transfer.with_head(trunk, 10 - 5 * late, rng)
        transfer.train_steps(model, x[few], y[few], 120, 25, seed)
        out.append(accuracy(model(Tensor(data.x_test[shown])).data, data.y_test[shown] - 5 * late))
    return out


def _nearest_mean(data, k, seed):
    chosen = transfer.few_per_class(data.y_train, k, np.random.default_rng(seed)).reshape(10, k)
    means = data.x_train[chosen].mean(1)
    return accuracy(-((data.x_test[:, None] - means) ** 2).sum(-1), data.y_test)


def _accuracy(model, data):
    return accuracy(model(Tensor(data.x_test)).data, data.y_test)
