"""`OptiRace`: optimizers on the same landscape from the same start, with the numbers inside each of them."""

from __future__ import annotations

import numpy as np

from .actlab import named
from .base import Lab
from .bundle import esm
from .controls import Button, Choice, Point, Slider, Toggle
from .optirace_figure import draw_race
from .predict import Predict
from .racers import RACERS, own_racer, printed_adam, race
from .surfaces import SURFACES

GRID = (121, 91)  # columns and rows of the contour
FLOOR = 1e-12


class OptiRace(Lab):
    """A race of the course's optimizers, and of rules of your own.

    Parameters
    ----------
    surface : str
        A key of `course_lib.widgets.surfaces.SURFACES`.
    steps : int
        Length of the race.
    own : callable or dict of name → callable, optional
        Rules ``step(g, s)``: ``g`` is the gradient (2,), ``s`` a dict that is kept between steps and holds ``lr`` and
        ``t``; the result is subtracted from the weights. Up to three.
    printed : bool
        Also race Adam as the first article prints it (claim S0-4.3.2-adam-moments).
    lr, noise : float
    correction : bool
        Adam's bias correction.
    predict : bool, str or Predict
        Ask who wins.
    """

    _esm = esm("optirace.js")
    title = "OptiRace"
    size = (7.2, 3.6)

    def __init__(self, surface="ravine", *, steps=150, own=None, printed=False, lr=0.05, noise=0.0, correction=True,
                 predict=False, seed=0):  # fmt: skip
        Choice("surface", "", surface, tuple(SURFACES)).check(surface)
        if not isinstance(steps, int) or not 1 <= steps <= 2000:
            raise ValueError(f"OptiRace: steps must be a whole number from 1 to 2000, got {steps!r}")
        self.steps = steps
        self._first = {"surface": surface, "lr": lr, "noise": noise, "correction": correction}
        rules = self.rules = named(own) | ({"Adam as printed": printed_adam} if printed else {})
        if len(rules) > 3:
            raise ValueError(f"OptiRace: at most 3 own rules, got {len(rules)}")
        self.racers = RACERS + tuple(
            own_racer(name, rule, len(RACERS) + i) for i, (name, rule) in enumerate(rules.items())
        )
        self.results = {}
        self._surface = surface
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Play, Step, +10, Reset; landscape, learning rates, noise, correction, start, and the step shown."""
        first, surface = self._first, SURFACES[self._surface]
        return (
            Button("play", "Play", "Space"),
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("reset", "Reset", "R"),
            Choice("surface", "Landscape", first["surface"], tuple(SURFACES)),
            Slider("lr", "Learning rate, all", first["lr"], 1e-3, 1.0, log=True),
            Slider("noise", "Gradient noise σ", first["noise"], 0.0, 2.0, step=0.05),
            Toggle("correction", "Adam's bias correction", first["correction"]),
            Slider("t", "Step shown", self.steps, 0, self.steps, whole=True, group="time"),
            Point("start", "Start", surface.start, surface.bounds),
            *(
                Slider(f"lr_{r.key}", f"Learning rate of {r.name}", first["lr"], 1e-3, 1.0, log=True, group="card")
                for r in self.racers
            ),
        )

    def question(self):
        """Ask who wins."""
        return Predict(
            f"who is lowest after {self.steps} steps, all with learning rate {self._first['lr']:g}?",
            tuple(r.name for r in self.racers),
            lambda lab: lab.winner(),
        )

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Run again whoever is concerned."""
        keys = {r.key for r in self.racers}
        if "surface" in changed and self._state["surface"] != self._surface:
            self._surface = self._state["surface"]
            self._state["start"] = self.surface.start
            self._refresh_backdrop()
        if "lr" in changed and not any(name.startswith("lr_") for name in changed):
            self._state |= {f"lr_{key}": self._state["lr"] for key in keys}
            changed = changed | {"start"}
        if not changed & {"surface", "start", "noise"} and self.results:
            keys = {name.removeprefix("lr_") for name in changed} | ({"adam"} if "correction" in changed else set())
        self._race(keys)

    def _race(self, keys):
        """Race those in ``keys``; all meet the same noise. A rule that raises is left standing, the others run on."""
        s = self._state
        noise = s["noise"] * np.random.default_rng(self.seed).standard_normal((self.steps, 2))
        for racer in self.racers:
            if racer.key in keys:
                self.results[racer.key] = self._standing
                result = self._guarded(
                    race, racer, self.surface, s["start"], s[f"lr_{racer.key}"], noise, s["correction"]
                )
                self.results[racer.key] = result or self._standing

    @property
    def _standing(self):
        path, rows = np.full((self.steps + 1, 2), np.nan), np.full((self.steps, 2), np.nan)
        path[0] = self._state["start"]
        names = ("grad", "m", "v", "mhat", "move")
        return {"path": path, "loss": np.full(self.steps + 1, np.nan)} | dict.fromkeys(names, rows)

    def _reset(self):
        if self._surface != self._first["surface"]:
            self._surface = self._first["surface"]
            self._refresh_backdrop()
        super()._reset()

    def act_on(self, name):
        """Move the step shown (the browser does this by itself)."""
        self._state["t"] = min(self.steps, self._state["t"] + (1 if name == "step" else 10))

    @property
    def surface(self):
        """The landscape."""
        return SURFACES[self._surface]

    def losses(self) -> dict[str, float]:
        """Return each racer's loss at the end; infinite if it diverged."""
        last = {r.name: self.results[r.key]["loss"][-1] for r in self.racers}
        return {name: float(x) if np.isfinite(x) else np.inf for name, x in last.items()}

    def winner(self) -> str:
        """Return the name of the racer with the lowest loss at the end."""
        losses = self.losses()
        return min(losses, key=losses.get)

    # -- what is shown ---------------------------------------------------------------------------------------------
    def backdrop(self):
        """log10 of the landscape, for the contour."""
        return {"grid": np.log10(self.surface.grid(*GRID) + 1e-3)}

    def frame(self):
        """Every racer's path, loss and inner numbers."""
        return {f"{name}{i}": v for i, r in enumerate(self.racers) for name, v in self.results[r.key].items()}

    def facts(self):
        """Names, bounds, formula."""
        return {
            "status": f"{self.steps} steps",
            "racers": [{"key": r.key, "name": r.name, "series": r.series} for r in self.racers],
            "bounds": self.surface.bounds,
            "minima": self.surface.minima,
            "formula": self.surface.formula,
            "steps": self.steps,
        }

    def summary(self):
        """Name the order of arrival."""
        order = sorted(self.losses().items(), key=lambda item: item[1])
        words = ", ".join(f"{name} {loss:.2g}" if np.isfinite(loss) else f"{name} diverged" for name, loss in order)
        x, y = self._state["start"]
        return f"On the {self._surface}, from ({x:.2f}, {y:.2f}), the loss after {self.steps} steps: {words}."

    def caption(self):
        """Name the picture."""
        where = f"OptiRace on the {self._surface}, f = {self.surface.formula}."
        return f"{where} In a running notebook: drag the start, change learning rates, play."

    def draw(self, fig):
        """Draw the contour with the trails and the losses."""
        draw_race(fig, self)

    def as_code(self):
        """Return a program that runs the same race with the course's optimizers, with your rules by their names."""
        s = self._state
        rates = {r.key: s[f"lr_{r.key}"] for r in self.racers}
        own = [f"own_racer({r.name!r}, {_name(self.rules[r.name])}, {r.series})" for r in self.racers[len(RACERS) :]]
        yours = sorted({_name(rule) for rule in self.rules.values() if rule is not printed_adam})
        return (
            (f"# {', '.join(yours)}: yours\n" if yours else "") + "import numpy as np\n"
            "from course_lib.widgets.racers import RACERS, own_racer, printed_adam, race\n"
            "from course_lib.widgets.surfaces import SURFACES\n\n"
            f"surface, start, steps = SURFACES[{self._surface!r}], {tuple(s['start'])!r}, {self.steps}\n"
            f"noise = {s['noise']!r} * np.random.default_rng({self.seed}).standard_normal((steps, 2))\n"
            f"rates = {rates!r}\n"
            "losses = {}\n"
            f"for racer in ({', '.join(['*RACERS', *own])},):\n"
            f"    run = race(racer, surface, start, rates[racer.key], noise, correction={s['correction']!r})\n"
            '    losses[racer.name] = float(run["loss"][-1])\n'
            "print(losses)\n"
        )


def _name(rule) -> str:
    """The name by which a program can call a rule."""
    name = getattr(rule, "__name__", "step")
    return name if name.isidentifier() else "step"
