"""Convolution and pooling: what the specs in course_lib.verify do not say (errors, weights from PyTorch, a network)."""

from statistics import median

import numpy as np
import pytest

from course_lib import conv, losses, nn, optim, pooling
from course_lib.autograd import Tensor
from course_lib.data import digits
from course_lib.training import Trainer

X, W = np.ones((2, 3, 8, 8)), np.ones((4, 3, 3, 3))

WRONG = {
    "the input has too few axes": (lambda: conv.conv2d(X[0, 0], W), r"input must have shape \(N, C, H, W\).*\(8, 8\)"),
    "the weight too": (lambda: conv.conv2d(X, W[0]), r"weight must have 4 dimensions.*\(3, 3, 3\)"),
    "other channels": (lambda: conv.conv2d(X[:, :2], W), "conv2d: expected 3 input channels.*got 2"),
    "groups that do not divide": (lambda: conv.conv2d(X, W, groups=3), "groups must divide the 4 channels.*got 3"),
    "a bias of another size": (lambda: conv.conv2d(X, W, np.ones(3)), r"bias must have shape \(4,\), got \(3,\)"),
    "a kernel that does not fit": (lambda: conv.conv2d(X, W, dilation=4), r"kernel reaches over 9×9.*8×8"),
    "no step": (lambda: conv.conv2d(X, W, stride=0), "stride must be an integer of at least 1.*got 0"),
    "negative padding": (lambda: conv.conv2d(X, W, padding=(0, -1)), r"padding must be.*at least 0.*got \(0, -1\)"),
    "three numbers": (lambda: conv.conv2d(X, W, dilation=(1, 1, 1)), r"dilation must be.*pair.*got \(1, 1, 1\)"),
    "half a step": (lambda: conv.conv2d(X, W, stride=1.5), "stride must be an integer.*got 1.5"),
    "an image for conv1d": (lambda: conv.conv1d(X, W[0]), r"conv1d: input must have shape \(N, C, L\)"),
    "too short a sequence": (lambda: conv.conv1d(X[0], W[:, :, 0, :] * 1, dilation=4), "conv1d: the kernel reaches"),
    "output_padding": (lambda: conv.conv_transpose2d(X, W[:3], output_padding=1), "output_padding must be below"),
    "nothing left": (lambda: conv.conv_transpose2d(X, W[:3], padding=5), r"leaves nothing.*\(0, 0\)"),
    "a pool's padding": (lambda: pooling.max_pool2d(X, 2, padding=2), "padding must be at most half"),
    "a pool larger than the image": (lambda: pooling.avg_pool2d(X, 9), "kernel reaches over 9×9"),
    "a pool of a vector": (lambda: pooling.max_pool2d(X[0, 0, 0], 2), "max_pool2d: input must have shape"),
    "no cells": (lambda: pooling.adaptive_avg_pool2d(X, 0), "output_size must be an integer of at least 1"),
    "channels and groups": (lambda: nn.Conv2d(3, 4, 3, groups=2), "in_channels.*multiple of groups, got 3"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_named_with_what_is_allowed(name):
    call, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_tensors_get_the_same_message_as_arrays():
    with pytest.raises(ValueError, match=r"^conv2d: expected 3 input channels"):
        conv.conv2d(Tensor(X[:, :2]), Tensor(W, requires_grad=True))


def test_many_images_are_worked_on_in_parts_with_the_same_result():
    """The batch is cut so that the columns stay in the cache: here into four parts, the last one smaller."""
    rng = np.random.default_rng(0)
    x, w, g = rng.normal(size=(7, 8, 32, 32)), rng.normal(size=(4, 8, 3, 3)), rng.normal(size=(7, 4, 30, 30))
    parts = conv._Products(w, conv._Window((3, 3), (1, 1), (0, 0)), 1, (30, 30))._parts(x.shape)
    assert len(parts) == 4
    y, (dx, dw, _) = conv.conv2d.rule(x, w)
    alone = [conv.conv2d.rule(x[i], w) for i in range(7)]
    np.testing.assert_allclose(y, [a for a, _ in alone], rtol=1e-12)
    np.testing.assert_allclose(dx(g), [vjps[0](g[i]) for i, (_, vjps) in enumerate(alone)], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(dw(g), sum(vjps[1](g[i]) for i, (_, vjps) in enumerate(alone)), rtol=1e-9)


def test_ties_in_max_pooling_send_the_gradient_to_the_first():
    x = Tensor(np.ones((1, 1, 2, 2)), requires_grad=True)
    pooling.max_pool2d(x, 2).backward(np.full((1, 1, 1, 1), 5.0))
    assert x.grad.ravel().tolist() == [5, 0, 0, 0]


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 3, 0, 4), (2, 0, 4, 4)], ids=["images", "rows", "channels"])
def test_nothing_in_gives_the_bias_or_nothing_out(shape):
    x, w = Tensor(np.zeros(shape), requires_grad=True), Tensor(np.ones((2, shape[1], 3, 3)), requires_grad=True)
    y = conv.conv2d(x, w, np.array([1.0, 2.0]), padding=2)
    y.sum().backward()
    assert y.shape == (shape[0], 2, shape[2] + 2, shape[3] + 2)
    assert np.array_equal(y.data, np.broadcast_to(np.array([1.0, 2.0])[:, None, None], y.shape))
    assert (x.grad.shape, w.grad.any()) == (shape, False)


def test_integer_images_become_floats():
    assert conv.conv2d(np.ones((1, 1, 3, 3), int), np.ones((1, 1, 3, 3), int)).tolist() == [[[[9.0]]]]


def test_layers_say_what_they_are():
    assert repr(nn.Conv2d(3, 8, 3, padding=1)) == "Conv2d(3, 8, kernel_size=(3, 3), padding=1)"
    assert repr(nn.Conv1d(3, 8, 5, bias=False)) == "Conv1d(3, 8, kernel_size=(5,), bias=False)"
    assert repr(nn.MaxPool2d(2)) == "MaxPool2d(2, None, 0)"


def small_network(library, dtype=None):
    """Every kind of layer of this part, for digits."""
    d = {} if dtype is None else {"dtype": dtype}
    return library.Sequential(
        library.Conv2d(1, 8, 3, padding=1, bias=False, **d), library.BatchNorm2d(8, **d), library.ReLU(),
        library.MaxPool2d(2), library.Conv2d(8, 16, 3, padding=1, groups=2, **d), library.ReLU(),
        library.ConvTranspose2d(16, 8, 2, stride=2, **d), library.AvgPool2d(2), library.AdaptiveAvgPool2d(2),
        library.Flatten(), library.LayerNorm(32, **d), library.RMSNorm(32, **d), library.Dropout(0.0),
        library.Linear(32, 10, **d), library.BatchNorm1d(10, **d),
    )  # fmt: skip


@pytest.mark.parametrize("training", [True, False])
def test_weights_of_a_pytorch_network_give_its_outputs_gradients_and_statistics(training):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    theirs = small_network(torch.nn).double().train(training)
    for name, value in theirs.named_buffers():
        if "running" in name:
            value.uniform_(0.5, 1.5)  # so that evaluation is not the identity
    ours = small_network(nn, np.float64).train(training)
    ours.load_state_dict(theirs.state_dict())
    x, g = (np.random.default_rng(0).normal(size=shape) for shape in ((6, 1, 8, 8), (6, 10)))
    a, b = ours(Tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(a.data, b.detach(), atol=1e-10)
    a.backward(g)
    b.backward(torch.tensor(g))
    for (name, p), (other, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other
        np.testing.assert_allclose(p.grad, q.grad, atol=1e-9, err_msg=name)
    for name, value in ours.state_dict().items():
        np.testing.assert_allclose(value, theirs.state_dict()[name], atol=1e-12, err_msg=name)


def accuracy_after_training(seed, epochs=12, first_lr=3e-3):
    rng, data = np.random.default_rng(seed), digits(flat=False)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, rng=rng), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, rng=rng), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten(),
        nn.Dropout(0.5, rng=rng), nn.Linear(512, 10, rng=rng),
    )  # fmt: skip
    trainer = Trainer(model, optim.Adam(model.parameters()), losses.cross_entropy, data[:2], seed=seed)
    for epoch in range(epochs):
        trainer.optimizer.lr = first_lr * (1 - epoch / epochs)
        trainer.run(1)
    return trainer.evaluate(*data[2:])["accuracy"]


def test_a_small_network_reads_98_of_100_digits():
    assert median(accuracy_after_training(seed) for seed in range(3)) >= 0.98
