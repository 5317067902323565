"""ActLab: real pre-activations of a real model; what is shaded is what NumPy counts."""

import numpy as np
import pytest

from course_lib import activations, nn
from course_lib.autograd import Tensor
from course_lib.checks import use_library, use_mine
from course_lib.op import Array, op
from course_lib.widgets import ActLab, preacts
from course_lib.widgets.frames import unpack
from course_lib.widgets.gradflow import digits_batch


@pytest.fixture
def model():
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Linear(64, 32, rng=rng), nn.Tanh(), nn.Linear(32, 16, rng=rng), nn.ReLU(),
                         nn.Linear(16, 10, rng=rng))  # fmt: skip


@pytest.fixture
def x():
    return digits_batch(100)[0]


def test_shaded_share_is_numpys_for_the_learners_model(model, x):
    lab = ActLab(model, x, scale=5.0)
    z = x.astype(float) @ (5 * model[0].weight.data.T.astype(float)) + model[0].bias.data
    share = (1 - np.tanh(z) ** 2 < 0.05).mean()
    assert 0.01 < share < 0.99
    assert lab.saturated == pytest.approx(share, abs=1e-3)
    arrays = unpack(lab._buffer, lab._meta["layout"])
    assert arrays["flat"].sum() == pytest.approx(share, abs=1e-3)
    assert arrays["flat"].sum() + arrays["free"].sum() == pytest.approx(1, abs=1e-5)
    counts, _ = np.histogram(z, np.linspace(-lab.reach, lab.reach, 62))
    np.testing.assert_allclose(arrays["flat"] + arrays["free"], counts / z.size, atol=1e-3)


def test_dead_units_are_those_that_no_sample_reaches(x):
    layer = nn.Linear(64, 8)
    layer.bias.data[:3], layer.bias.data[3:] = -1000.0, 1000.0
    lab = ActLab(nn.Sequential(layer, nn.ReLU()), x)
    assert lab.dead == 3 / 8
    assert f"{100 * 3 / 8:.1f} % dead" in lab.facts()["status"]


@pytest.mark.parametrize("name", preacts.NAMES)
def test_slopes_are_finite_differences(name):
    f, slope = preacts.library(getattr(activations, name))
    z = np.linspace(-5, 5, 101) + 0.013  # beside the kinks
    np.testing.assert_allclose(slope(z), preacts.finite_slope(f, z), atol=1e-8)


def test_own_function_has_a_finite_difference_and_runs_in_the_model(model, x):
    lab = ActLab(model, x, own={"cube": lambda z: z**3 / 10}).set(activation="cube", z=2.0, layer=2)
    assert lab.at_z() == pytest.approx((0.8, 1.2), abs=1e-6)
    first = (x @ model[0].weight.data.T + model[0].bias.data) ** 3 / 10
    np.testing.assert_allclose(lab.site.z, first @ model[2].weight.data.T + model[2].bias.data, rtol=1e-3, atol=1e-4)


def test_use_mine_is_followed(monkeypatch, tmp_path, model, x):
    """The curve is then the learner's, its slope a finite difference of it, and the model runs on it."""
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path / "answers.json"))
    called = []

    def sigmoid(x):
        called.append(x.shape)
        return 0.5 * (1 + np.tanh(0.5 * x))

    use_mine("sigmoid", sigmoid)
    try:
        called.clear()
        lab = ActLab(model, x, activation="sigmoid").set(z=0.7)
        assert lab.name() == "sigmoid (yours)"
        assert {(481,), (100, 32)} <= set(called)
        s = 1 / (1 + np.exp(-0.7))
        assert lab.at_z() == pytest.approx((s, s * (1 - s)), abs=1e-9)
    finally:
        use_library("sigmoid")
    assert lab.set(z=0.8).name() == "sigmoid"


def test_models_that_call_functions_and_own_ops_are_seen(x):
    @op
    def bent(a: Array):
        return np.abs(a), (lambda g: g * np.sign(a),)

    class Net(nn.Module):
        def __init__(self):
            self.first, self.last = nn.Linear(64, 8), nn.Linear(8, 8)

        def forward(self, x):
            return bent(self.last(activations.leaky_relu(self.first(x), 0.2) + 1.0))

    lab = ActLab(Net(), x).set(z=-1.0)
    assert [site.name for site in lab.sites] == ["leaky_relu", "bent"]
    assert lab.at_z() == pytest.approx((-0.2, 0.2))  # the slope that this model uses, not the default
    assert lab.set(layer=2).at_z() == pytest.approx((1, -1))


def test_the_model_stays_as_it_is_and_is_read_anew(model, x):
    before = model.state_dict()
    lab = ActLab(model, x, scale=3.0)
    assert all(np.array_equal(before[k], v) for k, v in model.state_dict().items())
    assert type(model[0].weight) is nn.Parameter
    assert all(p.grad is None for p in model.parameters())
    share = lab.saturated
    model[0].weight.data *= 5  # as training would
    assert lab.set(scale=3.01).saturated > share + 0.1


def test_dropout_and_batch_norm_run_in_evaluation_mode(x):
    model = nn.Sequential(nn.Linear(64, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.ReLU())
    before = model.state_dict()
    first, second = ActLab(model, x), ActLab(model, x)
    np.testing.assert_array_equal(first.site.z, second.site.z)
    assert all(np.array_equal(before[k], v) for k, v in model.state_dict().items())
    assert model.training


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda z: undefined_name, "undefined_name"),  # noqa: F821
        (lambda z: z.sum(), "one number per element"),
        (lambda z: np.where(z > 0, np.nan, z), "not a number"),
        (lambda z: "text", "ValueError"),
    ],
)
def test_a_bad_function_is_shown_and_the_widget_lives(model, x, function, word):
    lab = ActLab(model, x, own={"mine": function}).set(activation="mine")
    assert word in lab.error
    assert lab._meta["summary"]
    lab.set(activation="tanh")
    assert lab.error == ""
    assert lab.name() == "tanh"


def test_weights_that_are_not_numbers_are_said(model, x):
    model[0].weight.data[0, 0] = np.nan
    lab = ActLab(model, x)
    assert "pre-activations that are not a number" in lab.error
    assert np.isfinite(unpack(lab._buffer, lab._meta["layout"])["free"]).all()


def test_a_model_without_activation_says_so(x):
    lab = ActLab(nn.Sequential(nn.Linear(64, 10)), x)
    assert "uses no activation" in lab.error


def test_arguments_are_checked(model, x):
    with pytest.raises(ValueError, match="model and batch together"):
        ActLab(model)
    with pytest.raises(ValueError, match="names of their own, got relu"):
        ActLab(model, x, own={"relu": np.tanh})
    with pytest.raises(ValueError, match="activation: expected one of"):
        ActLab(model, x, activation="mish")
    with pytest.raises(ValueError, match="z: expected a finite number"):
        ActLab(model, x).set(z=float("nan"))


def test_two_hundred_settings_leave_the_last_state(model, x):
    lab = ActLab(model, x)
    for i in range(200):
        lab._queue.put({"set": {"scale": 0.1 + 0.01 * i, "z": i / 100}, "seq": i})
    lab._queue.join(30)
    assert lab.state["scale"] == pytest.approx(2.09)
    assert lab._meta["ack"] == 199
    assert lab.saturated == ActLab(model, x, scale=lab.state["scale"]).saturated


@pytest.mark.parametrize("change", [{}, {"activation": "sigmoid", "layer": 2}, {"activation": "mine", "z": -0.3}])
def test_code_gives_the_same_shares(model, x, change):
    lab = ActLab(model, x, own={"mine": np.arctan}, scale=4.0).set(**change)
    names = {"model": model, "x": x, "mine": np.arctan}
    exec(lab.as_code(), names)
    assert (names["saturated"], names["dead"]) == (lab.saturated, lab.dead)


def test_code_of_the_built_in_network_runs_alone():
    lab = ActLab(scale=6.0, seed=3)
    names = {}
    exec(lab.as_code(), names)
    assert names["saturated"] == lab.saturated > 0.1


def test_images_have_a_unit_per_channel():
    rng = np.random.default_rng(0)
    lab = ActLab(nn.Sequential(nn.Conv2d(1, 4, 3, rng=rng), nn.ReLU()), rng.normal(size=(5, 1, 8, 8)))
    assert lab.site.z.shape == (5, 4, 6, 6)
    assert lab.dead in (0, 0.25, 0.5, 0.75, 1)


def test_prediction_is_judged_by_the_scaled_weights(model, x):
    lab = ActLab(model, x, predict=True).answer("below 10 %")
    share = ActLab(model, x, scale=8.0).saturated
    assert lab.log[0]["outcome"] == ("below 10 %" if share < 0.1 else "10 to 50 %" if share <= 0.5 else "above 50 %")


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (ActLab(scale=4.0)._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "pre-activations" in first


def test_tensor_batches_work(model, x):
    assert ActLab(model, Tensor(x)).saturated == ActLab(model, (x, None)).saturated
