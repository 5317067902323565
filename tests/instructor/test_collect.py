"""Whose file is this? Names as Canvas and Moodle give them, and what strangers put into zips."""

import io
import json
import zipfile
from datetime import datetime

import pytest

from course_lib.instructor.choose import choose
from course_lib.instructor.collect import collect
from course_lib.instructor.files import Release
from course_lib.instructor.roster import Roster, RosterProblem, Student, read_roster
from tests.instructor.handed_in import FILE, RIGHT, notebook, release

CLASS = Roster([Student("101", "Ann Lee"), Student("102", "Bo Chen", ("bo@x.edu",)), Student("103", "Lee, Ann"),
                Student("u007", "王 伟")])  # fmt: skip
BYTES = json.dumps(notebook(RIGHT)).encode()


def zipped(**files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def collected(tmp_path, names, roster=CLASS):
    """names: paths in a folder, or (path, content)."""
    for entry in names:
        name, content = entry if isinstance(entry, tuple) else (entry, BYTES)
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return collect(tmp_path / "in", roster, tmp_path / "kept")


@pytest.mark.parametrize(("name", "student"), [
    (f"chenbo_102_5001_{FILE}", "102"),
    (f"chenbo_LATE_102_5001_{FILE}", "102"),
    (f"chenbo_102_5001_{FILE[:-6]}-1.ipynb", "102"),
    ("chenbo_102_5001_x_LATE_101_9_y.ipynb", "102"),  # what follows is the student's own name for the file
    (f"Bo Chen_77_assignsubmission_file_/{FILE}", "102"),
    (f"Bo Chen_77_assignsubmission_file/{FILE}", "102"),
    (f"王 伟_78_assignsubmission_file_/{FILE}", "u007"),
    (f"u007/{FILE}", "u007"), (f"U007/deep/er/{FILE}", "u007"), ("u007.ipynb", "u007"), (f"bo@x.edu/{FILE}", "102"),
    (f"week2/Bo Chen/{FILE}", "102"),
])  # fmt: skip
def test_names_of_the_lms_are_understood(tmp_path, name, student):
    found = collected(tmp_path, [name, f"nobody/{FILE}"])
    assert list(found.submissions) == [student]
    assert found.unknown == [f"nobody/{FILE}"]
    assert found.submissions[student].late == ("_LATE_102" in name)


@pytest.mark.parametrize("name", [f"Ann Lee_79_assignsubmission_file_/{FILE}", f"leeann_999_1_{FILE}", "ann lee.ipynb"])
def test_two_students_of_one_name_are_not_guessed(tmp_path, name):
    found = collected(tmp_path, [name])
    assert not found.submissions
    assert "101 or 103" in found.ambiguous[0]


@pytest.mark.parametrize(("outer", "student"), [
    (zipped(**{f"chenbo_102_5001_{FILE}": BYTES}), "102"),
    (zipped(**{f"Bo Chen_77_assignsubmission_file_/{FILE}": BYTES}), "102"),
    (zipped(**{"u007.zip": zipped(**{f"a/{FILE}": BYTES})}), "u007"),
])
def test_the_class_in_one_zip(tmp_path, outer, student):
    """The zip itself, or a folder that holds nothing else."""
    found = collected(tmp_path, [("submissions.zip", outer)])
    assert list(found.submissions) == [student]
    assert len(found.submissions[student].files) == 1
    assert list(collect(tmp_path / "in" / "submissions.zip", CLASS, tmp_path / "again").submissions) == [student]


def test_a_students_zip_cannot_name_somebody_else(tmp_path):
    """Inside a zip that a student made, no name is looked at; nor in one that nobody is known to have made."""
    forged = zipped(**{f"u007/{FILE}": BYTES, f"chenbo_102_1_{FILE}": BYTES})
    found = collected(tmp_path, [("101/work.zip", forged), ("stranger.zip", forged), ("stranger/work.zip", forged)])
    assert list(found.submissions) == ["101"]
    assert len(found.unknown) == 4


def test_one_name_under_two_numbers_is_remembered(tmp_path):
    """On Moodle a student may call themselves like another."""
    found = collected(tmp_path, [f"Bo Chen_{n}_assignsubmission_file_/{FILE}" for n in (77, 88)])
    assert found.submissions["102"].numbers == {"77", "88"}


def chosen(tmp_path, names):
    handed_out = Release.load(release(tmp_path / "out"))
    files = next(iter(collected(tmp_path, names).submissions.values())).files
    return choose(files, handed_out)


def marked(text):
    return json.dumps(notebook(RIGHT, after=[text])).encode()


def test_the_newest_of_several_counts(tmp_path):
    one, two = f"chenbo_102_5001_{FILE}", f"chenbo_102_5002_{FILE[:-6]}-1.ipynb"
    choice = chosen(tmp_path, [(one, marked("first")), (two, marked("second"))])
    assert choice.chosen[FILE].cells[-1].source == "second"
    assert "2 files" in choice.notes[0]
    assert two in choice.notes[0]


def test_the_time_stamps_in_a_zip_decide(tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, year in (("b.ipynb", 2024), ("a.ipynb", 2025)):
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), marked(name))
    assert chosen(tmp_path, [("u007.zip", made.getvalue())]).chosen[FILE].cells[-1].source == "a.ipynb"


def test_where_nothing_says_which_is_newer_nobody_guesses(tmp_path):
    made = zipped(**{"a.ipynb": marked("a"), "b.ipynb": marked("b")})
    choice = chosen(tmp_path, [("u007.zip", made)])
    assert not choice.chosen
    assert "nothing says which is the newest" in choice.unclear[0]


def test_equal_copies_are_no_question(tmp_path):
    assert chosen(tmp_path, [("u007.zip", zipped(**{"a.ipynb": BYTES, "b.ipynb": BYTES}))]).chosen


def test_a_time_stamp_is_kept_as_it_stands(tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo(FILE, (2025, 11, 14, 3, 4, 6)), BYTES)
    found = collected(tmp_path, [("u007.zip", made.getvalue())])
    assert found.submissions["u007"].files[0].stamp == datetime(2025, 11, 14, 3, 4, 6)


@pytest.mark.parametrize(("text", "students"), [
    ("id,name\nu1,Ann Lee\n", {"u1": "Ann Lee"}),
    ("\ufeffstudent;name\nu1;Ann Lee\n", {"u1": "Ann Lee"}),
    ("Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n\"Lee, Ann\",101,S1,ann,1\n"
     "\"Student, Test\",999,,,\n", {"101": "Lee, Ann"}),
    ("First name,Last name,ID number,Email address\nAnn,Lee,77,ann@x.edu\n", {"77": "Ann Lee"}),
    ('id,name\n1,"Li\nWei"\n2,A\u2028B\x85C\n3,\u202eAnn\u202c "Q" O\'Neil\n4,😀 =cmd()\n',
     {"1": "Li Wei", "2": "A B C", "3": 'Ann "Q" O\'Neil', "4": "😀 =cmd()"}),
    ("Identifier,Full name,Email address,Status\nParticipant 42,Ann Lee,a@x.edu,\n", {"42": "Ann Lee"}),
])  # fmt: skip
def test_rosters_of_three_kinds(tmp_path, text, students):
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    roster = read_roster(tmp_path / "roster.csv")
    assert {id: student.name for id, student in roster.students.items()} == students


@pytest.mark.parametrize(("text", "problem"), [
    ("id,name\nu1,A\nu2,B\nU1,C\n", "line 4: the id U1 is on line 2 too"),
    ("id,name\n../u1,A\n", r"line 2: the id '../u1' must be letters"),
    ("name,mail\nA,b\n", "no column with the students' ids"),
    ("", "it is empty"), ("id,name\n", "no student"), ("id,name\nu1,A\x07B\n", "line 2: the name holds a control"),
    ("id,name\n,Ann Lee\n", "line 2: the id ''"), ("id,name\n-5,A\n", "line 2: the id '-5' must be"),
    ('id,name\nu1,"A\nu2,B\n', "line 3: .*quotation mark opened and never closed"),
    ("id,name\n1.23E+11,A\n", "a spreadsheet has rounded it"),
])  # fmt: skip
def test_a_roster_that_cannot_be_used_says_where(tmp_path, text, problem):
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RosterProblem, match=problem):
        read_roster(tmp_path / "roster.csv")


TEXT = BYTES.decode()
ODD = {  # what a student's editor may make of a notebook: (bytes, "" or why it is rejected)
    "a byte-order mark": (b"\xef\xbb\xbf" + BYTES, ""),
    "Windows line ends": (json.dumps(json.loads(TEXT), indent=1).replace("\n", "\r\n").encode(), ""),
    "Infinity where nobody looks": (TEXT.replace('"nbformat_minor": 5', '"nbformat_minor": Infinity').encode(), ""),
    "UTF-16": (TEXT.encode("utf-16"), "not UTF-8 text: open it in JupyterLab"),
    "Latin-1": (TEXT.replace("import numpy", "# größe").encode("latin-1"), "not UTF-8 text"),
    "GBK": (TEXT.replace("import numpy", "# 平均值").encode("gbk"), "not UTF-8 text"),
    "bytes after its end": (BYTES + bytes(3), "not JSON, or breaks off"),
    "a number of 5,000 digits": (TEXT.replace('"nbformat_minor": 5', f'"x": {"9" * 5000}').encode(), "not JSON"),
    "deep metadata": (TEXT.replace("{}", "[" * 9000 + "]" * 9000, 1).encode(), "nested too deeply"),
    "10,000 cells": (json.dumps(notebook(after=["x = 1"] * 9994)).encode(), "10,000 cells, at most 2,000"),
    "format 3": (TEXT.replace('"nbformat": 4', '"nbformat": 3').encode(), "open and save it in a current JupyterLab"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_editors_make_of_a_notebook_is_taken_or_rejected_in_words(tmp_path, what):
    content, why = ODD[what]
    found = collected(tmp_path, [("u007.ipynb", content)])
    choice = choose(found.submissions["u007"].files, Release.load(release(tmp_path / "out")))
    assert bool(choice.chosen) is not bool(why), choice.rejected
    assert all(why in line for line in choice.rejected)
    assert len(choice.rejected) == bool(why)


@pytest.mark.parametrize("name", ['a"b\'c\n\u202etxt😀<script>.ipynb', "NOTEBOOK.IPYNB", f"{FILE}/{FILE}"])
def test_what_a_student_calls_the_file_decides_nothing_and_is_shown_harmlessly(tmp_path, name):
    """Quotes, line ends, a change of writing direction, capitals, a folder called like a notebook."""
    found = collected(tmp_path, [f"u007/{name}"])
    (sent,) = found.submissions["u007"].files
    assert sent.name.isprintable()
    assert choose([sent], Release.load(release(tmp_path / "out"))).chosen


def test_a_folder_called_like_a_notebook_with_something_else_in_it(tmp_path):
    found = collected(tmp_path, [(f"u007/{FILE}/notes.txt", b"x")])
    assert not found.submissions["u007"].files
    assert "not a notebook" in found.submissions["u007"].refused[0]
