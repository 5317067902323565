"""ClaimTable: what is shown is what the filters let through, in order, twenty at a time; running is remembered."""

import pytest

from course_lib.widgets import ClaimTable

VERDICTS = ("wrong", "correct", "incomplete")
ROWS = [
    {"id": f"S{i % 3}-{i}", "article": f"S{i % 3}", "chapter": 1 + i // 5, "verdict": VERDICTS[i % 3],
     "says": f"claim <b>{i}</b>", "correction": "Better" if i % 2 else "worse",
     "source": "A book." if i % 7 == 6 else ""} for i in range(52)
]  # fmt: skip


@pytest.fixture
def table():
    return ClaimTable(ROWS, lambda id: f"{id} was run.")


def shown(table):
    return [row["id"] for row in table.shown()]


def test_twenty_at_a_time_and_never_beyond_the_ends(table):
    assert shown(table) == [row["id"] for row in ROWS[:20]]
    assert shown(table.act("previous")) == [row["id"] for row in ROWS[:20]]
    assert shown(table.act("next").act("next").act("next")) == [row["id"] for row in ROWS[40:]]
    assert table.facts()["caption"] == "41 to 52 of 52"


def test_filters_agree_with_plain_python(table):
    table.act("next").set(article="S1", verdict="correct", words="bETTER 1")
    expected = [r["id"] for r in ROWS if r["article"] == "S1" and r["correction"] == "Better"
                and "1" in " ".join(map(str, r.values()))]  # fmt: skip
    assert table.page == 0  # a new filter begins at the first page
    assert [row["id"] for row in table.matching()] == expected != []


def test_sorting_is_stable_and_counts_numbers_as_numbers(table):
    assert table.options("chapter")[-2:] == ("10", "11")
    table.set(sort="verdict")
    verdicts = [row["verdict"] for row in table.matching()]
    assert verdicts == sorted(verdicts)
    first = [row["id"] for row in table.matching() if row["verdict"] == "correct"]
    assert first == [row["id"] for row in ROWS if row["verdict"] == "correct"]


def test_nothing_matches(table):
    table.set(words="zebra")
    assert table.shown() == []
    assert table.pages == 1
    assert table.summary() == "0 rows match."
    assert table.figure().axes


def test_a_run_is_shown_remembered_and_forgotten_by_reset(table):
    table.run_row("S0-3")
    assert "S0-3 was run." in table.summary()
    assert table._meta["facts"]["rows"][3]["result"] == "S0-3 was run."
    assert table.history[-1] == {"act": "run S0-3"}
    assert table.reset().results == {}


def test_a_cited_row_has_nothing_to_run(table):
    table.run_row("S0-6")
    assert table.results == {}


def test_an_error_of_the_experiment_is_shown():
    table = ClaimTable(ROWS, lambda id: 1 / 0).run_row("S0-0")
    assert "division by zero" in table.error


def test_bad_input_says_what_is_wrong(table):
    with pytest.raises(ValueError, match="no row 'S9'"):
        table.run_row("S9")
    with pytest.raises(ValueError, match="lacks says, correction"):
        ClaimTable([{"id": 1, "article": 2, "chapter": 3, "verdict": 4}], str)
    with pytest.raises(ValueError, match="same id"):
        ClaimTable(ROWS[:1] * 2, str)
    with pytest.raises(ValueError, match="verdict: expected one of"):
        ClaimTable(ROWS, str, verdict="perhaps")


def test_code_picks_the_same_rows(table):
    table.set(article="S2", chapter="4", words="claim")
    names = {"rows": table.rows}
    exec(table.as_code(), names)
    assert names["found"] == table.matching()


def test_the_picture_counts_what_matches(table):
    table.set(chapter="2")
    axis = table.figure().axes[0]
    assert axis.get_xlabel() == "article"
    assert sum(bar.get_height() for bar in axis.patches) == 5
    assert table.picture().alt == "5 rows match: 1 correct, 2 incomplete, 2 wrong."
