"""States of a model and its optimizer along a run, so that any step can be reached again bit for bit."""

from __future__ import annotations

from course_lib import random

EVERY = 10  # a state at every tenth step; the steps between are taken again


class Keeper:
    """States by the number of steps taken.

    Parameters
    ----------
    model : Module
    optimizer : Optimizer
    """

    def __init__(self, model, optimizer):
        self.model, self.optimizer, self.states = model, optimizer, {}

    def keep(self, step: int) -> None:
        """Keep the present state, if this step is one of those that are kept."""
        if step % EVERY == 0:
            self.states[step] = {
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "library": random.get_state(),
                "layers": {name: m.rng.bit_generator.state for name, m in self._with_rng()},
            }

    def back(self, step: int) -> int:
        """Load the last state kept up to a step, forget those after it, and return its step."""
        found = max(s for s in self.states if s <= step)
        self.states = {s: state for s, state in self.states.items() if s <= found}
        state = self.states[found]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        random.set_state(state["library"])
        for name, module in self._with_rng():
            module.rng.bit_generator.state = state["layers"][name]
        return found

    def _with_rng(self):
        return [(name, m) for name, m in self.model.named_modules() if getattr(m, "rng", None) is not None]
