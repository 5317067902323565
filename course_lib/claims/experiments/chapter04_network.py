"""S3's 3-4-2 network, with weights filled in: forward, backward, update."""

import numpy as np

from course_lib import activations, losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients, linear, raises

NET = as_printed.NETWORK_342
X, CLASS = Tensor(NET.x), np.array(1)  # Y = [0, 1] is one-hot: the second class


def setup():
    """Parameters of a 3-4-2 network, and what two sets of weights make of the same input."""
    make = lambda rng: nn.Sequential(nn.Linear(3, 4, rng=rng), nn.ReLU(), nn.Linear(4, 2, rng=rng))  # noqa: E731
    nets = [make(np.random.default_rng(seed)) for seed in (0, 1)]
    count = sum(p.size for p in nets[0].parameters())
    first, second = (net(Tensor(np.float32(NET.x))).numpy() for net in nets)
    return Evidence(
        f"a 3-4-2 network has {count} parameters; two random fillings turn the same input into "
        f"({first[0]:.3f}, {first[1]:.3f}) and ({second[0]:.3f}, {second[1]:.3f}).",
        said={"3 inputs, 4 hidden units, 2 outputs make a network": first.shape == (2,)},
        gap={"without weights there is nothing to compute: other weights, other output": not close(first, second, 1)},
        right={"4·3 + 4 + 2·4 + 2 = 26 parameters": count == 26},
        numbers={"parameters": count, "output with filling 1": first, "output with filling 2": second},
    )


def forward():
    """The forward pass with our weights; X as a row or a column."""
    f = as_printed.network_forward()
    z2 = _network()(X).numpy()
    return Evidence(
        f"Z₁ = {np.round(f.z1, 4).tolist()}, A₁ = {np.round(f.a1, 4).tolist()}, Z₂ = {np.round(f.z2, 4).tolist()}; X "
        "as the row [1, 2, 3] does not fit W₁.",
        said={"Z₁ = W₁X + b₁, A₁ = relu(Z₁), Z₂ = W₂A₁ + b₂": close(f.z1, [1.5, 0.7, 0.1, -0.4]) and close(f.a1[3], 0)},
        gap={"X printed as a row cannot be multiplied": raises(ValueError, lambda: NET.W1 @ NET.x.reshape(1, 3))},
        right={"the library's layers give the same": close(z2, f.z2, 12) and close(z2, [0.32, -0.14])},
        numbers={"Z₁": f.z1, "A₁": f.a1, "Z₂": f.z2},
    )


def relu_output():
    """Cross-entropy of a relu output, and of a softmax output."""
    f = as_printed.network_forward()
    loss = as_printed.cross_entropy_sum(f.a2, NET.y)
    p, right = activations.softmax(f.z2), float(losses.cross_entropy(f.z2, CLASS))
    return Evidence(
        f"relu gives A₂ = {np.round(f.a2, 4).tolist()} with loss {loss:g}; softmax gives ({p[0]:.6f}, {p[1]:.6f}) with "
        f"loss {right:.6f}.",
        said={
            "the relu output is a distribution": close(f.a2.sum(), 1),
            "its cross-entropy is finite": bool(np.isfinite(loss)),
        },
        right={"softmax: a distribution with a finite loss": close(p.sum(), 1, 12) and close(right, 0.949367)},
        numbers={"relu": f.a2, "softmax": p, "loss": right},
    )


def delta2():
    """A₂ - Y: the gradient for which output and loss?"""
    f = as_printed.network_forward()
    (soft,) = gradients(lambda z: losses.cross_entropy(z, CLASS), f.z2)
    half_mse = lambda z: losses.mse_loss(activations.relu(z), NET.y, reduction="sum") * 0.5  # noqa: E731
    (half,) = gradients(half_mse, f.z2)
    printed, _ = as_printed.network_deltas(f.a2, f.z1)
    right, _ = as_printed.network_deltas(activations.softmax(f.z2), f.z1)
    return Evidence(
        f"with softmax A₂ - Y = ({right[0]:.6f}, {right[1]:.6f}) is the gradient; with the relu output of the text it "
        f"is ({printed[0]:.2f}, {printed[1]:.2f}), where half the squared error has ({half[0]:.2f}, "
        f"{half[1] + 0:.2f}).",
        said={"A₂ - Y is ∂L/∂Z₂ for softmax and cross-entropy": close(right, soft, 12)},
        gap={"for the relu output that the text has, it is not": not close(printed, half, 3)},
        right={"relu and half MSE: (A₂ - Y) ⊙ [Z₂ > 0]": close(half, (f.a2 - NET.y) * (f.z2 > 0), 12)},
        numbers={"softmax": right, "relu, as printed": printed, "relu and half MSE": half},
    )


def delta1():
    """One dot for two products."""
    f = as_printed.network_forward()
    d2, d1 = as_printed.network_deltas(activations.softmax(f.z2), f.z1)
    tape = gradients(lambda z: losses.cross_entropy(NET.W2 @ activations.relu(z) + NET.b2, CLASS), f.z1)[0]
    column, slope = (NET.W2.T @ d2)[:, None], (f.z1 > 0)[:, None]
    return Evidence(
        f"δ₁ = ({', '.join(f'{v + 0:.6f}' for v in d1)}) with the second product element by element; as a matrix "
        "product (4, 1) times (4, 1) is an error.",
        said={"with the second dot element by element": close(d1, tape, 12)},
        gap={"the same dot cannot be a matrix product both times": raises(ValueError, lambda: column @ slope)},
        right={"(W₂ᵀδ₂) ⊙ σ'(Z₁)": close(d1, [0.306507, -0.367809, 0.183904, 0])},
        numbers={"δ₂": d2, "δ₁": d1},
    )


def w2_update():
    """A₁·δ₂ᵀ against the shape of W₂."""
    f = as_printed.network_forward()
    d2, _ = as_printed.network_deltas(activations.softmax(f.z2), f.z1)
    return _transposed("W₂", NET.W2, f.a1, d2, _tape()[2])


def w1_update():
    """X·δ₁ᵀ against the shape of W₁."""
    f = as_printed.network_forward()
    _, d1 = as_printed.network_deltas(activations.softmax(f.z2), f.z1)
    return _transposed("W₁", NET.W1, NET.x, d1, _tape()[0])


def bias_updates():
    """One step with δ as the gradient of the biases."""
    f = as_printed.network_forward()
    d2, d1 = as_printed.network_deltas(activations.softmax(f.z2), f.z1)
    _, b1, _, b2 = _tape()
    net = _network()
    before = _step(net)
    p = activations.softmax(net(X)).numpy()
    late = ((NET.W2 - 0.1 * np.outer(d2, f.a1)).T @ d2) * (f.z1 > 0)
    return Evidence(
        f"one step with α = 0.1 takes the loss from {before:.6f} to {-np.log(p[1]):.6f}, p = ({p[0]:.6f}, {p[1]:.6f}).",
        said={"the gradient of a bias is its δ": close(d2, b2, 12) and close(d1, b1, 12)},
        right={
            "the step lowers the loss to 0.454674": close(-np.log(p[1]), 0.454674),
            "δ₁ needs the old W₂: the new one gives another": not close(late, d1, 3),
        },
        numbers={"p": p, "δ₁ from the old W₂": d1, "δ₁ from the new W₂": late},
    )


def convergence():
    """A hundred steps on the one sample, then four hundred other points."""
    net = _network()
    loss = [_step(net) for _ in range(100)][-1]
    rng = np.random.default_rng(0)
    x = rng.normal(NET.x, 1, size=(400, 3))
    y = (x[:, 2] > x[:, 1]).astype(int)  # a rule that the sample obeys: 3 > 2, class 1
    guess = net(Tensor(x)).numpy().argmax(-1)
    accuracy, common = float((guess == y).mean()), float(y.mean())
    return Evidence(
        f"after 100 steps the loss on the sample is {loss:.5f}; on 400 points around it, labelled by a rule that it "
        f"obeys, accuracy is {accuracy:.3f}, where always naming the commoner class gives {common:.3f}.",
        said={"the loss on the sample converges": loss < 0.01},
        gap={"on other points it knows no more than the commoner class": accuracy <= common},
        right={"stop on data that were not trained on": accuracy < 0.9 and loss < 0.01},
        numbers={"loss": loss, "accuracy": accuracy, "commoner class": common},
    )


def _transposed(name, weight, inputs, delta, tape):
    """Evidence that a δᵀ-transposed update does not fit, and that δaᵀ is the gradient."""
    printed, right = np.outer(inputs, delta), np.outer(delta, inputs)
    fits = not raises(ValueError, as_printed.weight_update, weight, inputs, delta, 0.1)
    return Evidence(
        f"the printed product is {printed.shape}, {name} is {weight.shape}: NumPy refuses; δ·aᵀ fits, and its first "
        f"row is ({', '.join(f'{v:.6f}' for v in right[0])}).",
        said={f"the product can be subtracted from {name}": fits},
        right={"δ·aᵀ is the gradient on the tape": close(right, tape, 12)},
        numbers={"gradient": right},
    )


def _network():
    return nn.Sequential(linear(NET.W1, NET.b1), nn.ReLU(), linear(NET.W2, NET.b2))


def _tape():
    """Gradients of W1, b1, W2, b2."""
    net = _network()
    losses.cross_entropy(net(X), CLASS).backward()
    return [p.grad for p in net.parameters()]


def _step(net):
    """One step of gradient descent on the sample; return the loss before it."""
    sgd = optim.SGD(net.parameters(), lr=0.1)
    loss = losses.cross_entropy(net(X), CLASS)
    loss.backward()
    sgd.step()
    sgd.zero_grad()
    return loss.item()
