"""What `ConvStep` computes: one kernel on one image with its gradients, and what a model's layers see and answer."""

from __future__ import annotations

import inspect

import numpy as np

from course_lib import conv, nn
from course_lib.autograd import Tensor, no_grad

from .learners import numbers

KERNELS = {
    "vertical edge": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "horizontal edge": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "mean": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}


def convolve(image, kernel, stride=1, padding=0, dilation=1) -> np.ndarray:
    """`conv2d` of one channel: image (H, W), kernel (k, k) → (H_out, W_out)."""
    return conv.conv2d(image[None, None], kernel[None, None], None, stride, padding, dilation)[0, 0]


def gradients(image, kernel, stride=1, padding=0, dilation=1) -> tuple[np.ndarray, np.ndarray]:
    """Return dL/dX (H, W) and dL/dK (k, k) of L = ½ Σ Y², by the tape."""
    x = Tensor(np.array(image[None, None]), requires_grad=True)
    k = Tensor(np.array(kernel[None, None]), requires_grad=True)
    y = conv.conv2d(x, k, None, stride, padding, dilation)
    ((y * y).sum() * 0.5).backward()
    return x.grad[0, 0], k.grad[0, 0]


def resized(kernel, size: int) -> tuple:
    """Cut a square kernel, or put zeros around it; its middle stays where it was as far as possible."""
    old = np.asarray(kernel, float)
    n, new = len(old), np.zeros((size, size))
    a, b = max(0, (n - size) // 2), max(0, (size - n) // 2)
    m = min(n, size)
    new[b : b + m, b : b + m] = old[a : a + m, a : a + m]
    return tuple(map(tuple, new.tolist()))


def conv_layers(model) -> dict[str, nn.Conv2d]:
    """Return the model's ungrouped `Conv2d` layers with a small square kernel, by name."""
    found = {name or "model": m for name, m in model.named_modules() if isinstance(m, nn.Conv2d)}
    return {name: m for name, m in found.items() if m.groups == 1 and m.weight.shape[2] == m.weight.shape[3] <= 5}


def seen(model, image) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Run the model on one image (C, H, W): each layer's input (C, H, W) and output maps (F, H', W'), by layer name."""
    found, layers = {}, conv_layers(model)
    modes = [(module, module.training) for _, module in model.named_modules()]
    try:
        for name, layer in layers.items():
            layer.forward = _recording(layer, name, found)
        with no_grad():
            model.eval()(Tensor(np.asarray(image, np.float32)[None]))
    finally:
        for layer in layers.values():
            vars(layer).pop("forward", None)
        for module, training in modes:
            module.training = training
    return found


def _recording(layer, name, found):
    def forward(x):
        y = type(layer).forward(layer, x)
        found[name] = x.data[0].copy(), y.data[0].copy()
        return y

    return forward


def call_own(function, image, kernel, **options) -> np.ndarray | None:
    """Call a learner's ``function(image, kernel)``, with those of stride, padding, dilation that it takes.

    Returns None if the setting needs an option that it does not take.
    """
    taken = inspect.signature(function).parameters
    free = any(p.kind is p.VAR_KEYWORD for p in taken.values())
    default = {"stride": 1, "padding": 0, "dilation": 1}
    if any(value != default[name] and name not in taken and not free for name, value in options.items()):
        return None
    given = {name: value for name, value in options.items() if name in taken or free}
    return numbers("your function", function(image.copy(), kernel.copy(), **given))


def compare(own, expected) -> str:
    """Say whether the learner's output is the library's, and if not where it first differs."""
    if own is None:
        return "Your function takes no such option: not compared."
    if own.shape != expected.shape:
        return f"Your function returned shape {own.shape}; conv2d returns {expected.shape}."
    wrong = differing(own, expected)
    if not wrong.any():
        return f"Your function gives the same in all {expected.size} cells."
    r, c = np.argwhere(wrong)[0]
    return (f"Your function differs in {wrong.sum()} of {expected.size} cells, first at ({r}, {c}): "
            f"yours {own[r, c]:.4g}, conv2d {expected[r, c]:.4g}.")  # fmt: skip


def differing(own, expected) -> np.ndarray:
    """True where two outputs differ by more than rounding (nan differs)."""
    tolerance = 1e-5 * max(1.0, float(np.abs(expected).max(initial=0)))
    return ~(np.abs(own - expected) <= tolerance)


def formula(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """⌊(H + 2p - d(k - 1) - 1) / s⌋ + 1; 0 or less if the kernel does not fit."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
