"""`Lab`, the base of all widgets: controls, frames, predictions, errors, and a picture for when no kernel runs.

A widget says what can be moved (`controls`), how its numbers follow (`update`, `act_on`), what to draw (`frame`,
`facts`), the same in words (`summary`), the same on paper (`draw`), and the same as code (`as_code`). Everything else
is here and in shared.js.
"""

from __future__ import annotations

import threading
from collections import deque

import anywidget
import traitlets

from .bundle import css
from .controls import spec
from .frames import pack
from .latest import LatestQueue
from .loop import Loop
from .pictured import Pictured
from .plain import ANY, describe, jsonable
from .predict import as_question


class Lab(Pictured, anywidget.AnyWidget):
    """A widget bound to live Python objects.

    Parameters
    ----------
    seed : int
        Seed of everything random inside the widget.
    predict : bool, str or Predict
        A question to ask before the picture is shown: the widget's own (True), another text, or a `Predict`.

    Attributes
    ----------
    state : dict
        The setting of every control. ``lab.set(**other.state)`` takes it over.
    history : list of dict
        What was done, in order: ``{"set": {...}}`` and ``{"act": name}``.
    log : list of dict
        Predictions: question, answer (None if skipped), outcome, right.
    error : str
        The last error of the learner's code, empty if none.
    """

    _css = css()
    _buffer = traitlets.Bytes(b"").tag(sync=True)  # the arrays of this frame
    _backdrop = traitlets.Bytes(b"").tag(sync=True)  # arrays that rarely change
    _meta = traitlets.Dict().tag(sync=True)  # everything else

    title = "Lab"
    size = (7.2, 3.2)  # of the static figure, in inches

    def __init__(self, *, seed: int = 0, predict=False):
        super().__init__()
        self.seed = seed
        self.error = ""
        self._lock = threading.RLock()
        self._queue = LatestQueue(self._handle)
        self.loop = Loop(self._play_step, self.publish, self._lock)
        self._state = {c.name: c.value for c in self.controls() if c.kind != "button"}
        self._done = deque(maxlen=1000)
        self._log = []
        self._question = as_question(predict, self.question())
        self._rev = self._seq = self._backdrop_rev = 0
        self._code = None
        self._guarded(self.update, set(self._state))
        self._refresh_backdrop()
        self.publish()
        self.on_msg(lambda widget, message, buffers: self._queue.put(message))

    # -- what a widget fills in ------------------------------------------------------------------------------------
    def controls(self) -> tuple:
        """Return the controls, in the order in which they are shown."""
        return ()

    def question(self):
        """Return the `Predict` asked by ``predict=True``, or None."""

    def update(self, changed: set) -> None:
        """Recompute what depends on the controls named in ``changed``."""

    def act_on(self, name: str) -> None:
        """Carry out the button ``name`` (Play and Reset are seen to)."""

    def play_step(self) -> bool:
        """Take one step of what Play runs in the background; return False when there is no more to do."""
        return False

    def frame(self) -> dict:
        """Return the arrays to draw."""
        return {}

    def backdrop(self) -> dict:
        """Return arrays that rarely change; call `_refresh_backdrop` when they do."""
        return {}

    def facts(self) -> dict:
        """Return the numbers and words to draw (anything that JSON can hold)."""
        return {}

    def summary(self) -> str:
        """Return in a sentence or two what the picture shows."""
        return self.title

    def caption(self) -> str:
        """Return the line under the static figure."""
        return f"{type(self).__name__}: run the notebook to work with it."

    def draw(self, fig) -> None:
        """Draw the static figure."""

    def as_code(self) -> str:
        """Return Python that reproduces the present setting."""
        return ""

    def static_run(self) -> None:
        """Bring the widget to the state that its static figure shows; the same every time."""

    # -- for the learner -------------------------------------------------------------------------------------------
    @property
    def state(self) -> dict:
        return dict(self._state)

    @property
    def history(self) -> list:
        return list(self._done)

    @property
    def log(self) -> list:
        return self._log

    def set(self, **values):
        """Move controls from Python, as a hand would: ``lab.set(depth=12)``. Returns the widget."""
        self._handle({"set": values, "strict": True})
        return self

    def act(self, name: str):
        """Press a button from Python: ``lab.act("step")``. Returns the widget."""
        self._handle({"act": name, "strict": True})
        return self

    def answer(self, answer=None):
        """Answer the prediction (None skips it); the picture appears."""
        self._handle({"predict": answer, "strict": True})
        return self

    def reset(self):
        """Put every control back to where it began."""
        self._handle({"act": "reset", "strict": True})
        return self

    def close(self):
        """End the widget and its threads."""
        if "loop" in self.__dict__:  # else construction failed
            self.loop.stop(wait=True)
            self._queue.close()
        super().close()

    def stop(self) -> None:
        """Pause what Play has started."""
        self.loop.stop()

    @property
    def doing(self) -> str:
        """What the widget is at, in a word."""
        return "running" if self.loop.running else "paused"

    # -- messages --------------------------------------------------------------------------------------------------
    def _handle(self, message):
        """Carry out a message from the browser or (``strict``: bad values raise) from Python, and show the result."""
        with self._lock:
            self._seq = message.get("seq", self._seq)
            self.error = ""
            if message.get("strict"):
                self._check(message)
            self._guarded(self._dispatch, message)
            self.publish()

    def _check(self, message):
        controls = {c.name: c for c in self.controls()}
        for name in [*message.get("set", ()), *([message["act"]] if "act" in message else [])]:
            if name != "reset" and name not in controls:
                raise ValueError(f"{type(self).__name__}: expected one of {', '.join(controls)}, got {name!r}")
        for name, value in message.get("set", {}).items():
            controls[name].check(value)
        if self._question and message.get("predict") is not None:
            self._question.check(message["predict"])

    def _dispatch(self, message):
        if "set" in message:
            self._set(message["set"])
        elif "act" in message:
            self._note({"act": message["act"]})
            self._act(message["act"])
        elif "predict" in message:
            self._answer(message["predict"])
        elif "code" in message:
            self._code = self.as_code()
        elif "gone" in message:
            self.stop()

    def _act(self, name):
        if name == "play":
            self.loop.stop() if self.loop.running else self.loop.start()
        elif name == "reset":
            self._reset()
        else:
            self.act_on(name)

    def _play_step(self):
        """Play's step; an error ends the run and is shown."""
        return bool(self._guarded(self.play_step)) and not self.error

    def _set(self, values):
        controls = {c.name: c for c in self.controls()}
        values = {name: controls[name].check(value) for name, value in values.items() if name in controls}
        changed = {name for name, value in values.items() if value != self._state.get(name)}
        self._state.update(values)
        if changed:
            self._note({"set": {name: values[name] for name in sorted(changed)}})
            self.update(changed)

    def _note(self, event):
        """Add to the history; a drag (the same controls again) is one event."""
        last = self._done[-1] if self._done else {}
        if "set" in event and event["set"].keys() == last.get("set", {}).keys():
            self._done.pop()
        self._done.append(event)

    def _reset(self):
        self.stop()
        self._state = {c.name: c.value for c in self.controls() if c.kind != "button"}
        self.update(set(self._state))

    def _answer(self, answer):
        question = self._question
        if question is None:
            return
        answer = question.check(answer)
        self._question = None
        outcome = question.outcome(self) if question.outcome else None
        right = question.right(answer, outcome)
        self._log.append({"question": question.question, "answer": answer, "outcome": outcome, "right": right})

    def _guarded(self, function, *args):
        """Call learner's code; an error is kept and shown instead of being raised."""
        try:
            return function(*args)
        except ANY as error:
            self.error = self.error or describe(error)
        except KeyboardInterrupt as error:
            if threading.current_thread() is threading.main_thread():
                raise
            self.error = self.error or describe(error)  # no key was pressed: the learner's code raised it

    # -- pictures --------------------------------------------------------------------------------------------------
    def publish(self) -> None:
        """Send the present picture to the browser."""
        with self._lock:
            buffer, layout = pack(self._guarded(self.frame) or {})
            facts = self._guarded(self.facts) or {}
            self._rev += 1
            with self.hold_sync():
                self._buffer = buffer
                self._meta = jsonable({**self._header(), "layout": layout, "facts": facts})
            if self.comm is not None:
                # ipykernel 7 sends a browser's reply to the (sub)shell that wrote last: ours may be busy with a cell.
                # Without this note of its the message goes where JupyterLab addressed it, to a free subshell.
                vars(self.comm).pop("_reply_subshell_id", None)

    def _header(self):
        return {
            "title": self.title,
            "rev": self._rev,
            "ack": self._seq,
            "state": self._state,
            "controls": [spec(c) for c in self.controls()],
            "backdrop": [self._backdrop_rev, self._backdrop_layout],
            "summary": self._guarded(self.summary) or "",
            "running": self.loop.running,
            "error": self.error,
            "gate": self._question.spec() if self._question else None,
            "last": self._log[-1] if self._log else None,
            "code": self._code,
        }

    def _refresh_backdrop(self):
        with self._lock:
            self._backdrop, self._backdrop_layout = pack(self._guarded(self.backdrop) or {})
            self._backdrop_rev += 1

    def __repr__(self):
        setting = ", ".join(f"{name}={value!r}" for name, value in self._state.items())
        return f"{type(self).__name__}({setting})"
