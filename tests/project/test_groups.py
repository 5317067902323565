"""Tests that share something costly stay in one process, and only those."""

import pytest

from tests.conftest import LONG, group, long_first
from tests.project.repo import ROOT
from tests.widgets.notebooks import CELLS


@pytest.mark.parametrize("widget", CELLS)
def test_a_widgets_tests_stay_together_and_apart_from_the_others(widget):
    ids = f"tests/widgets/test_browser.py::test_a[{widget}]", f"tests/widgets/test_browser_each.py::test_{widget}_plays"
    assert {group(one) for one in ids} == {widget}


def test_chapters_and_plain_tests_are_dealt_out_one_by_one():
    for path in ("tests/widgets/test_chapters.py", "tests/core/test_conv.py"):
        assert group(f"{path}::test_a[1]") != group(f"{path}::test_a[2]")


def test_a_file_with_a_costly_fixture_stays_whole():
    assert group("tests/instructor/test_class.py::test_a") == group("tests/instructor/test_class.py::test_b")


def test_what_looks_at_a_chapters_evidence_stays_together_and_apart_from_the_other_chapters():
    ids = "test_experiments.py::test_a[4-S0-4-relu]", "test_experiments.py::test_b[4]", "test_document.py::test_c[4]"
    assert len({group(f"tests/claims/{one}") for one in ids}) == 1
    apart = "test_document.py::test_c[1]", "test_document.py::test_c[10]", "test_experiments.py::test_d[S0-4-relu]"
    assert len({group(f"tests/claims/{one}") for one in apart}) == 3


def test_the_longest_files_start_first_and_are_there():
    assert sorted(["tests/core/test_conv.py::test_a", f"{LONG[1]}::test_b", f"{LONG[0]}::test_c"], key=long_first) == [
        f"{LONG[0]}::test_c", f"{LONG[1]}::test_b", "tests/core/test_conv.py::test_a"]  # fmt: skip
    assert all((ROOT / path).is_file() for path in LONG)
