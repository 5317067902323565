"""Imports inside an answer are done before its time runs."""

import subprocess
import sys

import pytest

from course_lib.checks.outcome import run
from course_lib.checks.preimport import preimport

SLOW = """
import sys
from course_lib.checks.outcome import run

def answer(x):
    from scipy import stats
    def inner():
        import sklearn.cluster
    return float(stats.norm.cdf(x))

assert "scipy.stats" not in sys.modules, "loaded already: nothing would be shown"
outcome = run(answer, (0.0,), seconds=0.15)
print(outcome.kind, outcome.value, "sklearn.cluster" in sys.modules)
"""


def test_a_slow_import_does_not_count():
    """scipy.stats takes longer than the 0.15 s that the answer has."""
    found = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["value", "0.5", "True"]


def test_unknown_and_missing_modules_are_left_alone(monkeypatch):
    asked = []
    monkeypatch.setattr("importlib.import_module", asked.append)

    def answer():
        import antigravity

        from scipy.nothing import there

        return antigravity, there

    preimport(answer)
    assert asked == ["scipy.nothing"]


@pytest.mark.parametrize("function", [len, print, lambda: None, type("C", (), {"__call__": lambda self: 1})(), None])
def test_whatever_is_handed_in(function):
    preimport(function)


def test_a_module_that_is_not_there_is_the_answers_error():
    def answer():
        from scipy.nothing import there

        return there

    assert run(answer, ()).kind == "raised"
