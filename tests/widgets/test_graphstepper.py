"""GraphStepper: its gradients are autograd's and finite differences, guesses are kept, and a*a has two paths."""

import numpy as np
import pytest

from course_lib import losses, nn
from course_lib.autograd import Tensor, no_grad, tensor
from course_lib.widgets import GraphStepper
from course_lib.widgets.frames import unpack
from course_lib.widgets.graph_layout import layout
from course_lib.widgets.graphs import first, reveal_order, trace


def unit(w, x, b):
    return 0.5 * ((w * x + b).sigmoid() - 1) ** 2


def tangled(a, b, c):
    d = a * b + c.exp()
    e = (d * d - a).tanh()
    return e * d + e / (b * b + 1) - c


LEAVES = {"a": 0.7, "b": -1.3, "c": 0.2}


def grads(lab):
    return {node.name: node.grad for node in lab.nodes}


@pytest.mark.parametrize(("f", "leaves"), [(unit, {"w": 2.0, "x": -1.0, "b": 0.5}), (tangled, LEAVES)])
def test_final_gradients_are_autograds_and_finite_differences(f, leaves):
    lab = GraphStepper(f, leaves)
    own = {name: tensor(np.array(v), requires_grad=True) for name, v in leaves.items()}
    result = f(**own)
    result.backward()
    for name, leaf in own.items():
        assert grads(lab)[name] == pytest.approx(float(leaf.grad), rel=1e-12)
        assert lab.numeric[name] == pytest.approx(float(leaf.grad), rel=1e-6)
    assert float(lab.nodes[-1].value) == result.item()
    shown = unpack(lab._buffer, lab._meta["layout"])
    np.testing.assert_allclose(shown["grad"], [first(n.grad) for n in lab.nodes], rtol=1e-6)
    np.testing.assert_allclose(shown["value"], [first(n.value) for n in lab.nodes], rtol=1e-6)


def test_a_times_a_sums_two_paths():
    lab = GraphStepper(lambda a=3.0: a * a).act("ten")
    edges = lab.edges()
    assert [(float(e.local), float(e.part)) for e in edges] == [(3, 3), (3, 3)]
    assert grads(lab)["a"] == 6
    assert lab.explain(0) == "dL/da = 1 · 3 + 1 · 3 = 6"
    assert "dL/da = 1 · 3 + 1 · 3 = 6" in lab.summary()


def test_every_gradient_comes_after_those_it_needs():
    lab = GraphStepper(tangled, LEAVES)
    assert sorted(lab.order) == list(range(len(lab.nodes)))
    assert lab.order[0] == len(lab.nodes) - 1
    place = {i: k for k, i in enumerate(lab.order)}
    assert all(place[e.child] < place[e.parent] for e in lab.edges())


def test_a_wrong_guess_is_kept_and_does_not_block():
    lab = GraphStepper(lambda a=3.0, b=-2.0: a * a + a * b)
    lab.set(guess="1").act("step")
    lab.set(guess="−7,5").act("step")
    lab.set(guess="what?").act("step")
    lab.act("step")
    assert lab.state["t"] == 4
    assert [(entry["answer"], entry["right"]) for entry in lab.log] == [(1.0, True), (-7.5, False), ("what?", False)]
    asked = [lab.asked(i) for i in lab.order[:3]]
    assert [entry["question"] for entry in lab.log] == asked
    assert lab.state["guess"] == ""


def test_a_guess_is_judged_against_the_next_gradient_even_when_scrubbing():
    lab = GraphStepper(unit, {"w": 2.0, "x": -1.0, "b": 0.5}).set(t=2)
    lab._handle({"set": {"guess": "-0.8176", "t": 6}})  # both in one message, as the browser merges them
    assert lab.log == [{"question": "dL/dv4", "answer": -0.8176, "outcome": pytest.approx(-0.817574, abs=1e-6),
                        "right": True}]  # fmt: skip
    lab.set(guess="3", t=2)
    assert len(lab.log) == 1  # going back uncovers nothing


def test_editing_a_leaf_computes_everything_again():
    lab = GraphStepper(tangled, LEAVES).act("ten")
    lab.set(leaf_a=-0.4)
    leaf = tensor(np.array(-0.4), requires_grad=True)
    tangled(leaf, tensor(np.array(-1.3)), tensor(np.array(0.2))).backward()
    assert grads(lab)["a"] == pytest.approx(float(leaf.grad), rel=1e-12)
    assert lab.apart() < 1e-6
    assert lab.reset().state["leaf_a"] == 0.7
    assert lab.state["t"] == 0


def test_control_flow_may_change_the_graph():
    lab = GraphStepper(lambda a=1.0: a * a * a if a > 0 else -a).act("ten")
    many = len(lab.nodes)
    lab.set(leaf_a=-1.0)
    assert len(lab.nodes) == 2 < many
    assert lab.state["t"] == 2
    assert grads(lab)["a"] == -1


def test_a_networks_loss_is_traced_without_touching_it():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.ReLU(), nn.Linear(4, 2, rng=rng))
    loss = losses.cross_entropy(model(Tensor(rng.normal(size=(5, 3)))), rng.integers(0, 2, 5))
    lab = GraphStepper(loss, dict(model.named_parameters())).act("ten")
    assert all(p.grad is None for p in model.parameters())
    loss.backward()
    for name, p in model.named_parameters():
        np.testing.assert_array_equal(grads(lab)[name], p.grad)
    assert lab.asked(0).startswith("dL/d")
    assert not lab.facts()["editable"]


def test_broadcast_gradients_have_the_values_shape():
    b = tensor(np.array([1.0, 2.0]), requires_grad=True)
    nodes = trace((b + np.ones((3, 2))).sum(), {"b": b})
    np.testing.assert_array_equal(nodes[0].grad, [3, 3])


def with_nothing():
    with no_grad():
        return tensor(np.array(1.0), requires_grad=True) * 2


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        (3.0, "expected a Tensor"),
        (lambda a=1.0: 5, "got int"),
        (lambda a=1.0: undefined_name, "undefined_name"),  # noqa: F821
        (lambda a: a, "missing 1 required"),
        (Tensor(np.ones(2), requires_grad=True), "single number"),
        (Tensor(1.0), "requires_grad=False"),
        (with_nothing(), "requires_grad=False"),
        (lambda a=1.0: sum((a * i for i in range(100)), a), "more than 60 values"),
    ],
)
def test_what_cannot_be_traced_is_said(expression, word):
    lab = GraphStepper(expression)
    assert word in lab.error
    lab.act("step").act("back").act("ten").reset()
    assert lab._meta["facts"] == {"empty": True}
    assert lab.picture().png


@pytest.mark.parametrize("value", [float("nan"), "two", float("inf")])
def test_leaves_are_checked(value):
    with pytest.raises(ValueError, match="a: expected a finite number"):
        GraphStepper(lambda a: a * a, {"a": value})


def test_numbers_that_are_not_finite_do_not_break_it():
    lab = GraphStepper(lambda a=1.0: (a - 1).log()).act("ten")
    assert lab.error == ""
    assert lab.set(leaf_a=2.0).error == ""
    assert grads(lab)["a"] == 1


def test_two_hundred_settings_leave_the_last_state():
    lab = GraphStepper(tangled, LEAVES)
    for i in range(200):
        lab._queue.put({"set": {"leaf_b": i / 100, "t": i % 5}, "seq": i})
    lab._queue.join(30)
    assert (lab.state["leaf_b"], lab.state["t"], lab._meta["ack"]) == (1.99, 4, 199)
    assert grads(lab)["b"] == GraphStepper(tangled, LEAVES | {"b": 1.99}).nodes[1].grad


def test_a_thousand_edits_keep_no_memory():
    import tracemalloc

    lab = GraphStepper(unit, {"w": 2.0, "x": -1.0, "b": 0.5})
    for i in range(50):
        lab.set(leaf_w=i / 50)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for i in range(300):
        lab.set(leaf_w=i / 300)
    assert tracemalloc.get_traced_memory()[0] - before < 200_000
    tracemalloc.stop()


def test_code_gives_the_same_gradients():
    lab = GraphStepper(tangled, LEAVES).set(leaf_c=-0.6)
    names = {"tangled": tangled}
    exec(lab.as_code(), names)
    for name, leaf in names["leaves"].items():
        assert float(leaf.grad) == pytest.approx(float(grads(lab)[name]), rel=1e-12)
    exec(GraphStepper(names["result"]).as_code(), names)


def test_layout_gives_every_box_a_place_of_its_own_and_goes_forward():
    lab = GraphStepper(tangled, LEAVES)
    places, ways, ports = layout(lab.nodes)
    taken = [*map(tuple, places), *(p for way in ways for p in way)]
    assert len(set(taken)) == len(taken)
    for edge, way in zip(lab.edges(), ways, strict=True):
        columns = [places[edge.parent][0], *(p[0] for p in way), places[edge.child][0]]
        assert np.all(np.diff(columns) == 1)
    entering = {}
    for edge, port in zip(lab.edges(), ports, strict=True):
        entering.setdefault(edge.child, []).append(port)
    assert all(sorted(found) == list(range(len(found))) for found in entering.values())


def test_reveal_order_of_a_lone_leaf():
    leaf = tensor(np.array(2.0), requires_grad=True)
    assert reveal_order(trace(leaf)) == [0]


def test_prediction_asks_for_a_sign():
    lab = GraphStepper(unit, {"w": 2.0, "x": -1.0, "b": 0.5}, predict=True).answer("negative")
    assert lab.log[0]["outcome"] == "positive"


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (GraphStepper(tangled, LEAVES)._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "gradients are shown" in first
