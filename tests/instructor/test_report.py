"""The report counts what happened, says nothing of names unless asked, and runs nothing that a student wrote."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.checks.spec import find
from course_lib.instructor.report import given, page, table
from course_lib.instructor.similar import pairs
from course_lib.instructor.summary import anonymous, pseudonyms, summarise
from tests.project.repo import html_tags

from .made import STUB, a_case, a_release, a_result, an_answer, an_item, rejected, written_answer

NASTY = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "</style></title><b>", "{{ 7 * 7 }}{% raw %}",
         "javascript:alert(1)",
         "\ud800\x00\x1b]0;x\x07", "=cmd|' /C calc'!A0", "&lt;b&gt;", "\u202egnp.exe"]  # fmt: skip
MODEL = find("3.1").source


def summary_of(*results, release=None):
    release = release or a_release()
    return summarise(release, results, lambda item: given(item, release, Path("release.json")))


def wrong(name, text, student="u1", **fields):
    return a_result(student, f"Student {student}", an_answer(status="wrong", diagnosis=name, message=text, **fields))


def everything_nasty():
    for n, text in enumerate(NASTY):
        answer = an_answer(status="error", diagnosis=text, message=text, case=a_case(text, text, text), source=text)
        yield a_result(f"u{n}", text, answer, written_answer(text=text), status="needs-hand", total=None, why=text)


def test_counts():
    summary = summary_of(
        a_result("a", "A"), wrong("all-rows", "Leaked.", "b"), wrong("all-rows", "Leaked.", "c"),
        wrong("raises", "It raised X.", "d"), a_result("e", "E", an_answer(status="not-attempted"), written_answer()),
        rejected("f"), rejected("g", status="failed"),
        a_result("h", "H", late_days=2, penalty=0.4, total=1.6))  # fmt: skip
    assert summary.statuses == {"graded": 5, "needs-hand": 1, "rejected": 1, "failed": 1}
    assert (summary.late, summary.points, summary.totals) == (1, 5.0, (0.0, 0.0, 0.0, 1.6, 2.0))
    assert summary.bins == (3, 0, 0, 1, 1, 0, 0, 0, 0, 0)
    code, written = summary.items
    assert code.counts == {"right": 2, "partly": 0, "wrong": 3, "not-attempted": 1, "needs-hand": 0, "error": 0}
    found = [(one.name, one.count, one.text) for one in code.diagnoses]
    assert found == [("all-rows", 2, "Leaked."), ("raises", 1, "It raised X.")]
    assert (written.counts["needs-hand"], written.mean) == (1, None)
    assert [again.name for again in summary.again] == ["all-rows"]


def test_full_marks_are_in_the_last_bin_and_rounding_moves_nobody():
    release = a_release(an_item("3.1", 3.0))
    totals = [3.0, 0.9, 0.9000000000000001, 0.8999999, 0.0]
    bins = summary_of(*(a_result(f"u{t}", "", total=t) for t in totals), release=release).bins
    assert bins == (1, 0, 1, 2, 0, 0, 0, 0, 0, 1)


def test_an_empty_class_and_a_class_without_totals_have_a_page():
    assert "Nobody has a total yet" in page(summary_of(), names=False)
    assert "Nobody has a total yet" in page(summary_of(rejected("f")), names=False)


@pytest.mark.parametrize("names", [True, False])
def test_what_students_wrote_is_text_and_nothing_else(names):
    summary = summary_of(*everything_nasty())
    html = page(summary if names else anonymous(summary), names)
    html.encode("utf-8")
    tags = html_tags(html)
    assert {tag for tag, _ in tags} <= set(ALLOWED.split())
    given = {name for _, attributes in tags for name in attributes}
    assert not [name for name in given if name.startswith("on") or name in ("src", "style")]
    assert all(attributes.get("href", "#").startswith(("#", "data:,")) for _, attributes in tags)
    assert "{{ 7 * 7 }}" in html
    assert not re.search(r"[\x00-\x08\x1b\u202e\ud800]", html)
    policy = next(a["content"] for tag, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


ALLOWED = ("html head meta title link style body a header h1 p nav ul li main section h2 b ol strong span div table "
           "caption thead tr th tbody td h3 dl dt dd pre svg desc g rect text line code footer")  # fmt: skip


def test_no_names_unless_asked():
    results = [a_result("u001", "Ada Lovelace"), wrong("raises", "It raised X.", "u003"),
               rejected("s77", "Grace Hopper", why="hoppergrace_s77_late.zip is empty")]  # fmt: skip
    summary = summary_of(*results)
    without = page(anonymous(summary), names=False) + table(anonymous(summary)).decode()
    for secret in ("u001", "Ada", "Lovelace", "s77", "Grace", "Hopper", "hopper", "u003", "Student u003"):
        assert secret not in without
    assert "Grace Hopper (s77)" in page(summary, names=True)
    code = pseudonyms(summary.release, ["u001", "s77"])
    assert code["s77"] in without
    assert pseudonyms(summary.release, ["u009", "s77", "u001"]).items() >= code.items()
    assert code != pseudonyms(replace(summary.release, hidden_seed=8), ["u001", "s77"])


def test_the_csv_has_every_item_and_no_formula():
    text = table(summary_of(*everything_nasty(), rejected())).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 1 + 2 * len(NASTY) + 1
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]
    assert rows[-1][:3] == ["u009", "Rex Broken", "rejected"]
    assert rows[-1][6:] == [""]


SHORT = ["def standardise(train, test):\n    m, s = train.mean(0), train.std(0)\n    s[s == 0] = 1\n"
         "    return (train - m) / s, (test - m) / s\n",
         "def standardise(train, test):\n    mu, sd = train.mean(0), train.std(0)\n    sd = np.where(sd > 0, sd, 1)\n"
         "    return (train - mu) / sd, (test - mu) / sd\n"]  # fmt: skip
LONG = '''def standardise(train, test):
    {table} = {{}}
    for {c} in range(train.shape[1]):
        {v} = [row[{c}] for row in train]
        centre = sum({v}) / len({v})
        spread = (sum((one - centre) ** 2 for one in {v}) / len({v})) ** 0.5
        {table}[{c}] = (centre, spread if spread > 0 else 1.0)
    out = []
    for block in (train, test):
        rows = [[(row[i] - {table}[i][0]) / {table}[i][1] for i in range(len(row))] for row in block]
        out.append(np.array(rows).reshape(block.shape))
    return tuple(out)
'''
COPY, RENAMED = LONG.format(table="memo", c="j", v="values"), LONG.format(table="stats", c="column", v="x")
OTHER = '''def standardise(train, test):
    result = []
    joined = np.concatenate([train, test])
    shifted = joined - np.add.reduce(train) / len(train)
    width = np.sqrt(np.add.reduce(shifted[: len(train)] ** 2) / len(train))
    width += width == 0
    for start, stop in ((0, len(train)), (len(train), len(joined))):
        result.append(shifted[start:stop] / width)
    return result
'''


def flagged(*sources, code=True, known=(STUB, MODEL)):
    found = pairs({f"s{n}": source for n, source in enumerate(sources)}, known, code)
    return {(pair.a, pair.b) for pair in found}


@pytest.mark.parametrize("answers", [
    [MODEL] * 30, [MODEL.replace("mean", "mu").replace("sd", "sigma")] * 4, [SHORT[0]] * 3, [SHORT[1]] * 2,
    [SHORT[0], SHORT[1], MODEL, SHORT[0]], ["def standardise(train, test):\n    ...\n"] * 5, [""] * 5, [COPY, OTHER],
    [*[COPY] * 12, *[OTHER] * 12],
    ["def standardise(train, test):\n    return train - train.mean(), test - test.mean()\n"] * 3,
], ids=range(10))  # fmt: skip
def test_short_and_common_answers_are_not_flagged(answers):
    assert not flagged(*answers)


@pytest.mark.parametrize("copy", [
    COPY, RENAMED, RENAMED.replace("out = []", "out = []  # mine"), COPY.replace("    ", "  "),
    COPY.replace("1.0", "1"), RENAMED.replace("e(train, test):", 'e(train, test):\n    """My own work."""'),
], ids=range(6))  # fmt: skip
def test_unusual_answers_that_are_the_same_are_flagged(copy):
    assert flagged(COPY, MODEL, SHORT[0], OTHER, copy, SHORT[1]) == {("s0", "s4")}


def test_a_short_answer_with_the_same_odd_names_and_comments_is_flagged():
    odd = SHORT[0].replace("m, s =", "middle, wobble =").replace("- m) / s", "- middle) / wobble")
    odd = odd.replace("s[s == 0] = 1", "wobble[wobble == 0] = 1  # otherwise nonsense appears")
    assert flagged(odd, odd, MODEL, SHORT[0]) == {("s0", "s1")}


def test_written_answers():
    question = "Why does scaling with all rows leak? Write three sentences for somebody who trusts the printed score."
    text = ("Scaling with all the rows lets the held out part decide the mean, so the score is measured with help from "
            "the very rows that were to be kept apart, and one would believe a number that nobody will see again.")
    chinese = ("因为测试集的统计量参与了训练集的标准化，所以模型在评估之前已经间接看到了测试数据，"
               "得到的分数会比真实情况更高，不可信。")  # fmt: skip
    for answer, copy in ((text, text.replace("very", "same")), (chinese, chinese)):
        assert flagged(answer, copy, "I do not know.", question, code=False, known=[question]) == {("s0", "s1")}
    assert not flagged(question, question + " Because.", code=False, known=[question])


@pytest.mark.parametrize("source", [
    "def f(:", "(" * 5000, "x=" + "-" * 9000 + "1", "\x00", "\ud800", "a" * 10**6, "[" * 300 + "]" * 300, "f'{'",
], ids=range(8))  # fmt: skip
def test_hostile_sources_are_compared_as_text_and_quickly(source):
    flagged(source, source, COPY)


def test_answers_of_private_exercises_are_compared_with_the_stub_alone():
    release = a_release(an_item("9.99", exercise="9.99"))
    assert given(release.items[0], release, Path("release.json")) == [STUB]
