"""GradFlow: real gradients of a real network; what is shown equals NumPy, and shows what theory says."""

import numpy as np
import pytest

from course_lib import nn
from course_lib.autograd import Tensor
from course_lib.losses import cross_entropy
from course_lib.widgets import GradFlow
from course_lib.widgets.frames import unpack
from course_lib.widgets.gradflow import digits_batch
from course_lib.widgets.gradlog import BINS, EDGES, gradient_stats, weights_of
from course_lib.widgets.nets import INITS, deep_net


def gradients(model, batch):
    for p in model.parameters():
        p.grad = None
    cross_entropy(model(Tensor(batch[0])), batch[1]).backward()
    return [p.grad for _, p in weights_of(model)]


def test_shown_numbers_equal_numpy():
    flow = GradFlow(depth=6, init="Xavier")
    model = deep_net(flow._sizes(), "tanh", "Xavier", False, 0)
    grads = gradients(model, flow.batch)
    arrays = unpack(flow._buffer, flow._meta["layout"])
    np.testing.assert_allclose(arrays["median"], [np.median(np.abs(g[g != 0])) for g in grads], rtol=1e-6)
    for row, grad in zip(arrays["shares"], grads, strict=True):
        counts, _ = np.histogram(np.log10(np.abs(grad[grad != 0])), EDGES)
        np.testing.assert_allclose(row, counts / grad.size, atol=1e-3)
    moved = [0.1 * np.sqrt((g.astype(float) ** 2).mean()) for g in grads]
    sizes = [
        np.sqrt((p.data.astype(float) ** 2).mean())
        for _, p in weights_of(deep_net(flow._sizes(), "tanh", "Xavier", False, 0))
    ]
    np.testing.assert_allclose(arrays["ratio"], np.divide(moved, sizes), rtol=1e-3)


def test_small_first_weights_starve_the_first_layer_and_residuals_feed_it():
    flow = GradFlow(depth=10, init="too small (σ = 0.01)", activation="tanh")
    first, last = flow.record.medians[[0, -1]]
    assert first < 1e-3 * last
    flow.set(residual=True)
    first, last = flow.record.medians[[0, -1]]
    assert first > 1e-2 * last


def test_kaiming_keeps_relu_gradients_alive_at_depth_30():
    flow = GradFlow(depth=30, init="Kaiming", activation="relu")
    assert 0.01 < flow.record.medians[1] / flow.record.medians[-2] < 100


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("residual", [False, True])
def test_code_reproduces_the_medians(init, residual):
    flow = GradFlow(depth=4, init=init, residual=residual).act("step").act("step").set(t=1)
    names = {}
    exec(flow.as_code(), names)
    np.testing.assert_allclose(names["medians"], flow.record.medians, rtol=1e-6)


def test_scrubbing_shows_an_earlier_step():
    flow = GradFlow(depth=4, init="Xavier").act("ten")
    assert flow.state["t"] == 10
    early = flow.set(t=3).record
    assert early is flow.records[3]
    np.testing.assert_allclose(unpack(flow._buffer, flow._meta["layout"])["median"], early.medians, rtol=1e-6)
    assert flow.medians().shape == (4, 11)


def test_bound_to_the_learners_model_it_trains_that_model_and_resets_it():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(64, 16, rng=rng), nn.ReLU(), nn.Linear(16, 10, rng=rng))
    before = model.state_dict()
    flow = GradFlow(model, digits_batch(32), cross_entropy)
    assert flow.names() == ["0.weight", "2.weight"]
    assert "depth" not in flow.state
    flow.act("ten")
    assert not np.array_equal(model[0].weight.data, before["0.weight"])
    flow.reset()
    fresh = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
    fresh.load_state_dict(before)
    np.testing.assert_allclose(
        flow.records[0].medians, [np.median(np.abs(g[g != 0])) for g in gradients(fresh, flow.batch)], rtol=1e-6
    )


def test_a_raising_loss_is_shown_and_the_widget_lives():
    model = nn.Sequential(nn.Linear(64, 10))
    flow = GradFlow(model, digits_batch(8), lambda out, y: out.nope)
    assert "nope" in flow.error
    flow.loss_fn = cross_entropy
    flow.act("step")
    assert flow.error == ""
    assert len(flow.records) == 1


def test_a_divergence_is_named():
    flow = GradFlow(depth=8, init="too large (σ = 0.5)", activation="relu")
    flow.set(lr=10.0)
    for _ in range(3):
        flow.act("ten")
    assert "not a finite number" in flow.error or "the loss became" in flow.error


def test_zeros_are_counted_not_binned():
    medians, shares, zeros = gradient_stats([np.array([0.0, 0.0, 0.01, -1.0])])
    assert zeros.tolist() == [0.5]
    assert shares.sum() == 0.5
    assert shares[0, BINS // 16 * 12] == 0.25  # 0.01: log10 = -2, twelve decades above -14
    assert medians[0] == 0.505


def test_model_and_batch_belong_together():
    with pytest.raises(ValueError, match="model and batch together"):
        GradFlow(nn.Linear(2, 2))


def test_prediction_compares_the_ends():
    assert GradFlow(predict=True).answer("more than 10 times smaller").log[0]["right"] is True


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (GradFlow()._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "median gradient (zeros left out) of layer 1" in first


@pytest.mark.parametrize("at", [0, 4, 9, 10, 17, 24])
def test_going_on_from_an_earlier_step_repeats_it_bit_for_bit(at):
    flow = GradFlow(depth=4, width=16)
    flow.advance(12)
    flow.set(lr=0.3)
    flow.advance(12)
    losses, medians = [r.loss for r in flow.records], flow.medians()
    flow.set(t=at).act("fork")
    assert [r.loss for r in flow.records] == losses[: at + 1]
    assert flow.optimizer.lr == flow.state["lr"] == 0.3  # as the slider stands: for the steps to come
    flow.set(lr=0.1)
    flow.advance(max(0, 12 - at))
    flow.set(lr=0.3)
    flow.advance(25 - len(flow.records))
    assert [r.loss for r in flow.records] == losses
    np.testing.assert_array_equal(flow.medians(), medians)


def test_going_on_with_another_rate_or_weight_is_another_run_from_there_only():
    flow = GradFlow(depth=4, width=16)
    flow.advance(20)
    losses = [r.loss for r in flow.records]
    flow.set(t=7).act("fork").set(lr=1.0)
    flow.model[0][0].weight.data[0, 20] += 0.5  # a pixel that is not always 0
    flow.advance(12)
    found = [r.loss for r in flow.records]
    assert found[:8] == losses[:8]
    assert found[8] != losses[8]
    flow.set(t=3).act("fork")
    assert [r.loss for r in flow.records] == losses[:4]
