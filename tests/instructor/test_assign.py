"""course assign: students get what was named and no answer; the instructor's folder grades it; nothing is ever lost."""

import ast
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from course_lib import cli
from course_lib.checks import assignment, coding, grade
from course_lib.checks.outcome import run
from course_lib.instructor import assign as module
from course_lib.instructor import selfcheck
from course_lib.instructor.assign import assign
from course_lib.instructor.config import Config, load
from course_lib.instructor.exercises import exercise_of
from course_lib.instructor.files import Release
from course_lib.instructor.packing import slug
from course_lib.instructor.plan import Refused, make_plan
from course_lib.instructor.texts import TEXTS
from tests.instructor.test_variants import VARIANTS
from tests.project.repo import ROOT

COURSE_YML = """\
title: Große Modelle 3
deadline: 2026-12-04T23:59:00+08:00
late: {per_day: 0.1, at_most: 0.5}
exercises:
  - {id: 3.1, points: 0}
  - {id: 3.1v, points: 3, hints: off}
  - {id: 3.7, references: on}
  - 5.2
written:
  - {id: w1, chapter: 3, points: 4, text: "Why is the test set used <b>once</b>?"}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with course.yml and a release made from it."""
    base = tmp_path_factory.mktemp("class")
    (base / "course.yml").write_text(COURSE_YML, encoding="utf-8")
    config, _ = load(base / "course.yml")
    assign(make_plan((5, 3), config, ROOT, base), base / "out")
    return base


@pytest.fixture(scope="module")
def release(folder):
    return Release.load(folder / "out/instructor/release.json")


@pytest.fixture(scope="module")
def handed_out(folder):
    """The zip's files by name, without the folder."""
    with zipfile.ZipFile(folder / "out/student.zip") as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def books(handed_out):
    return {n: nbformat.reads(handed_out[name].decode(), as_version=4)
            for n, name in ((3, "03_core_algorithms.ipynb"), (5, "05_project_practice.ipynb"))}


def quick(chapters=(3,), **changes):
    """A plan of one exercise, made fast."""
    from course_lib.instructor.config import Assigned

    return make_plan(chapters, Config(exercises=(Assigned("3.7"),), **changes), ROOT, ROOT)


def cells(book, **course):
    return [cell for cell in book.cells if course.items() <= cell.metadata.course.items()]


def test_the_zip_is_a_folder_with_plain_names(folder, release):
    with zipfile.ZipFile(folder / "out/student.zip") as archive:
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert release.slug == "groe-modelle-3-ch3-5"
    assert names == sorted(f"{release.slug}/{name}" for name in (
        "03_core_algorithms.ipynb", "05_project_practice.ipynb", "READ_ME.md", "assignment.json"))
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) and ".." not in name for name in names)


def test_the_same_course_gives_the_same_zip_and_another_seed(tmp_path):
    made = [assign(quick(title="../../数据 <x>"), tmp_path / name) for name in ("one", "two")]
    first, second = ((tmp_path / name / "student.zip").read_bytes() for name in ("one", "two"))
    assert first == second
    assert made[0].release.hidden_seed != made[1].release.hidden_seed
    assert made[0].release.slug == "x-ch3"


def test_the_notebooks_are_valid_and_carry_nothing_of_tools(books):
    for book in books.values():
        nbformat.validate(book)
        assert set(book.metadata) == {"course", "kernelspec", "language_info"}
        assert {key for cell in book.cells for key in cell.metadata} <= {"tags", "course", "deletable", "editable"}
        ids = [cell.id for cell in book.cells]
        assert len(set(ids)) == len(ids)


def test_only_the_named_exercises_are_there(books):
    assert [c.metadata.course.item for c in cells(books[3], kind="answer")] == ["3.1", "3.1v", "3.7"]
    assert [c.metadata.course.item for c in cells(books[5], kind="answer")] == ["5.2"]
    left_out = [c for book in books.values() for c in book.cells if "is not part of this assignment" in c.source]
    assert len(left_out) == 5 + 5
    code = "\n".join(c.source for book in books.values() for c in book.cells if c.cell_type == "code")
    assert re.findall(r'check\("(.+?)"', code) == ["3.1", "3.1v", "3.7", "5.2"]


def test_what_later_cells_need_of_a_left_out_exercise_is_kept(books):
    (cell,) = [c for c in books[5].cells if c.source.startswith("# Exercise 5.6")]
    assert cell.source == "# Exercise 5.6 is not part of this assignment.\ntop_p = ..."
    (cell,) = [c for c in books[3].cells if "Exercise 3.6 is not" in c.source]
    assert cell.cell_type == "markdown"  # its import is needed by nobody else


def test_a_variant_stands_beside_its_sibling_with_task_and_stub(books):
    kinds = [cell.metadata.course.get("item") for cell in books[3].cells]
    at = kinds.index("3.1v")
    assert kinds[at - 2] == "3.1"
    assert "exercise 3.1v** (10 minutes, 3 points): Scale by median and quartiles" in books[3].cells[at - 1].source
    assert ast.parse(books[3].cells[at].source).body[0].name == "robust_scale"


def test_written_questions_stand_at_the_end(books):
    question, answer = books[3].cells[-2:]
    assert "w1** (4 points)" in question.source
    assert answer.metadata.course == {"kind": "written", "item": "w1"}
    assert answer.cell_type == "markdown"


def test_locked_cells_are_locked_as_jupyterlab_knows_it(books):
    for book in books.values():
        for cell in book.cells:
            assert cell.metadata.deletable is False
            predicts = cell.cell_type == "code" and "predict(" in cell.source
            assert cell.metadata.editable is (cell.metadata.course.kind != "locked" or predicts)


def test_no_output_tells_an_answer(books):
    for book in books.values():
        waiting = set()
        for cell in (cell for cell in book.cells if cell.cell_type == "code"):
            if waiting or "check(" in cell.source or "progress(" in cell.source:
                assert cell.outputs == [], cell.source
                assert cell.execution_count is None
            waiting |= set(re.findall(r'predict\("(.+?)"', cell.source))
            waiting -= set(re.findall(r'compare\("(.+?)"', cell.source))
        assert sum(bool(cell.get("outputs")) for cell in book.cells) > 5  # figures stay


def test_the_release_says_what_was_handed_out(release, books, handed_out):
    for notebook in release.notebooks:
        book = books[notebook.chapter]
        assert [(c.id, c.type, c.source) for c in notebook.cells] == [(c.id, c.cell_type, c.source) for c in book.cells]
        assert {c.free for c in notebook.cells if "predict(" in c.source and c.type == "code"} == {True}
    assert [(item.id, item.points, item.private) for item in release.items] == [
        ("3.1", 0.0, None), ("3.1v", 3.0, "exercises"), ("3.7", 1.0, None), ("5.2", 1.0, None), ("w1", 4.0, None)]
    assert (release.deadline, release.late.per_day) == ("2026-12-04T23:59:00+08:00", 0.1)


def test_cells_keep_the_chapters_ids(books):
    chapter = json.loads((ROOT / "chapters/03_core_algorithms.ipynb").read_text(encoding="utf-8"))
    assert {cell["id"] for cell in chapter["cells"]} <= {cell.id for cell in books[3].cells}


def test_the_folder_alone_can_grade(folder, release):
    path = folder / "out/instructor/release.json"
    for item in (item for item in release.items if item.kind == "code"):
        exercise = exercise_of(item, path)
        assert grade(exercise, lambda args, f=exercise.answer: run(f, args), seed=release.hidden_seed).passed


def test_the_written_course_yml_means_the_same(folder):
    inside = folder / "out/instructor"
    config, _ = load(inside / "course.yml")
    first = load(folder / "course.yml")[0]
    own = {"3.1v": VARIANTS["3.1v"]}
    assert config.private == "exercises"
    assert config.assigned((3, 5), own) == first.assigned((3, 5), own)
    assert (config.due((3, 5)), config.late, config.written) == (first.due((3, 5)), first.late, first.written)


def test_the_rubric_has_mistakes_seed_and_model_answers(folder, release):
    text = (folder / "out/instructor/rubric.md").read_text(encoding="utf-8")
    for words in (str(release.hidden_seed), "no-guard: A column whose quartiles agree", "def next_windows(", "by hand",
                  "Why is the test set used"):  # fmt: skip
        assert words in text
    assert (folder / "out/instructor").stat().st_mode & 0o077 == 0


def test_the_cover_says_what_is_asked(books):
    text = books[3].cells[0].source
    for words in ("# Große Modelle 3", "2026-12-04 23:59 (UTC+0800)", "10% of the points, 50% at most",
                  "| 3.1v Scale by median and quartiles | 3 |", "| w1 | 4 |", "Hints are closed for 3.1v.",
                  "`reveal` is closed for 3.1, 3.1v."):  # fmt: skip
        assert words in text


@pytest.fixture
def policy(handed_out, tmp_path, monkeypatch):
    """The checks read this assignment.json."""
    path = tmp_path / "assignment.json"
    path.write_bytes(handed_out["assignment.json"])
    monkeypatch.setenv("COURSE_ASSIGNMENT", str(path))
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path / "answers.json"))
    assignment._said.clear()
    return path


def robust_scale(train, test):
    return train - train.mean(axis=0), test - train.mean(axis=0)


def test_the_checks_obey_the_policy(policy, capsys):
    from course_lib.checks import check, exercises, hint, reveal

    for ask, id, said in [(hint, "3.1v", "3.1v: hints are closed in this assignment."),
                          (reveal, "3.1v", "3.1v: the model answer is closed in this assignment."),
                          (reveal, "3.1", "3.1: the model answer is closed in this assignment."),
                          (hint, "3.1", "Hint 1 of 3:"), (reveal, "3.7", "One way to write 3.7"),
                          (reveal, "3.2", "One way to write 3.2")]:  # fmt: skip
        ask(id)
        assert said in capsys.readouterr().out
    check("3.1v", robust_scale)
    told = capsys.readouterr().out
    assert "3.1v robust_scale: not right yet." in told
    assert "hint(" not in told
    check("3.1", exercises()["3.2"].answer)
    assert "hint(" in capsys.readouterr().out


def test_a_variants_check_needs_no_answer_key(policy, capsys):
    """Examples only: the right function passes, a stub is not attempted, and no source of an answer is there."""
    from course_lib.checks import check, progress, restore
    check("3.1v", VARIANTS["3.1v"].answer)
    assert "right, on all 6 inputs" in capsys.readouterr().out

    def stub(train, test): ...

    check("3.1v", stub)
    assert "not attempted yet" in capsys.readouterr().out
    progress(3)
    assert "3.1v" in capsys.readouterr().out
    restore(3)
    assert "3.1v robust_scale: restored, right." in capsys.readouterr().out
    assert b"median(" not in policy.read_bytes()


@pytest.mark.parametrize("content", [
    b"", b"[]", b"{}", b"\xff", b"[" * 99999, b'{"closed": 3, "variants": []}', b'{"closed": {}, "variants": 3}',
    b'{"closed": {}, "variants": [{}]}',
], ids=lambda content: repr(content)[:20])  # fmt: skip
def test_a_broken_policy_is_said_once_and_the_course_goes_on(content, policy, capsys):
    from course_lib.checks import hint

    policy.write_bytes(content)
    hint("3.1")
    hint("3.1")
    out = capsys.readouterr().out
    assert out.count("assignment.json cannot be used") == 1
    assert "Hint 2 of 3" in out


def test_an_unknown_exercise_says_where_variants_come_from(monkeypatch):
    from course_lib.checks import check

    monkeypatch.delenv("COURSE_ASSIGNMENT", raising=False)
    with pytest.raises(KeyError, match=r"assignment\.json must lie beside the notebook"):
        check("3.1v", robust_scale)


def test_plain_data_survives_json():
    import numpy as np

    from course_lib.checks.plain import identical

    data = ((1, 2.5, None, True, "x", float("inf"), -0.0, 1j, [], (), {1: (2,), "a": [3]}),
            np.zeros((0, 3), np.float32), np.array([[1, 2], [3, 4]]), np.array(3.5), np.array([np.inf, -np.inf]))
    assert identical(coding.decode(json.loads(json.dumps(coding.encode(data), allow_nan=False))), data)


def planted(text: str) -> bytes:
    """A zip with this text in a notebook's output."""
    output = {"cells": [{"source": "x", "outputs": [{"text": text.splitlines(keepends=True)}]}]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a/03.ipynb", json.dumps(output))
    return buffer.getvalue()


def test_a_planted_leak_is_found():
    from course_lib.checks.spec import find

    exercise, seed = find("3.7"), 2**60 + 12345
    answer = "the answer to 3.7"
    for text, said in [(exercise.source, answer), (exercise.source.replace("    ", "\t"), answer),
                       (f"seed = {seed}", "the hidden seed"), (f"{seed:#x}", "the hidden seed")]:  # fmt: skip
        assert list(selfcheck.leaks(planted(text), seed, [exercise])) == [f"a/03.ipynb: {said}"]
    assert list(selfcheck.leaks(planted("nothing of interest"), seed, [exercise])) == []


def test_a_solved_cell_is_not_handed_out(release):
    from course_lib.checks.spec import find

    exercises = {"3.7": find("3.7")}
    solved = release.notebooks[0]
    (cell,) = [cell for cell in solved.cells if cell.item == "3.7"]
    one = replace(release, items=release.items[2:3],
                  notebooks=(replace(solved, cells=(replace(cell, source=find("3.7").source),)),))
    said = "3.7: the empty cell grades as right, not as not-attempted"
    assert list(selfcheck.unsolved_faults(one, exercises)) == [said]


def test_a_folder_that_is_there_is_not_touched_without_force_and_kept_with_it(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "marks.txt").write_text("precious")
    with pytest.raises(Refused, match="is there already"):
        assign(quick(), out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    made = assign(quick(), out, force=True)
    assert (made.before / "marks.txt").read_text() == "precious"
    assert (out / "student.zip").exists()
    assert assign(quick(), out, force=True).before.name == "out.before-2"


def test_a_failure_on_the_way_leaves_everything_as_it_was(tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    (out / "marks.txt").write_text("precious")
    monkeypatch.setattr(module.selfcheck, "leaks", lambda *args: ["a/03.ipynb: the answer to 3.7"])
    with pytest.raises(Refused, match=r"not fit to be handed out:\n  a/03\.ipynb: the answer to 3\.7"):
        assign(quick(), out, force=True)
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "marks.txt"]


def test_places_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    for out in (tmp_path / "file", tmp_path / "link", Path("."), Path("/")):
        with pytest.raises(Refused, match=r"is there and is not a folder|is the folder you are in"):
            assign(quick(), out, force=True)


def test_a_seed_on_which_a_mistake_is_not_told_apart_is_drawn_again(tmp_path, monkeypatch):
    tried = []

    def third_is_fine(exercise, seed):
        tried.append(seed)
        return ["3.7: x"] * (len(tried) < 3)

    monkeypatch.setattr(module.selfcheck, "seed_faults", third_is_fine)
    assert assign(quick(), tmp_path / "out").release.hidden_seed == tried[2]
    monkeypatch.setattr(module.selfcheck, "seed_faults", lambda e, seed: ["3.7: flat got 'passed'"])
    with pytest.raises(Refused, match="did not tell the listed mistakes apart"):
        assign(quick(), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_chinese_texts_are_complete(tmp_path):
    assert {name: set(re.findall(r"{(\w+)", text)) for name, text in TEXTS["en"].items()} == {
        name: set(re.findall(r"{(\w+)", text)) for name, text in TEXTS["zh"].items()}
    assign(quick(language="zh", title="第三周"), tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out/student.zip") as archive:
        readme = archive.read("assignment-ch3/READ_ME.md").decode()
    assert readme.startswith("# 第三周\n\n没有截止时间。")


def test_slugs():
    assert slug("Deep Learning: Week 3!", (3, 4)) == "deep-learning-week-3-ch3-4"
    assert slug("数据", tuple(range(1, 11))) == "assignment-ch1-2-3-4-5-6-7-8-9-10"
    assert len(slug("x" * 100, tuple(range(1, 11)))) <= 60


def course(*words, cwd=None):
    """The command as it is typed."""
    code = "from course_lib.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *words], cwd=cwd or ROOT, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"})  # fmt: skip


def test_the_command_says_what_it_made(tmp_path):
    (tmp_path / "course.yml").write_text("deadline: 1999-01-01\nexercises: [3.7]\n")
    done = course("assign", "3", "--to", "week2", "--config", "course.yml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("3.7", "Windows with next-character targets", "is in the past", "For students: week2/student.zip"):
        assert words in done.stdout
    assert (tmp_path / "week2/student.zip").exists()


@pytest.mark.parametrize(("yml", "words", "said"), [
    ("exercises: [3.9]", ["3"], "course.yml, line 1: exercises[0].id: no exercise 3.9; there are 3.1"),
    ("title: x\nexercises: [3.1]", ["4"], "course.yml, line 2: exercises: nothing is assigned in chapter 4"),
    ("chapters: [3]", ["4"], "course.yml, line 1: chapters: chapter 4 is not among them"),
    ("", ["11"], "must be a chapter, 1 to 10, not 11"),
    ("", [], "name the chapters: course assign 3 4 --to week2"),
    ("private: mine", ["3"], "course.yml, line 1: private: there is no folder mine"),
    ("private: .", ["3"], "own.py: it must define EXERCISE"),
    ("deadlines: {3: 2026-12-04}", ["3", "4"], "line 1: deadlines: chapters 3, 4 have different deadlines"),
], ids=lambda value: str(value)[:30])  # fmt: skip
def test_the_command_refuses_in_words(yml, words, said, tmp_path):
    (tmp_path / "course.yml").write_text(yml)
    (tmp_path / "own.py").write_text("x = 1")
    result = CliRunner().invoke(cli.app, ["assign", *words, "--to", str(tmp_path / "o"), "--config",
                                          str(tmp_path / "course.yml"), "--course", str(ROOT)])  # fmt: skip
    assert result.exit_code == 1
    assert said in result.output
    assert not (tmp_path / "o").exists()


def test_an_exercise_of_ones_own_that_is_not_proved_is_not_assigned(tmp_path):
    text = (ROOT / "variants/lion_step.py").read_text()
    text = text.replace('"4.6v"', '"4.own"').replace("np.sign(grad)", "np.sign(m)")
    (tmp_path / "own.py").write_text(text)
    (tmp_path / "course.yml").write_text("private: .\nexercises: [4.own]\n")
    result = CliRunner().invoke(cli.app, ["assign", "4", "--to", str(tmp_path / "o"), "--config",
                                          str(tmp_path / "course.yml"), "--course", str(ROOT)])  # fmt: skip
    assert result.exit_code == 1
    assert "own.py is not fit to mark students:" in result.output
    assert "4.own: sign-of-gradient got 'sign-of-momentum'" in result.output or "sign-of-momentum got" in result.output


def test_help_needs_typer_only_and_a_missing_package_is_named(tmp_path):
    """With every other package out of reach, the list of commands still shows; a command says what to install."""
    block = ("import sys\nclass No:\n    def find_spec(self, name, path=None, target=None):\n"
             "        if name.split('.')[0] in ('nbgrader', 'yaml', 'numpy', 'nbformat', 'torch'):\n"
             "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
             "sys.meta_path.insert(0, No())\nfrom course_lib.cli import main\nmain()\n")  # fmt: skip

    def blocked(*words):
        return subprocess.run([sys.executable, "-c", block, *words], cwd=ROOT, capture_output=True, text=True)

    helped = blocked("--help")
    assert helped.returncode == 0, helped.stderr
    assert all(name in helped.stdout for name in cli.LAZY)
    assert "--to" in blocked("assign", "--help").stdout
    missing = blocked("assign", "3", "--to", str(tmp_path / "o"))
    assert missing.returncode == 1
    assert missing.stderr.strip().endswith("is not installed; install it: pip install 'course-lib[instructor]'")
