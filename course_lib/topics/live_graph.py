"""The tape of a forward pass as a graph that can be counted and drawn: which operation read which result."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Node:
    """An input or an operation; `weights` counts the parameters that it reads, `depth` its distance from the inputs."""

    name: str
    shape: tuple
    weights: int = 0
    depth: int = 0


@dataclass
class Graph:
    """Nodes in the order in which they were computed, and edges (from, to) as indices into them."""

    nodes: list[Node]
    edges: list[tuple[int, int]]

    def count(self, name: str) -> int:
        """How many operations have this name."""
        return sum(node.name == name for node in self.nodes)

    def forks(self) -> int:
        """How many results are read by more than one operation: in a chain, none."""
        return sum(sum(a == i for a, _ in self.edges) > 1 for i in range(len(self.nodes)))


def trace(output, **inputs) -> Graph:
    """Walk the tape from `output` back to the inputs.

    Parameters
    ----------
    output : Tensor
        The result of a forward pass with recording on.
    **inputs : Tensor
        What went in, by name; each must require a gradient, or the tape does not know it.

    Returns
    -------
    Graph
        Parameters are no nodes: the operation that reads them counts them.
    """
    missing = [name for name, tensor in inputs.items() if not tensor.requires_grad]
    if missing:
        raise ValueError(f"trace: inputs must require gradients to be on the tape, {', '.join(missing)} does not")
    names = {id(tensor): name for name, tensor in inputs.items()}
    index, nodes, edges = {}, [], []
    for tensor in _oldest_first(output):
        if not tensor._parents and id(tensor) not in names:
            continue  # a parameter
        node = Node(names.get(id(tensor)) or tensor._op.__name__.strip("_"), tensor.shape)
        for parent, _ in tensor._parents:
            if id(parent) in index:
                edges.append((index[id(parent)], len(nodes)))
                node.depth = max(node.depth, nodes[index[id(parent)]].depth + 1)
            else:
                node.weights += parent.size
        index[id(tensor)] = len(nodes)
        nodes.append(node)
    return Graph(nodes, edges)


def draw(ax, graph: Graph) -> None:
    """Draw the graph on a matplotlib axis, inputs on the left; operations with weights have a bold frame."""
    depth, height = [node.depth for node in graph.nodes], []
    for i in range(len(graph.nodes)):
        parents = [a for a, b in graph.edges if b == i]
        siblings = [b for a, b in graph.edges if parents and a == parents[0]]
        spread = (len(siblings) - 1) / 2 - siblings.index(i) if len(parents) == 1 else 0
        height.append(float(np.mean([height[a] for a in parents] or [0])) + spread)
    place = list(zip(depth, height, strict=True))
    for a, b in graph.edges:
        arrow = {"arrowstyle": "->", "shrinkA": 21, "shrinkB": 21, "color": "gray"}
        ax.annotate("", place[b], place[a], arrowprops=arrow)
    for i, node in enumerate(graph.nodes):
        text = f"{node.name}\n{'×'.join(map(str, node.shape))}"
        text += f"\n{node.weights:,} weights" if node.weights else ""
        ax.text(*place[i], text, ha="center", va="center", fontsize=6.5,
                bbox={"boxstyle": "round", "fc": "white", "ec": "C0", "lw": 2 if node.weights else 0.7})
    ax.set(xlim=(-0.6, max(depth) + 0.6), ylim=(min(height) - 0.6, max(height) + 0.6))
    ax.set_axis_off()


def _oldest_first(root):
    found, stack = {id(root): root}, [root]
    while stack:
        for parent, _ in stack.pop()._parents:
            if id(parent) not in found:
                found[id(parent)] = parent
                stack.append(parent)
    return sorted(found.values(), key=lambda tensor: tensor._index)
