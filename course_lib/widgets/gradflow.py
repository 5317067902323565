"""`GradFlow`: how large the gradients are, layer by layer and step by step, in a real network on real digits."""

from __future__ import annotations

from functools import cache

import numpy as np

from course_lib.losses import cross_entropy
from course_lib.optim import SGD

from .base import Lab
from .bundle import esm
from .controls import Button, Choice, Slider, Toggle
from .gradflow_figure import draw_flow
from .gradlog import EDGES, observe, weights_of
from .keeping import Keeper
from .nets import ACTIVATIONS, INITS, deep_net, net_code
from .predict import Predict

MOST = 300  # steps kept
QUESTION = Predict(
    "compared with the last layer, the median gradient in the first layer is",
    ("more than 10 times smaller", "about the same (within 10 times)", "more than 10 times larger"),
    lambda lab: lab._compare_ends(),
)


class GradFlow(Lab):
    """Gradients per layer over time, and the size of the updates they cause.

    Without arguments it builds networks of its own and trains them on the digits. Given a model, a batch and a loss it
    works on those, live: Step trains your model.

    Parameters
    ----------
    model : Module, optional
    batch : (x, y), optional
    loss_fn : callable, optional
        (output Tensor, target) → Tensor holding one number; cross-entropy by default.
    optimizer : Optimizer, optional
        Over the model's parameters; plain SGD by default.
    depth, width, samples : int
        Linear layers, hidden width and batch size of the networks it builds.
    init, activation : str
    residual : bool
    predict : bool, str or Predict
    seed : int
    """

    _esm = esm("gradflow.js")
    title = "GradFlow"
    size = (7.2, 3.6)

    def __init__(self, model=None, batch=None, loss_fn=cross_entropy, optimizer=None, *, depth=10, width=32,
                 samples=128, init="too small (σ = 0.01)", activation="tanh", residual=False, predict=False, seed=0,
                 static_steps=12):  # fmt: skip
        if (model is None) != (batch is None):
            raise ValueError("GradFlow: give model and batch together, or neither")
        if batch is not None and not len(batch[0]):
            raise ValueError("GradFlow: the batch is empty")
        self.bound, self.width, self.samples, self.static_steps = model is not None, width, samples, static_steps
        self.model, self.batch, self.loss_fn, self.optimizer = model, batch, loss_fn, optimizer
        self._first = {"depth": depth, "init": init, "activation": activation, "residual": residual}
        self._start = model.state_dict() if model is not None else None
        self.records = []
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Return buttons, what the network is made of (unless it is bound), learning rate, time, layer."""
        first, steps = self._first, len(self.records)
        build = (
            Slider("depth", "Layers", first["depth"], 2, 30, whole=True),
            Choice("activation", "Activation", first["activation"], tuple(ACTIVATIONS)),
            Choice("init", "First weights", first["init"], tuple(INITS)),
            Toggle("residual", "Residual connections", first["residual"]),
        )
        return (
            Button("play", "Play", "Space"),
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("fork", "Go on from here", "F"),
            Button("reset", "Reset", "R"),
            *(() if self.bound else build),
            Slider("lr", "Learning rate", 0.1, 1e-4, 10.0, log=True),
            Slider("t", "Step shown", 0, 0, max(1, steps - 1), whole=True, group="time"),
            Slider("layer", "Layer", 1, 1, max(2, len(self.names())), whole=True),
        )

    def names(self) -> list[str]:
        """Return the names of the weights, first layer first."""
        return [name for name, _ in weights_of(self.model)] if self.model is not None else []

    def question(self):
        """Ask about the two ends of the network."""
        return QUESTION

    def _compare_ends(self):
        medians = self.records[0].medians
        ratio = medians[0] / max(medians[-1], 1e-300)
        return QUESTION.choices[0 if ratio < 0.1 else 2 if ratio > 10 else 1]

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Build anew if what the network is made of has changed; else only look elsewhere."""
        if changed & {"depth", "activation", "init", "residual"} or not self.records:
            self.loop.stop()
            self._build()
        if "lr" in changed and self.optimizer is not None:
            self.optimizer.lr = self._state["lr"]

    def _build(self):
        self.records = []
        if self.bound:
            self.model.load_state_dict(self._start)
        else:
            self.model, self.batch = self._network(), digits_batch(self.samples)
        if not self.bound or self.optimizer is None:
            self.optimizer = SGD(self.model.parameters(), lr=self._state["lr"])
        self._keeper, self._lrs = Keeper(self.model, self.optimizer), []
        self._state["layer"] = min(self._state["layer"], len(self.names()))
        self.advance(1)

    def _network(self):
        s = self._state
        return deep_net(self._sizes(), s["activation"], s["init"], s["residual"], self.seed)

    def _sizes(self):
        return [64] + [self.width] * (self._state["depth"] - 1) + [10]

    def _reset(self):
        self.records = []
        super()._reset()

    def advance(self, steps: int) -> None:
        """Take training steps, record each, and show the newest."""
        for _ in range(steps):
            self._keeper.keep(len(self.records))
            with np.errstate(over="ignore", invalid="ignore"):
                record = observe(self.model, self.batch, self.loss_fn, self.optimizer)
            if not np.isfinite(record.loss):
                raise FloatingPointError(f"the loss became {record.loss} at step {len(self.records)}")
            self.records.append(record)
            self._lrs.append(self.optimizer.lr)
            self._state["t"] = len(self.records) - 1

    def _go_on_here(self):
        """Forget what came after the step shown: the model is again, bit for bit, as it was after it."""
        wanted, lr, rates = self._state["t"] + 1, self.optimizer.lr, self._lrs
        back = self._keeper.back(wanted)
        self.records, self._lrs = self.records[:back], rates[:back]
        for rate in rates[back:wanted]:
            self.optimizer.lr = rate
            self.advance(1)
        self.optimizer.lr = lr

    def act_on(self, name):
        """Step, ten steps, or go on from the step shown."""
        self.loop.stop()
        if name == "fork":
            return self._go_on_here()
        self.advance(min(1 if name == "step" else 10, MOST - len(self.records)))

    def play_step(self):
        """Train on until the tape is full."""
        if len(self.records) < MOST:
            self.advance(1)
        return len(self.records) < MOST

    def static_run(self):
        """Train ``static_steps`` steps."""
        self.advance(self.static_steps)

    # -- what is shown ---------------------------------------------------------------------------------------------
    @property
    def record(self):
        """The record of the step shown."""
        return self.records[min(self._state["t"], len(self.records) - 1)]

    def medians(self) -> np.ndarray:
        """Return the median |gradient| of every layer (rows) at every step (columns)."""
        return np.stack([r.medians for r in self.records], axis=1)

    def frame(self):
        """Histograms, medians over time, update ratios, and the chosen layer's weights."""
        if not self.records:
            return {}
        r, layer = self.record, self._state["layer"] - 1
        return {
            "shares": r.shares, "median": r.medians, "zeros": r.zeros, "ratio": r.ratios, "weights": r.weights[layer],
            "strip": np.log10(np.maximum(self.medians(), 1e-30)), "loss": [x.loss for x in self.records],
        }  # fmt: skip

    def facts(self):
        """Names and the latest numbers."""
        if not self.records:
            return {"empty": True}
        r, layer = self.record, self._state["layer"] - 1
        return {
            "status": f"{self.doing} · {len(self.records)} steps · loss {r.loss:.3g}",
            "names": self.names(),
            "edges": [EDGES[0], EDGES[-1]],
            "layer": layer,
            "span": r.spans[layer],
            "shown": min(self._state["t"], len(self.records) - 1),
        }

    def summary(self):
        """Compare the first layer with the last."""
        if not self.records:
            return "Nothing to show yet."
        r, n = self.record, len(self.record.medians)
        first, last = r.medians[0], r.medians[-1]
        times = last / first if first > 0 else np.inf
        words = (
            "about as large as"
            if 0.5 < times < 2
            else f"{_times(times)} smaller than"
            if times > 1
            else f"{_times(1 / times)} larger than"
        )
        return (
            f"At step {self._state['t']} the median gradient (zeros left out) of layer 1, nearest the input, "
            f"is {first:.2g}, {words} that of layer {n} ({last:.2g}). "
            f"The updates are {r.ratios.min():.1g} to {r.ratios.max():.1g} of the weights; about 0.001 is healthy."
        )

    def caption(self):
        """Name the picture."""
        s, n = self._state, len(self.names())
        net = (
            "your model"
            if self.bound
            else f"{n} layers, {s['activation']}, {s['init']}{', residual' if s['residual'] else ''}"
        )
        return f"GradFlow: {net}. In a running notebook: change the network, train it, and scrub through time."

    def draw(self, fig):
        """Draw the three panels."""
        if self.records:
            draw_flow(fig, self)
        else:
            fig.text(0.02, 0.5, self.error or "Nothing to show yet.", wrap=True)

    def as_code(self):
        """Return a program for the present network and step (for a bound model: how to get its gradients)."""
        if self.bound:
            return (
                "# `model`, `batch`, `loss_fn` and `optimizer` are yours\n"
                "from course_lib.widgets.gradlog import observe\n"
                f"records = [observe(model, batch, loss_fn, optimizer) for _ in range({len(self.records)})]\n"
                "print(records[-1].medians)\n"
            )
        s = self._state
        return net_code(sizes=self._sizes(), activation=s["activation"], start=s["init"], residual=s["residual"],
                        seed=self.seed, samples=self.samples, lr=self.optimizer.lr, steps=s["t"] + 1)  # fmt: skip


@cache
def digits_batch(samples: int):
    """Return the first ``samples`` training digits, (x, y)."""
    from course_lib.data.digits import digits

    data = digits()
    return data.x_train[:samples], data.y_train[:samples]


def _times(x: float) -> str:
    """Return how many times, in words: 4.2 times, 10¹¹ times."""
    if not np.isfinite(x):
        return "infinitely many times"
    power = str(round(np.log10(x))).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{x:.3g} times" if x < 1e4 else f"10{power} times"
