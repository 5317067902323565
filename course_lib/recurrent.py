"""Recurrent networks over whole sequences: the forward pass, and backpropagation through time.

Sequences are time-major, x (T, B, D). An op has one output, so each returns its hidden states with the final state
below them: ``y[:T]`` is the output (T, B, H), ``y[T]`` is h_n and, for the LSTM, ``y[T + 1]`` is c_n, both (B, H).

In a ragged batch `lengths` (B,), in any order, says how many steps of each sequence count. A padded step leaves the
state as it was, outputs 0 and neither sends nor receives a gradient, whatever the padding holds; the final state is the
one after the last real step (PyTorch reaches the same through `pack_padded_sequence`). With ``reverse=True`` the steps
are taken from the last to the first, as the second direction of a bidirectional network does.

The inputs' share of all steps is one matrix product before the loop. Gradient: Werbos, Proc. IEEE 78 (1990).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.op import Array, Labels, once, op


@op
def rnn(
    x: Array,
    h_0: Array | None,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None = None,
    bias_hh: Array | None = None,
    lengths: Labels | None = None,
    reverse: bool = False,
    nonlinearity: str = "tanh",
):
    """h_t = φ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), with φ tanh or relu. Elman, Cognitive Science 14 (1990).

    Shapes: x (T, B, D), h_0 (B, H) or None for zeros, weight_ih (H, D), weight_hh (H, H), biases (H,), lengths (B,);
    result (T + 1, B, H): the outputs, then h_n.
    """
    if nonlinearity not in _RNN:
        raise ValueError(f'rnn: nonlinearity must be "tanh" or "relu", got {nonlinearity!r}')
    return _recur("rnn", _RNN[nonlinearity], x, (h_0,), (weight_ih, weight_hh, bias_ih, bias_hh), lengths, reverse)


@op
def lstm(
    x: Array,
    h_0: Array | None,
    c_0: Array | None,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None = None,
    bias_hh: Array | None = None,
    lengths: Labels | None = None,
    reverse: bool = False,
):
    """i, f, o = σ(a_i, a_f, a_o), g = tanh a_g; c_t = f ⊙ c_{t-1} + i ⊙ g; h_t = o ⊙ tanh c_t.

    a = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh holds the gates i, f, g, o below one another. Hochreiter & Schmidhuber,
    Neural Computation 9 (1997); the forget gate is from Gers, Schmidhuber & Cummins, Neural Computation 12 (2000).

    Shapes: x (T, B, D), h_0 and c_0 (B, H) or None for zeros, weight_ih (4H, D), weight_hh (4H, H), biases (4H,),
    lengths (B,); result (T + 2, B, H): the outputs, then h_n, then c_n.
    """
    return _recur("lstm", _LSTM, x, (h_0, c_0), (weight_ih, weight_hh, bias_ih, bias_hh), lengths, reverse)


@op
def gru(
    x: Array,
    h_0: Array | None,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None = None,
    bias_hh: Array | None = None,
    lengths: Labels | None = None,
    reverse: bool = False,
):
    """r, z = σ(a_r + u_r, a_z + u_z), n = tanh(a_n + r ⊙ u_n); h_t = (1 - z) ⊙ n + z ⊙ h_{t-1}.

    a = W_ih x_t + b_ih and u = W_hh h_{t-1} + b_hh hold r, z, n below one another. The reset gate acts after the
    matrix product, as in PyTorch; in Cho et al., EMNLP 2014, it acts on h_{t-1} before it.

    Shapes: x (T, B, D), h_0 (B, H) or None for zeros, weight_ih (3H, D), weight_hh (3H, H), biases (3H,), lengths (B,);
    result (T + 1, B, H): the outputs, then h_n.
    """
    return _recur("gru", _GRU, x, (h_0,), (weight_ih, weight_hh, bias_ih, bias_hh), lengths, reverse)


def lstm_gates(x, h_0, c_0, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """What happens inside an `lstm` of arrays: a dict of its gates "i", "f", "g", "o" and states "c", "h" (T, B, H)."""
    weights = (weight_ih, weight_hh, bias_ih, bias_hh)
    _check("lstm_gates", _LSTM, x, (h_0, c_0), weights)
    (h, c), saved = _forward(_LSTM, x, (h_0, c_0), weights, None)
    gates = np.moveaxis([_split(gates, 4) for gates, _ in saved], 1, 0)  # (4, T, B, H)
    return dict(zip("ifgo", gates, strict=True)) | {"c": c[1:], "h": h[1:]}


def _recur(name, cell, x, initial, weights, lengths, reverse):
    """Run a cell along a sequence; returns an op's value and vjps, in the order x, initial states, weights."""
    _check(name, cell, x, initial, weights)
    active = None if lengths is None else _active(name, lengths, x)
    x = x if active is None else np.where(active, x, 0)  # 0 · nan would reach the weights' gradient
    flip = (lambda a: a[::-1]) if reverse else (lambda a: a)
    x, active, steps = flip(x), None if active is None else flip(active), len(x)
    states, saved = _forward(cell, x, initial, weights, active)

    @once
    def through_time(g):
        outer = flip(g[:steps]) if active is None else flip(g[:steps]) * active
        return _backward(cell, outer, list(g[steps:]), states, saved, weights[1], active)

    def dx(g):
        da = through_time(g)[0]
        out = np.empty(x.shape, da.dtype)
        np.matmul(_rows(da), weights[0], out=_rows(out))  # one product, not one per step
        return flip(out)

    output = states[0][1:] if active is None else states[0][1:] * active
    return np.concatenate([flip(output), *(s[-1:] for s in states)]), (
        dx,
        *(lambda g, k=k: through_time(g)[2][k] for k in range(len(states))),
        lambda g: _rows(through_time(g)[0]).T @ _rows(x),
        lambda g: _rows(through_time(g)[1]).T @ _rows(states[0][:-1]),
        lambda g: _rows(through_time(g)[0]).sum(0),
        lambda g: _rows(through_time(g)[1]).sum(0),
    )


def _forward(cell, x, initial, weights, active):
    """Return the states, each (T + 1, B, H) with the initial one first, and what each step keeps for the way back."""
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    a = (_rows(x) @ weight_ih.T).reshape(*x.shape[:2], len(weight_ih))  # (T, B, G·H): the inputs' share of the gates
    a += 0 if bias_ih is None else bias_ih
    w, bias = np.ascontiguousarray(weight_hh.T), 0 if bias_hh is None else bias_hh
    states = [np.empty((len(x) + 1, x.shape[1], len(w)), a.dtype) for _ in initial]
    for s, first in zip(states, initial, strict=True):
        s[0] = 0 if first is None else first
    saved = []
    for t in range(len(x)):
        u = states[0][t] @ w  # (B, G·H): the state's share
        u += bias
        saved.append(cell.step(a[t], u, [s[t] for s in states], [s[t + 1] for s in states]))
        if active is not None:
            for s in states:
                np.copyto(s[t + 1], s[t], where=~active[t])
    return states, saved


def _backward(cell, outer, d, states, saved, weight_hh, active):
    """Backpropagation through time. `d` is dL/d(states) after the step at hand, at first after the last one.

    Returns the gradients of both shares, da and du (T, B, G·H), and the d that reaches the initial states.
    """
    da = np.empty((*outer.shape[:2], len(weight_hh)), outer.dtype)
    du = np.empty_like(da) if cell is _GRU else da  # elsewhere only the sum of the two shares counts
    for t in reversed(range(len(saved))):
        d[0] = d[0] + outer[t]
        earlier = cell.back(d, saved[t], [s[t] for s in states], da[t], du[t])
        if active is not None:
            da[t] *= active[t]
            du[t] *= active[t]
            earlier = [np.where(active[t], new, kept) for new, kept in zip(earlier, d, strict=True)]
        earlier[0] = earlier[0] + du[t] @ weight_hh
        d = earlier
    return da, du, d


class _Cell(NamedTuple):
    """A step (a, u, states before, states after): fills the states after, returns what `back` will need.

    Back (d, saved, states before, da, du): fills da and du, returns dL/d(states before) but for what passes through u.
    """

    gates: int
    step: Callable
    back: Callable


def _simple(function, slope):
    """h' = φ(a + u), with φ' given as a function of h'."""

    def step(a, u, before, after):
        a += u
        return function(a, out=after[0])

    def back(d, h, before, da, du):
        np.multiply(d[0], slope(h), out=da)
        return [0]

    return _Cell(1, step, back)


def _lstm_step(a, u, before, after):
    a += u
    i, f, g, o = _split(_sigmoid_(a, but=2), 4)
    c = np.multiply(f, before[1], out=after[1])
    c += i * g
    tanh_c = np.tanh(c)
    np.multiply(o, tanh_c, out=after[0])
    return a, tanh_c


def _lstm_back(d, saved, before, da, du):
    gates, tanh_c = saved
    i, f, g, o = _split(gates, 4)
    di, df, dg, do = _split(da, 4)
    dc = d[1] + d[0] * o * (1 - tanh_c * tanh_c)
    np.multiply(dc, g, out=di)
    np.multiply(dc, before[1], out=df)
    np.multiply(dc, i, out=dg)
    np.multiply(d[0], tanh_c, out=do)
    slope = 1 - gates
    slope *= gates  # σ' = σ(1 - σ)
    _split(slope, 4)[2][...] = 1 - g * g  # tanh' = 1 - tanh²
    da *= slope
    return [0, dc * f]


def _gru_step(a, u, before, after):
    size = before[0].shape[1]
    a[:, : 2 * size] += u[:, : 2 * size]
    r, z = _split(_sigmoid_(a[:, : 2 * size]), 2)
    n, u_n = a[:, 2 * size :], u[:, 2 * size :]
    n += r * u_n
    np.tanh(n, out=n)
    np.multiply(z, before[0] - n, out=after[0])
    after[0] += n  # (1 - z) n + z h
    return r, z, n, u_n


def _gru_back(d, saved, before, da, du):
    r, z, n, u_n = saved
    da_r, da_z, da_n = _split(da, 3)
    np.multiply(d[0] * (1 - z), 1 - n * n, out=da_n)
    np.multiply(d[0] * (before[0] - n), z * (1 - z), out=da_z)
    np.multiply(da_n * u_n, r * (1 - r), out=da_r)
    du[...] = da
    _split(du, 3)[2][...] *= r
    return [d[0] * z]


_RNN = {
    "tanh": _simple(np.tanh, lambda h: 1 - h * h),
    "relu": _simple(lambda a, out: np.maximum(a, 0, out=out), lambda h: h > 0),
}
_LSTM = _Cell(4, _lstm_step, _lstm_back)
_GRU = _Cell(3, _gru_step, _gru_back)


def _sigmoid_(a, but=None):
    """σ in place, as (1 + tanh(a/2)) / 2: one fast tanh for all gates, block `but` of four staying a plain tanh."""
    half, rest = _halves(a.shape[1], but, a.dtype)
    a *= half
    np.tanh(a, out=a)
    a *= half
    a += rest
    return a


@lru_cache
def _halves(width, but, dtype):
    half = np.full((1, width), 0.5, dtype)
    if but is not None:
        _split(half, 4)[but][...] = 1
    return half, 1 - half


def _split(a, n):
    """Views of the n gates that lie side by side: (B, n·H) → (n, B, H)."""
    return a.reshape(len(a), n, a.shape[1] // n).swapaxes(0, 1)


def _rows(a):
    return a.reshape(-1, a.shape[-1])  # (T, B, n) → (T·B, n)


def _active(name, lengths, x):
    """Which steps count, as (T, B, 1) Booleans."""
    steps, batch = x.shape[:2]
    if lengths.shape != (batch,) or lengths.dtype.kind not in "iu":
        raise ValueError(f"{name}: lengths must be {batch} integers, got {lengths.dtype} of shape {lengths.shape}")
    if batch and not (lengths.min() >= 0 and lengths.max() <= steps):
        raise ValueError(f"{name}: lengths must lie in 0..{steps}, got {lengths.min()}..{lengths.max()}")
    return (np.arange(steps)[:, None] < lengths)[..., None]


def _check(name, cell, x, initial, weights):
    if x.ndim != 3 or weights[1].ndim != 2:
        raise ValueError(f"{name}: x must be (T, B, D) and weight_hh a matrix, got {x.shape} and {weights[1].shape}")
    size = weights[1].shape[1]
    rows = cell.gates * size
    expected = [*((f"{s}_0", (x.shape[1], size)) for s in "hc"[: len(initial)]), ("weight_ih", (rows, x.shape[2])),
                ("weight_hh", (rows, size)), ("bias_ih", (rows,)), ("bias_hh", (rows,))]
    for (label, shape), value in zip(expected, (*initial, *weights), strict=True):
        if value is not None and value.shape != shape:
            raise ValueError(f"{name}: {label} must have shape {shape} for x {x.shape} and hidden size {size}, "
                             f"got {value.shape}")
