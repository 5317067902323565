"""The page: bounds that noise does not move, and a check that notices what has changed."""

import pytest

from course_lib.verify import table
from course_lib.verify.spec import all_specs

ROW = "activations.softmax"


@pytest.fixture
def page():
    return table.read(table.PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("error", "before", "shown"),
    [
        (0.0, None, "< 1e-15"),
        (3e-16, None, "< 1e-15"),
        (2e-13, None, "< 1e-12"),
        (9e-13, "< 1e-12", "< 1e-12"),  # noise: what stood stays
        (2e-14, "< 1e-12 (SciPy)", "< 1e-12"),
        (2e-12, "< 1e-12", "< 1e-11"),  # worse: the page changes
        (2e-16, "< 1e-11", "< 1e-15"),  # much better too
        (None, "< 1e-12", ""),
    ],
)
def test_bounds(error, before, shown):
    assert table.bound("float64", error, before) == shown


def test_rendering_the_same_errors_again_changes_nothing(page):
    text = table.PAGE.read_text(encoding="utf-8")
    errors = {
        name: {c: float(m[1]) / 2 if (m := table.BOUND.match(row[c])) else None for c in table.SMALLEST}
        for name, row in page.items()
    }
    assert table.render(errors, page) == text


def test_an_error_above_the_bound_is_noticed(page):
    assert not table.exceeds(page, ROW, "float64", 1e-15)
    assert "measured 1.0e-06" in table.exceeds(page, ROW, "float64", 1e-6)
    assert table.exceeds(page, "activations.new", "float64", 1e-15)


@pytest.mark.parametrize("column", ["properties", "extremes", "source", "float64", "second"])
def test_a_changed_cell_is_noticed(page, column):
    name = "optim.Adam" if column in ("float64", "second", "source") else ROW
    page[name][column] += " and more"
    assert [p for p in table.text_problems(page) if p.startswith(f"{name}, {column}")]


def test_a_missing_row_and_a_stray_row_are_noticed(page):
    page["activations.gone"] = page.pop(ROW)
    problems = table.text_problems(page)
    assert f"{ROW}: no row" in problems
    assert "activations.gone: has a row but no spec" in problems


def test_citations_and_claims_are_found():
    assert table.source(all_specs()["optim.adam_update"].target).startswith(
        "Kingma & Ba, ICLR 2015, Algorithm 1; `S0-4.3.2"
    )
    assert "`S3-4.1-tanh`" in table.source(all_specs()["activations.tanh"].target)
