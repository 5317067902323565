"""Notebook text is a valid notebook, and diffs show what they should."""

import jupytext
import nbformat

from course_lib.topics import notebook_text

CELLS = [("x = 1\ny = 2", ["one", "two"], b""), ("z = x + y", [], b"not really a picture")]


def test_the_notebook_is_valid_and_holds_sources_and_outputs():
    nb = nbformat.reads(notebook_text.notebook(CELLS), as_version=4)
    nbformat.validate(nb)
    assert [cell.source for cell in nb.cells] == [source for source, *_ in CELLS]
    assert nb.cells[0].outputs[0].text == "one\ntwo\n"
    assert "image/png" in nb.cells[1].outputs[1].data


def test_jupytext_reads_the_same_cells_from_the_text():
    nb = jupytext.reads(notebook_text.percent_text(CELLS), fmt="py:percent")
    assert [cell.source for cell in nb.cells] == [source for source, *_ in CELLS]


def test_changed_lines():
    assert notebook_text.changed("a\nb\n", "a\nc\n") == ["-b", "+c"]
    assert notebook_text.changed("a\n", "a\n") == []


def test_cells_share_one_namespace_in_the_order_given():
    sources = ["x = 1", "x += 1"]
    assert notebook_text.run_cells(sources, [0, 1]) == {"x": 2}
    assert notebook_text.run_cells(sources, [0, 1, 1]) == {"x": 3}
    assert notebook_text.run_cells(sources, []) == {}
