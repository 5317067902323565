"""Answers that try to fool the check, or to break it, get a diagnosis; nothing gets past the cell."""

import sys
import threading
import time

import numpy as np
import pytest

from course_lib.checks import check


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __repr__(self):
        raise RuntimeError("do not look at me")

    def __array__(self, dtype=None, copy=None):
        raise SystemExit


class Friendly(np.ndarray):
    def __eq__(self, other):
        return np.True_

    def __array_function__(self, function, types, args, kwargs):
        return True


class Rude(Exception):
    def __str__(self):
        sys.exit(1)


class Posing(float):
    def __sub__(self, other):
        return 0.0

    def __abs__(self):
        return 0.0


def sigmoid(x):
    return 0.5 * (1 + np.tanh(x / 2))


def loop(x):
    while True:
        pass


def stubborn_loop(x):
    while True:
        try:  # noqa: SIM105
            x = x + 0
        except BaseException:
            pass


def recursion(x):
    return recursion(x)


def leave(x):
    sys.exit(0)


def interrupt(x):
    raise KeyboardInterrupt


def rude(x):
    raise Rude


def patch_while_running(x):
    np.abs = np.isfinite = np.asarray = lambda *a, **k: np.array(True)
    return x


def random(x):
    return sigmoid(x) + np.random.default_rng().normal(size=x.shape)


def printing(x):
    for _ in range(20_000):
        print("x" * 100)
    return sigmoid(x)


def deep(x):
    nested = []
    for _ in range(10_000):
        nested = [nested]
    return nested


def endless_list(x):
    nested = []
    nested.append(nested)
    return nested


def forgetful(x):
    result = sigmoid(x)  # noqa: F841


def overwrite(x):
    x[...] = sigmoid(x)
    return x.copy()


COUNT = []


def once(x):
    COUNT.append(x)
    return sigmoid(x) if len(COUNT) < 15 else x


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(("function", "diagnosis"), [
    (lambda x: AlwaysEqual(), "strange-type"),
    (lambda x: [AlwaysEqual()] * len(x), "strange-type"),
    (lambda x: sigmoid(x).view(Friendly), "array-subclass"),
    (lambda x: np.ma.masked_array(x, mask=True), "array-subclass"),
    (lambda x: np.asmatrix(x), "array-subclass"),
    (lambda x: np.array([AlwaysEqual()] * x.size, dtype=object).reshape(x.shape), "exits"),
    (lambda x: sigmoid(x).astype(object), "object-array"),
    (lambda x: (value for value in sigmoid(x)), "generator"),
    (lambda x: map(sigmoid, x), "generator"),
    (lambda x: sigmoid, "strange-type"),
    (lambda x: Posing(0), "strange-type"),
    (lambda x: np.broadcast_to(0.5, (10**6, 10**6)), "too-large"),
    (lambda x: "0.5" * 10**6, "too-large"),
    (lambda x: 10**10**6 if x.size == 1 else x, "too-large"),
    (deep, "too-large"),
    (endless_list, "too-large"),
    (recursion, "raises"),
    (leave, "exits"),
    (interrupt, "interrupted"),
    (rude, "raises"),
    (patch_while_running, "wrong-value"),
    (forgetful, "returns-nothing"),
    (random, "unsteady"),
    (overwrite, "writes-input"),
    (lambda x: sigmoid(x.astype(np.float32)), "precision"),
    (lambda x: sigmoid(x).astype(np.float16), "wrong-value"),
    (lambda x: sigmoid(x) + 0j, "wrong-kind"),
    (lambda x: sigmoid(x).tolist(), "list"),
    (lambda x: print(sigmoid(x)), "prints"),
    (lambda x: {"answer": sigmoid(x)}, "wrong-kind"),
    (lambda x: sigmoid(x) > 0.5, "wrong-kind"),
], ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""))
def test_fooling(function, diagnosis, capsys):
    result = check("4.1", function)
    assert not result.passed
    assert result.diagnosis == diagnosis
    assert "not right yet" in capsys.readouterr().out


@pytest.mark.parametrize("function", [loop, stubborn_loop], ids=lambda f: f.__name__)
def test_endless_loops_end(function):
    started = time.monotonic()
    assert check("4.1", function).diagnosis == "too-slow"
    assert time.monotonic() - started < 30
    assert sys.exc_info() == (None, None, None)


def test_endless_loops_end_where_there_are_no_alarms():
    found = []
    thread = threading.Thread(target=lambda: found.append(check("4.1", loop).diagnosis))
    thread.start()
    thread.join(60)
    assert found == ["too-slow"]


def test_an_alarm_that_was_set_before_still_rings():
    import signal

    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    outer = signal.setitimer(signal.ITIMER_REAL, 0.05)  # pytest-timeout's own is put back below
    try:
        check("4.1", sigmoid)
        deadline = time.monotonic() + 5
        while not rung and time.monotonic() < deadline:
            pass
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *outer)
    assert rung


def test_floods_of_text_are_cut(capsys):
    assert check("4.1", printing).passed
    assert len(capsys.readouterr().out) < 200


def test_remembering_what_was_asked_does_not_help():
    COUNT.clear()
    assert not check("4.1", once).passed


def test_patched_numpy_changes_no_verdict(monkeypatch):
    mine = np.exp
    monkeypatch.setattr(np, "exp", lambda x: x)
    monkeypatch.setattr(np, "abs", lambda x: np.zeros(1))
    monkeypatch.setattr("builtins.all", lambda things: True)
    assert check("4.1", sigmoid).passed
    assert not check("4.1", lambda x: x).passed
    assert np.exp is not mine  # what the learner did to NumPy is still there


def test_a_replaced_library_changes_no_verdict(monkeypatch):
    from course_lib import activations, optim

    monkeypatch.setattr(activations.sigmoid, "rule", lambda x: (x, ()))
    monkeypatch.setattr(optim, "adam_update", lambda *args: args)
    assert not check("4.1", lambda x: x).passed
    assert check("4.1", sigmoid).passed


def test_things_that_are_not_functions():
    assert check("4.1", 3).diagnosis == "not-a-function"
    assert check("4.1", sigmoid(np.zeros(1))).diagnosis == "not-a-function"
    assert check("4.1", AlwaysEqual()).diagnosis == "not-a-function"
    assert check("4.1", lambda: 0).diagnosis == "wrong-signature"
    assert check("4.1", np.tanh).diagnosis == "tanh"


def test_torch_and_course_tensors_are_recognised():
    from course_lib.autograd import Tensor

    assert check("4.1", lambda x: Tensor(sigmoid(x))).diagnosis == "tensor"
    torch = pytest.importorskip("torch")
    assert check("4.1", lambda x: torch.sigmoid(torch.tensor(x))).diagnosis == "tensor"
