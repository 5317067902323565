"""Recurrent layers."""

import numpy as np

from course_lib import nn
from course_lib.arithmetic import cat
from course_lib.autograd import Tensor
from course_lib.verify.sampling import case, close, holds, normal, seeds
from course_lib.verify.spec import Spec
from course_lib.verify.specs.recurrent import RAGGED, WEIGHTS, inputs, states
from course_lib.verify.tools import torch

# Layers: outputs and states side by side in one vector.
CONFIGS = ({}, {"num_layers": 2}, {"bidirectional": True}, {"batch_first": True, "bias": False},
           {"num_layers": 2, "bidirectional": True, "batch_first": True})  # fmt: skip


def layer_cases(name):
    def draw(rng):
        for config in CONFIGS:
            for lengths in (None, rng.permutation([1, 4, 2])):
                shapes = [tuple(p.shape) for p in getattr(torch.nn, name)(2, 3, **config).parameters()]
                x = normal(rng, (3, 4, 2) if config.get("batch_first") else (4, 3, 2))
                count = config.get("num_layers", 1) * (2 if config.get("bidirectional") else 1)
                first = [normal(rng, (count, 3, 3)) for _ in range(states(name.lower()))]
                yield case(x, *first, *(normal(rng, shape) for shape in shapes), lengths=lengths, config=config)

    return draw


def our_layer(name):
    def call(x, *args, lengths, config):
        module, n = getattr(nn, name)(2, 3, **config, dtype=np.float64), states(name.lower())
        for (key, _), value in zip(list(module.named_parameters()), args[n:], strict=True):
            setattr(module, key, value)
        output, last = module(x, args[:2] if n == 2 else args[0], lengths=lengths)
        return cat([a.reshape(-1) for a in (output, *(last if n == 2 else [last]))])

    return call


def torch_layer(name):
    def call(x, *args, lengths, config):
        module, n = getattr(torch.nn, name)(2, 3, **config).to(x.dtype), states(name.lower())
        first = module.batch_first
        if lengths is not None:
            x = RAGGED.pack_padded_sequence(x, lengths, first, enforce_sorted=False)
        parameters = dict(zip([key for key, _ in module.named_parameters()], args[n:], strict=True))
        output, last = torch.func.functional_call(module, parameters, (x, args[:2] if n == 2 else args[0]))
        if lengths is not None:
            output, _ = RAGGED.pad_packed_sequence(output, first)
        return torch.cat([a.flatten() for a in (output, *(last if n == 2 else [last]))])

    return call


def layer(name):
    """The spec of a layer."""

    @holds(rng=seeds(), examples=5)
    def without_a_state_it_starts_at_zero(rng):
        module = getattr(nn, name)(2, 3, 2, rng=rng, dtype=np.float64)
        x, zero = Tensor(rng.normal(size=(4, 2, 2))), np.zeros((2, 2, 3))
        zeros = (zero, zero) if name == "LSTM" else zero
        assert np.array_equal(module(x)[0].data, module(x, zeros)[0].data)

    return Spec(f"nn.{name}", layer_cases(name), torch_layer(name), our_layer(name),
                properties=(without_a_state_it_starts_at_zero,))


def cell_cases(rng):
    for batch in (1, 3):
        x, *rest = inputs(rng, "lstm", 1, batch, 2, 3)
        yield case(x[0], *rest)


def our_cell(x, h, c, *weights):
    cell = nn.LSTMCell(x.shape[1], h.shape[1])
    for name, value in zip(WEIGHTS, weights, strict=True):
        setattr(cell, name, value)
    return cat(cell(x, (h, c)))


def torch_cell(x, h, c, *weights):
    cell = torch.nn.LSTMCell(x.shape[1], h.shape[1]).to(x.dtype)
    return torch.cat(torch.func.functional_call(cell, dict(zip(WEIGHTS, weights, strict=True)), (x, (h, c))))


@holds(rng=seeds(), examples=5)
def a_loop_over_it_is_the_lstm(rng):
    one = nn.LSTM(2, 3, rng=rng, dtype=np.float64)
    cell, x, state = nn.LSTMCell(2, 3, dtype=np.float64), rng.normal(size=(5, 4, 2)), None
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in one.state_dict().items()})
    for x_t in x:
        state = cell(Tensor(x_t), state)
    assert close(state[0], one(Tensor(x))[0].data[-1])


SPECS = (
    layer("RNN"),
    layer("LSTM"),
    layer("GRU"),
    Spec("nn.LSTMCell", cell_cases, torch_cell, our_cell, properties=(a_loop_over_it_is_the_lstm,)),
)  # fmt: skip
