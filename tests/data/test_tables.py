"""The CSV reader on good and bad files, and the real tables."""

import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import data
from course_lib.data.table import Table, from_matrix, is_missing

MESSY = (
    "name,class,age,city\n"
    '"Allen, Miss E",1st,29,Köln\n'
    '"said ""no""",2nd,NA,"two\nlines"\n'
    " Bo ,1st,-3.5e1,?\n"
    ",2nd,,北京\n"
)  # fmt: skip


def read(content, **options):
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = "t.csv"
    return data.read_csv(file, **options)


def test_a_messy_table():
    t = read(MESSY)
    assert t.kinds == {"name": "text", "class": "category", "age": "number", "city": "text"}
    assert t["name"].tolist() == ["Allen, Miss E", 'said "no"', "Bo", None]
    assert np.array_equal(t["age"], [29, np.nan, -35, np.nan], equal_nan=True)
    assert t["city"].tolist() == ["Köln", "two\nlines", None, "北京"]
    assert t.missing() == {"name": 1, "class": 0, "age": 2, "city": 1}
    assert len(t) == 4


WAYS = {
    "CRLF": lambda s: s.replace("\n", "\r\n"),
    "BOM": lambda s: "\ufeff" + s,
    "blank lines": lambda s: s + "\n\n",
    "no last newline": lambda s: s.rstrip("\n"),
}


@pytest.mark.parametrize("change", WAYS.values(), ids=WAYS)
def test_ways_to_write_the_same(change):
    ours = read(change(MESSY))
    assert ours.kinds == read(MESSY).kinds
    assert ours["class"].tolist() == read(MESSY)["class"].tolist()


def test_other_encodings_delimiters_and_gzip(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(MESSY.replace("北京", "x").replace(",", ";").encode("cp1252")))
    assert data.read_csv(path, encoding="cp1252", delimiter=";")["city"][0] == "Köln"


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6))
def test_what_pythons_csv_writes_is_read_back(rows):
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b", "c"], *rows])
    table = read(out.getvalue(), kinds=lambda name: "text", missing=())
    assert [list(row) for row in zip(*(table[name] for name in "abc"), strict=True)] == [
        [c.strip() for c in r] for r in rows
    ]


def test_kinds():
    t = read("a,b,c,d,e\n" + "".join(f"{i},{i % 2},x{i},1_000,{'yn'[i % 2]}\n" for i in range(30)))
    assert list(t.kinds.values()) == ["number", "number", "text", "category", "category"]
    assert read("a\n1\n2\n", kinds={"a": "category"})["a"].tolist() == ["1", "2"]
    assert read("a\n\nNA\n")["a"].tolist() == pytest.approx([np.nan], nan_ok=True)
    assert len(read("a,b\n")) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"^t\.csv: is empty"),
        ("\n\n", r"^t\.csv: is empty"),
        ("a,b\n1,2\n3\n", r"^t\.csv, line 3: has 1 fields, the header 2"),
        ("a,b\n1,2\n3,4,5\n", r"line 3: has 3 fields, the header 2"),
        ('a,b\n"x\ny",2\n3\n', r"line 4: has 1 fields"),
        ('a,b\n1,2\n3,"4\n5,6\n', r"line 3: a quote is never closed"),
        ('a,b\n1,"2"3\n', r"line 2: .*a quote out of place"),
        ('a,b\n1,"' + "x" * 200_000 + "\n", "line 2: .*field larger"),
        ("a,a\n1,2\n", r"line 1: column name 'a' is repeated"),
        ("a,\n1,2\n", r"line 1: column name '' is empty"),
        ("a,b\n1,\x002\n", r"line 2: holds a zero byte"),
        ("a,b\n1,ü\n".encode("cp1252"), r"line 2: byte 0xfc at position 3 is not utf-8"),
    ],
)
def test_malformed(content, message):
    with pytest.raises(data.Malformed, match=message):
        read(content)


def test_a_value_that_is_no_number():
    with pytest.raises(data.Malformed, match=r"t\.csv, line 4: column 'age' should hold numbers, found 'old'"):
        read("age\n1\nNA\nold\n", kinds={"age": "number"})


@pytest.mark.parametrize(("kinds", "message"), [({"b": "text"}, "no column 'b'; there are a"),
                                                ({"a": "int"}, "'int' is none of number, category, text")])  # fmt: skip
def test_bad_kinds(kinds, message):
    with pytest.raises(ValueError, match=message):
        read("a\n1\n", kinds=kinds)


def test_table():
    t = from_matrix(np.arange(6.0).reshape(3, 2), ["x", "y"], kind=["a", "b", "a"])
    assert repr(t) == "Table(3 rows; x: number, y: number, kind: category)"
    assert t.rows(t["kind"] == "a").matrix().tolist() == [[0, 1], [4, 5]]
    assert list(t.without("x").columns) == ["y", "kind"]
    assert t.select("kind", "x").matrix("kind", "x").tolist() == [["a", 0], ["b", 2], ["a", 4]]
    for wrong in (lambda: t["z"], lambda: t.without("z")):
        with pytest.raises(KeyError, match="no column 'z'; there are x, y, kind"):
            wrong()
    with pytest.raises(ValueError, match="lengths differ"):
        Table({"a": np.ones(2), "b": np.ones(3)}, {"a": "number", "b": "number"})
    with pytest.raises(ValueError, match="kinds are number"):
        Table({"a": np.ones(2)}, {"a": "integer"})
    with pytest.raises(ValueError, match="differ"):
        Table({"a": np.ones(2)}, {})


def test_is_missing():
    assert is_missing(np.array([1, np.nan, None, "", "nan"], dtype=object)).tolist() == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert is_missing([1.0, np.nan]).tolist() == [False, True]
    assert not is_missing([1, 2]).any()


def test_titanic(load):
    t = load("titanic")
    assert t.missing() == {"name": 0, "class": 1, "age": 557, "sex": 0, "survived": 0}
    assert sorted(set(t["class"]) - {None}) == ["1st", "2nd", "3rd"]
    assert t["survived"].sum() == 450


@pytest.mark.parametrize(
    ("load_table", "sizes"),
    [
        (data.breast_cancer, {"malignant": 212, "benign": 357}),
        (data.wine, {"class_0": 59, "class_1": 71, "class_2": 48}),
    ],
)
def test_tables_that_come_with_the_course(load_table, sizes):
    t = load_table()
    (label,) = t.of_kind("category")
    assert {kind: (t[label] == kind).sum() for kind in sizes} == sizes
    assert not any(t.missing().values())
