"""`course export`, `report` and `explain` as one types them: what they say, what they write, how they refuse."""

import json

import pytest
from typer.testing import CliRunner

from course_lib.cli import app

from .made import a_case, a_release, a_result, an_answer, rejected, written_answer

CSV = "Student,ID,Week 2 (77)\n    Points Possible,,5\nAda Lovelace,u001,\nGrace Hopper,u002,\nRex Broken,u009,\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "grades" / "results").mkdir(parents=True)
    (tmp_path / "out" / "instructor").mkdir(parents=True)
    a_release().save("out/instructor/release.json")
    (tmp_path / "canvas.csv").write_text(CSV)
    wrong = an_answer(status="partly", diagnosis="all-rows", message="[red]It[/red] leaked.\x1b[31m", case=a_case())
    put(a_result("u001", "Ada Lovelace", wrong, written_answer(score=3.0, status="right")))
    put(a_result("u002", "Grace Hopper", an_answer(), written_answer(), why="w1: To be read."))
    put(rejected("u009", "Rex Broken"))
    return tmp_path


def put(result):
    result.save(f"grades/results/{result.student}.json")


def course(*words, status=0):
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, (done.output, done.exception)
    return done.output


def test_export_with_the_usual_names_needs_no_options(folder):
    said = course("export")
    assert (folder / "canvas-filled.csv").read_text() == CSV.replace("u001,", "u001,4")
    assert "1 marks and 2 blanks" in said
    assert "blank: u009 (Rex Broken): rejected (the notebook is not JSON)" in said


def test_export_refuses_and_says_how_to_go_on(folder):
    put(a_result("u404", "Nobody Known"))
    said = course("export", status=1)
    assert "not certain: u404 (Nobody Known): no row has this id" in said
    assert "--partial" in said
    assert not (folder / "canvas-filled.csv").exists()
    assert "u404" in course("export", "--partial")
    assert "it exists already" in course("export", "--partial", status=1)


def test_report_writes_two_files_and_can_be_made_again(folder):
    (folder / "grades" / "collected.json").write_text('{"nothing handed in": ["u010", "u011"]}')
    for _ in range(2):
        assert "3 students (1 graded, 1 needs-hand, 1 rejected), codes instead of names" in course("report")
    assert sorted(path.name for path in (folder / "report").iterdir()) == ["report.csv", "report.html"]
    html = (folder / "report" / "report.html").read_text()
    assert "<b>2</b> handed in nothing" in html
    assert "Lovelace" not in html
    course("report", "--names")
    assert "Lovelace" in (folder / "report" / "report.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("who", ["u001", "U001", "ada lovelace", "Lovelace, Ada", "code"])
def test_explain_finds_a_student_and_shows_the_case(folder, who):
    if who == "code":
        course("report")
        lines = (folder / "report" / "report.csv").read_text("utf-8-sig").splitlines()
        who = next(line for line in lines if "all-rows" in line).split(",")[0]
    said = course("explain", who, "3.1")
    assert "u001 Ada Lovelace: graded" in said
    assert "3.1 Standardise without leaking: partly, 1 of 2, 2 of 5 cases right" in said
    assert "all-rows: [red]It[/red] leaked." in said
    assert "input:    train = [1.0]\n  it gives: [nan]\n  expected: [0.0]" in said
    assert "\x1b" not in said


def test_explain_everything(folder):
    said = course("explain", "u002")
    assert "w1 Why does it leak?: needs-hand, no score yet" in said
    assert "total: none yet" in said
    assert "u009 Rex Broken: rejected\n  the notebook is not JSON" in course("explain", "u009")


@pytest.mark.parametrize(("words", "said"), [
    (["explain", "u404"], "no student 'u404' in the results; there are u001, u002, u009"),
    (["explain", "u001", "9.9"], "no item '9.9' in the assignment; there are 3.1, w1"),
    (["export", "--template", "gone.csv"], "gone.csv: there is no such file"),
    (["export", "--column", "Week 9"], "Columns that can be filled: Week 2 (77)"),
    (["export", "--to", "canvas.csv"], "never written over"),
    (["report", "--to", "canvas.csv"], "canvas.csv: "),
    (["report", "nowhere"], "there are no results; run `course grade` first"),
    (["report", "--release", "none.json"], "none.json: there is no such file"),
])  # fmt: skip
def test_refusals_are_one_sentence(folder, words, said):
    output = course(*words, status=1)
    assert said in output
    assert "Traceback" not in output
    assert (folder / "canvas.csv").read_text() == CSV


def test_results_of_another_assignment_are_refused(folder):
    put(a_result("u003", "Eve", an_answer("4.7")))
    assert "u003.json: item 4.7 is not in out/instructor/release.json" in course("report", status=1)


def test_a_damaged_result_is_named(folder):
    path = folder / "grades" / "results" / "u003.json"
    path.write_text(json.dumps({"version": 2}))
    assert "u003.json" in course("report", status=1)
