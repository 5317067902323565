"""One epoch of the 64-64-64-10 network on the digits: batch 32, Adam, float32, one thread."""

import numpy as np

from benchmarks.scalars import scalar_step
from benchmarks.timing import Row
from course_lib import losses, nn, optim, random
from course_lib.data import digits
from course_lib.training import Trainer

BATCH, SIZES = 32, (64, 64, 64, 10)


def row() -> Row:
    """The row of the table."""
    data = digits()
    return Row(
        title="digits MLP 64-64-64-10, one epoch (45 steps, batch 32, Adam, float32)",
        setups={
            "course_lib": lambda: _ours(data),
            "PyTorch eager": lambda: _torch(data),
            "PyTorch compiled": lambda: _torch(data, compiled=True),
            "scikit-learn MLPClassifier": lambda: _sklearn(data),
            "scalar autograd (micrograd style)": lambda: scalar_step(data, SIZES),
        },
        targets={"PyTorch eager": 0.25},
        rounds=25,
        once=("scalar autograd (micrograd style)",),
        scale={"scalar autograd (micrograd style)": len(data.x_train)},
        note="What is left: NumPy's fixed cost per call on matrices of 32 rows, the tape and the training loop around "
        "it, and Adam's passes over memory. The scalar engine is timed on one sample and scaled up.",
    )


def _ours(data):
    random.manual_seed(0)
    layers = [layer for i in range(3) for layer in (nn.Linear(*SIZES[i : i + 2]), nn.ReLU())][:-1]
    model = nn.Sequential(*layers)
    trainer = Trainer(model, optim.Adam(model.parameters()), losses.cross_entropy, (data.x_train, data.y_train))
    return lambda: trainer.run(1)


def _torch(data, compiled=False):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
    layers = [layer for i in range(3) for layer in (torch.nn.Linear(*SIZES[i : i + 2]), torch.nn.ReLU())][:-1]
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters())
    x, y = torch.from_numpy(data.x_train), torch.from_numpy(data.y_train)

    forward, update = (torch.compile(model), torch.compile(optimizer.step)) if compiled else (model, optimizer.step)

    def epoch():
        order = torch.randperm(len(x))
        for i in range(0, len(x), BATCH):
            batch = order[i : i + BATCH]
            optimizer.zero_grad()
            F.cross_entropy(forward(x[batch]), y[batch]).backward()
            update()

    return epoch


def _sklearn(data):
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(SIZES[1:-1], batch_size=BATCH, alpha=0)
    classes = np.unique(data.y_train)
    return lambda: model.partial_fit(data.x_train, data.y_train, classes=classes)
