"""LossLab: losses, gradients and arrow are those of NumPy and of finite differences; the three pictures are linked."""

import numpy as np
import pytest
import scipy.optimize

from course_lib import losses, nn
from course_lib.autograd import Tensor
from course_lib.widgets import LossLab
from course_lib.widgets.frames import unpack
from course_lib.widgets.gradflow import digits_batch
from course_lib.widgets.linefit import LOSSES, LineFit
from course_lib.widgets.slices import DIRECTIONS, Slice


def arrays(lab):
    return unpack(lab._buffer, lab._meta["layout"])


def landscape(lab):
    return unpack(lab._backdrop, lab._backdrop_layout)["grid"]


def cosine(a, b):
    return float(np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))


def by_hand(name, points, theta, middle):
    """Per-sample losses, written out."""
    x, y = np.transpose(points)
    z = theta[0] * x + theta[1]
    d = z - y
    label = y >= middle
    return {
        "MSE": d**2,
        "MAE": np.abs(d),
        "Huber": np.where(np.abs(d) <= 1, d**2 / 2, np.abs(d) - 0.5),
        "cross-entropy": np.where(label, np.log1p(np.exp(-z)), np.log1p(np.exp(z))),
    }[name]


def slope(loss, theta, h=1e-6):
    steps = np.eye(2) * h
    return np.array([(loss(theta + s) - loss(theta - s)) / (2 * h) for s in steps])


@pytest.fixture
def small():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(64, 8, rng=rng), nn.Tanh(), nn.Linear(8, 10, rng=rng))
    x, y = digits_batch(40)
    return model, (x, y)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("theta", [(-0.5, 0.1), (0.7, 1.3)])
def test_numbers_are_numpys_and_the_arrow_is_minus_the_gradient(name, theta):
    lab = LossLab().set(loss=name, theta=theta)
    points, middle = lab.state["points"], lab.land.middle
    shown = arrays(lab)
    np.testing.assert_allclose(shown["losses"], by_hand(name, points, theta, middle), rtol=1e-5)
    assert lab.loss == pytest.approx(by_hand(name, points, theta, middle).mean())
    numeric = slope(lambda t: by_hand(name, points, t, middle).mean(), np.array(theta))
    assert cosine(shown["arrow"] - np.float32(theta), -numeric) > 0.999
    np.testing.assert_allclose(lab.gradient, numeric, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", LOSSES)
def test_the_landscape_is_the_loss_at_every_place(name):
    lab = LossLab(loss=name)
    a0, a1, b0, b1 = lab.land.bounds()
    for row, column in ((0, 0), (60, 60), (12, 47)):
        theta = (a0 + (a1 - a0) * column / 60, b0 + (b1 - b0) * row / 60)
        expected = by_hand(name, lab.state["points"], theta, lab.land.middle).mean()
        assert lab.grid[row, column] == pytest.approx(expected)


def test_dragging_a_point_changes_the_landscape_and_back():
    lab = LossLab()
    before, first = lab.grid.copy(), lab.state["points"]
    lab.set(points=[*first[:-1], (2.0, 5.0)])
    assert np.abs(lab.grid - before).max() > 0.1
    assert int(np.argmax(lab.losses)) == 13
    assert "Sample 14 of 14 makes up" in lab.summary()
    lab.set(points=first)
    np.testing.assert_array_equal(lab.grid, before)


def test_an_outlier_moves_the_mean_square_line_most():
    lab = LossLab(predict=True).answer("MSE")
    x, y = np.transpose(lab.state["points"])
    lifted = y.copy()
    lifted[-1] = lab.frame_of_data()[3]
    far = {}
    for name, loss in (("MSE", np.square), ("MAE", np.abs)):
        spots = [scipy.optimize.minimize(lambda t, v=v, f=loss: f(t[0] * x + t[1] - v).mean(), (0.5, 0.5),
                                         method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9}).x
                 for v in (y, lifted)]  # fmt: skip
        far[name] = np.linalg.norm(spots[0] - spots[1])
    assert far["MSE"] > 3 * far["MAE"]
    assert lab.log[0]["right"] is True


def test_a_step_is_gradient_descent():
    lab = LossLab().set(lr=0.05)
    start, gradient = np.array(lab.state["theta"]), lab.gradient.copy()
    lab.act("step")
    np.testing.assert_allclose(lab.state["theta"], start - 0.05 * gradient)
    lab.act("ten").act("ten")
    assert arrays(lab)["trail"].shape == (22, 2)
    assert lab.loss < 0.2


def test_a_step_out_of_the_picture_is_refused_and_said():
    lab = LossLab().set(lr=5.0)
    before = lab.state["theta"]
    lab.act("step")
    assert "outside the picture" in lab.error
    assert lab.state["theta"] == before
    assert lab.set(lr=0.01).error == ""


def test_cross_entropy_takes_the_upper_half_as_class_1():
    lab = LossLab([0.0, 1.0, 2.0, 3.0], [0, 0, 1, 1], loss="cross-entropy")
    np.testing.assert_array_equal(arrays(lab)["target"], [0, 0, 1, 1])
    points = [list(p) for p in lab.state["points"]]
    points[0][1] = 1.0
    lab.set(points=points)
    np.testing.assert_array_equal(arrays(lab)["target"], [1, 0, 1, 1])


def test_own_loss_has_a_finite_difference():
    lab = LossLab(own={"log-cosh": lambda prediction, target: np.log(np.cosh(prediction - target))}, loss="log-cosh")
    x, y = np.transpose(lab.state["points"])
    w, b = lab.state["theta"]
    d = np.tanh(w * x + b - y)
    np.testing.assert_allclose(lab.gradient, [(d * x).mean(), d.mean()], rtol=1e-5)
    assert cosine(arrays(lab)["arrow"] - np.float32([w, b]), -lab.gradient) > 0.999


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda p, t: undefined_name, "undefined_name"),  # noqa: F821
        (lambda p, t: ((p - t) ** 2).mean(), "one loss per element"),
        (lambda p, t: np.full(p.shape, np.nan), "not a finite number"),
        (lambda p, t: None, "ValueError"),
    ],
)
def test_a_bad_loss_is_shown_and_the_widget_lives(function, word):
    lab = LossLab(own={"mine": function}).set(loss="mine")
    assert word in lab.error or "expected an array" in lab.error
    lab.act("step").set(loss="MAE")
    assert lab.error == ""
    assert landscape(lab).shape == (61, 61)


def test_a_slice_goes_through_the_learners_model(small):
    model, (x, y) = small
    lab = LossLab(model=model, batch=(x, y))
    loss = losses.cross_entropy(model(Tensor(x)), y)
    assert lab.loss == pytest.approx(loss.item(), rel=1e-5)
    np.testing.assert_allclose(lab.losses, losses.cross_entropy(model(x).data, y, reduction="none"), rtol=1e-4)
    assert lab.grid[10, 10] == pytest.approx(lab.loss, rel=1e-5)
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("directions", DIRECTIONS)
def test_the_slices_arrow_is_minus_the_gradient(small, directions):
    model, (x, y) = small
    model.load_state_dict({k: v.astype(np.float64) for k, v in model.state_dict().items()})
    lab = LossLab(model=model, batch=(x, y)).set(directions=directions, theta=(0.3, -0.4))
    plane, theta = lab.land, np.array(lab.state["theta"])
    numeric = slope(plane.loss, theta, h=0.02)  # the model is float32
    assert cosine(arrays(lab)["arrow"] - theta, -numeric) > 0.999
    assert plane.u @ plane.v == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(plane.u) == pytest.approx(1)
    assert lab.line[1][0] == pytest.approx(lab.loss, rel=1e-5)


def test_the_slices_centre_moves_with_the_model(small):
    model, batch = small
    lab = LossLab(model=model, batch=batch)
    before = lab.loss
    model[2].bias.data += np.arange(10)  # as training would
    assert lab.reset().loss > before + 0.1


def test_a_raising_loss_function_of_a_model_is_shown(small):
    model, batch = small
    lab = LossLab(model=model, batch=batch, loss_fn=lambda out, y: out.nope)
    assert "nope" in lab.error
    lab.loss_fn = losses.cross_entropy
    assert lab.set(reach=0.3).error == ""


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"x": [1.0]}, "x and y"),
        ({"x": [1.0, 2.0], "y": [1.0]}, "one number per sample"),
        ({"x": [[1.0]], "y": [[1.0]]}, "one number per sample"),
        ({"x": [], "y": []}, "one number per sample"),
        ({"x": [1.0, np.inf], "y": [1.0, 2.0]}, "finite"),
        ({"x": np.zeros(301), "y": np.zeros(301)}, "at most 300 points"),
        ({"model": nn.Linear(1, 1)}, "model and batch"),
        ({"loss": "hinge"}, "expected one of"),
        ({"own": {"MSE": abs}}, "names of their own"),
    ],
)
def test_arguments_are_checked(options, word):
    with pytest.raises(ValueError, match=word):
        LossLab(**options)


@pytest.mark.parametrize(("x", "y"), [([1.0], [2.0]), ([3.0, 3.0], [1.0, 2.0]), ([0.0, 1e6], [5.0, 5.0]),
                                      ([1e-9, 2e-9, 3e-9], [1e4, -1e4, 0.0])])  # fmt: skip
@pytest.mark.parametrize("name", LOSSES)
def test_extreme_data_still_give_a_picture(x, y, name):
    lab = LossLab(x, y, loss=name)
    assert lab.error == ""
    assert np.isfinite(landscape(lab)).all()
    assert lab.picture().png


def test_points_are_checked():
    lab = LossLab()
    with pytest.raises(ValueError, match="points: expected 14 points, got 1"):
        lab.set(points=[(0, 0)])
    with pytest.raises(ValueError, match="finite number"):
        lab.set(points=[(0, float("nan"))] * 14)
    assert lab.set(points=[(99.0, 99.0)] * 14).state["points"][0] == lab.frame_of_data()[1::2]


def test_two_hundred_settings_leave_the_last_state():
    lab = LossLab()
    for i in range(200):
        lab._queue.put({"set": {"theta": (i / 200, -i / 200)}, "seq": i})
    lab._queue.join(30)
    assert lab.state["theta"] == (0.995, -0.995)
    assert lab._meta["ack"] == 199
    assert lab.loss == pytest.approx(LineFit(lab.state["points"], "MSE", {}).loss((0.995, -0.995)))


@pytest.mark.parametrize("name", LOSSES)
def test_code_gives_loss_and_gradient(name):
    lab = LossLab().set(loss=name, theta=(0.4, 0.2))
    names = {}
    exec(lab.as_code(), names)
    assert names["loss"].item() == pytest.approx(lab.loss)
    np.testing.assert_allclose(names["theta"].grad, lab.gradient)


def test_code_of_own_losses_and_slices_runs(small, capsys):
    def cube(prediction, target):
        return np.abs(prediction - target) ** 3

    lab = LossLab(own=cube, loss="cube")
    exec(lab.as_code(), {"cube": cube})
    assert f"{lab.loss}" in capsys.readouterr().out
    plane = LossLab(model=small[0], batch=small[1]).set(theta=(0.1, 0.2))
    names = {"model": small[0], "batch": small[1], "loss_fn": losses.cross_entropy}
    exec(plane.as_code(), names)
    assert isinstance(names["plane"], Slice)
    assert float(names["plane"].loss((0.1, 0.2))) == plane.loss


def test_the_slices_prediction_compares_both_directions(small):
    lab = LossLab(model=small[0], batch=small[1], predict=True).answer("along the gradient")
    assert lab.log[0]["right"] is True


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (LossLab()._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "The arrow points along" in first
