"""The graph shows what was computed: inputs, operations, weights and forks."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib import arithmetic, nn
from course_lib.autograd import Tensor
from course_lib.topics import live_graph


def test_a_chain():
    layers = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x = Tensor(np.ones((1, 3), np.float32), requires_grad=True)
    graph = live_graph.trace(layers(x), x=x)
    assert [node.name for node in graph.nodes] == ["x", "linear", "relu", "linear"]
    assert [node.weights for node in graph.nodes] == [0, 16, 0, 10]
    assert graph.edges == [(0, 1), (1, 2), (2, 3)]
    assert graph.forks() == 0


def test_a_fork_and_a_join():
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    graph = live_graph.trace(arithmetic.cat([x.relu(), x.tanh()], 1), x=x)
    assert graph.forks() == 1
    assert graph.count("cat") == 1
    assert [node.depth for node in graph.nodes] == [0, 1, 1, 2]
    assert graph.nodes[-1].shape == (2, 4)


def test_drawing_names_every_node():
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    graph = live_graph.trace(arithmetic.cat([x.relu(), x.tanh()], 1), picture=x)
    ax = Figure().subplots()
    live_graph.draw(ax, graph)
    shown = " ".join(text.get_text() for text in ax.texts)
    assert all(name in shown for name in ("picture", "relu", "tanh", "cat", "2×4"))
    centres = {text.get_position() for text in ax.texts if text.get_text()}
    assert len(centres) == len(graph.nodes)  # no two on one place


def test_an_input_that_is_not_on_the_tape():
    with pytest.raises(ValueError, match="image"):
        live_graph.trace(Tensor(np.ones(2), requires_grad=True).sum(), image=Tensor(np.ones(2)))
