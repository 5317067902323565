"""`LossLab`: data and fit, the loss over the parameters, and each sample's part in it, all linked."""

from __future__ import annotations

import numpy as np

from course_lib.losses import cross_entropy

from .actlab import named
from .base import Lab
from .bundle import esm
from .controls import Button, Choice, Point, Points, Slider
from .linefit import CE, LOSSES, LineFit, checked, example, shaded
from .losslab_code import line_code, slice_code
from .losslab_figure import draw_loss
from .predict import Predict
from .slices import DIRECTIONS, Slice

ARROW = 0.18  # length of the drawn -∇, in widths of the picture
STEPS = 500  # of the trail


class LossLab(Lab):
    """A line through points and the loss over its two parameters; or a plane through your model's parameters.

    Parameters
    ----------
    x, y : array (n,), optional
        Your points. For cross-entropy class 1 is what lies above the middle of y.
    model : course_lib.nn.Module, optional
        With ``batch`` and ``loss_fn``: a two-dimensional slice through its parameters instead; it stays as it is.
    batch : (x, y), optional
        A slice is 441 forward passes: some hundred samples are enough.
    loss_fn : callable, optional
        (output Tensor, y) → Tensor holding one number; cross-entropy by default.
    own : callable or dict of name → callable, optional
        Losses ``f(prediction, target)`` of arrays, one loss per element, for the line.
    loss : str
        The loss to begin with: "MSE", "MAE", "Huber", "cross-entropy" or a name in ``own``.
    lr : float
    predict : bool, str or Predict
    seed : int
        Of the example's noise, and of the slice's random directions.
    """

    _esm = esm("losslab.js")
    title = "LossLab"
    size = (7.2, 4.4)

    def __init__(self, x=None, y=None, *, model=None, batch=None, loss_fn=cross_entropy, own=None, loss="MSE", lr=0.1,
                 predict=False, seed=0):  # fmt: skip
        if (x is None) != (y is None) or (model is None) != (batch is None) or (x is not None and model is not None):
            raise ValueError("LossLab: give x and y, or model and batch, or nothing")
        if batch is not None and not len(batch[0]):
            raise ValueError("LossLab: the batch is empty")
        self.own = named(own)
        if taken := self.own.keys() & LOSSES.keys():
            raise ValueError(f"LossLab: own losses need names of their own, got {', '.join(sorted(taken))}")
        self.model, self.batch, self.loss_fn, self.seed = model, batch, loss_fn, seed
        Choice("loss", "", loss, self._losses()).check(loss)
        self._first = {"loss": loss, "lr": lr}
        self._data = checked(*(example(seed) if x is None else (x, y)))
        self.land = None if model is not None else LineFit(self._data, loss, self.own)
        self.trail, self.grid, self.losses = [], None, None
        super().__init__(seed=seed, predict=predict)

    def _losses(self):
        return (*LOSSES, *self.own)

    def controls(self):
        """Step, +10, Reset; loss and sample (or directions and reach), learning rate; data and parameters."""
        bounds = self.land.bounds() if self.land is not None else (-1.0, 1.0, -1.0, 1.0)
        line = (
            Choice("loss", "Loss", self._first["loss"], self._losses()),
            Slider("sample", "Sample chosen", len(self._data), 1, max(2, len(self._data)), whole=True),
            Points("points", "Data", tuple(map(tuple, self._data.tolist())), self.frame_of_data()),
        )
        plane = (
            Choice("directions", "Directions", DIRECTIONS[0], DIRECTIONS),
            Slider("reach", "Reach, in lengths of θ", 0.5, 0.02, 5.0, log=True),
        )
        return (
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("reset", "Reset", "R"),
            *(line if self.model is None else plane),
            Slider("lr", "Learning rate", self._first["lr"], 1e-3, 100.0, log=True),
            Point("theta", "Parameters", self._start(bounds), bounds),
        )

    def _start(self, bounds):
        """Begin off the middle; a model begins where it is, in the middle of its slice."""
        a0, a1, b0, b1 = bounds
        return (0.0, 0.0) if self.model is not None else (a0 + 0.15 * (a1 - a0), b0 + 0.3 * (b1 - b0))

    def frame_of_data(self) -> tuple[float, float, float, float]:
        """Return (x0, x1, y0, y1): the data, with room above and below for an outlier."""
        (x0, y0), (x1, y1) = self._data.min(0), self._data.max(0)
        dx, dy = (x1 - x0) or 1.0, (y1 - y0) or 1.0
        return (x0 - 0.08 * dx, x1 + 0.08 * dx, y0 - 0.6 * dy, y1 + 0.9 * dy)

    def question(self):
        """Ask which loss an outlier moves most, or about the slice."""
        if self.model is not None:
            return Predict("you move the same small distance from the model: where does the loss change more?",
                           ("along the gradient", "in the random direction"), lambda lab: lab._steeper())  # fmt: skip
        return Predict("you lift the last point far up: with which loss does the best line move most?",
                       ("MSE", "MAE", "Huber"), lambda lab: lab._moved_most())  # fmt: skip

    def _steeper(self):
        plane = Slice(self.model, self.batch, self.loss_fn, DIRECTIONS[0], 0.05, self.seed)
        centre, along, across = plane.loss([[0, 0], [plane.reach, 0], [0, plane.reach]])
        return "along the gradient" if abs(along - centre) >= abs(across - centre) else "in the random direction"

    def _moved_most(self):
        """Compare, per loss, the lowest point of the landscape before and after."""
        lifted = self._data.copy()
        lifted[-1, 1] = self.frame_of_data()[3]
        far = {}
        for name in ("MSE", "MAE", "Huber"):
            spots = [np.argmin(self.land.moved(data, name, {}).grid()) for data in (self._data, lifted)]
            a, b = (self._place_of(spot, data) for spot, data in zip(spots, (self._data, lifted), strict=True))
            far[name] = np.hypot(*(a - b))
        return max(far, key=far.get)

    def _place_of(self, spot, data):
        a0, a1, b0, b1 = LineFit(data, "MSE", {}).bounds()
        row, column = divmod(int(spot), 61)
        return np.array([a0 + (a1 - a0) * column / 60, b0 + (b1 - b0) * row / 60])

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Build the landscape anew if data, loss or plane changed; then look at the point."""
        fresh = self.grid is None or changed & {"points", "loss", "directions", "reach"}
        if fresh:
            self.grid = None
            self._build()
            grid = self.land.grid()
            if not np.isfinite(grid).any():
                raise FloatingPointError("the loss is not a finite number anywhere in the picture")
            self.grid = grid
            self._refresh_backdrop()
        if fresh or "theta" in changed:
            self.trail = [tuple(self._state["theta"])]
        self._look()

    def _build(self):
        s = self._state
        if self.model is not None:
            self.land = Slice(self.model, self.batch, self.loss_fn, s["directions"], s["reach"], self.seed)
        else:
            self.land = self.land.moved(s["points"], s["loss"], self.own)
        control = next(c for c in self.controls() if c.name == "theta")
        s["theta"] = control.check(s["theta"])

    def _look(self):
        """Compute what belongs to the present parameters."""
        theta = np.array(self._state["theta"])
        self.losses = self.land.per_sample(theta)
        self.loss = float(self.land.loss(theta))
        self.gradient = self.land.gradient(theta)
        if self.model is not None:
            self.line = self.land.cut(theta, self.gradient)
        else:
            x = np.linspace(*self.frame_of_data()[:2], 101)
            self.line = x, self.land.fit(theta, x)
        if not (np.isfinite(self.losses).all() and np.isfinite(self.gradient).all()):
            raise FloatingPointError(f"the loss or its gradient is not a finite number at {self._words()}")

    def act_on(self, name):
        """Take one step, or ten, against the gradient."""
        for _ in range(1 if name == "step" else 10):
            a, b = (np.array(self._state["theta"]) - self._state["lr"] * self.gradient).tolist()
            a0, a1, b0, b1 = self.land.bounds()
            if not (a0 <= a <= a1 and b0 <= b <= b1):
                raise ValueError(f"the step leads to ({a:.3g}, {b:.3g}), outside the picture: lower the rate")
            self._state["theta"] = (a, b)
            self.trail = [*self.trail[-STEPS:], (a, b)]
            self._look()

    def _reset(self):
        self.grid = None
        if self.model is None:
            self.land = LineFit(self._data, self._first["loss"], self.own)
        super()._reset()

    def static_run(self):
        """Take ten steps."""
        self.act_on("ten")

    def arrow(self) -> np.ndarray:
        """Return the tip of the drawn arrow: it starts at the parameters and points along -∇."""
        a0, a1, b0, b1 = self.land.bounds()
        size = np.hypot(self.gradient[0] / (a1 - a0), self.gradient[1] / (b1 - b0))
        return np.array(self._state["theta"]) - (ARROW / size if size > 0 else 0.0) * self.gradient

    # -- what is shown ---------------------------------------------------------------------------------------------
    def backdrop(self):
        """The landscape."""
        return {} if self.grid is None else {"grid": shaded(self.grid)}

    def frame(self):
        """Fit (or cut), samples' losses, trail, arrow."""
        if self.grid is None:
            return {}
        return {"line_x": self.line[0], "line_y": self.line[1], "losses": self._ordered(),
                "trail": np.reshape(self.trail, (-1, 2)), "arrow": self.arrow(), "target": self._targets()}  # fmt: skip

    def _ordered(self):
        return self.losses if self.model is None else np.sort(self.losses)[::-1]

    def _targets(self):
        return self.land.target if self.model is None else []

    def facts(self):
        """Numbers, names and ranges."""
        if self.grid is None:
            return {"empty": True}
        return {
            "status": f"{len(self.trail) - 1} steps · loss {self.loss:.4g}",
            "bound": self.model is not None,
            "classes": self.model is None and self.land.name == CE,
            "middle": getattr(self.land, "middle", None),
            "names": self.land.names,
            "bounds": self.land.bounds(),
            "data": self.frame_of_data(),
            "loss": self.loss,
            "gradient": self.gradient,
            "label": self._state["loss"] if self.model is None else "loss",
        }

    def _words(self):
        a, b = self._state["theta"]
        return f"{self.land.names[0]} = {a:.3g}, {self.land.names[1]} = {b:.3g}"

    def summary(self):
        """Give loss, gradient, and the sample that counts most."""
        if self.grid is None:
            return "Nothing to show yet."
        down, total = -self.gradient + 0.0, float(self.losses.sum())
        worst = int(np.argmax(self.losses))
        share = 100 * self.losses[worst] / total if total > 0 else 0.0
        return (
            f"{'Loss' if self.model is not None else self._state['loss']} {self.loss:.4g} at {self._words()}. "
            f"The arrow points along −∇ = ({down[0]:.3g}, {down[1]:.3g}). "
            f"Sample {worst + 1} of {len(self.losses)} makes up {share:.0f} % of the loss."
        )

    def caption(self):
        """Name the picture."""
        what = "a slice through your model's parameters" if self.model is not None else "a line through points"
        return f"LossLab: {what}. In a running notebook: drag a point, the parameters, change the loss."

    def draw(self, fig):
        """Draw the three panels."""
        if self.grid is None or self.losses is None:
            fig.text(0.02, 0.5, self.error or "Nothing to show yet.", wrap=True)
        else:
            draw_loss(fig, self)

    def as_code(self):
        """Return a program that computes loss and gradient at the same place."""
        return line_code(self) if self.model is None else slice_code(self)
