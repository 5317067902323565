"""`ActLab`: an activation, its slope, and where a real layer's pre-activations lie on it."""

from __future__ import annotations

import numpy as np

from course_lib import activations

from . import preacts
from .actlab_figure import draw_act
from .base import Lab
from .bundle import esm
from .controls import Button, Choice, Slider
from .gradflow import digits_batch
from .nets import deep_net
from .predict import Predict

FIRST = "as in the model"
REACHES = (6.0, 8.0, 12.0, 20.0, 40.0, 100.0, 1e3, 1e4, 1e6)
MORE = 8  # times, in the question
SHARES = ("below 10 %", "10 to 50 %", "above 50 %")
CODE = """\
# {given}
import numpy as np
from course_lib.widgets import preacts

site = preacts.find(model, x, scale={scale!r}{swap})[{layer}]
slopes = site.slope(site.z)
saturated, dead = preacts.saturation(site.z, slopes)
print(f"|f'| < 0.05: {{saturated:.1%}}, dead units: {{dead:.1%}}")
z = np.array([{z!r}])
print("f(z)", site.f(z), "f'(z)", site.slope(z))
"""
BUILT = """\
from course_lib.widgets.gradflow import digits_batch
from course_lib.widgets.nets import deep_net
model, x = deep_net([64, 64, 64, 10], "tanh", "Xavier", False, {seed}), digits_batch(256)[0]"""


class ActLab(Lab):
    """An activation f above its slope f′, and below them the pre-activations of a layer of your model.

    Parameters
    ----------
    model : course_lib.nn.Module, optional
        Read, never changed: a copy runs, in evaluation mode. By default two tanh layers on the digits.
    batch : array or (x, y), optional
        Given together with the model.
    own : callable or dict of name → callable, optional
        NumPy functions of an array, element by element; their slope is a finite difference.
    activation : str
        The one to begin with: "as in the model", a name of `preacts.NAMES`, or a name in ``own``.
    layer : int
        Which activation of the model, 1 is nearest the input.
    scale : float
        All weights are multiplied by it.
    predict : bool, str or Predict
    seed : int
    """

    _esm = esm("actlab.js")
    title = "ActLab"
    size = (7.2, 4.6)

    def __init__(self, model=None, batch=None, *, own=None, activation=FIRST, layer=1, scale=1.0, predict=False,
                 seed=0):  # fmt: skip
        if (model is None) != (batch is None):
            raise ValueError("ActLab: give model and batch together, or neither")
        if batch is not None and not len(batch[0] if isinstance(batch, tuple) else batch):
            raise ValueError("ActLab: the batch is empty")
        self.own = named(own)
        if taken := self.own.keys() & {FIRST, *preacts.NAMES}:
            raise ValueError(f"ActLab: own functions need names of their own, got {', '.join(sorted(taken))}")
        self.bound = model is not None
        self.model, self.batch = model, batch
        self._first = {"activation": activation, "layer": layer, "scale": scale}
        self._options = (FIRST, *preacts.NAMES, *self.own)
        Choice("activation", "", activation, self._options).check(activation)
        self.sites, self.site = [], None
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Step, +10 (move z), Reset; activation, layer, weight scale, z."""
        first = self._first
        return (
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("reset", "Reset", "R"),
            Choice("activation", "Activation", first["activation"], self._options),
            Slider("layer", "Layer", first["layer"], 1, max(2, len(self.sites)), whole=True),
            Slider("scale", "Weights times", first["scale"], 0.05, 20.0, log=True),
            Slider("z", "z", 1.0, -6.0, 6.0, step=0.1, group="time"),
        )

    def question(self):
        """Ask how much saturates when the weights grow."""
        text = f"with weights {MORE} times as large, what share of layer {self._first['layer']}'s pre-activations " \
               f"has |f′| < {preacts.SATURATED}?"
        return Predict(text, SHARES, lambda lab: lab._share_at(MORE))

    def _share_at(self, scale):
        site = self._sites(scale)[self._state["layer"] - 1]
        share = preacts.saturation(site.z, site.slope(site.z))[0]
        return SHARES[0 if share < 0.1 else 1 if share <= 0.5 else 2]

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Read the model again, unless only z has moved."""
        if changed == {"z"} and self.site is not None:
            return
        self.site = None
        if self.model is None:
            self.model = deep_net([64, 64, 64, 10], "tanh", "Xavier", False, self.seed)
            self.batch = digits_batch(256)
        self.sites = self._sites(self._state["scale"])
        self._state["layer"] = min(self._state["layer"], len(self.sites))
        self._look(self.sites[self._state["layer"] - 1])

    def _sites(self, scale):
        x = self.batch[0] if isinstance(self.batch, tuple) else self.batch
        return preacts.find(self.model, x, scale, self._swap())

    def _swap(self):
        name = self._state["activation"]
        if name == FIRST:
            return None
        return name, preacts.own(name, self.own[name]) if name in self.own else preacts.library(
            getattr(activations, name)
        )

    def _look(self, site):
        """Compute curves, histogram and shares of one layer."""
        z, finite = site.z, np.isfinite(site.z)
        with np.errstate(all="ignore"):
            self.slopes = site.slope(z)
            far = np.quantile(np.abs(z[finite]), 0.999) if finite.any() else 0.0
            self.reach = next((r for r in REACHES if r >= far), REACHES[-1])
            self.grid = np.linspace(-self.reach, self.reach, 481)
            self.curves = site.f(self.grid), site.slope(self.grid)
        self.saturated, self.dead = preacts.saturation(z, self.slopes)
        self.shares = preacts.histogram(z, self.slopes, self.reach)
        self.site = site
        bad = 1 - np.isfinite(np.concatenate([self.curves[0], self.slopes.ravel()])).mean()
        if bad or not finite.all():
            what = f"{site.name} gives" if finite.all() else "the model gives pre-activations that are"
            raise FloatingPointError(f"{what} not a number, or infinite, for some z; the picture leaves them out")

    def act_on(self, name):
        """Move z by 0.1 or by 1."""
        self._state["z"] = round(min(6.0, self._state["z"] + (0.1 if name == "step" else 1.0)), 10)

    def at_z(self) -> tuple[float, float]:
        """Return f(z) and f′(z) at the z that is shown."""
        z = np.array([self._state["z"]])
        with np.errstate(all="ignore"):
            return float(self.site.f(z)[0]), float(self.site.slope(z)[0])

    # -- what is shown ---------------------------------------------------------------------------------------------
    def frame(self):
        """The curves and the histogram."""
        if self.site is None:
            return {}
        return {"grid": self.grid, "f": self.curves[0], "slope": self.curves[1], "free": self.shares[0],
                "flat": self.shares[1]}  # fmt: skip

    def facts(self):
        """Names and shares."""
        if self.site is None:
            return {"empty": True}
        return {
            "status": f"{100 * self.dead:.1f} % dead · {100 * self.saturated:.1f} % |f′| < {preacts.SATURATED}",
            "name": self.name(),
            "layers": len(self.sites),
            "shape": " × ".join(map(str, self.site.z.shape)),
            "reach": self.reach,
            "saturated": self.saturated,
            "dead": self.dead,
            "limit": preacts.SATURATED,
        }

    def name(self) -> str:
        """Return the name of the activation shown."""
        return self.site.name if self.site.name in self.own else preacts.label(self.site.name)

    def summary(self):
        """Give both shares, and the numbers at z."""
        if self.site is None:
            return "Nothing to show yet."
        f, slope = self.at_z()
        s = self._state
        return (
            f"Layer {s['layer']} of {len(self.sites)}, {self.name()}, weights times {s['scale']:g}: of its "
            f"{self.site.z.size} pre-activations {100 * self.saturated:.1f} % have |f′| < {preacts.SATURATED}; "
            f"{100 * self.dead:.1f} % of its units are dead (|f′| < 10⁻⁶ for every sample). "
            f"At z = {s['z']:.2f}, f = {f:.4g} and f′ = {slope:.4g}."
        )

    def caption(self):
        """Name the picture."""
        whose = "your model" if self.bound else "two tanh layers on the digits"
        return f"ActLab: {whose}. In a running notebook: drag z, scale the weights, choose an activation."

    def draw(self, fig):
        """Draw the three panels."""
        if self.site is None:
            fig.text(0.02, 0.5, self.error or "Nothing to show yet.", wrap=True)
        else:
            draw_act(fig, self)

    def as_code(self):
        """Return a program that computes the same shares."""
        s = self._state
        name, swap = s["activation"], ""
        given = "`model` and the batch `x` are yours" if self.bound else "as built here"
        if name in self.own:
            swap, given = f", swap=({name!r}, preacts.own({name!r}, {name}))", f"{given}; so is the function `{name}`"
        elif name != FIRST:
            swap = f", swap=({name!r}, preacts.library(activations.{name}))"
            given += "\nfrom course_lib import activations"
        given += "" if self.bound else "\n" + BUILT.format(seed=self.seed)
        return CODE.format(given=given, scale=s["scale"], swap=swap, layer=s["layer"] - 1, z=s["z"])


def named(own) -> dict:
    """Return a learner's functions by name; one alone goes by its own name, a lambda by "own"."""
    if not callable(own):
        for key, function in (own or {}).items():
            if not callable(function):
                raise TypeError(f"own: {key!r} must be a function, got {type(function).__name__}")
        return dict(own or {})
    name = getattr(own, "__name__", "own")
    return {name if name.isidentifier() else "own": own}
