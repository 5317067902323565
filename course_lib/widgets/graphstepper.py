"""`GraphStepper`: backpropagation on the graph of the learner's own expression, one gradient at a time."""

from __future__ import annotations

import inspect
import math

import numpy as np

from course_lib.autograd import Tensor

from .base import Lab
from .bundle import esm
from .controls import Button, Slider, Text, _finite
from .graph_layout import layout
from .graphs import first, numeric, reveal_order, tensors, trace
from .graphstepper_figure import draw_graph
from .predict import Predict

SLIDERS = 6  # leaves that can be edited
SIGN = ("positive", "negative", "zero")
CODE = """\
# the expression `{name}` is yours
import numpy as np
from course_lib.autograd import Tensor

leaves = {{name: Tensor(np.array(value), requires_grad=True) for name, value in {leaves}.items()}}
result = {name}(**leaves)
result.backward()
print(result.item(), {{name: leaf.grad for name, leaf in leaves.items()}})
"""
TRACED = """\
# the number `result` is yours
from course_lib.widgets.graphs import trace

for node in reversed(trace(result)):
    print(node.name, node.op, node.value, node.grad)
"""


class GraphStepper(Lab):
    """The graph of an expression: values from left to right, gradients from right to left, step by step.

    Parameters
    ----------
    expression : Tensor or callable
        A number computed from tensors, or a function of tensors that returns one. Only a function can be computed again
        with another value of a leaf.
    leaves : dict, optional
        For a function: name → number or array, its arguments (by default the defaults in its signature). For a Tensor:
        name → Tensor, the names to show, such as ``dict(model.named_parameters())``.
    predict : bool, str or Predict
        Before everything; besides, each gradient can be guessed before it is shown. Guesses are in ``log``.
    """

    _esm = esm("graphstepper.js")
    title = "GraphStepper"
    size = (7.2, 3.6)

    def __init__(self, expression, leaves=None, *, predict=False, seed=0):
        self.function = None if isinstance(expression, Tensor) or not callable(expression) else expression
        self.expression = expression
        self.leaves = dict(leaves or (self.function and _defaults(self.function)) or {})
        self.nodes, self.order, self._seen = [], [], 0
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Back, Step, +10, Reset; a slider per scalar leaf; the guess; how many gradients are shown."""
        return (
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("back", "Back", "B"),
            Button("reset", "Reset", "R"),
            *(
                Slider(f"leaf_{name}", name, value, -_range(value), _range(value))
                for name, value in self._editable().items()
            ),
            Text("guess", "Your guess", group="card"),
            Slider("t", "Gradients shown", 0, 0, max(1, len(self.nodes)), whole=True, group="time"),
        )

    def _editable(self):
        """The scalar leaves of a function, at most six."""
        if self.function is None:
            return {}
        scalars = {name: _finite(name, v) for name, v in self.leaves.items() if np.ndim(v) == 0}
        return dict(list(scalars.items())[:SLIDERS])

    def question(self):
        """Ask for the sign of the first leaf's gradient."""
        if not self.leaves:
            return None
        name = next(iter(self.leaves))
        return Predict(f"the gradient of the result with respect to {name} is", SIGN, lambda lab: lab._sign_of(name))

    def _sign_of(self, name):
        g = next((first(node.grad) for node in self.nodes if node.name == name), 0.0)
        return SIGN[0 if g > 0 else 1 if g < 0 else 2]

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Trace again if a leaf has changed; judge the guess if a gradient has been uncovered."""
        s = self._state
        if not self.nodes or any(name.startswith("leaf_") for name in changed):
            self._trace()
        s["t"] = min(s["t"], len(self.nodes))
        if s["t"] > self._seen and s["guess"].strip():
            self._judge(self.order[self._seen], s["guess"])
            s["guess"] = ""
        self._seen = s["t"]

    def values(self) -> dict:
        """Return the leaves of a function at their present values."""
        return self.leaves | {name: self._state[f"leaf_{name}"] for name in self._editable()}

    def _trace(self):
        self.nodes, self.order, self.numeric = [], [], {}
        if self.function is None:
            self.nodes = trace(self.expression, self.leaves)
        else:
            given = tensors(self.values())
            self.nodes = trace(self.function(**given), given)
            for name in self._editable():
                self.numeric[name] = numeric(self.function, self.values(), name)
        self.order = reveal_order(self.nodes)
        self.places, self.ways, self.ports = layout(self.nodes)

    def _judge(self, index, text):
        node = self.nodes[index]
        outcome, answer = first(node.grad), _number(text)
        right = isinstance(answer, float) and math.isclose(answer, outcome, rel_tol=0.02, abs_tol=1e-3)
        self._log.append({"question": self.asked(index), "answer": answer, "outcome": outcome, "right": right})

    def asked(self, index) -> str:
        """Return the name of a gradient; of an array's, the entry that is asked for."""
        node, root = self.nodes[index], self.nodes[-1].name
        entry = f", entry [{', '.join('0' * node.value.ndim)}]" if node.value.size > 1 else ""
        return f"d{root}/d{node.name}{entry}"

    def act_on(self, name):
        """Uncover the next gradient, or ten, or cover the last one again."""
        t = self._state["t"] + {"step": 1, "ten": 10, "back": -1}[name]
        self._state["t"] = min(max(t, 0), len(self.nodes))
        self.update({"t"})

    def _reset(self):
        self.nodes, self._seen = [], 0
        super()._reset()

    def static_run(self):
        """Uncover all gradients."""
        self._state["t"] = len(self.nodes)
        self.update({"t"})

    # -- what is shown ---------------------------------------------------------------------------------------------
    def edges(self) -> list:
        """Return all edges, node by node."""
        return [edge for node in self.nodes for edge in node.edges]

    def frame(self):
        """First entries of values, gradients, local derivatives and parts."""
        edges = self.edges()
        return {
            "value": [first(n.value) for n in self.nodes], "grad": [first(n.grad) for n in self.nodes],
            "local": [e.local for e in edges], "part": [first(e.part) for e in edges],
        }  # fmt: skip

    def facts(self):
        """The graph: names, places, edges, order."""
        if not self.nodes:
            return {"empty": True}
        edges = self.edges()
        inputs = [sum(e.child == i for e in edges) for i in range(len(self.nodes))]
        return {
            "status": f"{self._state['t']} of {len(self.nodes)} gradients",
            "nodes": [{"name": n.name, "sign": n.sign, "shape": list(n.value.shape), "size": n.value.size,
                       "leaf": not n.op, "inputs": inputs[i], "asked": self.asked(i),
                       "numeric": self.numeric.get(n.name)}
                      for i, n in enumerate(self.nodes)],
            "places": self.places,
            "edges": [[e.parent, e.child, port] for e, port in zip(edges, self.ports, strict=True)],
            "ways": self.ways,
            "order": self.order,
            "editable": bool(self._editable()),
        }  # fmt: skip

    def summary(self):
        """Say how far it is, and what the last step was."""
        if not self.nodes:
            return "Nothing to show yet."
        t, n, root = self._state["t"], len(self.nodes), self.nodes[-1]
        words = f"{root.name} = {first(root.value):.4g}, from {n - 1} other values. {t} of {n} gradients are shown."
        if t:
            words += f" The last: {self.explain(self.order[t - 1])}."
        if t < n:
            words += f" Next: {self.asked(self.order[t])}."
        elif self.numeric:
            words += " Finite differences " + ("agree." if self.apart() < 1e-4 else f"are {self.apart():.1g} away.")
        return words

    def explain(self, index) -> str:
        """Return the chain rule at one value, in numbers."""
        node = self.nodes[index]
        if not node.edges:
            return f"{self.asked(index)} = 1"
        terms = [
            f"{first(self.nodes[e.child].grad):.4g} · {e.local:.4g}" if np.isfinite(e.local) else f"{first(e.part):.4g}"
            for e in node.edges
        ]
        return f"{self.asked(index)} = {' + '.join(terms)} = {first(node.grad):.4g}"

    def apart(self) -> float:
        """Return the largest distance between a leaf's gradient and its finite difference, relative where above 1."""
        pairs = [(first(n.grad), self.numeric[n.name]) for n in self.nodes if n.name in self.numeric]
        return max((abs(a - b) / max(1.0, abs(a)) for a, b in pairs), default=0.0)

    def caption(self):
        """Name the picture."""
        return "GraphStepper: values above the lines, gradients below. In a running notebook: step, guess, edit a leaf."

    def draw(self, fig):
        """Draw the graph."""
        if self.nodes:
            draw_graph(fig, self)
        else:
            fig.text(0.02, 0.5, self.error or "Nothing to show yet.", wrap=True)

    def as_code(self):
        """Return a program that computes the same gradients."""
        if self.function is None:
            return TRACED
        leaves = {name: np.asarray(value, float).tolist() for name, value in self.values().items()}
        name = getattr(self.function, "__name__", "f")
        return CODE.format(leaves=repr(leaves), name=name if name.isidentifier() else "f")


def _defaults(function) -> dict:
    """Return the arguments of a function that have default values."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}


def _range(value: float) -> float:
    return max(3.0, 2 * abs(value))


def _number(text):
    """Return the number that was typed, or the text if it is none."""
    try:
        return float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return text
