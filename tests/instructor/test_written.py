"""What a person marks goes out harmless and comes back as it was; every row that comes back is checked."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.instructor.files import FileProblem
from course_lib.instructor.foreign import clean, for_cell, guard, one_line, unguard
from course_lib.instructor.written import Mark, load_written, save_written, with_marks

from .made import a_release, a_result, an_answer, rejected, written_answer

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "'=1", "＝1", "＠x", "=cmd|' /C calc'!A0",
            '=HYPERLINK("http://example.org","x")']  # fmt: skip
TEXTS = [*FORMULAS, "It leaks, \"quoted\",\nover; lines", "<script>alert(1)</script>", "'tis fine", "", "平均值",
         "\ud800 alone", "\x00\x1b[31mred", "x" * 40_000, "\u202etxt.exe"]  # fmt: skip


@pytest.fixture
def file(tmp_path):
    return tmp_path / "written.csv"


def rows(file):
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))


def a_class(*texts):
    return [a_result(f"u{n}", f"Student {n}", an_answer(), written_answer(text=text)) for n, text in enumerate(texts)]


def edit(file, **changes):
    """Change columns of the first line."""
    table = rows(file)
    table[0].update(changes)
    write(file, table)


def write(file, table):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, table[0].keys())
    writer.writeheader()
    writer.writerows(table)
    file.write_bytes(text.getvalue().encode("utf-8-sig"))


@given(st.text())
def test_guarding_can_be_undone_and_no_cell_starts_a_formula(text):
    assert unguard(guard(text)) == text
    assert not guard(text).lstrip().startswith(tuple("=+-@=＝＋－＠"))


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_guarded(text):
    assert guard(text).startswith("'")


def test_foreign_text_can_be_printed_and_saved():
    nasty = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x2028, 0xD800, 0xDFFF]))
    assert set(clean(nasty)) == {"\t", "\n", "�"}
    assert one_line("a\nb" + "c" * 300).startswith("a b")
    assert len(one_line("x" * 300)) == 200
    assert len(for_cell("x" * 40_000)) < 32_767


def test_out_and_back(file):
    everyone = a_class(*TEXTS)
    assert save_written(file, everyone) == len(TEXTS)
    table = rows(file)
    assert list(table[0]) == ["student", "item", "why", "text", "score", "comment"]
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for row in table for cell in row.values())
    write(file, [row | {"score": "2.5", "comment": "=ok"} for row in table])
    marks = load_written(file, a_release(), everyone)
    assert marks == {(f"u{n}", "w1"): Mark(2.5, "=ok") for n in range(len(TEXTS))}


def test_marks_survive_a_second_round(file):
    marked = [with_marks(result, {("u0", "w1"): Mark(1.5, "=half\x00")}) for result in a_class("a", "b")]
    save_written(file, marked)
    assert [row["score"] for row in rows(file)] == ["1.5", ""]
    assert load_written(file, a_release(), marked) == {
        ("u0", "w1"): Mark(1.5, "=half�"), ("u1", "w1"): Mark(None, "")}  # fmt: skip


@pytest.mark.parametrize(("change", "column", "said"), [
    ({"student": "u9"}, "student", "no student 'u9'"), ({"item": "w9"}, "item", "no item 'w9'"),
    ({"item": "3.1"}, "item", "graded by its check"), ({"score": "3.5"}, "score", "not between 0 and 3"),
    ({"score": "-1"}, "score", "not between 0 and 3"), ({"score": "two"}, "score", "'two' is not a number"),
    ({"score": "nan"}, "score", "not a number"), ({"score": "1_0"}, "score", "not a number"),
    ({"score": "1,5"}, "score", r"not a number; write 1\.5"), ({"score": "1,5,2"}, "score", "not a number$"),
    ({"score": "inf"}, "score", "not a number"), ({"score": "1e0"}, "score", "not a number"),
    ({"score": "=1+1"}, "score", "'=1\\+1' is not a number"), ({"score": "2\n"  "2"}, "score", "'2 2' is not a number"),
    ({"score": "<script>2</script>"}, "score", "not a number"), ({"score": "٢"}, "score", "not a number"),
    ({"score": "1" * 400}, "score", "not a number"), ({"score": "\x1b[2J2"}, "score", "'�.2J2' is not a number"),
    ({"score": "2", "text": "Another answer."}, "text", "not the one in the results"),
    ({"student": "u1"}, "text", "not the one in the results"),
    ({"comment": "x" * 10_001}, "comment", "10,001 characters, at most 10,000"),
])  # fmt: skip
def test_each_wrong_row_is_named_with_its_column_and_nothing_is_taken(file, change, column, said):
    everyone = a_class("One.", "Two.", "Three.")
    save_written(file, everyone)
    write(file, [row | {"score": "1"} for row in rows(file)])
    edit(file, **change)
    with pytest.raises(FileProblem, match=rf"written\.csv: .*\n  row 2, column {column}: .*{said}"):
        load_written(file, a_release(), everyone)


def test_a_row_twice_and_all_problems_at_once(file):
    everyone = a_class("One.", "Two\nlines.")
    save_written(file, everyone)
    table = rows(file)
    write(file, [*table, table[0], table[1] | {"score": "9"}])
    with pytest.raises(FileProblem, match=r"(?s)2 wrong:.*row 4 \(line 5\), column student: .* row 2 already"
                                          r".*row 5 \(line 6\), column score: 9 is not between"):  # fmt: skip
        load_written(file, a_release(), everyone)


def undecided(student="u0", text="def scale(a, b):\n    return a\n", **fields):
    """A submission whose code no check could decide, and whose words are marked."""
    why = "There is no function standardise; its cell defines scale."
    code = an_answer("3.1", status="needs-hand", score=None, diagnosis="missing", message=why, source=text)
    words = written_answer(score=2.0, status="partly", message="Good.", held="To be read.")
    return a_result(student, "Ada", code, words, why=f"3.1: {why}", **fields)


@pytest.mark.parametrize("text", [*TEXTS, "import os\nos.system('x')", "a\r\nb"])
def test_code_that_no_check_could_decide_is_marked_as_words_are(file, text):
    one = undecided(text=text)
    assert save_written(file, [one]) == 2
    code, words = rows(file)
    assert (code["item"], words["item"]) == ("3.1", "w1")
    assert "cell defines scale" in code["why"]
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in code.values())
    write(file, [code | {"score": "1.5", "comment": "@It is\nthe name, only."}, words])
    marked = with_marks(one, load_written(file, a_release(), [one]), late=0.1)
    assert (marked.status, marked.why, marked.total) == ("graded", "", pytest.approx(0.9 * 3.5))
    assert (marked.items[0].status, marked.items[0].score) == ("partly", 1.5)
    assert marked.items[0].message == "@It is\nthe name, only."


def test_a_score_taken_out_of_the_file_makes_the_answer_wait_again(file):
    """Row by row: cleared waits as before the mark, blank and absent rows change nothing."""
    one = undecided()
    marked = with_marks(one, {("u0", "3.1"): Mark(2.0, "Fine.")})
    assert marked.total == 4.0
    save_written(file, [marked])
    code, words = rows(file)
    write(file, [code | {"score": "", "comment": ""}])
    cleared = with_marks(marked, load_written(file, a_release(), [marked]))
    assert cleared == one
    write(file, [words | {"score": " "}])
    both = with_marks(cleared, load_written(file, a_release(), [cleared]))
    assert [(item.status, item.score, item.held) for item in both.items] == [("needs-hand", None, None)] * 2
    assert (both.status, both.total) == ("needs-hand", None)
    assert both.why.endswith("w1: To be read.")


def test_a_cleared_score_of_an_answer_that_has_changed_since_is_named(file):
    """An old file must not take back the mark of a new answer."""
    save_written(file, [undecided()])
    new = with_marks(undecided(text="def scale(a): ..."), {("u0", "3.1"): Mark(1.0, "")})
    with pytest.raises(FileProblem, match=r"row 2, column text: u0's answer to 3\.1 is not the one"):
        load_written(file, a_release(), [new])


def test_a_comment_without_a_score_waits_in_the_file(file):
    one = undecided()
    save_written(file, [one])
    edit(file, comment="=Ask her.")
    drafts = load_written(file, a_release(), [one])
    assert with_marks(one, drafts) == one
    save_written(file, [one], drafts)
    assert rows(file)[0]["comment"] == "'=Ask her."
    assert rows(file)[0]["score"] == ""


def test_a_spreadsheet_may_change_blanks_and_quotes_but_a_zero_it_lost_is_named(file):
    everyone = [a_result("007", "Bond", written_answer(text="a\r\nb  c"))]
    save_written(file, everyone)
    edit(file, text="a\nb c ", score=" 2 ")
    assert load_written(file, a_release(), everyone) == {("007", "w1"): Mark(2.0, "")}
    edit(file, student="7")
    with pytest.raises(FileProblem, match="did a spreadsheet turn 007 into it"):
        load_written(file, a_release(), everyone)


@pytest.mark.parametrize("header", ["student,item,text,score", "student,item,text,score,score,comment", "a,b"])
def test_a_header_that_is_not_ours(file, header):
    file.write_text(f"{header}\n")
    with pytest.raises(FileProblem, match="the header must have"):
        load_written(file, a_release(), [])


def test_no_score_is_no_zero():
    one, two = a_class("One.", "Two.")
    marks = {("u0", "w1"): Mark(0.0, "Off the point.")}
    marked = with_marks(one, marks)
    assert (marked.status, marked.total) == ("graded", 2.0)
    assert marked.items[1].status == "wrong"
    assert with_marks(two, marks) == two
    assert two.total is None


def test_a_late_penalty_comes_off_when_the_last_score_is_there():
    one = replace(a_class("One.")[0], late_days=2)
    marked = with_marks(one, {("u0", "w1"): Mark(3.0, "")}, late=0.2)
    assert (marked.total, marked.penalty, marked.items[1].status) == (4.0, 1.0, "right")


def test_a_rejected_submission_stays_rejected():
    assert with_marks(rejected("u0"), {("u0", "w1"): Mark(3.0, "")}) == rejected("u0")
