"""Export fills one column of the LMS's own file, touches nothing else, and refuses whoever it cannot be sure of."""

import codecs
import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.instructor.csvfile import _scan, read_table
from course_lib.instructor.export import export
from course_lib.instructor.files import FileProblem

from .made import a_release, a_result, an_answer, an_item, rejected, written_answer

CANVAS = (
    '\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,"Week 2\n(chapters 3, 4) (7731)",Week 20 (7790),'
    "Current Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,2,10,(read only)\r\n"
    '"Lovelace, Ada",101,u001,ada@example.org,"Sec ""A""",,,98.5\r\n'
    '"Hopper, Grace" ,102,u002,grace@example.org,B,,7,\r\n'
    '"=HYPERLINK(""x"")",103,u003,eve@example.org,B,"",7,\r\n'
    '"Student, Test",999,,abcdef,B,,,\r\n'
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "canvas.csv").write_bytes(CANVAS.encode())
    return tmp_path


def run(folder, results, column="Week 2 (", template="canvas.csv", **options):
    return export(a_release(an_item("3.1")), results, folder / template, folder / "out.csv", column=column, **options)


def filled(folder):
    text = (folder / "out.csv").read_bytes().decode("utf-8-sig")
    return {row[1]: row for row in csv.reader(io.StringIO(text, newline=""))}


def test_one_column_is_filled_and_every_other_byte_stays(folder):
    did = run(folder, [a_result("u001"), a_result("u002", "Grace Hopper", an_answer(status="partly"))])
    want = CANVAS.replace('"Sec ""A""",,,98.5', '"Sec ""A""",2,,98.5')
    want = want.replace("grace@example.org,B,,", "grace@example.org,B,1,")
    assert (folder / "out.csv").read_bytes() == want.encode()
    assert not did.problems
    assert "1 of 3 students" in did.notes[0]


@pytest.mark.parametrize("result", [
    a_result("u001", "Ada", written_answer()),
    rejected("u001"), rejected("u001", status="failed", why="the sandbox did not start"),
], ids=lambda result: result.status)  # fmt: skip
def test_without_a_total_there_is_a_blank_and_no_zero(folder, result):
    did = run(folder, [result])
    assert filled(folder)["101"][5] == ""
    assert did.blanks[0].startswith("u001")


def test_a_real_zero_is_written(folder):
    run(folder, [a_result("u001", "Ada", an_answer(status="wrong"))])
    assert filled(folder)["101"][5] == "0"


def test_quotes_around_a_cell_stay(folder):
    run(folder, [a_result("u003", "Eve")])
    assert b'"2",7,' in (folder / "out.csv").read_bytes()


@pytest.mark.parametrize(("student", "name"), [
    ("U001", ""), ("101", ""), ("ADA@example.org", ""), ("x9", "Ada Lovelace"), ("x9", "lovelace,  ada"),
])  # fmt: skip
def test_students_are_found_by_id_login_address_or_name(folder, student, name):
    run(folder, [a_result(student, name)])
    assert filled(folder)["101"][5] == "2"


@pytest.mark.parametrize(("results", "said"), [
    ([a_result("u404", "Nobody Known")], "no row has"),
    ([a_result("abcdef", "Student, Test")], "no row has"),
    ([a_result("x1", "Ada Lovelace"), a_result("x2", "Lovelace, Ada")], "fits another"),
    ([a_result("u001", "Ada"), a_result("101", "Ada Lovelace")], "fits another"),
    ([a_result("u001", "Ada"), a_result("x2", "Ada Lovelace")], "fits another"),
])  # fmt: skip
def test_whoever_is_not_certain_is_refused_and_nothing_is_written(folder, results, said):
    did = run(folder, [a_result("u002", "Grace Hopper"), *results])
    assert said in "\n".join(did.problems)
    assert not (folder / "out.csv").exists()
    did = run(folder, [a_result("u002", "Grace Hopper"), *results], partial=True)
    assert did.problems
    assert filled(folder)["102"][5] == "2"
    assert sum(row[5] != "" for row in filled(folder).values()) - 3 <= len(results)  # header, posting, points possible


def test_who_is_certain_keeps_the_mark_when_a_namesake_is_not(folder):
    run(folder, [a_result("u001", "Ada"), a_result("x2", "Ada Lovelace", an_answer(status="wrong"))], partial=True)
    assert filled(folder)["101"][5] == "2"


def test_two_rows_that_fit_are_ambiguous(folder):
    twin = CANVAS + '"Lovelace, Ada",105,u005,ada5@example.org,B,,,\r\n"Byron, Ada",u001,106,byron@example.org,B,,,\r\n'
    (folder / "canvas.csv").write_bytes(twin.encode())
    did = run(folder, [a_result("x9", "Ada Lovelace"), a_result("u001", "")])
    assert [problem.split(": ")[1] for problem in did.problems] == ["more than one row fits"] * 2


def test_a_roster_leads_from_the_id_to_the_login(folder):
    (folder / "roster.csv").write_text("id,name,login\ns-77,A. L.,ada@example.org\n")
    run(folder, [a_result("s-77", "A. L.")], roster=folder / "roster.csv")
    assert filled(folder)["101"][5] == "2"


def test_a_mark_that_is_there_is_not_replaced_unasked(folder):
    results = [a_result("u002", "Grace")]
    did = run(folder, results, column="Week 20 (7790)")
    assert "has the mark 7" in did.problems[0]
    assert not (folder / "out.csv").exists()
    run(folder, results, column="Week 20 (7790)", overwrite=True)
    assert filled(folder)["102"][6] == "2"


@pytest.mark.parametrize("column", ["Week", "Week 3", "ID", "Student", "Section", "Current Score", "", "SIS"])
def test_a_column_that_is_not_certain_is_refused(folder, column):
    with pytest.raises(FileProblem, match=r"Columns that can be filled: Week 2 \(chapters"):
        run(folder, [a_result()], column=column)


def test_the_template_is_never_written_over(folder):
    (folder / "link.csv").symlink_to("canvas.csv")
    (folder / "nowhere.csv").symlink_to("gone.csv")
    for name in ("canvas.csv", "link.csv", "nowhere.csv"):
        with pytest.raises(FileProblem, match="exists already"):
            export(a_release(), [a_result()], folder / "canvas.csv", folder / name, column="Week 20 (7790)")
    assert (folder / "canvas.csv").read_bytes() == CANVAS.encode()


@pytest.mark.parametrize("encode", [
    lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"), str.encode, lambda text: text.encode("utf-8-sig"),
])  # fmt: skip
def test_moodle_files_in_their_encodings(tmp_path, encode):
    moodle = ("First name\tSurname\tID number\tEmail address\tAssignment: Week 2 (Real)\tCourse total (Real)\n"
              "小明\t王\t2026001\tming@example.org\t-\t-\n芳\t李\t2026002\tfang@example.org\n")
    (tmp_path / "moodle.csv").write_bytes(encode(moodle))
    run(tmp_path, [a_result("2026001", "王小明"), a_result("x", "芳 李")], "Assignment", "moodle.csv")
    want = moodle.replace("ming@example.org\t-", "ming@example.org\t2")
    want = want.replace("fang@example.org", "fang@example.org\t2")
    assert (tmp_path / "out.csv").read_bytes() == encode(want)


def test_excel_files_in_an_older_encoding_are_named_not_guessed(tmp_path):
    text = "姓名,学号,成绩\n王小明,2026001,\n"
    (tmp_path / "excel.csv").write_bytes(text.encode("gb18030"))
    with pytest.raises(FileProblem, match="--encoding"):
        run(tmp_path, [a_result("2026001", "王小明")], "成绩", "excel.csv")
    run(tmp_path, [a_result("2026001", "王小明")], "成绩", "excel.csv", encoding="gb18030")
    assert (tmp_path / "out.csv").read_bytes() == text.replace("001,", "001,2").encode("gb18030")


@pytest.mark.parametrize(("data", "said"), [
    (b"", "nothing in it"), (b"\r\n\n", "nothing in it"), (b'a,"b\n1,2\n', "line 1: a quotation mark"),
    (b"\xff\xfe\x00", "not utf-16-le"),
])  # fmt: skip
def test_files_that_are_no_tables_say_so(tmp_path, data, said):
    (tmp_path / "bad.csv").write_bytes(data)
    with pytest.raises(FileProblem, match=said):
        run(tmp_path, [a_result()], "x", "bad.csv")


def test_a_folder_or_nothing_says_so(tmp_path):
    with pytest.raises(FileProblem, match="no such file"):
        run(tmp_path, [], "x", "gone.csv")
    with pytest.raises(FileProblem, match="not a regular file"):
        run(tmp_path, [], "x", ".")


CELLS = st.text(st.sampled_from('ab",;\t\r\n \'é='), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5), st.sampled_from(",;\t"),
       st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))  # fmt: skip
def test_rows_are_those_of_the_csv_module(rows, delimiter, ends, quoting):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=ends, quoting=quoting).writerows(rows)
    text = file.getvalue()
    found = _scan(text, delimiter, 0, "x.csv")
    want = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    assert [[cell.value for cell in row.cells] for row in found] == want


@given(st.text(st.sampled_from('ab",;\r\n'), max_size=30))
def test_any_text_is_cut_into_cells_that_cover_it(text):
    try:
        rows = _scan(text, ",", 0, "x.csv")
    except FileProblem:
        return
    spans = [(cell.start, cell.end) for row in rows for cell in row.cells]
    assert all(a[1] <= b[0] and set(text[a[1] : b[0]]) <= set(",\r\n") for a, b in pairwise(spans))


def test_a_first_line_for_excel_names_the_delimiter(tmp_path):
    (tmp_path / "a.csv").write_text("sep=;\nid;a,b,c,d;mark\nu001;,;\n")
    table = read_table(tmp_path / "a.csv")
    assert table.delimiter == ";"
    assert table.rows[0].line == 2
    assert table.replaced({(1, 2): "2"}).endswith(b"u001;,;2\n")
