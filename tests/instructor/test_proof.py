"""Why `course assign` refuses a private exercise: each text says what is wrong, and where."""

import re

import pytest
from typer.testing import CliRunner

from course_lib.cli import app
from tests.project.repo import ROOT

DOUBLED = '''
import time
import numpy as np

from course_lib.checks.spec import Exercise, Mistake, numbers


def doubled(x):
    "Twice the numbers of x, an array (N,)."
    return 2.0 * x


def reference(x):
    "By adding."
    return x + x


def cases(rng):
    "Some lengths."
    for n in (1, 2, 3):
        yield (numbers(rng, n) + 0.1,)


EXERCISE = Exercise(
    id="3.mine",
    title="Doubling",
    answer=doubled,
    reference=reference,
    cases=cases,
    edges=((np.array([1.0]),),),
    mistakes=(
        Mistake("as-it-came", {"2.0 * x": "x + 0.0"}, "As it came."),
        Mistake("squared", {"2.0 * x": "x * x + 1.0"}, "Squared."),
        Mistake("halved", {"2.0 * x": "x / 2.0"}, "Halved."),
        Mistake("negative", {"2.0 * x": "-2.0 * x"}, "Minus."),
        Mistake("plus-one", {"2.0 * x": "2.0 * x + 1.0"}, "Shifted."),
    ),
    right=(lambda x: x - (-x), lambda x: x * 2),
    hints=("a", "b", "c"),
    minutes=10,
    difficulty=2,
    rtol=1e-9,
)
'''
ANSWER, REFERENCE = "    return 2.0 * x\n", "    return x + x\n"
SLEEP = "    time.sleep(2.1)\n"


def refused(folder, *edits: tuple[str, str]) -> str:
    """What `course assign` says to the exercise with these edits; "" if it takes it."""
    text = DOUBLED
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "mine.py").write_text(text)
    id = re.search('id="(.+?)"', text)[1]
    (folder / "course.yml").write_text(f"private: .\nexercises: [{id}]\n")
    words = ["assign", "3", "--to", folder / "out", "--config", folder / "course.yml", "--course", ROOT]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert (done.exit_code == 0) is (folder / "out").exists()
    assert isinstance(done.exception, SystemExit | None), done.exception
    return done.output if done.exit_code else ""


def test_the_exercise_without_edits_is_taken(tmp_path):
    assert refused(tmp_path) == ""


@pytest.mark.parametrize(("edits", "said"), [
    ([(ANSWER, SLEEP + ANSWER)], r"the model answer takes 2\.\d s, and a call has 2 s: it is too slow, for x = \["),
    ([(REFERENCE, SLEEP + REFERENCE)], r"the reference takes 2\.\d s, and a call has 2 s: it is too slow, for x = \["),
    ([(REFERENCE, "    return None\n"), (ANSWER, "    x.sum()\n    return None\n    return 2.0 * x\n")],
     "the checks accept the unsolved cell, which returns None: ask for something else"),
    ([(ANSWER, "    ...\n")], r"the model answer is still the unsolved cell, \.\.\."),
    ([(REFERENCE, "    raise RuntimeError('no')\n")], "the reference raises RuntimeError: no, for x = "),
    ([(ANSWER, "    raise RuntimeError('no')\n" + ANSWER)], "the model answer raises RuntimeError: no, for x = "),
    ([(ANSWER, "    return iter(2.0 * x)\n")], r"the model answer returns something that cannot be compared \("),
    ([(ANSWER, "    return 2.0 * x + np.random.rand()\n")], "the model answer is refused: unsteady: The same input"),
    ([(REFERENCE, "    return x + x + 1\n")], "the model answer is refused: shifted: Every number is off"),
    ([("lambda x: x * 2)", "lambda x: x * 3)")], r"right answer 2 is refused: scaled: Every number is 1\.5 times"),
    ([("    for n in", "    raise KeyError('n')\n    for n in")], r"with KeyError: 'n' \(line \d+ of mine\.py\)"),
    ([("edges=((np.array([1.0]),),)", "edges=()"), ("(1, 2, 3)", "()")], "no inputs, neither edges nor cases"),
    ([('"2.0 * x": "x / 2.0"', '"3.0 * x": "x / 2.0"')], r"halved: '3\.0 \* x' must occur once in the model answer"),
    ([('"plus-one"', '"shifted"')], "mistake shifted has the name of a general diagnosis, which has its text"),
    ([('"Halved."', '""')], "mistake halved has no text to tell the student"),
    ([("rtol=1e-9", 'rtol=float("inf")')], "halved got 'passed'"),
    ([('"3.mine"', '"33.mine"')], r"mine\.py: the id must be chapter\.name, such as 3\.1v or 3\.mine, not '33\.mine'"),
    ([('"3.mine"', '"mine"')], "the id must be .* not 'mine'"),
    ([('"3.mine"', '"3.1"')], "3.1 is an exercise of the course; take another id"),
    ([("answer=doubled", "answer=lambda x: 2.0 * x")], "must be a function with a name of lower-case letters"),
    ([('title="Doubling"', 'title="Dou\\nbling"')], "the title must be one line of 1 to 60 characters"),
    ([("    minutes=10,\n", "")], r"mine\.py, line \d+: TypeError: .*missing 1 required .*'minutes'"),
], ids=lambda value: value[:40] if isinstance(value, str) else "")  # fmt: skip
def test_a_refusal_says_what_is_wrong(edits, said, tmp_path):
    """Nothing is written, and the first sentence names the cause, not its consequences."""
    text = refused(tmp_path, *edits)
    assert re.search(said, text), text
    assert len(text.splitlines()) <= 4 or "got 'passed'" in said, text
