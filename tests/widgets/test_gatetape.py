"""GateTape: gates and gradients are the library's; c = f·c + i·c̃ bit for bit; f = 1 carries gradients back."""

import numpy as np
import pytest

from course_lib import arithmetic, losses, nn
from course_lib.autograd import Tensor
from course_lib.topics import char_lstm
from course_lib.widgets import GateTape
from course_lib.widgets.frames import unpack
from course_lib.widgets.gatework import Reader, course_pair, width
from tests.widgets.docs import FRAME, GROSS

TEXTS = ("the data are split.", "a face in the crowd, and the features of it are measured", "zzzz zzzz zzzz zzzz zzzz")


def untrained(kind=nn.LSTM, hidden=6, **options):
    model = char_lstm.CharLSTM("?abc ", hidden, 4, rng=np.random.default_rng(0))
    model.lstm = kind(4, hidden, batch_first=True, rng=np.random.default_rng(1), **options)
    return model


def told(lab):
    return unpack(lab._backdrop, lab._backdrop_layout)


@pytest.mark.parametrize("forget", ["learned", "f = 0", "f = 1"])
@pytest.mark.parametrize("text", TEXTS)
def test_the_cells_identity_holds_exactly(text, forget):
    tape = GateTape(text=text).set(forget=forget)
    assert tape.identity() == 0.0
    g = told(tape)
    before = np.vstack([np.zeros_like(g["c"][:1]), g["c"][:-1]])
    np.testing.assert_array_equal(g["f"] * before + g["i"] * g["g"], g["c"])
    np.testing.assert_allclose(g["o"] * np.tanh(g["c"]), g["h"], rtol=1e-6, atol=1e-7)
    if forget != "learned":
        assert set(np.unique(g["f"])) == {float(forget[-1])}


def test_states_are_those_of_the_model_itself():
    model, _ = course_pair()
    text = "the data"
    h = model.lstm(model.embedding(char_lstm.encode(text, model.letters)[None]))[0].data[0]
    np.testing.assert_allclose(told(GateTape(text=text))["h"], h[:-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.RNN])
def test_reach_is_one_backward_pass_per_loss(kind):
    model, text = untrained(kind), "abc cab a"
    rows = Reader(model, kind).reach(text)
    ids = char_lstm.encode(text, model.letters)
    for t in (0, 3, 7):
        x = Tensor(model.embedding.weight.data[ids[None, :-1]], requires_grad=True)
        h = model.lstm(x)[0]
        losses.cross_entropy(arithmetic.reshape(model.out(h)[:, t], (1, -1)), ids[t + 1 : t + 2]).backward()
        np.testing.assert_allclose(rows[t], np.sqrt((x.grad[0].astype(float) ** 2).sum(1)), rtol=1e-4, atol=1e-8)
        assert not rows[t, t + 1 :].any()


@pytest.mark.parametrize("text", TEXTS)
def test_an_open_forget_gate_widens_the_reach_beyond_the_rnns_and_a_shut_one_does_not(text):
    tape = GateTape(text=text).set(forget="f = 1")
    w = tape.widths()
    assert w["lstm"] > max(w["rnn"], w["learned"])
    assert w["lstm"] >= 0.8 * tape.state["t"]
    assert tape.set(forget="f = 0").widths()["lstm"] <= w["learned"]


def test_width_counts_back_to_one_per_cent():
    assert width([0, 0.02, 0.5, 1]) == 2
    assert width([0.0099, 0, 1]) == 0
    assert width([1]) == width([0, 0, 0, 0]) - 3 == 0


def test_a_model_of_the_learner_is_read_with_its_own_letters():
    tape = GateTape(untrained(), "abx cab", rnn=untrained(nn.RNN))
    assert tape.gates["c"].shape == (6, 6)
    assert tape.error == ""
    assert tape.set(unit=6).state["unit"] == 6


def test_biasless_and_float64_layers():
    tape = GateTape(untrained(bias=False), "abc cab").set(forget="f = 1")
    assert np.unique(tape.gates["f"]).tolist() == [1.0]
    model = untrained(dtype=np.float64)
    assert GateTape(model, "abc cab").identity() == 0.0


UNFIT = [nn.Linear(2, 2), untrained(nn.GRU), untrained(num_layers=2), untrained(bidirectional=True)]


@pytest.mark.parametrize("bad", UNFIT)
def test_a_model_that_cannot_be_shown_is_refused(bad):
    with pytest.raises(ValueError, match="GateTape: the"):
        GateTape(bad)


def test_a_text_too_short_is_said_and_the_old_picture_stays():
    tape = GateTape(text="the data")
    tape.set(text="x")
    assert "at least two characters" in tape.error
    assert tape.read == "the data"
    tape.set(text="face <b>")
    assert tape.error == ""
    assert tape._meta["facts"]["text"] == list("face <b>")


def test_strange_and_long_texts():
    tape = GateTape(text="数据 🙂\x00\n")
    assert tape.error == ""
    assert tape.state["t"] == 4
    assert len(tape.set(text="the data " * 30).read) == 100


def test_nan_weights_are_shown_not_raised():
    model = untrained()
    model.lstm.weight_hh_l0.data[:] = np.nan
    tape = GateTape(model, "abc cab")
    assert np.isnan(tape.identity())
    assert tape.figure().alt


def test_the_prediction_is_measured():
    log = GateTape(predict=True).answer("about as far").log[0]
    assert (log["outcome"], log["right"]) == ("farther", False)


def test_state_carries_over_code_runs_and_two_hundred_moves_leave_the_last(capsys):
    tape = GateTape().set(text="the face", forget="f = 0", unit=7, t=3)
    assert GateTape().set(**tape.state).state == tape.state
    names = {}
    exec(tape.as_code(), names)
    np.testing.assert_array_equal(names["reach"], tape.reach["lstm"])
    assert names["gates"]["c"][3, 6] == tape.gates["c"][3, 6]
    revision = tape._backdrop_rev
    for i in range(200):
        tape.set(t=i % 6, unit=1 + i % 24)
    assert (tape.state["t"], tape.state["unit"]) == (1, 8)
    assert tape._backdrop_rev == revision  # nothing was read again


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (GateTape()._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "f = 1 held everywhere" in first


@pytest.mark.browser
def test_browser_shows_the_identity_of_the_unit_and_scrubs_in_a_frame(pages):
    lab = pages("gatetape")
    lab.execute("lab.reset(); lab.set(forget='f = 1', unit=3, t=40)")
    lab.settle()
    tape = lab.lab.get_by_role("img", name="unit 3 at")
    box = tape.bounding_box()
    times = []
    for i in range(20):
        lab.page.mouse.move(box["x"] + 100 + 20 * i, box["y"] + 60)
        lab.page.mouse.down()
        lab.page.evaluate("new Promise(requestAnimationFrame)")
        lab.page.mouse.up()
        times.append(float(lab.lab.get_attribute("data-drawn")))
    assert sorted(times)[10] < GROSS * FRAME  # the median, for the machine may be busy
    lab.settle()
    f, _, _, c = (lab.value(f"float(tape.gates['{n}'][tape.state['t'], 2])") for n in "figc")
    words = lab.lab.locator("[data-sum]").inner_text().replace("−", "-")
    assert words.startswith(f"c = f·c + i·c̃ = {f:.3g}·")
    assert f" = {float(f'{c:.3g}'):g}; " in words.replace("  ", " ")
    reach = lab.value("tape.widths()")
    assert f"LSTM, f = 1: {reach['lstm']} back" in lab.lab.locator(".lab-legend").inner_text()
    lab.lab.get_by_role("searchbox", name="Text").fill("<img src=x onerror=alert(1)>")
    lab.settle()
    assert lab.value("tape.read") == "<img src=x onerror=alert(1)>"
    assert lab.lab.locator("img").count() == 0
    lab.clean()
