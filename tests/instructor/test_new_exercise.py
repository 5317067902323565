"""course new-exercise: its files pass ruff; its test says what is missing, and passes when everything is there."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from course_lib import cli
from course_lib.instructor.proof import faults
from tests.project.repo import ROOT

FILLED = {
    '"""TODO: the task in one or two sentences: what goes in, with shapes, and what comes out."""': '"""Twice x."""',
    "  # TODO: the model answer": "",
    "TODO: the same another way, so that a slip in one of the two shows.": "Added to itself.",
    "TODO: inputs that tell right from wrong, drawn from rng; practice and marking use different draws.": "Arrays.",
    "  # TODO: inputs that must always be tried: empty, huge, equal, on the border": "",
    "# TODO: at least five, as edits of the model answer's text or as functions, each with what you would say.":
        "\n        ".join(f'Mistake("times-{n}", {{"2.0 * x": "{n} * x"}}, "Times {n}."),' for n in (3, 4, 5, -2)),
    "        # TODO: at least two right answers, written differently.\n": "        lambda x: x / 0.5,\n",
    "TODO: a question that leads on.": "How often?", "TODO: the tool.": "*", "TODO: nearly the answer.": "2 * x",
}  # fmt: skip


def new(folder, *words):
    return CliRunner().invoke(cli.app, ["new-exercise", *words, "--to", str(folder)])


@pytest.fixture
def made(tmp_path):
    result = new(tmp_path / "mine", "3.double", "double_it", "--title", "Twice 二")
    assert result.exit_code == 0, result.output
    return tmp_path / "mine" / "double_it.py"


def run(*command):
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, env=env)


def test_the_scaffold_passes_ruff(made):
    ruff = run("ruff", "check", "--config", str(ROOT / "pyproject.toml"), str(made.parent))
    assert ruff.returncode == 0, ruff.stdout
    assert all(len(line) <= 120 for path in made.parent.iterdir() for line in path.read_text().splitlines())


def test_the_test_fails_with_what_is_missing_until_it_is_there(made):
    before = run("pytest", "-q", "-c", "/dev/null", "--rootdir", str(made.parent), str(made.parent))
    assert before.returncode == 1
    assert "double_it.py, line 7: still to do: the task in one or two sentences" in before.stdout
    text = made.read_text()
    for old, filled in FILLED.items():
        assert old in text
        text = text.replace(old, filled)
    made.write_text(text)
    assert faults(made) == []
    after = run("pytest", "-q", "-c", "/dev/null", "--rootdir", str(made.parent), str(made.parent))
    assert after.returncode == 0, after.stdout


def test_a_half_filled_one_is_not_enough(made):
    text = made.read_text()
    for old, filled in FILLED.items():
        text = text.replace(old, filled if "Mistake" not in filled else "")
    made.write_text(text)
    assert faults(made) == ["3.double: 1 different mistakes, at least 5 are needed"]


def test_nothing_is_overwritten(made):
    made.write_text("work of an hour")
    again = new(made.parent, "3.double", "double_it")
    assert again.exit_code == 1
    assert "is there already" in again.output
    assert made.read_text() == "work of an hour"


@pytest.mark.parametrize(("words", "said"), [
    (("11.1", "f"), "the id must be chapter.name"), (("3", "f"), "the id must be"), (("3.../x", "f"), "the id must be"),
    (("3.x", "class"), "the function's name must be"), (("3.x", "../f"), "the function's name must be"),
    (("3.x", "f", "--title", 'a"b'), "the title must be"), (("3.x", "f", "--title", "a\nb"), "the title must be"),
])  # fmt: skip
def test_names_that_cannot_be_used_are_refused(words, said, tmp_path):
    result = new(tmp_path, *words)
    assert result.exit_code == 1
    assert said in result.output
    assert list(tmp_path.iterdir()) == []
