"""A learner's work survives: corrupt, hostile and unwritable files, two kernels at once, newer versions."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.checks import check, hint, predict, progress, record, restore

ROOT = Path(__file__).parents[2]


def momentum_step(param, grad, velocity, lr, momentum):
    velocity = momentum * velocity + grad
    return param - lr * velocity, velocity


def wrong_step(param, grad, velocity, lr, momentum):
    return param, velocity


def entry(answers, id="4.7"):
    return json.loads(answers.read_text())["exercises"][id]


def test_an_answer_is_recorded_with_its_source(answers):
    check("4.7", wrong_step)
    check("4.7", momentum_step)
    first, second = entry(answers)["attempts"]
    assert (first["passed"], first["diagnosis"]) == (False, "wrong-value")
    assert second["passed"]
    assert second["source"].startswith("def momentum_step")
    assert "wrong_step" in first["source"]


def test_a_worse_answer_does_not_replace_a_right_one(answers):
    check("4.7", momentum_step)
    for k in range(record.KEPT + 5):
        worse = {"source": f"def f(): return {k}", "passed": False, "diagnosis": "", "library": False}
        record.add_attempt("4.7", "", worse)
    attempts = entry(answers)["attempts"]
    assert len(attempts) == record.KEPT + 1
    assert record.best(entry(answers))["source"].startswith("def momentum_step")


def test_a_stub_is_not_recorded(answers, capsys):
    def momentum_step(param, grad, velocity, lr, momentum):
        """Docstring."""
        ...

    assert check("4.7", momentum_step).diagnosis == "not-attempted"
    assert not answers.exists()
    assert capsys.readouterr().out == "4.7 momentum_step: not attempted yet.\n"


@pytest.mark.parametrize("content", [
    b"", b"{", b"\x00\xff\xfe binary", b"[]", b"null", b"3", b'{"exercises": 3', b"[" * 200_000, b'"\\ud800',
    b"9" * 10_000,
], ids=range(10))
def test_a_damaged_file_is_moved_aside_and_work_goes_on(answers, content, capsys):
    answers.write_bytes(content)
    check("4.7", momentum_step)
    assert entry(answers)["attempts"][-1]["passed"]
    assert answers.with_name("answers.damaged-1.json").read_bytes() == content
    assert "answers.damaged-1.json" in capsys.readouterr().out
    answers.write_bytes(b"again")
    check("4.7", momentum_step)
    assert answers.with_name("answers.damaged-2.json").read_bytes() == b"again"


@pytest.mark.parametrize("part", [
    {"exercises": {"4.1": 3}}, {"exercises": []}, {"predictions": "none"}, {"exercises": {"4.1": {"attempts": [None]}}},
    {"exercises": {"4.1": {"attempts": [{"source": ["list"], "passed": "yes"}]}}},
    {"exercises": {"4.1": {"hints": "many"}}},
], ids=str)
def test_entries_of_wrong_types_are_kept_aside_and_the_rest_is_read(answers, part, capsys):
    good = {"version": 1, "predictions": {"4-p1": {"answer": 3}}, "exercises": {}}
    answers.write_text(json.dumps({**good, **part}))
    progress()
    restore(4)
    hint("4.1")
    assert entry(answers, "4.1")["hints"] == 1
    assert json.loads(answers.with_name("answers.damaged-1.json").read_text()) == {**good, **part}
    if "predictions" not in part:
        predict("4-p1", "?")
        assert "You predicted: 3" in capsys.readouterr().out


def test_a_huge_file_is_not_read(answers, capsys):
    with answers.open("wb") as file:
        file.truncate(10**9)  # sparse
    check("4.7", momentum_step)
    assert entry(answers)["attempts"]
    assert "larger than" in capsys.readouterr().out


def test_what_this_version_does_not_know_is_kept(answers):
    known = {"4.7": {"stars": 5}, "11.1": {"new": True}}
    answers.write_text(json.dumps({"version": 1, "theme": "dark", "exercises": known}))
    check("4.7", momentum_step)
    data = json.loads(answers.read_text())
    assert data["theme"] == "dark"
    assert data["exercises"]["4.7"]["stars"] == 5
    assert data["exercises"]["11.1"]["new"] is True


def test_a_newer_file_is_left_alone(answers, capsys):
    newer = json.dumps({"version": 99, "answers": "elsewhere"})
    answers.write_text(newer)
    check("4.7", momentum_step)
    assert answers.read_text() == newer
    assert "newer version" in capsys.readouterr().out
    assert record.best(record.load()["exercises"]["4.7"])["passed"]  # still known in this session


def unusable(kind, answers):
    if kind == "loop":
        answers.symlink_to(answers)
    elif kind == "folder":
        answers.mkdir()
    elif kind == "pipe":
        os.mkfifo(answers)
    else:
        os.environ["COURSE_ANSWERS"] = str(answers.parent / "missing" / "answers.json")


@pytest.mark.parametrize("kind", ["loop", "folder", "pipe", "no folder"])
def test_an_unusable_path_is_said_once_and_the_session_remembers(answers, kind, capsys):
    unusable(kind, answers)
    hint("4.7")
    assert check("4.7", momentum_step).passed
    hint("4.7")
    out = capsys.readouterr().out
    assert out.count("this session only") == 1
    assert "Hint 2 of 3" in out
    assert record.load()["exercises"]["4.7"]["attempts"][0]["passed"]


def test_a_write_protected_folder(answers, monkeypatch, capsys):
    import tempfile

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:  # the tests may run as root, whom no folder refuses
        patch.setattr(tempfile, "NamedTemporaryFile", refuse)
        assert check("4.7", momentum_step).passed
    assert "Permission denied" in capsys.readouterr().out
    hint("4.7")  # now it can be written, and takes along what could not be saved before
    assert entry(answers)["attempts"][0]["passed"]
    assert entry(answers)["hints"] == 1


def test_an_interrupted_write_leaves_the_old_file(answers, monkeypatch):
    check("4.7", momentum_step)
    before = answers.read_text()

    def fail(*args):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        hint("4.7")
    assert answers.read_text() == before
    assert [p.name for p in answers.parent.iterdir() if "answers.json." in p.name and "lock" not in p.name] == []


def test_links_are_followed(answers, tmp_path):
    real = tmp_path / "elsewhere.json"
    answers.symlink_to(real)
    check("4.7", momentum_step)
    assert answers.is_symlink()
    assert entry(real)["attempts"]


WRITER = """
import sys
from course_lib.checks import record
for i in range(40):
    record.update(lambda data: data["predictions"].setdefault(f"{sys.argv[1]}-{i}", {"answer": i}))
"""


def test_two_kernels_at_once_lose_nothing(answers):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name], cwd=ROOT, env=os.environ) for name in "abc"]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    assert len(json.loads(answers.read_text())["predictions"]) == 120


SPACE = {}
exec("import numpy as np\nfrom course_lib.checks import check, restore\ndef again(): restore(4, show=True)", SPACE)


def helper(velocity, grad, momentum):
    return momentum * velocity + grad


def with_helper(param, grad, velocity, lr, momentum):
    velocity = helper(velocity, grad, momentum)
    return param - lr * velocity, velocity


def test_restore_brings_functions_and_their_helpers_back(capsys):
    check("4.7", with_helper)
    SPACE.pop("momentum_step", None)
    SPACE["again"]()
    assert "4.7 momentum_step: restored, right.\n    def helper(" in capsys.readouterr().out
    new, velocity = SPACE["momentum_step"](np.ones(1), np.ones(1), np.zeros(1), 0.1, 0.9)
    assert (new.item(), velocity.item()) == (0.9, 1.0)


def test_restore_reports_what_has_changed_or_gone(answers, capsys):
    source = "def f(x):\n    return x\n"
    attempt = {"source": source, "passed": True, "diagnosis": "", "library": False}
    record.add_attempt("4.77", "f(x)", attempt)
    record.add_attempt("4.7", "momentum_step(old, signature)", attempt)
    restore(4)
    out = capsys.readouterr().out
    assert "4.77: this exercise is no longer in the course" in out
    assert "4.7: was momentum_step(old, signature), is now momentum_step(param, grad" in out
    assert out.count("return x") == 2


@pytest.mark.parametrize("source", [
    "import os\nos.remove('x')", "print('ran')", "def f(:", "def f(x): return x\nprint('ran')",
])
def test_restore_runs_nothing_but_definitions(source, capsys):
    attempt = {"source": source, "passed": True, "diagnosis": "", "library": False}
    record.add_attempt("4.1", "sigmoid(x)", attempt)
    restore(4)
    out = capsys.readouterr().out
    assert "\nran" not in out
    assert "does not run any more" in out
