"""LSTM and attention, forward and backward, beside PyTorch. float32, one thread."""

import numpy as np

from benchmarks.timing import Row
from course_lib.attention import scaled_dot_product_attention
from course_lib.autograd import Tensor
from course_lib.recurrent import lstm

STEPS, BATCH, WIDTH = 50, 32, 128  # T, B, and both D and H
HEADS = (8, 4, 256, 32)  # B, H, T, d
SDPA = "F.scaled_dot_product_attention"
LIMITS = (
    "The products are made per head and block, at OpenBLAS's speed; PyTorch fuses them and uses MKL."
)


def rows() -> list[Row]:
    """The three rows of the table."""
    return [
        Row(
            title="LSTM, T 50, batch 32, 128 → 128, forward and backward",
            setups={"course_lib": _lstm, "torch.nn.LSTM": _torch_lstm, "torch LSTMCell loop": _torch_cells},
            targets={"torch.nn.LSTM": 1.9, "torch LSTMCell loop": 0.6},
            rounds=30,
            note="One matrix product for all inputs, one per step for the state, one for all weight gradients.",
        ),
        _attention_row("full", False, 1.1),
        _attention_row("causal", True, 1.0),
    ]


def _attention_row(word, causal, target):
    return Row(
        title=f"attention, {word}, B 8, H 4, T 256, d 32, forward and backward",
        setups={"course_lib": lambda: _attention(causal), SDPA: lambda: _torch_attention(causal)},
        targets={SDPA: target},
        rounds=30,
        note=LIMITS,
    )


def _normal(*shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def _repeat(inputs, forward, gradient):
    """A function that forgets the gradients, runs forward and then backward."""

    def run():
        for v in inputs:
            v.grad = None
        forward().backward(gradient)

    return run


def _lstm():
    import torch

    x, gradient = _normal((STEPS, BATCH, WIDTH), (STEPS, BATCH, WIDTH))
    weights = [p.detach().numpy().copy() for p in torch.nn.LSTM(WIDTH, WIDTH).parameters()]
    inputs = [Tensor(v, requires_grad=True) for v in (x, *weights)]
    return _repeat(inputs, lambda: lstm(inputs[0], None, None, *inputs[1:])[:STEPS], gradient)


def _torch_lstm():
    import torch

    torch.set_num_threads(1)
    x, gradient = map(torch.from_numpy, _normal((STEPS, BATCH, WIDTH), (STEPS, BATCH, WIDTH)))
    x.requires_grad_()
    model = torch.nn.LSTM(WIDTH, WIDTH)
    return _repeat([x, *model.parameters()], lambda: model(x)[0], gradient)


def _torch_cells():
    import torch

    torch.set_num_threads(1)
    x, gradient = map(torch.from_numpy, _normal((STEPS, BATCH, WIDTH), (STEPS, BATCH, WIDTH)))
    x.requires_grad_()
    cell = torch.nn.LSTMCell(WIDTH, WIDTH)

    def forward():
        h = c = torch.zeros(BATCH, WIDTH)
        outputs = []
        for step in x:
            h, c = cell(step, (h, c))
            outputs.append(h)
        return torch.stack(outputs)

    return _repeat([x, *cell.parameters()], forward, gradient)


def _attention(causal):
    *inputs, gradient = _normal(*[HEADS] * 4)
    inputs = [Tensor(v, requires_grad=True) for v in inputs]
    return _repeat(inputs, lambda: scaled_dot_product_attention(*inputs, is_causal=causal), gradient)


def _torch_attention(causal):
    import torch

    torch.set_num_threads(1)
    *inputs, gradient = map(torch.from_numpy, _normal(*[HEADS] * 4))
    for v in inputs:
        v.requires_grad_()
    attention = torch.nn.functional.scaled_dot_product_attention
    return _repeat(inputs, lambda: attention(*inputs, is_causal=causal), gradient)
