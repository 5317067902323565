"""Dynamic graphs: what a tape records when the program branches on its data."""

from course_lib.autograd import tensor
from course_lib.claims.evidence import Evidence, close
from course_lib.topics import debugging, numerics


def recorded_once():
    """A loop that runs until the value is large: its graph for three inputs, and the gradient."""
    graphs = {x: _graph(x) for x in (3.0, 3.1, 60.0)}
    slopes = {x: (slope, float(numerics.central_gradient(_double, x))) for x, (_, slope) in graphs.items()}
    few, same, other = (graphs[x][0] for x in (60.0, 3.1, 3.0))
    return Evidence(
        f"one loop leaves {len(other)} operations on the tape for x = 3 and {len(few)} for x = 60, each with the right "
        "gradient; x = 3 and x = 3.1 leave the same graph, which a compiler could keep and reuse.",
        said={"the graph follows the data": len(few) < len(other), "the gradients are right":
              all(close(a, b, 6) for a, b in slopes.values())},
        gap={"where the path is the same the graph is too, so it can be compiled once": same == other},
        right={"one program has a dynamic graph and, path by path, static ones": same == other != few},
        numbers={"operations": [len(other), len(same), len(few)]},
    )  # fmt: skip


def _double(x):
    """2x, 4x, 8x, ..., the first that exceeds 100."""
    while x < 100:
        x = x * 2
    return x


def _graph(x):
    """(names of the operations on the tape, gradient)."""
    leaf = tensor(float(x), dtype=float, requires_grad=True)
    result = _double(leaf)
    result.backward()
    return [node._op.__name__ for node in debugging.operations(result)], float(leaf.grad)
