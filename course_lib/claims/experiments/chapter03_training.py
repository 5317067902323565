"""What a training step consists of: forward, loss, backward, update; and where it leads."""

import numpy as np

from course_lib import activations, losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import differences, gradients

X, Y = np.array([[0.5, -1, 2], [1, 0.3, -0.7], [-0.2, 0.8, 0.1]]), np.array([0, 1, 1])
XOR_X, XOR_Y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def backward_only():
    """Parameters before and after the backward pass, and after the optimizer's step."""
    net = _network(0)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    before = net.state_dict()
    loss = losses.cross_entropy(net(Tensor(X)), Y)
    loss.backward()
    moved = _distance(before, net.state_dict())
    grad, numeric = (
        net[0].weight.grad.copy(),
        differences(lambda w: _loss(before | {"0.weight": w}), before["0.weight"]),
    )
    optimizer.step()
    stepped = _distance(before, net.state_dict())
    return Evidence(
        f"the backward pass leaves all {sum(p.size for p in net.parameters())} parameters as they are (largest change "
        f"{moved:g}) and its gradient is that of central differences; the optimizer's step moves them by up to "
        f"{stepped:.4f}.",
        said={"backpropagation updates the parameters": moved > 0},
        right={"it computes the gradient": close(grad, numeric, 7), "the optimizer's step moves them": stepped > 1e-4},
        numbers={"change by backward": moved, "change by step": stepped, "gradient": grad},
    )


def three_parts():
    """Twenty rounds of forward and backward, without and with the third part."""
    with_step, without = _rounds(True), _rounds(False)
    return Evidence(
        f"twenty rounds of forward and backward take the loss from {without[0]:.4f} to {without[-1]:.4f}; with an "
        f"optimizer's step after each, to {with_step[-1]:.4f}.",
        said={"forward and backward give a loss and its gradient": np.isfinite(without[0])},
        gap={"without an update nothing is learnt": without[-1] == without[0]},
        right={"with the update the loss falls": with_step[-1] < 0.8 * with_step[0]},
        numbers={"without": without[-1], "with": with_step[-1]},
    )


def forward_steps():
    """A forward pass twice; with new first weights in between; with the weighted sum left out."""
    net, other = _network(0), _network(1)
    first, again, new = (m(Tensor(X)).numpy() for m in (net, net, other))
    bare = activations.relu(X) @ net[2].weight.data[:, :3].T + net[2].bias.data  # straight to the activation
    return Evidence(
        f"two passes through one network agree to the last bit; initialised anew in between, outputs differ by up to "
        f"{np.abs(first - new).max():.2f}; without the weighted sum before relu, by {np.abs(first - bare).max():.2f}.",
        said={"layer by layer, an activation after each hidden one, gives an output": np.isfinite(first).all()},
        gap={
            "initialising is no part of a pass: it would answer differently each time": not close(first, new, 1),
            "the weighted sum, which is not mentioned, decides": not close(first, bare, 1),
        },
        right={"the same weights give the same output": np.array_equal(first, again)},
        numbers={"output": first},
    )


def local_minimum():
    """Gradient descent on XOR from forty starts."""
    final, _ = _xor(_xor_starts(40), 1000)
    solved, stuck = int((final < 0.05).sum()), int((final > 0.2).sum())
    return Evidence(
        f"a 2-3-1 network on XOR, 1,000 steps from 40 starts: {solved} end below 0.05 and {stuck} above 0.2, the "
        "best at "
        f"{final.min():.2f} and the worst at {final.max():.2f}.",
        said={"gradients and steps lower the loss": final.min() < 0.05},
        gap={"where the descent ends depends on where it began": stuck >= 2},
        right={"other starts find the minimum": solved >= 10},
        numbers={"solved": solved, "stuck": stuck},
    )


def hidden_layer():
    """XOR without and with a hidden layer; zero, random and trained starts."""
    w, b = np.zeros(2), 0.0
    for _ in range(500):  # input and output layer only
        error = activations.sigmoid(XOR_X @ w + b) - XOR_Y
        w, b = w - 0.5 * XOR_X.T @ error / 4, b - 0.5 * error.mean()
    flat = float(losses.binary_cross_entropy(activations.sigmoid(XOR_X @ w + b), XOR_Y))
    after, trained = _xor(_xor_starts(10), 1000)
    best = after.argmin()
    (zero,), _ = _xor(_xor_starts(1, scale=0.0))
    (cold,), _ = _xor([p[[best]] for p in _xor_starts(10)], 20)
    (warm,), _ = _xor([p[[best]] for p in trained], 20)
    return Evidence(
        f"loss on XOR: {flat:.4f} without a hidden layer, {after[best]:.4f} with one from the best of ten random "
        "starts, "
        f"{zero:.4f} from zeros; 20 steps from trained weights end at {warm:.4f}, from random ones at {cold:.4f}.",
        said={
            "input, hidden and output layer, with a non-linear one between, solve it": after[best] < 0.05,
            "random and trained weights are places to begin": warm < cold,
        },
        right={
            "without the hidden layer it cannot be solved": close(flat, np.log(2), 4),
            "from zeros nothing is learnt": close(zero, np.log(2), 4),
        },
        numbers={"none": flat, "random": round(after[best], 5), "zeros": zero},
    )


def loss_choice():
    """What each loss asks for, and how strongly it corrects a confident mistake."""
    values, labels = np.array([1.0, 2, 3, 10]), np.array([1.0, 1, 1, 0])
    grid = np.linspace(0.01, 0.99, 99)
    best = grid[np.argmin([float(losses.binary_cross_entropy(np.full(4, q), labels)) for q in grid])]
    levels = np.linspace(0, 10, 101)
    mean = levels[np.argmin([float(losses.mse_loss(np.full(4, c), values)) for c in levels])]
    (ce,) = gradients(lambda z: losses.binary_cross_entropy(activations.sigmoid(z), np.array([1.0])), [-8.0])
    (mse,) = gradients(lambda z: losses.mse_loss(activations.sigmoid(z), np.array([1.0])), [-8.0])
    return Evidence(
        f"the best constant under squared error is the mean, {mean:g}, and under cross-entropy the share of positives, "
        f"{best:g}; for a sigmoid unit that is sure and wrong (z = -8) their gradients are {mse[0]:.4f} and "
        f"{ce[0]:.4f}.",
        said={"squared error asks for the mean, cross-entropy for the probability": close([mean, best], [4, 0.75], 9)},
        right={"for classes cross-entropy corrects a sure mistake, squared error hardly": ce[0] < -0.9 < mse[0] < 0},
        numbers={"mean": mean, "share": best, "gradients": [mse[0], ce[0]]},
    )


def output_pairs():
    """Four outputs with cross-entropy: which of them are probabilities with a finite loss?"""
    z = np.array([0.32, -0.14])
    outputs = {"relu": activations.relu(z), "identity": z, "sigmoid": activations.sigmoid(z),
               "softmax": activations.softmax(z)}  # fmt: skip
    fit = [name for name, p in outputs.items() if (p > 0).all() and close(p.sum(), 1, 9)]
    with np.errstate(all="ignore"):
        loss = {name: float(-np.log(p[1])) for name, p in outputs.items()}
    return Evidence(
        f"of relu, identity, sigmoid and softmax as the output for two exclusive classes only {', '.join(fit)} gives "
        f"probabilities (loss {loss['softmax']:.4f}); relu's loss is {loss['relu']:g}, identity's {loss['identity']}.",
        said={"each activation can be computed": all(np.isfinite(p).all() for p in outputs.values())},
        gap={"which one fits the loss is not said, and relu's loss is infinite": not np.isfinite(loss["relu"])},
        right={"softmax belongs to cross-entropy over classes": fit == ["softmax"]},
        numbers=dict(outputs.items()),
    )


def _network(seed):
    rng = np.random.default_rng(seed)
    layer = lambda i, o: nn.Linear(i, o, rng=rng, dtype=np.float64)  # noqa: E731
    return nn.Sequential(layer(3, 4), nn.ReLU(), layer(4, 2))


def _loss(state):
    net = _network(0)
    net.load_state_dict(state)
    return losses.cross_entropy(net(Tensor(X)), Y).item()


def _distance(a, b):
    return max(float(np.abs(a[name] - b[name]).max()) for name in a)


def _rounds(update):
    net, seen = _network(0), []
    optimizer = optim.SGD(net.parameters(), lr=0.5)
    for _ in range(20):
        optimizer.zero_grad()
        loss = losses.cross_entropy(net(Tensor(X)), Y)
        loss.backward()
        if update:
            optimizer.step()
        seen.append(loss.item())
    return seen


def _xor_starts(seeds, scale=1.0):
    """First weights of 2-3-1 networks, one network per seed on the first axis."""
    shapes = ((2, 3), (1, 3), (3, 1), (1, 1))
    drawn = [[scale * rng.normal(size=s) for s in shapes] for rng in map(np.random.default_rng, range(seeds))]
    return [np.array(parts) for parts in zip(*drawn, strict=True)]


def _xor(parameters, steps=600):
    """Gradient descent on XOR with three tanh units, all networks side by side; returns losses and parameters."""
    w, b, v, c = parameters
    y = XOR_Y[:, None]
    for _ in range(steps):
        h = np.tanh(XOR_X @ w + b)  # (S, 4, 3)
        error = (activations.sigmoid(h @ v + c) - y) / 4
        dh = error @ v.transpose(0, 2, 1) * (1 - h * h)
        grads = XOR_X.T @ dh, dh.sum(1, keepdims=True), h.transpose(0, 2, 1) @ error, error.sum(1, keepdims=True)
        w, b, v, c = (optim.sgd_update(p, g, 0.0, 0.5)[0] for p, g in zip((w, b, v, c), grads, strict=True))
    p = activations.sigmoid(np.tanh(XOR_X @ w + b) @ v + c)
    return np.array([float(losses.binary_cross_entropy(q, y)) for q in p]), [w, b, v, c]
