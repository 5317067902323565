"""Recurrent layers. The formulas are in `course_lib.recurrent`; weights and their names are PyTorch's."""

import math

import numpy as np

from course_lib import arithmetic, init, normalization, recurrent
from course_lib.nn.module import Module, Parameter


class _Recurrent(Module):
    """What `RNN`, `LSTM` and `GRU` share: layers, directions, states."""

    function = None
    gates = states = 1

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
                 bidirectional=False, *, rng=None, dtype=np.float32):
        for name, value in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
            if value < 1:
                raise ValueError(f"{type(self).__name__}: {name} must be at least 1, got {value}")
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.rng = batch_first, dropout, rng
        self.suffixes = ("", "_reverse") if bidirectional else ("",)
        bound, rows = 1 / math.sqrt(hidden_size), self.gates * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * len(self.suffixes)
            shapes = {"weight_ih": (rows, width), "weight_hh": (rows, hidden_size), "bias_ih": rows, "bias_hh": rows}
            for suffix in self.suffixes:
                for name, shape in list(shapes.items())[: 4 if bias else 2]:
                    parameter = init.uniform_(Parameter(np.empty(shape, dtype)), -bound, bound, rng)
                    setattr(self, f"{name}_l{layer}{suffix}", parameter)

    def forward(self, x, state=None, lengths=None):
        """Run the sequences through all layers.

        Parameters
        ----------
        x : (T, B, D), or (B, T, D) with `batch_first`
        state : (layers · directions, B, H), for the LSTM a pair (h_0, c_0) of them; zeros by default
        lengths : (B,) integers, optional
            How many steps of each sequence count, in any order.

        Returns
        -------
        output, state
            output (T, B, directions · H), 0 where padded; the state after the last real step.
        """
        if x.ndim != 3 or x.shape[2] != self.input_size:
            order = "(B, T, D)" if self.batch_first else "(T, B, D)"
            raise ValueError(f"{type(self).__name__}: input must be {order} with D = {self.input_size}, got {x.shape}")
        x = arithmetic.permute(x, (1, 0, 2)) if self.batch_first else x
        first, last = self._initial(state, x.shape[1]), []  # last: a (states, B, H) for each layer and direction
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = normalization.dropout(x, self.dropout, self.training, self.rng)
            results = [self._run(x, next(first), layer, suffix, lengths) for suffix in self.suffixes]
            last += [y[len(x) :] for y in results]
            x = _joined([y[: len(x)] for y in results], -1)
        output = arithmetic.permute(x, (1, 0, 2)) if self.batch_first else x
        ends = tuple(_joined([y[i : i + 1] for y in last], 0) for i in range(self.states))
        return output, ends if self.states > 1 else ends[0]

    def _run(self, x, initial, layer, suffix, lengths):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = (getattr(self, f"{name}_l{layer}{suffix}", None) for name in names)
        return type(self).function(x, *initial, *weights, lengths, bool(suffix), *self._options())

    def _initial(self, state, batch):
        """Iterate over the initial states of each layer and direction; None stands for zeros."""
        count, name = self.num_layers * len(self.suffixes), type(self).__name__
        parts = (None,) * self.states if state is None else (state,) if self.states == 1 else tuple(state)
        for part in parts:
            if part is not None and tuple(part.shape) != (count, batch, self.hidden_size):
                raise ValueError(f"{name}: state must have shape {(count, batch, self.hidden_size)}, got {part.shape}")
        return ([None if part is None else part[k] for part in parts] for k in range(count))

    def _options(self):
        return ()

    def extra_repr(self):
        """Show the sizes."""
        return f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}"


class RNN(_Recurrent):
    """`rnn` in layers: h_t = φ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

    Parameters are those of `LSTM`, with `nonlinearity` ("tanh" or "relu") after `num_layers`.
    """

    function = staticmethod(recurrent.rnn)

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **options):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f'RNN: nonlinearity must be "tanh" or "relu", got {nonlinearity!r}')
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, *args, **options)

    def _options(self):
        return (self.nonlinearity,)


class LSTM(_Recurrent):
    """`lstm` in layers, gates i, f, g, o; its state is a pair (h, c).

    Parameters
    ----------
    input_size, hidden_size : int
        D and H.
    num_layers : int
        Each further layer reads the outputs of the one before.
    bias : bool
    batch_first : bool
        Inputs and outputs are (B, T, ...) instead of (T, B, ...); the states are not affected.
    dropout : float
        Probability of dropping an output between two layers, in training.
    bidirectional : bool
        A second network reads backwards; the outputs are joined, (T, B, 2H).
    rng : numpy.random.Generator, optional
        Source of the first weights, U(-1/√H, 1/√H), and of the dropout.
    dtype : numpy dtype
    """

    function, gates, states = staticmethod(recurrent.lstm), 4, 2


class GRU(_Recurrent):
    """`gru` in layers, gates r, z, n. Parameters are those of `LSTM`."""

    function, gates = staticmethod(recurrent.gru), 3


class LSTMCell(Module):
    """One step of an LSTM, for loops written by hand: (x, (h, c)) → (h', c').

    Shapes: x (B, D), h and c (B, H), zeros by default; weight_ih (4H, D), weight_hh (4H, H), biases (4H,).
    """

    def __init__(self, input_size, hidden_size, bias=True, *, rng=None, dtype=np.float32):
        one = LSTM(input_size, hidden_size, 1, bias, rng=rng, dtype=dtype)
        self.weight_ih, self.weight_hh = one.weight_ih_l0, one.weight_hh_l0
        self.bias_ih, self.bias_hh = (one.bias_ih_l0, one.bias_hh_l0) if bias else (None, None)

    def forward(self, x, state=None):
        """Take one step."""
        h, c = (None, None) if state is None else state
        x = arithmetic.reshape(x, (1, *x.shape))
        y = recurrent.lstm(x, h, c, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return y[1], y[2]


def _joined(parts, dim):
    return parts[0] if len(parts) == 1 else arithmetic.cat(parts, dim)
