"""Convolution forward and backward, and an epoch of a small CNN on the digits, beside PyTorch. float32, one thread."""

import numpy as np

from benchmarks.timing import Row
from course_lib import conv, losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.data import digits

BATCH = 32
NOTE = "The image is copied once per kernel column; the rest is kh matrix products per pass, at OpenBLAS's speed."


def rows() -> list[Row]:
    """The three rows of the table."""
    return [
        _conv_row("conv2d 32×3×32×32 → 16 channels, 3×3, forward and backward", (32, 3, 32, 16), 1.3),
        _conv_row("conv2d 32×16×16×16 → 32 channels, 3×3, forward and backward", (32, 16, 16, 32), 2.8),
        Row(
            title="small CNN on the digits, one epoch (batch 32, Adam, float32)",
            setups={"course_lib": lambda: _cnn(ours=True), "PyTorch eager": lambda: _cnn(ours=False)},
            targets={"PyTorch eager": 1.3},
            note="conv 1→8, relu, max pool, conv 8→16, relu, linear 256→10; equal first weights.",
        ),
    ]


def _conv_row(title, sizes, target):
    setups = {"course_lib": lambda: _ours(*_data(*sizes)), "torch.nn.functional.conv2d": lambda: _torch(*_data(*sizes))}
    return Row(title, setups, {"torch.nn.functional.conv2d": target}, rounds=60, note=NOTE)


def _data(n, channels, size, filters):
    rng = np.random.default_rng(0)
    shapes = (n, channels, size, size), (filters, channels, 3, 3), (filters,), (n, filters, size, size)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def _ours(x, w, b, g):
    inputs = [Tensor(v, requires_grad=True) for v in (x, w, b)]

    def run():
        for v in inputs:
            v.grad = None
        conv.conv2d(*inputs, 1, 1).backward(g)

    return run


def _torch(x, w, b, g):
    import torch

    torch.set_num_threads(1)
    inputs = [torch.tensor(v, requires_grad=True) for v in (x, w, b)]
    gradient = torch.tensor(g)

    def run():
        for v in inputs:
            v.grad = None
        torch.nn.functional.conv2d(*inputs, padding=1).backward(gradient)

    return run


def _cnn(ours):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    x, y, _, _ = digits(flat=False)
    theirs = _network(torch.nn)
    if ours:
        model, wrap = _network(nn), Tensor
        model.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
        optimizer, loss = optim.Adam(model.parameters()), losses.cross_entropy
    else:
        model, wrap = theirs, torch.from_numpy
        optimizer, loss = torch.optim.Adam(model.parameters()), torch.nn.functional.cross_entropy
    label = (lambda v: v) if ours else torch.from_numpy
    rng = np.random.default_rng(0)

    def epoch():
        order = rng.permutation(len(y))
        for i in range(0, len(y), BATCH):
            batch = order[i : i + BATCH]
            optimizer.zero_grad()
            loss(model(wrap(x[batch])), label(y[batch])).backward()
            optimizer.step()

    return epoch


def _network(m):
    return m.Sequential(
        m.Conv2d(1, 8, 3, padding=1), m.ReLU(), m.MaxPool2d(2), m.Conv2d(8, 16, 3, padding=1), m.ReLU(), m.Flatten(),
        m.Linear(256, 10),
    )  # fmt: skip
