"""Learners' functions, models, data and texts of every bad kind are answered in words."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from course_lib import nn
from course_lib import widgets as w
from tests.widgets.alone import made, put

X = np.random.default_rng(0).normal(size=(20, 8))
Y = np.arange(20) % 2


def data(**other):
    return SimpleNamespace(**({"x_train": X, "y_train": Y, "x_test": X, "y_test": Y} | other))


class Bound(nn.Module):
    """A model whose forward is a learner's function."""

    def __init__(self, function):
        super().__init__()
        self.layer, self.function = nn.Linear(8, 2, rng=np.random.default_rng(0)), function

    def forward(self, x):
        return self.function(x)


def linear():
    return nn.Linear(8, 2, rng=np.random.default_rng(0))


def raising(error):
    def function(*args, **options):
        raise error

    return function


def endless(*args, **options):
    return endless(*args, **options)


def piecemeal(*args, **options):
    yield 1.0


BAD = {
    "none": lambda *a, **k: None,
    "words": lambda *a, **k: "seven",
    "shape": lambda *a, **k: np.zeros((7, 3)),
    "huge": lambda *a, **k: np.zeros(1_000_000),
    "complex": lambda *a, **k: np.zeros(3) * 1j,
    "generator": piecemeal,
    "object": lambda *a, **k: object(),
    "raises": raising(ValueError("mine")),
    "exits": raising(SystemExit(1)),
    "endless": endless,
}
PLACES = {
    "ActLab": lambda f: w.ActLab(nn.Sequential(linear(), nn.Tanh()), X, own={"mine": f}, activation="mine"),
    "ActLab model": lambda f: w.ActLab(Bound(f), X),
    "GradFlow model": lambda f: w.GradFlow(Bound(f), (X, Y)),
    "OptiRace": lambda f: w.OptiRace(steps=3, own={"mine": f}),
    "LossLab": lambda f: w.LossLab(own={"mine": f}, loss="mine"),
    "LossLab loss_fn": lambda f: w.LossLab(model=linear(), batch=(X, Y), loss_fn=f),
    "LossLab model": lambda f: w.LossLab(model=Bound(f), batch=(X, Y)),
    "GraphStepper": lambda f: w.GraphStepper(lambda a=3.0: f(a)),
    "CompressDial model": lambda f: w.CompressDial(Bound(f), data()),
    "CompressDial": lambda f: w.CompressDial(linear(), data(), quantize=f).set(bits="4"),
    "TokenLab": lambda f: w.TokenLab(text="the cat", merge=f),
    "SampleLab": lambda f: w.SampleLab(X[0], distribution=f),
}


def unclear(words):
    """True if an error speaks of Python's inside and not of what the learner gave."""
    return words.startswith(("AttributeError", "IndexError", "KeyError", "NameError", "OverflowError")) or any(
        inside in words for inside in ("NoneType' object", "float() argument", "could not convert", "__"))  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", PLACES)
def test_a_bad_function_is_answered_in_words(place, bad):
    """The error is shown; the widget still has its picture and can be reset."""
    lab = PLACES[place](BAD[bad])
    try:
        assert lab.error
        assert not unclear(lab.error), lab.error
        assert len(lab.error) < 1200
        assert lab._meta["error"] == lab.error
        assert lab.picture().alt is not None
        lab.reset()
    finally:
        lab.close()


@pytest.mark.parametrize("bad", [b for b in BAD if b not in ("raises", "exits", "endless")])
def test_convstep_and_attnmap_compare_and_refuse(bad):
    lab = w.ConvStep(own=BAD[bad])
    assert (lab.error and not unclear(lab.error)) or "returned shape" in lab.verdict
    with pytest.raises(ValueError, match="look: "):
        w.AttnMap(SimpleNamespace(look=BAD[bad]), [1, 2, 3])


MADE = {
    "ActLab": lambda: w.ActLab(linear(), np.zeros((0, 8))),
    "GradFlow": lambda: w.GradFlow(linear(), (np.zeros((0, 8)), Y[:0])),
    "LossLab": lambda: w.LossLab(model=linear(), batch=(np.zeros((0, 8)), Y[:0])),
    "LossLab words": lambda: w.LossLab(["a"], ["b"]),
    "LossLab nan": lambda: w.LossLab([np.nan], [1.0]),
    "LossLab own": lambda: w.LossLab(own={"mine": None}),
    "CompressDial": lambda: w.CompressDial(linear(), data(x_test=X[:0])),
    "CompressDial pair": lambda: w.CompressDial(linear(), (X, Y)),
    "ConvStep": lambda: w.ConvStep("image"),
    "OptiRace surface": lambda: w.OptiRace("moon"),
    "OptiRace steps": lambda: w.OptiRace(steps=0),
    "OptiRace own": lambda: w.OptiRace(own={"mine": 3}),
    "SampleLab": lambda: w.SampleLab(object()),
    "SampleLab prompt": lambda: w.SampleLab(prompt=5),
    "AttnMap": lambda: w.AttnMap(None, 5),
    "ChatLab": lambda: w.ChatLab(object()),
    "TrainDeck": lambda: w.TrainDeck(object()),
}


@pytest.mark.parametrize("name", MADE)
def test_what_cannot_work_is_refused_when_it_is_made(name):
    with pytest.raises((ValueError, TypeError)) as error:
        MADE[name]()
    assert not unclear(str(error.value)), error.value


def test_one_layer_and_nan_data():
    one = w.GradFlow(linear(), (X, Y)).act("ten")
    assert (one.error, len(one.records)) == ("", 11)
    assert "finite" in w.GradFlow(linear(), (X * np.nan, Y)).error
    assert "20 of 20 samples are not finite" in w.CompressDial(linear(), data(x_test=X * np.nan)).error
    assert w.CompressDial(linear(), data()).set(bits="4").error == ""


TEXTS = {"spaces": "   ", "long": "word " * 1000, "right to left": "مرحبا بالعالم", "marks": "e\u0301a\u0308\u20dd",
         "emoji": "👩\u200d👩\u200d👧🙂", "markup": "<script>alert(1)</script>", "zero": "a\x00b"}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("kind", ["TokenLab", "SampleLab", "AttnMap"])
def test_any_text(kind, text):
    """It is read as it is (200 characters of it), or said to be too long; then another one works."""
    make = {"TokenLab": lambda: w.TokenLab(), "SampleLab": lambda: w.SampleLab(), "AttnMap": lambda: w.AttnMap()}[kind]
    lab, name = make(), "prompt" if kind == "SampleLab" else "text"
    lab.set(**{name: text})
    assert lab.error == "" or "too many" in lab.error
    assert lab.picture().png.startswith(b"\x89PNG")
    if kind == "TokenLab":
        assert lab.tokenizer.decode(lab.ids()) == text[:200]
    assert lab.set(**{name: "Hello!"}).error == ""


def test_attnmap_reads_ids_with_the_chats_own_tokenizer():
    """Token ids given to a chat stay what is read; no text takes their place."""
    lab = w.AttnMap(None, [1, 2, 300], labels=["<script>", "b", "c"])
    assert [lab.label(i) for i in range(3)] == ["<script>", "b", "c"]
    assert "text" not in lab.state


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(2)])
def test_what_ends_a_program_does_not_end_the_widget(error):
    """Messages come on a thread of their own: an exit there is an error like others, and the next message is heard."""
    lab = w.ActLab(nn.Sequential(linear(), nn.Tanh()), X, own={"mine": raising(error)})
    for message in ({"set": {"activation": "mine"}, "seq": 1}, {"set": {"activation": "relu"}, "seq": 2}):
        lab._queue.put(message)
        lab._queue.join(10)
        if message["seq"] == 1:
            assert lab.error.startswith(type(error).__name__)
    assert (lab.error, lab.state["activation"], lab._meta["ack"]) == ("", "relu", 2)
    lab.close()


def test_ctrl_c_in_a_cell_stops_the_cell():
    with pytest.raises(KeyboardInterrupt):
        w.ActLab(nn.Sequential(linear(), nn.Tanh()), X, own={"mine": raising(KeyboardInterrupt())}, activation="mine")


def test_a_slow_function_holds_up_nobody():
    """While it runs, messages are taken at once; the last of them is what is shown."""
    entered, gate = threading.Event(), threading.Event()

    def slow(z):
        entered.set()
        assert gate.wait(10)
        return z

    lab = w.ActLab(nn.Sequential(linear(), nn.Tanh()), X, own={"slow": slow})
    lab._queue.put({"set": {"activation": "slow"}, "seq": 1})
    assert entered.wait(10)
    for i in range(50):
        lab._queue.put({"set": {"scale": 1 + i / 10}, "seq": 2 + i})
    lab._queue.put({"set": {"activation": "relu"}, "seq": 99})
    gate.set()
    lab._queue.join(10)
    assert (lab.state["scale"], lab.state["activation"], lab._meta["ack"]) == (5.9, "relu", 99)
    lab.close()


@pytest.mark.browser
def test_browser_says_that_python_takes_long(browser):
    """Nobody answers: after 0.4 s the widget says so, and its controls still move."""
    lab, page = made(("from course_lib.widgets import ActLab\nlab = ActLab()",)), browser.new_page()
    try:
        put(page, lab)
        slider = page.get_by_role("slider", name="Weights times")
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('.lab-pill').textContent === 'waiting for Python'")
        before = slider.input_value()
        page.keyboard.press("ArrowRight")
        assert slider.input_value() != before
    finally:
        page.close()
        lab.close()
