"""OptiRace: the course's optimizers run the race, and first steps are what theory says."""

import math

import numpy as np
import pytest

from course_lib.autograd import Tensor
from course_lib.optim import Adam
from course_lib.widgets import OptiRace
from course_lib.widgets.frames import unpack
from course_lib.widgets.racers import printed_adam
from course_lib.widgets.surfaces import SURFACES


def first_step(race, key):
    return race.results[key]["move"][0]


def test_adams_first_step_is_lr_times_sign_and_without_correction_3_16_times_that():
    race = OptiRace(lr=0.05)
    grad = race.results["adam"]["grad"][0]
    np.testing.assert_allclose(first_step(race, "adam"), -0.05 * np.sign(grad), rtol=1e-6)
    race.set(correction=False)
    np.testing.assert_allclose(first_step(race, "adam"), -0.05 * np.sign(grad) * 0.1 / math.sqrt(0.001), rtol=1e-6)
    assert 0.1 / math.sqrt(0.001) == pytest.approx(3.1623, abs=1e-4)


def test_printed_adam_gives_the_ledgers_numbers():
    """Claim S0-4.3.2-adam-moments: g = [1, -2, 3] in turn, α = 0.1."""
    w, s, path = 0.0, {}, []
    for t, g in enumerate((1.0, -2.0, 3.0), 1):
        s |= {"lr": 0.1, "t": t}
        w -= printed_adam(np.array([g]), s).item()
        path.append(w)
    np.testing.assert_allclose(path, [-0.316228, -0.153049, -0.318889], atol=1e-6)


def test_printed_adam_can_race():
    race = OptiRace(printed=True)
    assert [r.name for r in race.racers][-1] == "Adam as printed"
    np.testing.assert_allclose(np.abs(first_step(race, race.racers[-1].key)), 0.05 * math.sqrt(10), rtol=1e-6)


def test_trajectory_is_the_optimizers_own():
    race = OptiRace("banana", steps=40)
    w = Tensor(np.array(SURFACES["banana"].start), requires_grad=True)
    optimizer = Adam([w], lr=0.05)
    for t in range(40):
        x, y = w[0], w[1]
        loss = (1 - x) ** 2 + 5 * (y - x * x) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        np.testing.assert_allclose(race.results["adam"]["path"][t + 1], w.data, rtol=1e-9)


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_are_finite_differences_and_minima_are_zero(name):
    surface = SURFACES[name]
    x, y, h = 0.7, -0.4, 1e-6
    numeric = (
        (surface.value(x + h, y) - surface.value(x - h, y)) / (2 * h),
        (surface.value(x, y + h) - surface.value(x, y - h)) / (2 * h),
    )
    np.testing.assert_allclose(surface.gradient(x, y), numeric, rtol=1e-6)
    assert all(surface.value(*m) == pytest.approx(0, abs=1e-12) for m in surface.minima)


def test_same_learning_rate_for_all_unless_one_is_changed():
    race = OptiRace().set(lr=0.02)
    rates = {k: v for k, v in race.state.items() if k.startswith("lr")}
    assert set(rates.values()) == {0.02}
    before = race.results["adam"]["path"]
    race.set(lr_sgd=0.01)
    assert race.state["lr_adam"] == 0.02
    np.testing.assert_allclose(first_step(race, "sgd"), -0.01 * race.results["sgd"]["grad"][0])
    assert race.results["adam"]["path"] is before


def test_noise_is_the_same_for_all_and_repeats_with_the_seed():
    a, b = OptiRace(noise=0.5, seed=3), OptiRace(noise=0.5, seed=3)
    np.testing.assert_array_equal(a.results["sgd"]["path"], b.results["sgd"]["path"])
    exact = np.array(a.surface.gradient(*a.state["start"]))
    noise = [a.results[key]["grad"][0] - exact for key in ("sgd", "adam")]
    np.testing.assert_allclose(noise[0], noise[1])
    assert not np.array_equal(a.results["sgd"]["path"], OptiRace(noise=0.5, seed=4).results["sgd"]["path"])


def test_own_rule_runs_and_its_memory_is_shown():
    def half(g, s):
        s["m"] = g / 2
        return s["lr"] * s["m"]

    race = OptiRace(own={"half": half})
    np.testing.assert_allclose(first_step(race, "own4"), -0.025 * race.results["own4"]["grad"][0])
    np.testing.assert_allclose(race.results["own4"]["m"][0], race.results["own4"]["grad"][0] / 2)


def test_a_raising_rule_is_shown_and_the_others_run():
    race = OptiRace(own={"bad": lambda g, s: s["nothing"], "scalar": lambda g, s: 1.0})
    assert "KeyError: 'nothing'" in race.error
    assert race.losses()["bad"] == race.losses()["scalar"] == np.inf
    assert race.losses()["Adam"] < 1


def test_a_divergence_is_said_and_stays_finite_in_the_frame():
    race = OptiRace().set(lr_sgd=1.0)
    assert "SGD diverged" in race.summary()
    assert race.winner() != "SGD"
    path = unpack(race._buffer, race._meta["layout"])["path0"]
    assert np.isfinite(path[0]).all()
    assert np.isnan(path[-1]).all()


def test_prediction_names_the_winner():
    race = OptiRace(predict=True).answer("SGD")
    losses = {name: race.losses()[name] for name in race.losses()}
    assert race.log[0]["outcome"] == min(losses, key=losses.get)


def test_code_reproduces_the_losses(capsys):
    race = OptiRace("saddle", steps=60).set(noise=0.3, lr_adam=0.1, correction=False, start=(1.0, -0.5))
    names = {}
    exec(race.as_code(), names)
    assert names["losses"] == race.losses()


def test_code_runs_your_rules_by_their_names(capsys):
    def halved(g, s):
        return s["lr"] * g / 2

    race = OptiRace(steps=20, own={"half": halved}, printed=True).set(lr_own4=0.01)
    names = {"halved": halved}
    exec(race.as_code(), names)
    assert names["losses"] == race.losses()
    assert race.as_code().startswith("# halved: yours\n")


def test_changing_the_landscape_moves_the_start_and_the_contour():
    race = OptiRace()
    revision = race._backdrop_rev
    race.set(surface="plateau")
    assert race.state["start"] == SURFACES["plateau"].start
    assert race._backdrop_rev == revision + 1
    race.reset()
    assert race.state["surface"] == "ravine"


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (OptiRace()._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "On the ravine" in first
