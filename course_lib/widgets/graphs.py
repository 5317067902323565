"""The graph behind a number on the tape: its values, local derivatives, and the gradients one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from course_lib.autograd import Tensor, _unbroadcast

MOST = 60  # values that a picture can hold
SIGNS = {"mul": "×", "add": "+", "sub": "−", "div": "÷", "matmul": "@", "neg": "−x", "pow": "xⁿ", "sqrt": "√x",
         "sum": "Σ", "sigmoid": "σ", "cross_entropy": "CE"}  # fmt: skip


@dataclass
class Edge:
    """One use of a value: ``parent`` was the ``slot``-th input of ``child`` (indices of nodes)."""

    parent: int
    child: int
    slot: int
    vjp: Callable
    local: float = np.nan  # d(child)/d(parent), for single numbers
    part: np.ndarray | None = None  # what this use adds to the parent's gradient


@dataclass
class Node:
    """One value on the tape."""

    name: str
    op: str  # empty for a leaf
    value: np.ndarray
    edges: list = field(default_factory=list)  # its uses
    grad: np.ndarray | None = None

    @property
    def sign(self) -> str:
        """What stands in its box."""
        return SIGNS.get(self.op, self.op) or self.name


def trace(root, names=None) -> list[Node]:
    """Return the values that ``root`` was computed from, inputs before outputs, with all gradients.

    Nothing of the learner's is changed: no ``.grad`` is written. Constants are not on the tape; they show in the local
    derivatives.

    Parameters
    ----------
    root : Tensor
        A single number that requires a gradient.
    names : dict of name → Tensor, optional

    Raises
    ------
    ValueError
        If it is not a single number, needs no gradient, or has more than 60 values behind it.
    """
    if not isinstance(root, Tensor):
        raise ValueError(f"GraphStepper: expected a Tensor of course_lib.autograd, got {type(root).__name__}")
    if root.size != 1 or not root.requires_grad:
        raise ValueError(f"GraphStepper: expected a single number that requires a gradient, got shape {root.shape}, "
                         f"requires_grad={root.requires_grad}")
    tensors = _behind(root)
    nodes = _nodes(tensors, root, {id(t): name for name, t in (names or {}).items()})
    _connect(nodes, tensors)
    _flow_back(nodes)
    return nodes


def _behind(root):
    """The root and all tensors behind it, in the order of their creation."""
    found, stack = {id(root): root}, [root]
    while stack:
        for parent, _ in stack.pop()._parents:
            if id(parent) not in found:
                found[id(parent)] = parent
                stack.append(parent)
        if len(found) > MOST:
            raise ValueError(f"GraphStepper: more than {MOST} values are behind this number; take a smaller expression")
    return sorted(found.values(), key=lambda t: t._index)


def _nodes(tensors, root, names):
    nodes, leaves, inner = [], 0, 0
    for t in tensors:
        leaf = not t._parents
        leaves, inner = leaves + leaf, inner + (not leaf)
        name = names.get(id(t)) or ("L" if t is root else f"x{leaves}" if leaf else f"v{inner}")
        nodes.append(Node(name, t._op.__name__ if t._op else "", t.data))
    return nodes


def _connect(nodes, tensors):
    place = {id(t): i for i, t in enumerate(tensors)}
    for child, t in enumerate(tensors):
        for slot, (parent, vjp) in enumerate(t._parents):
            edge = Edge(place[id(parent)], child, slot, vjp)
            nodes[edge.parent].edges.append(edge)


def _flow_back(nodes):
    """Fill in local derivatives, parts and gradients, last value first."""
    nodes[-1].grad = np.ones_like(nodes[-1].value)
    with np.errstate(all="ignore"):
        for node in reversed(nodes[:-1]):
            for edge in node.edges:
                child = nodes[edge.child]
                if child.value.size == node.value.size == 1:
                    edge.local = float(np.sum(edge.vjp(np.ones_like(child.value))))
                edge.part = np.array(_unbroadcast(np.asarray(edge.vjp(child.grad)), node.value))
            node.grad = sum(edge.part for edge in node.edges)


def reveal_order(nodes) -> list[int]:
    """Return the order in which the gradients become known: each as soon as all its uses are."""
    order, left = [], {i: len(node.edges) for i, node in enumerate(nodes)}
    for i in reversed(range(len(nodes))):
        if i not in order:
            order.append(i)
        inputs = sorted({e.parent for node in nodes for e in node.edges if e.child == i}, reverse=True)
        for parent in inputs:
            left[parent] -= sum(e.child == i for e in nodes[parent].edges)
            if not left[parent] and not nodes[parent].op:  # a leaf: nothing more comes
                order.append(parent)
    return order


def first(array) -> float:
    """Return the first entry of an array, NaN if it has none."""
    return float(array.flat[0]) if array is not None and array.size else np.nan


def numeric(f, leaves: dict, name: str) -> float:
    """Return the central finite difference of the number ``f(**leaves)`` in the scalar leaf ``name``."""
    h = 1e-6 * max(1.0, abs(leaves[name]))

    def at(x):
        value = f(**tensors({**leaves, name: x}))
        return float(value.item())

    return (at(leaves[name] + h) - at(leaves[name] - h)) / (2 * h)


def tensors(leaves: dict) -> dict:
    """Return fresh float64 leaves on the tape."""
    return {name: Tensor(np.array(value, np.float64), requires_grad=True) for name, value in leaves.items()}
