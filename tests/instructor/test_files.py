"""Release and Result: what was saved loads again, what is wrong is named by its field, a failed save loses nothing."""

import json
import math

import pytest

from course_lib.instructor.decoding import Plain, Problem, decode
from course_lib.instructor.files import Case, Cell, FileProblem, Item, ItemResult, Late, Notebook, Release, Result


def release(**changes) -> Release:
    cells = (Cell("a", "locked", "markdown", "# Title"), Cell("b", "answer", "code", "def f(x): ...", "3.1"),
             Cell("c", "written", "markdown", "", "w1"))  # fmt: skip
    items = (Item("3.1", "code", 3, 2.0, "3.1", "standardise", None, "Standardise"),
             Item("w1", "written", 3, 4.0, None, None, None, "Why?"))  # fmt: skip
    fields = {"version": 1, "title": "数据", "slug": "data-ch3", "made": "2026-01-02T03:04:05+00:00", "chapters": (3,),
              "deadline": "2026-12-04T23:59:00+08:00", "late": Late(0.1, 0.5), "hidden_seed": 2**62,
              "notebooks": (Notebook(3, "03_core.ipynb", cells),), "items": items}  # fmt: skip
    return Release(**{**fields, **changes})


def result(**changes) -> Result:
    right = ItemResult("3.1", 2.0, 2.0, "right", "", "", Case("x = 1", "2", "2"), 9, 9, 0.1, None, "def f(x): ...")
    fields = {"version": 1, "student": "u007", "name": "Ünal", "status": "graded", "why": "", "submitted": None,
              "late_days": 0, "fingerprint": "00", "changes": ("cell a restored",), "items": (right,), "total": 2.0,
              "penalty": 0.0, "cpu_seconds": 1.0, "wall_seconds": 1.5, "max_rss_mb": 80.0}  # fmt: skip
    return Result(**{**fields, **changes})


@pytest.mark.parametrize("record", [release(), result()], ids=["release", "result"])
def test_what_is_saved_loads_again(record, tmp_path):
    record.save(tmp_path / "file.json")
    assert type(record).load(tmp_path / "file.json") == record
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


BROKEN = [
    (lambda d: d["items"][0].update(points=math.nan), "items[0].points: must be a finite number"),
    (lambda d: d["items"][0].update(points=True), "items[0].points: must be a number, not true or false"),
    (lambda d: d["items"][0].update(points=-1), "items[0].points: must be 0 to 1000"),
    (lambda d: d["items"][0].update(kind="essay"), "items[0].kind: must be code or written, not 'essay'"),
    (lambda d: d["items"][0].update(exercise=None), "items[0].exercise: a code item has exercise and function"),
    (lambda d: d["items"].append(d["items"][0]), "items: '3.1' is there twice"),
    (lambda d: d["items"].append({**d["items"][1], "id": "w2"}), "items[2]: 'w2' has 0 cells"),
    (lambda d: d["items"].pop(), "notebooks[0].cells[2].item: no written item 'w1'"),
    (lambda d: d["notebooks"][0]["cells"][0].update(id="b"), "notebooks[0].cells: 'b' is there twice"),
    (lambda d: d["notebooks"][0]["cells"][0].update(item="3.1"), "notebooks[0].cells[0].item: every answer"),
    (lambda d: d["notebooks"][0].update(file="../../etc/passwd"), "notebooks[0].file: must be letters"),
    (lambda d: d.update(slug="../x"), "slug: must be lower-case letters"),
    (lambda d: d.update(deadline="2026-12-04"), "deadline: must be a date and time with an offset"),
    (lambda d: d.update(hidden_seed=2**63), "hidden_seed: must be 0 to"),
    (lambda d: d.update(hidden_seed=1.0), "hidden_seed: must be a whole number"),
    (lambda d: d.update(version=2), "version: must be 1, not 2"),
    (lambda d: d.update(extra=1), "extra: unknown; allowed here: version, title"),
    (lambda d: d.pop("late"), "late is missing"),
    (lambda d: d["late"].update(per_day=10), "late.per_day: must be 0 to 1, not 10"),
    (lambda d: d.update(items={}), "items: must be a list, not a mapping"),
]


@pytest.mark.parametrize(("damage", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_a_damaged_release_is_refused_with_its_field(damage, said, tmp_path):
    path = tmp_path / "release.json"
    release().save(path)
    data = json.loads(path.read_text())
    damage(data)
    path.write_text(json.dumps(data))
    with pytest.raises(FileProblem) as refused:
        Release.load(path)
    assert str(refused.value).startswith(f"{path}: {said}")


@pytest.mark.parametrize(("content", "said"), [
    (None, "there is no such file"), (b"", "it is not JSON"), (b"[1]", "must be a mapping"),
    (b"\xff", "it is not JSON"), (b"[" * 100_000, "it is not JSON"), (b"null", "must be a mapping, not nothing"),
])  # fmt: skip
def test_a_file_that_is_none(content, said, tmp_path):
    if content is not None:
        (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(FileProblem, match=said):
        Result.load(tmp_path / "r.json")


def test_a_total_needs_every_score():
    blank = ItemResult("3.1", 2.0, None, "not-attempted", "", "", None, 0, 9, 0.0, None, "")
    assert result(items=(blank,), total=None, status="needs-hand").total is None
    with pytest.raises(Problem, match="total: must be null while an item has no score"):
        result(items=(blank,), total=0.0)


def test_a_score_beyond_the_points_is_refused():
    with pytest.raises(Problem, match=r"score: must be 0 to 2, not 2\.5"):
        ItemResult("3.1", 2.0, 2.5, "right", "", "", None, 9, 9, 0.0, None, "")


def test_a_refused_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "release.json"
    release().save(path)
    before = path.read_bytes()
    wrong = release()
    object.__setattr__(wrong, "chapters", ("three",))
    with pytest.raises(FileProblem, match=r"not written: chapters\[0\]: must be a whole number"):
        wrong.save(path)
    assert path.read_bytes() == before
    with pytest.raises(FileProblem, match="not written"):
        release().save(tmp_path / "no such folder" / "release.json")


def test_text_without_quotes_becomes_what_is_wanted():
    assert decode(str, Plain("4.10")) == "4.10"
    assert decode(float, Plain("4.10")) == 4.1
    assert decode(bool, Plain("Off")) is False
    assert decode(str | None, Plain("~")) is None
    assert decode(str, "~") == "~"
    with pytest.raises(Problem, match="must be a whole number, not text"):
        decode(int, "3")  # quoted in the file
