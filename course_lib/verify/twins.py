"""Runs of many steps, ours beside PyTorch's: parameters under an optimizer, and a small network in training."""

from itertools import repeat

import numpy as np

from course_lib import nn, optim
from course_lib.autograd import Tensor
from course_lib.verify.tools import torch

SHAPES = ((3, 4), (4,), (2, 1, 3))


def pairs_of_parameters(rng, dtype):
    """The same values as our tensors and (in float64) as torch's."""
    values = [rng.normal(size=shape).astype(dtype) for shape in SHAPES]
    ours = [Tensor(v.copy(), requires_grad=True) for v in values]
    return ours, [torch.tensor(v.astype(np.float64), requires_grad=True) for v in values]


def give_gradients(rng, ours, theirs, missing=False):
    """Random gradients of several sizes; now and then a parameter gets none."""
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        grad = (rng.normal(size=a.shape) * 10.0 ** rng.integers(-3, 2)).astype(a.dtype)
        absent = missing and rng.random() < 0.2 * i
        a.grad, b.grad = (None, None) if absent else (grad, torch.tensor(grad.astype(np.float64)))


def optimizer_error(name, options, dtype, steps, missing=True, schedules=None):
    """Largest relative difference between our parameters and torch.optim's, after any of the steps."""
    rng, worst = np.random.default_rng(steps), 0.0
    ours, theirs = pairs_of_parameters(rng, dtype)
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    schedules = [make(x) for make, x in zip(schedules, (a, b), strict=True)] if schedules else []
    for _ in range(steps):
        give_gradients(rng, ours, theirs, missing)
        a.step()
        b.step()
        for schedule in schedules:
            schedule.step()
        worst = max(worst, distance(ours, theirs))
    return worst


def distance(ours, theirs) -> float:
    """Largest difference over all parameters, relative to the largest parameter of each."""
    pairs = [(a.data, b.detach().numpy()) for a, b in zip(ours, theirs, strict=True)]
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


def networks(dtype=np.float64, seed=0):
    """Return a 3-5-3 tanh network, ours and torch's, with the same weights."""
    rng = np.random.default_rng(seed)
    ours = nn.Sequential(nn.Linear(3, 5, rng=rng, dtype=dtype), nn.Tanh(), nn.Linear(5, 3, rng=rng, dtype=dtype))
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).double()
    theirs.load_state_dict({k: torch.tensor(v.astype(np.float64)) for k, v in ours.state_dict().items()})
    return ours, theirs


def blobs(n=22, dtype=np.float64, seed=0):
    """Return n points in three overlapping classes."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return (rng.normal(size=(n, 3)) + np.eye(3)[y]).astype(dtype), y


def torch_run(model, optimizer, train, epochs, batch_size, seed=0, validation=None, clip=None, schedule=None):
    """Train as one would by hand; yield a row per epoch: batch losses, validation loss and accuracy."""
    x, y = (torch.tensor(np.asarray(a, np.float64 if a.dtype.kind == "f" else np.int64)) for a in train)
    rng, loss_fn = np.random.default_rng(seed), torch.nn.functional.cross_entropy
    for _ in repeat(None, epochs):
        losses = []
        for batch in torch.tensor(rng.permutation(len(x))).split(batch_size):
            optimizer.zero_grad()
            loss = loss_fn(model(x[batch]), y[batch])
            loss.backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            losses.append(loss.item())
        row = {"losses": losses, "lr": optimizer.param_groups[0]["lr"]}
        if schedule:
            schedule.step()
        yield row | (judge(model, validation) if validation else {})


def judge(model, data):
    """Loss and accuracy of a torch model."""
    x, y = torch.tensor(data[0]).double(), torch.tensor(data[1])
    with torch.no_grad():
        scores = model(x)
        loss = torch.nn.functional.cross_entropy(scores, y).item()
        return {"val_loss": loss, "val_accuracy": (scores.argmax(1) == y).double().mean().item()}
