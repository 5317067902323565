"""Where the boxes of a graph go: columns by distance from the result, rows so that few lines cross.

Sugiyama, Tagawa & Toda, IEEE Trans. Syst. Man Cybern. 11 (1981): layers, dummy boxes on long edges, barycentres.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def layout(nodes) -> tuple[np.ndarray, list, list]:
    """Return the nodes' places (n, 2) as (column, row), the edges' ways and the edges' ports.

    Column 0 is on the left; rows are centred on 0. Edges come node by node, in the order of ``node.edges``. A way is
    the list of places between an edge's ends; a port counts the edges that enter a box, from the top.
    """
    column = _columns(nodes)
    layers, ways, links = _with_dummies(nodes, column)
    for sweep in range(6):
        _sort(layers, links, forward=sweep % 2 == 0)
    place = {}
    for i, layer in enumerate(layers):
        for k, item in enumerate(layer):
            place[item] = (i, k - (len(layer) - 1) / 2)
    ways = [[place[d] for d in way] for way in ways]
    edges = [edge for node in nodes for edge in node.edges]
    rows = [(way[-1] if way else place[edge.parent])[1] for edge, way in zip(edges, ways, strict=True)]
    return np.array([place[i] for i in range(len(nodes))], float), ways, _ports(edges, rows)


def _ports(edges, rows):
    """Sort the edges that enter the same box by the row they come from, so that they do not cross before it."""
    ports = [0] * len(edges)
    for child in {edge.child for edge in edges}:
        entering = [k for k, edge in enumerate(edges) if edge.child == child]
        for port, k in enumerate(sorted(entering, key=lambda k: (rows[k], edges[k].slot))):
            ports[k] = port
    return ports


def _columns(nodes):
    """The result is in the last column; every other value stands right before its first use."""
    depth = [0] * len(nodes)
    for i in reversed(range(len(nodes))):
        depth[i] = max((depth[e.child] + 1 for e in nodes[i].edges), default=0)
    return [max(depth) - d for d in depth]


def _with_dummies(nodes, column):
    """Layers of node indices and dummies ("d", k); the dummies of each edge; links between neighbours."""
    layers, ways, links, dummies = [[] for _ in range(max(column) + 1)], [], [], 0
    for i, c in enumerate(column):
        layers[c].append(i)
    for i, node in enumerate(nodes):
        for edge in node.edges:
            way = []
            for c in range(column[i] + 1, column[edge.child]):
                way.append(("d", dummies))
                layers[c].append(("d", dummies))
                dummies += 1
            chain = [i, *way, edge.child]
            links += pairwise(chain)
            ways.append(way)
    return layers, ways, links


def _sort(layers, links, forward):
    """Order each layer by the mean position of its neighbours in the layer before (or after)."""
    order = range(1, len(layers)) if forward else range(len(layers) - 2, -1, -1)
    for i in order:
        fixed = {item: k for k, item in enumerate(layers[i - 1 if forward else i + 1])}
        near = {item: [] for item in layers[i]}
        for a, b in links:
            item, other = (b, a) if forward else (a, b)
            if item in near and other in fixed:
                near[item].append(fixed[other])
        now = {item: k for k, item in enumerate(layers[i])}
        layers[i].sort(key=lambda item: (np.mean(near[item]) if near[item] else now[item], now[item]))
