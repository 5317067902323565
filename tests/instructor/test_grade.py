"""`course grade` on small classes: what is run, what is kept, what a kill leaves behind, what a score says."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest
from typer.testing import CliRunner

from course_lib.cli import app
from course_lib.instructor import fingerprint, gradebook, sandbox
from course_lib.instructor.batch import Order, grade_class
from course_lib.instructor.files import Release, Result
from course_lib.instructor.folder import Busy, Folder
from course_lib.instructor.inside import slicing
from course_lib.instructor.normalise import read, rebuild
from tests.instructor.handed_in import (
    DEADLINE,
    FILE,
    LATE,
    RIGHT,
    SMALL,
    STUBS,
    cell,
    grade,
    hand_in,
    notebook,
    release,
    roster,
)  # fmt: skip

WRONG = "def standardise(train, test):\n    return train, test\n"
needs_sandbox = pytest.mark.skipif(sandbox.shutil.which("bwrap") is None, reason="bubblewrap is not installed")


def rebuilt(handed, tmp_path):
    handed_out = Release.load(release(tmp_path / "out"))
    functions = {item.id: item.function for item in handed_out.items}
    return rebuild(handed_out.notebooks[0], read(json.dumps(handed).encode()), functions.get)


def sources(made):
    return {part.id: part.source for part in made.parts}


def test_locked_cells_come_back_and_answers_stay(tmp_path):
    handed = notebook(RIGHT, after=["mine = 1"])
    handed["cells"][2]["source"] = "def centred(x):\n    return 'edited'"
    del handed["cells"][1]
    made = rebuilt(handed, tmp_path)
    assert "edited" not in sources(made)["helper"]
    assert sources(made)["answer-3.1"] == RIGHT["3.1"]
    assert sources(made)["extra-1"] == "mine = 1"
    assert "the locked cell helper was edited, restored" in made.changes
    assert "the locked cell imports was missing, restored" in made.changes


def test_without_ids_cells_are_known_by_what_they_say(tmp_path):
    made = rebuilt(notebook(RIGHT, ids=False), tmp_path)
    assert not made.changes
    assert [part.source for part in made.parts if part.kind == "answer"] == list(RIGHT.values())


def test_of_copies_the_last_written_one_counts(tmp_path):
    handed = notebook({"3.1": WRONG})
    handed["cells"].append(cell(RIGHT["3.1"], "answer-3.1"))
    handed["cells"].append(cell(STUBS["3.1"], "answer-3.1"))  # a copy nobody wrote in
    made = rebuilt(handed, tmp_path)
    assert sources(made)["answer-3.1"] == RIGHT["3.1"]
    assert any("the last definition counts" in change for change in made.changes)
    assert [part.source for part in made.parts if part.kind == "extra"] == [WRONG]


def test_order_is_restored(tmp_path):
    handed = notebook(RIGHT)
    handed["cells"].reverse()
    made = rebuilt(handed, tmp_path)
    assert [part.id for part in made.parts] == ["intro", "imports", "helper", "heavy", "answer-3.1", "answer-3.2"]
    assert any("order" in change for change in made.changes)


def needed(*cells, names=("f",)):
    functions = set()
    body = [one for n, (source, own) in enumerate(cells) for one in slicing.statements(str(n), source, own, functions)]
    return [(one.cell, sorted(one.gives)) for one in slicing.needed(body, set(names))]


def test_only_what_the_functions_need_is_run():
    """Imports one by one, helpers of helpers, what is written into; not the demonstrations around them."""
    cells = [("import numpy as np\nfrom m import a, b\nnet = train_for_hours()", False),
             ("def g(x):\n    return a(x)\ntable = {}\nprint(net)", False),
             ("table['k'] = 1\ntable.update(k=2)\nfill(table)\ndef fill(t): t['z'] = 1\nplot(table)", True),
             ("def f(net):\n    return g(net) + table['k']\ncheck('1', f)", True)]  # fmt: skip
    assert needed(*cells) == [("0", ["a"]), ("1", ["g"]), ("1", ["table"]), ("2", ["table"]), ("2", ["table"]),
                              ("2", ["table"]), ("2", ["fill"]), ("3", ["f"])]  # fmt: skip


def test_names_made_behind_pythons_back_are_run():
    assert needed(("exec('def f(): return 1')", True))
    assert not needed(("exec('demo()')", False))


@needs_sandbox
def test_scores_and_their_reasons(tmp_path):
    """Right, wrong, half, untouched, renamed, deleted, in another cell, with magics, late: each as the rules say."""
    release(tmp_path / "out", deadline=DEADLINE, late=LATE)
    half = "def precision_recall_f1(guess, target):\n    return _right(guess, target) if len(guess) < 6 else 0\n"
    renamed = RIGHT["3.1"].replace("def standardise", "def my_standardise")
    deleted = notebook(RIGHT)
    deleted["cells"] = [one for one in deleted["cells"] if one["id"] != "answer-3.1"]
    elsewhere = notebook({"3.2": RIGHT["3.2"]}, after=["import time\n%matplotlib inline\n" + RIGHT["3.1"]])
    students = {
        "right": notebook(RIGHT), "wrong": notebook({**RIGHT, "3.1": WRONG}), "untouched": notebook(),
        "renamed": notebook({**RIGHT, "3.1": renamed}), "deleted": deleted, "elsewhere": elsewhere,
        "syntax": notebook({**RIGHT, "3.1": "def standardise(train, test)\n    return 1"}),
        "half": notebook({**RIGHT, "3.2": RIGHT["3.2"].replace("def precision_recall_f1", "def _right") + "\n" + half}),
    }  # fmt: skip
    for name, content in students.items():
        hand_in(tmp_path / "in", name, content)
    late = hand_in(tmp_path / "in", "late_LATE_7_1_" + FILE, notebook(RIGHT), FILE)
    stamp = datetime.fromisoformat(DEADLINE).timestamp() + 86400 + 60  # the second day has begun
    os.utime(late, (stamp, stamp))
    results = grade(tmp_path, [*students, "7"]).results
    first = {name: (result.items[0].status, result.items[0].score) for name, result in results.items()}
    assert first == {
        "right": ("right", 2.0), "wrong": ("wrong", 0.0), "untouched": ("not-attempted", 0.0), "7": ("right", 2.0),
        "renamed": ("needs-hand", None), "deleted": ("needs-hand", None), "elsewhere": ("right", 2.0),
        "syntax": ("error", 0.0), "half": ("right", 2.0),
    }  # fmt: skip
    assert {name: result.total for name, result in results.items()} == {
        "right": 4.0, "wrong": 2.0, "untouched": 0.0, "renamed": None, "deleted": None, "elsewhere": 4.0, "syntax": 2.0,
        "half": 2.0 + results["half"].items[1].score, "7": pytest.approx(4.0 * 0.8),
    }  # fmt: skip
    assert "my_standardise" in results["renamed"].why
    assert "line 1" in results["syntax"].items[0].message
    case = results["wrong"].items[0].case
    assert "train = " in case.input
    assert case.got != case.expected
    assert results["7"].late_days == 2
    partly = results["half"].items[1]
    assert 0 < partly.right < partly.total
    assert partly.score == (1.0 if 2 * partly.right >= partly.total else 0.0)


@needs_sandbox
def test_grading_again_changes_only_what_it_should(tmp_path):
    """A second run runs nothing, a changed answer only what depends on it; a mark by hand stays."""
    release(tmp_path / "out", written=True)
    for name in ("a", "b"):
        hand_in(tmp_path / "in", name, notebook(RIGHT, written="Because."))
    grade(tmp_path)
    lines = (tmp_path / "grades" / "written.csv").read_text(encoding="utf-8-sig").splitlines()
    marked = [line if line.startswith("student") else line.replace(",,", ",2.5,") for line in lines]
    (tmp_path / "grades" / "written.csv").write_text("\n".join(marked) + "\n")
    again = grade(tmp_path).results
    assert [result.total for result in again.values()] == [6.5, 6.5]
    assert [result.cpu_seconds for result in again.values()] == [0.0, 0.0]
    hand_in(tmp_path / "in", "b", notebook({**RIGHT, "3.1": WRONG}, written="Because."))
    third = grade(tmp_path).results
    assert [result.total for result in third.values()] == [6.5, 4.5]
    assert third["a"].cpu_seconds == 0.0
    assert third["b"].cpu_seconds > 0.0
    assert len(list((tmp_path / "grades" / "backup").iterdir())) == 2


@needs_sandbox
def test_a_fixed_exercise_is_run_alone(tmp_path, monkeypatch):
    """The fingerprint of an item holds its own exercise's file, not the others'."""
    release(tmp_path / "out")
    hand_in(tmp_path / "in", "a", notebook(RIGHT))
    before = grade(tmp_path).results["a"]
    path = tmp_path / "grades" / "results" / "a.json"
    first, second = before.items
    stale = replace(first, fingerprint="old", seconds=99.0), replace(second, seconds=99.0)
    replace(before, items=stale).save(path)
    after = grade(tmp_path).results["a"]
    assert after.items[0].fingerprint == before.items[0].fingerprint
    assert after.items[0].seconds < 99.0
    assert after.items[1].seconds == 99.0


KILLED = """
import os, signal, sys
from pathlib import Path
from course_lib.instructor.batch import Order, grade_class
from tests.instructor.handed_in import SMALL
tmp, where = Path(sys.argv[1]), sys.argv[2]
def die(*rest):
    os.kill(os.getpid(), signal.SIGKILL)
def progress(result, done, total):
    if where == "second" and done == 2:
        die()
if __name__ == "__main__":
    if where == "gradebook":
        replace = os.replace
        os.replace = lambda old, new: die() if str(new).endswith("gradebook.db") else replace(old, new)
    grade_class(Order(tmp / "in", tmp / "out" / "release.json", tmp / "roster.csv", tmp / "grades", 1, SMALL), progress)
"""


@needs_sandbox
@pytest.mark.parametrize(("where", "finished"), [("second", 2), ("gradebook", 3)])
def test_a_kill_loses_nothing_finished(tmp_path, where, finished):
    """SIGKILL after the second result, or just before the gradebook is replaced: the next run goes on from there."""
    release(tmp_path / "out")
    names = ("a", "b", "c")
    for name in names:
        hand_in(tmp_path / "in", name, notebook(RIGHT))
    roster(tmp_path, *names)
    (tmp_path / "killed.py").write_text(KILLED)
    root = str(fingerprint.COURSE.parent)
    killed = subprocess.run([sys.executable, tmp_path / "killed.py", tmp_path, where], cwd=root,
                            env={**os.environ, "PYTHONPATH": root}, capture_output=True, timeout=200)  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    kept = Folder(tmp_path / "grades").load()
    assert len(kept) == finished
    assert not (tmp_path / "grades" / "gradebook.db").exists()
    results = grade(tmp_path).results
    assert {name: result.total for name, result in results.items()} == dict.fromkeys(names, 4.0)
    assert all(results[name].cpu_seconds == 0.0 for name in kept)  # not run a second time
    with sqlite3.connect(tmp_path / "grades" / "gradebook.db") as book:
        assert book.execute("SELECT COUNT(*), SUM(auto_score) FROM grade").fetchone() == (6, 12.0)


def test_two_graders_are_kept_apart(tmp_path):
    folder = Folder(tmp_path / "grades")
    with folder.locked(), pytest.raises(Busy, match=f"process {os.getpid()}"), folder.locked():
        pass
    with folder.locked():
        pass


def test_a_gradebook_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    handed_out = Release.load(release(tmp_path / "out"))
    path = tmp_path / "gradebook.db"
    gradebook.write(path, handed_out, [])
    before = path.read_bytes()
    monkeypatch.setattr(gradebook, "_result", lambda *rest: 1 / 0)
    failed = Result(1, "a", "A", "failed", "", None, 0, "", (), (), None, 0.0, 0.0, 0.0, 0.0)
    with pytest.raises(ZeroDivisionError):
        gradebook.write(path, handed_out, [failed])
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if "gradebook" in one.name] == ["gradebook.db"]


@needs_sandbox
def test_a_failure_of_ours_is_nobodys_zero(tmp_path, monkeypatch):
    """An exercise that is not there: failed, without a mark, and tried again next time."""
    path = release(tmp_path / "out")
    data = json.loads(path.read_text())
    data["items"][0]["exercise"] = "3.99"
    path.write_text(json.dumps(data))
    hand_in(tmp_path / "in", "a", notebook(RIGHT))
    order = Order(tmp_path / "in", path, roster(tmp_path, "a"), tmp_path / "grades", 1, SMALL)
    result = grade_class(order).results["a"]
    assert (result.status, result.total) == ("failed", None)
    assert "3.99" in result.why


def course(*words):
    return CliRunner().invoke(app, ["grade", *map(str, words)])


def test_the_command_shows_examples_and_names_what_is_wrong(tmp_path):
    assert "course grade downloads/ --roster roster.csv" in course("--help").output
    (tmp_path / "bad.csv").write_text("name\nAnn\n")
    missing = course(tmp_path / "nowhere", "--roster", tmp_path / "bad.csv")
    assert missing.exit_code == 1
    assert "nowhere: there is no such folder" in missing.output
    wrong = course(tmp_path, "--roster", tmp_path / "bad.csv", "--release", release(tmp_path / "out"))
    assert wrong.exit_code == 1
    assert "no column with the students' ids" in " ".join(wrong.output.split())


@needs_sandbox
def test_the_command_grades_and_lists_whom_it_does_not_know(tmp_path):
    made = release(tmp_path / "out")
    hand_in(tmp_path / "in", "a", notebook({**RIGHT, "3.1": WRONG}))
    hand_in(tmp_path / "in", "stranger", notebook(RIGHT))
    known = roster(tmp_path, "a", "b")
    said = course(tmp_path / "in", "--roster", known, "--release", made, "--to", tmp_path / "grades")
    assert said.exit_code == 0, said.output
    text = " ".join(said.output.split())
    for part in ("a Name a", "Not graded: stranger/", "Nothing handed in: b", "1 graded", "memory and processes"):
        assert part in text, said.output
