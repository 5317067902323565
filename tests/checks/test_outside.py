"""The same check from outside: the answer runs in another process, only plain data crosses, the verdicts are equal."""

import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from course_lib.checks import Outcome, exercises, grade
from course_lib.checks.mutation import graded

SUBMISSION = """
import json, sys
import numpy as np

{source}

def plain(value):
    return {{"array": value.tolist(), "dtype": str(value.dtype)}} if isinstance(value, np.ndarray) else value

for line in sys.stdin:
    args = [np.array(a["array"], a["dtype"]) if isinstance(a, dict) else a for a in json.loads(line)]
    try:
        value = {name}(*args)
        answer = [plain(v) for v in value] if isinstance(value, tuple) else plain(value)
        print(json.dumps({{"value": answer}}), flush=True)
    except Exception as error:
        print(json.dumps({{"raised": f"{{type(error).__name__}}: {{error}}"}}), flush=True)
"""


@contextmanager
def submitted(source, name):
    """A proxy to a function that lives in a process which never imports course_lib."""
    import json

    command = [sys.executable, "-c", SUBMISSION.format(source=source, name=name)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        def decoded(value):
            if isinstance(value, list):
                return tuple(decoded(v) for v in value)
            return np.array(value["array"], value["dtype"]) if isinstance(value, dict) else value

        def call(args):
            sent = [{"array": a.tolist(), "dtype": str(a.dtype)} if isinstance(a, np.ndarray) else a for a in args]
            print(json.dumps(sent), file=child.stdin, flush=True)
            reply = json.loads(child.stdout.readline())
            return Outcome("raised", detail=reply["raised"]) if "raised" in reply else decoded(reply["value"])

        yield call
        child.stdin.close()


@pytest.mark.parametrize("id", ["4.2", "4.5", "4.6"])
def test_right_and_wrong_answers_get_the_same_verdict_outside(id):
    exercise = exercises()[id]
    with submitted(exercise.source, exercise.name) as call:
        assert grade(id, call, seed=7).passed
    edits = [mistake for mistake in exercise.mistakes if isinstance(mistake.wrong, dict)]
    for mistake in edits[:4]:
        source = exercise.source
        for old, new in mistake.wrong.items():
            source = source.replace(old, new)
        with submitted(source, exercise.name) as call:
            outside = grade(id, call, seed=7)
        inside = graded(exercise, exercise.function(mistake), seed=7)
        assert (outside.diagnosis, outside.message) == (inside.diagnosis, inside.message)
        assert outside.diagnosis == mistake.name


def test_what_a_proxy_sends_is_checked_again():
    class Sly(np.ndarray):
        pass

    answer = exercises()["4.1"].answer
    assert grade("4.1", lambda args: Outcome("value", answer(*args).view(Sly))).diagnosis == "array-subclass"
    assert grade("4.1", lambda args: Outcome("value", answer(*args))).passed


def test_a_broken_proxy_is_not_a_wrong_answer():
    def broken(args):
        raise ConnectionError("the sandbox is gone")

    with pytest.raises(ConnectionError):
        grade("4.1", broken)


def test_a_score_can_be_partial():
    verdict = grade("4.1", lambda args: 1 / (1 + np.exp(-np.clip(args[0], -10, 10))))
    assert not verdict.passed
    assert 0 < verdict.right < verdict.total


def test_fresh_seeds_defeat_remembered_answers():
    exercise = exercises()["4.2"]
    table = {repr(args): exercise.answer(*args) for args in exercise.inputs(0)}
    assert grade("4.2", lambda args: table[repr(args)]).passed
    assert not grade("4.2", lambda args: table.get(repr(args), 0.0), seed=1).passed
