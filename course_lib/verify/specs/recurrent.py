"""Recurrent networks over sequences."""

import numpy as np

from course_lib import recurrent as ours
from course_lib.autograd import Tensor
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import case, close, edge, holds, normal, seeds
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch

GATES = {"rnn": 1, "lstm": 4, "gru": 3}
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
RAGGED = torch.nn.utils.rnn


def states(kind):
    return 2 if kind == "lstm" else 1


def inputs(rng, kind, steps, batch, width, size, scale=1.0):
    """Return x, the initial states and the weights."""
    rows, state = GATES[kind] * size, (batch, size)
    shapes = [(steps, batch, width), *[state] * states(kind), (rows, width), (rows, size), (rows,), (rows,)]
    return [normal(rng, shape, scale if i == 0 else 1.0) for i, shape in enumerate(shapes)]


def cases(kind, **more):
    """Sequences of many shapes, whole and ragged, forwards and backwards."""

    def draw(rng):
        for steps, batch, width, size in ((1, 1, 1, 1), (3, 2, 4, 3), (5, 4, 2, 2)):
            for reverse in (False, True):
                yield case(*inputs(rng, kind, steps, batch, width, size), reverse=reverse, **more)
                yield case(
                    *inputs(rng, kind, steps, batch, width, size),
                    lengths=rng.integers(1, steps + 1, batch), reverse=reverse, **more,
                )  # fmt: skip

    return draw


def edges(kind):
    """No sequences, gates far out, nan."""

    def draw(rng):
        yield edge("empty", *inputs(rng, kind, 2, 0, 3, 2))
        yield edge("±1e4", *inputs(rng, kind, 3, 2, 3, 2, scale=1e4))
        x, *rest = inputs(rng, kind, 3, 2, 3, 2)
        x[1, 0, 0] = np.nan
        yield edge("NaN", x, *rest)

    return draw


def twin(kind, **fixed):
    """PyTorch's layer, with our argument order and our one output."""
    make = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]

    def call(x, *args, lengths=None, reverse=False, **options):
        steps, first, weights = len(x), args[: states(kind)], args[states(kind) :]
        size = weights[1].shape[1]
        module = make(x.shape[2], size, bidirectional=reverse, **fixed, **options).to(x.dtype)
        names = dict(zip(WEIGHTS, weights, strict=True))
        parameters = {f"{n}_l0{'_reverse' * reverse}": w for n, w in names.items()}
        if reverse:  # the forward direction is there too, but nobody looks at it
            parameters |= {f"{n}_l0": w.detach() for n, w in names.items()}
            first = [torch.stack([s.detach(), s]) for s in first]
        else:
            first = [s[None] for s in first]
        if lengths is not None:
            x = RAGGED.pack_padded_sequence(x, lengths, enforce_sorted=False)
        first = tuple(first) if len(first) > 1 else first[0]
        output, last = torch.func.functional_call(module, parameters, (x, first))
        if lengths is not None:
            output, _ = RAGGED.pad_packed_sequence(output, total_length=steps)
        return torch.cat([output[..., -size:], *(s[-1:] for s in (last if states(kind) == 2 else [last]))])

    return call


def gate_error(reference):
    """Compare `lstm_gates` with a loop that yields (c, h), or all six, per step."""

    def run(dtype):
        rng = np.random.default_rng(0)
        args = [a.astype(dtype) for a in inputs(rng, "lstm", 6, 3, 4, 5)]
        found, expected = ours.lstm_gates(*args), reference(*(a.astype(np.float64) for a in args))
        return max(relative(found[name], expected[name]) for name in expected)

    return run


def torch_cells(x, h, c, *weights):
    cell = torch.nn.LSTMCell(x.shape[2], h.shape[1]).double()
    cell.load_state_dict({n: torch.tensor(w) for n, w in zip(WEIGHTS, weights, strict=True)})
    h, c, rows = torch.tensor(h), torch.tensor(c), []
    with torch.no_grad():
        for x_t in torch.tensor(x):
            h, c = cell(x_t, (h, c))
            rows.append((h.numpy(), c.numpy()))
    return dict(zip("hc", map(np.array, zip(*rows, strict=True)), strict=True))


def by_the_formula(x, h, c, w, u, b, b2):
    rows = []
    for x_t in x:
        a = x_t @ w.T + b + h @ u.T + b2
        i, f, g, o = np.split(a, 4, 1)
        i, f, g, o = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), np.tanh(g), 1 / (1 + np.exp(-o))
        c = f * c + i * g
        h = o * np.tanh(c)
        rows.append((i, f, g, o, c, h))
    return dict(zip("ifgoch", map(np.array, zip(*rows, strict=True)), strict=True))


def laws(kind):
    """What holds for every recurrent network."""
    function, final = getattr(ours, kind), states(kind)

    @holds(rng=seeds())
    def padding_content_changes_neither_the_result_nor_a_gradient(rng):
        args, lengths = inputs(rng, kind, 5, 3, 2, 4), rng.integers(0, 6, 3)
        other = args[0].copy()
        other[np.arange(5)[:, None] >= lengths] = np.nan
        results = []
        for x in (args[0], other):
            tensors = [Tensor(a, requires_grad=True) for a in (x, *args[1:])]
            y = function(*tensors, lengths=lengths)
            y.backward(np.random.default_rng(1).normal(size=y.shape))
            results.append([y.data, *(t.grad for t in tensors)])
        assert all(np.array_equal(a, b) for a, b in zip(*results, strict=True))
        assert not results[0][1][np.arange(5)[:, None] >= lengths].any()

    @holds(rng=seeds())
    def a_sequence_gives_the_same_alone_as_in_a_ragged_batch(rng):
        (x, *rest), lengths = inputs(rng, kind, 5, 3, 2, 4), rng.integers(0, 6, 3)
        first, weights = rest[:final], rest[final:]
        reverse = bool(rng.integers(2))
        together = function(x, *first, *weights, lengths=lengths, reverse=reverse)
        for b, n in enumerate(lengths):
            alone = function(x[:n, b : b + 1], *(s[b : b + 1] for s in first), *weights, reverse=reverse)
            assert close(together[:n, b], alone[:n, 0])
            assert close(together[5:, b], alone[n:, 0])
            assert not together[n:5, b].any()

    @holds(rng=seeds())
    def two_halves_in_turn_equal_the_whole(rng):
        x, *rest = inputs(rng, kind, 6, 2, 3, 4)
        whole, half = function(x, *rest), function(x[:3], *rest)
        rest[:final] = half[3:]
        assert close(whole[:3], half[:3])
        assert close(whole[3:], function(x[3:], *rest))

    @holds(rng=seeds())
    def backwards_is_forwards_on_the_reversed_sequence(rng):
        x, *rest = inputs(rng, kind, 4, 2, 3, 4)
        a, b = function(x, *rest, reverse=True), function(x[::-1], *rest)
        assert close(a[:4], b[:4][::-1])
        assert close(a[4:], b[4:])

    return (padding_content_changes_neither_the_result_nor_a_gradient,
            a_sequence_gives_the_same_alone_as_in_a_ragged_batch, two_halves_in_turn_equal_the_whole,
            backwards_is_forwards_on_the_reversed_sequence)  # fmt: skip


@holds(rng=seeds())
def with_relu_and_unit_weights_it_adds_up_its_inputs(rng):
    x, eye = rng.uniform(0, 1, (6, 2, 3)), np.eye(3)
    assert close(ours.rnn(x, None, eye, eye, nonlinearity="relu")[:6], x.cumsum(0))


@holds(rng=seeds())
def an_open_forget_gate_and_a_closed_input_gate_keep_the_cell_state(rng):
    x, h, c, w, u, b, b2 = inputs(rng, "lstm", 7, 2, 3, 4)
    b[:8] = np.repeat([-1e3, 1e3], 4)
    assert np.array_equal(ours.lstm(x, h, c, w, u, b, b2)[-1], c)


@holds(rng=seeds())
def an_update_gate_at_1_keeps_the_state(rng):
    x, h, w, u, b, b2 = inputs(rng, "gru", 7, 2, 3, 4)
    b[4:8] = 1e3
    assert close(ours.gru(x, h, w, u, b, b2)[-1], h)


@holds(rng=seeds())
def gates_lie_in_0_to_1_and_explain_every_state(rng):
    x, h, c, *weights = inputs(rng, "lstm", 5, 2, 3, 4)
    s = ours.lstm_gates(x, h, c, *weights)
    assert all(s[k].min() >= 0 and s[k].max() <= 1 for k in "ifo")
    assert close(s["c"], s["f"] * np.concatenate([c[None], s["c"][:-1]]) + s["i"] * s["g"])
    assert close(s["h"], s["o"] * np.tanh(s["c"]))
    assert close(s["h"], ours.lstm(x, h, c, *weights)[:5])


SPECS = (
    Spec("recurrent.rnn", lambda rng: (*cases("rnn")(rng), *cases("rnn", nonlinearity="relu")(rng)), twin("rnn"),
         edges=edges("rnn"), properties=(*laws("rnn"), with_relu_and_unit_weights_it_adds_up_its_inputs),
         float32=1e-4, h=1e-4),
    Spec("recurrent.lstm", cases("lstm"), twin("lstm"), edges=edges("lstm"),
         properties=(*laws("lstm"), an_open_forget_gate_and_a_closed_input_gate_keep_the_cell_state)),
    Spec("recurrent.gru", cases("gru"), twin("gru"), edges=edges("gru"),
         properties=(*laws("gru"), an_update_gate_at_1_keeps_the_state)),
    Spec("recurrent.lstm_gates", parity=Measured("torch.nn.LSTMCell", gate_error(torch_cells)),
         second=Measured("the formulas, written out", gate_error(by_the_formula)),
         properties=(gates_lie_in_0_to_1_and_explain_every_state,)),
)  # fmt: skip
