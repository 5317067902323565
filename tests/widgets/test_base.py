"""The base class: messages, state, history, predictions, errors, threads. Python's side, without a browser."""

import threading

import numpy as np
import pytest

from course_lib.widgets.base import Lab
from course_lib.widgets.controls import Button, Choice, Point, Slider, Toggle
from course_lib.widgets.frames import pack, unpack
from course_lib.widgets.latest import LatestQueue
from course_lib.widgets.loop import Loop
from course_lib.widgets.plain import jsonable
from course_lib.widgets.predict import Predict


class Square(Lab):
    """A widget as small as can be: shows f(x), with the learner's f."""

    _esm = "export default { render() {} }"

    def __init__(self, f=lambda x: x * x, **options):
        self.f, self.value, self.calls, self.steps = f, None, 0, 0
        super().__init__(**options)

    def controls(self):
        return (
            Slider("x", "x", 2.0, -10.0, 10.0),
            Choice("kind", "kind", "a", ("a", "b")),
            Toggle("on", "on", False),
            Point("place", "place", (0.0, 0.0), (-1, 1, -1, 1)),
            Button("twice", "Twice"),
            Button("play", "Play", "Space"),
        )

    def question(self):
        return Predict("what is f(2)?", None, lambda lab: lab.value)

    def update(self, changed):
        self.calls += 1
        self.value = float(self.f(self._state["x"]))

    def act_on(self, name):
        self._state["x"] *= 2
        self.update({"x"})

    def play_step(self):
        self.steps += 1
        return True

    def frame(self):
        return {"value": [self.value], "grid": np.ones((2, 3))}

    def summary(self):
        return f"f({self._state['x']:g}) = {self.value:g}"


def told(lab):
    """What the browser was told last: the arrays."""
    return unpack(lab._buffer, lab._meta["layout"])


def test_arrays_survive_the_float32_buffer():
    arrays = {"a": np.arange(6).reshape(2, 3) / 7, "empty": np.zeros((0, 4)), "b": [1.5]}
    back = unpack(*pack(arrays))
    assert back.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], np.asarray(array, np.float32))


def test_a_control_moved_from_python_reaches_state_frame_and_summary():
    lab = Square().set(x=3, kind="b")
    assert lab.state == {"x": 3.0, "kind": "b", "on": False, "place": (0.0, 0.0)}
    assert told(lab)["value"] == [9.0]
    assert lab._meta["summary"] == "f(3) = 9"


def test_state_round_trip():
    first = Square().set(x=-4.5, on=True, place=(0.5, -1))
    assert Square().set(**first.state).state == first.state


@pytest.mark.parametrize(("values", "words"), [
    ({"z": 1}, "expected one of x, kind, on, place, twice, play, got 'z'"),
    ({"kind": "c"}, "expected one of a, b, got 'c'"),
    ({"x": "much"}, "x: expected a finite number, got 'much'"),
    ({"x": float("nan")}, "x: expected a finite number, got nan"),
])  # fmt: skip
def test_bad_settings_from_python_raise_and_change_nothing(values, words):
    lab = Square()
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        lab.set(**values)
    assert lab.state == Square().state


def test_out_of_range_is_moved_into_range():
    assert Square().set(x=99, place=(5, -5)).state["x"] == 10
    assert Square().set(place=(5, -5)).state["place"] == (1, -1)


def test_hostile_messages_from_the_browser_are_shown_not_raised():
    lab = Square()
    for message in ({"set": {"kind": "<script>"}}, {"act": "no such button"}, {"set": {"nope": 1}}, {}):
        lab._handle(message)
    assert lab.state["kind"] == "a"


def test_two_hundred_rapid_drags_leave_the_last_state():
    lab = Square()
    before = lab.calls
    with lab._lock:  # the computation is busy: messages pile up
        for i in range(200):
            lab._queue.put({"set": {"x": i / 20}, "seq": i + 1})
    lab._queue.join(10)
    assert lab.state["x"] == 199 / 20
    assert lab._meta["ack"] == 200
    assert lab.calls - before <= 3


def test_queue_keeps_every_action_and_their_order():
    seen, go = [], threading.Event()
    queue = LatestQueue(lambda message: (go.wait(5), seen.append(message)))
    queue.put({"act": "first"})
    for message in ({"set": {"a": 1}}, {"set": {"b": 2}}, {"act": "step"}, {"act": "step"}, {"set": {"a": 3}}):
        queue.put(message)
    go.set()
    queue.join(10)
    merged = [{"set": {"a": 1, "b": 2}}, {"act": "step"}, {"act": "step"}, {"set": {"a": 3}}]
    assert seen == [{"act": "first"}, *merged]


def test_history_joins_a_drag_into_one_event():
    lab = Square()
    for x in (1, 2.5, 3):
        lab.set(x=x)
    lab.act("twice").set(kind="b")
    assert lab.history == [{"set": {"x": 3}}, {"act": "twice"}, {"set": {"kind": "b"}}]


def test_reset_puts_controls_back():
    lab = Square().set(x=7, on=True).reset()
    assert lab.state == Square().state
    assert lab.value == 4


def test_prediction_is_asked_kept_and_judged():
    lab = Square(predict=True)
    assert lab._meta["gate"] == {"question": "what is f(2)?", "choices": []}
    lab.answer(4.1)
    assert lab.log == [{"question": "what is f(2)?", "answer": 4.1, "outcome": 4.0, "right": True}]
    assert lab._meta["gate"] is None


def test_prediction_can_be_skipped_and_wrong():
    assert Square(predict="f(2)?").answer().log[0]["right"] is None
    assert Square(predict=True).answer(7).log[0]["right"] is False
    with pytest.raises(ValueError, match="expected one of yes, no"):
        Square(predict=Predict("?", ("yes", "no"))).answer("maybe")


def test_learner_error_is_shown_with_its_line_and_the_widget_stays_usable():
    lab = Square(f=lambda x: 1 / (x - 3))
    lab.set(x=3)
    assert lab.error.startswith("ZeroDivisionError")
    assert "1 / (x - 3)" in lab._meta["error"]
    lab.set(x=5)
    assert lab.error == ""
    assert lab.value == 0.5


def test_an_error_at_the_start_does_not_stop_construction():
    lab = Square(f=lambda x: undefined_name)  # noqa: F821
    assert "undefined_name" in lab.error


def test_numbers_that_json_lacks_become_null():
    assert jsonable({"a": np.float32(2), "b": (float("nan"), np.inf), 3: np.arange(2)}) == {
        "a": 2.0,
        "b": [None, None],
        "3": [0, 1],
    }


def test_play_runs_in_the_background_and_close_ends_all_threads():
    before = set(threading.enumerate())
    lab = Square()
    lab.act("play")
    assert lab.loop.running
    lab.act("play")
    assert not lab.loop.running
    lab.act("play")._queue.put({"set": {"x": 1}})
    lab.close()
    assert {t for t in threading.enumerate() if t.name.startswith("lab-")} <= before


def test_closing_the_page_pauses():
    lab = Square().act("play")
    lab._handle({"gone": True})
    assert not lab.loop.running
    lab.close()


def test_loop_stops_within_one_step():
    lock, steps, started = threading.RLock(), [], threading.Event()

    def step():
        steps.append(1)
        started.set()
        return True

    loop = Loop(step, lambda: None, lock)
    loop.start()
    started.wait(5)
    with lock:
        loop.stop()
        count = len(steps)
    loop.stop(wait=True)
    assert len(steps) == count


def test_a_loop_ends_on_an_error_and_shows_it():
    lab = Square()
    lab.play_step = lambda: 1 / 0
    lab.act("play")
    lab.loop._thread.join(5)
    assert lab._meta["error"].startswith("ZeroDivisionError")
    assert lab._meta["running"] is False


def test_bundle_has_a_figure_with_text_beside_the_live_view():
    data, _ = Square()._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "image/png", "text/plain"} <= data.keys()
    assert '<img alt="f(2) = 4" src="data:image/png;base64,' in data["text/html"]
    assert "<figcaption>" in data["text/html"]


def test_static_mode_shows_only_the_figure_the_same_each_time(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    bundles = [Square()._repr_mimebundle_() for _ in range(2)]
    assert bundles[0] == bundles[1]
    assert bundles[0].keys() == {"text/html", "text/plain"}
    assert Square().comm is None
