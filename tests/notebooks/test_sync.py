"""Pairing: the notebook follows the text, and `make check-sync` names what does not agree."""

import json
import os

import nbformat
import pytest

from tests.notebooks import tiny
from tools import notebooks, sync


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> str:
    """The bytes of the tiny chapter's notebook, synced once."""
    text = tiny.write(tmp_path_factory.mktemp("stored"))
    sync.sync(text)
    return text.with_suffix(".ipynb").read_text()


@pytest.fixture
def pair(stored, tmp_path):
    """A fresh copy of the pair: the text's path and the notebook's."""
    text = tiny.write(tmp_path)
    path = text.with_suffix(".ipynb")
    path.write_text(stored)
    return text, path


def edit(path, change):
    """Change a notebook in place, without nbformat's repairs."""
    nb = json.loads(path.read_text())
    change(nb)
    path.write_text(json.dumps(nb))


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def check(folder, capsys) -> tuple[int, str]:
    status = sync.main(["--check", "--chapters", str(folder)])
    return status, capsys.readouterr().out


def test_a_pair_agrees_and_a_second_sync_changes_nothing(pair, stored, capsys):
    text, path = pair
    assert check(text.parent, capsys)[0] == 0
    assert sync.sync(text) == "unchanged"
    assert sync.sync(text, always=True) == "run, unchanged"
    assert path.read_text() == stored


def test_nothing_but_the_pair_is_left(pair):
    text, path = pair
    replace(text, "# Tiny\n", "# Tiny, again\n")
    sync.sync(text)
    assert sorted(p.name for p in text.parent.iterdir()) == [path.name, text.name]


def test_what_two_runs_or_machines_would_change_is_not_stored(stored):
    nb = json.loads(stored)
    assert set(nb["metadata"]) == {"course", "kernelspec", "language_info"}
    assert "version" not in nb["metadata"]["language_info"]
    assert nb["metadata"]["kernelspec"]["name"] == "python3"
    assert all(set(cell["metadata"]) <= {"tags"} for cell in nb["cells"])
    assert nb["cells"][tiny.ERROR]["outputs"][0]["traceback"] == ["ZeroDivisionError: division by zero"]


def test_a_change_of_prose_keeps_outputs_and_ids(pair, monkeypatch):
    """... and runs nothing."""
    text, path = pair
    before = nbformat.read(path, 4)
    monkeypatch.setattr(sync, "execute", lambda *_: pytest.fail("a change of prose needs no run"))
    replace(text, "# Tiny\n", "# Small\n\nSome more.\n\n# %% [markdown]\n# A new cell\n")
    assert sync.sync(text) == "written"
    after = nbformat.read(path, 4)
    assert [c.id for c in after.cells if c.source != "A new cell"] == [c.id for c in before.cells]
    assert [c.outputs for c in after.cells if "outputs" in c] == [c.outputs for c in before.cells if "outputs" in c]


def test_a_change_of_code_is_run(pair):
    text, path = pair
    replace(text, "0.25", "0.5")
    assert sync.sync(text) == "run, written"
    assert nbformat.read(path, 4).cells[tiny.NUMBERS].outputs[0].text == "loss 0.5\n"


def test_equal_cells_get_different_ids_that_do_not_depend_on_chance():
    cells = [[nbformat.v4.new_markdown_cell("same") for _ in range(3)] for _ in range(2)]
    for copies in cells:
        notebooks.carry_over(copies, [])
        notebooks.name_cells(copies, "01_tiny")
    first, second = ([c.id for c in copies] for copies in cells)
    assert first == second
    assert len(set(first)) == 3


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("# # Tiny", "# # Tinier", "01_tiny: cell 1 (markdown) differs: the text has '# Tinier', "),
        ("1 + 1", "1 + 2", "01_tiny: cell 3 (code) differs: the text has '1 + 2', the notebook '1 + 1'"),
        (' tags=["raises-exception"]', "", "01_tiny: cell 6 (code) differs"),
        ("1 / 0\n", "1 / 0\n\n# %%\n2\n", "01_tiny: cell 7 of the text is not in the notebook: '2'"),
        ("minutes: 1", "minutes: 2", "01_tiny: the front matter (course: …) differs"),
    ],
)
def test_check_names_the_cell_that_differs(pair, capsys, old, new, where):
    text, _ = pair
    replace(text, old, new)
    status, said = check(text.parent, capsys)
    assert status == 1
    assert where in said


def set_in(*keys, value):
    """Return a change that sets nb[keys...] to a value."""

    def change(nb):
        *path, last = keys
        for k in path:
            nb = nb[k]
        nb[last] = value

    return change


def stream(text):
    return [{"output_type": "stream", "name": "stderr", "text": text}]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (set_in("cells", 2, "execution_count", value=None), "cell 3 was not executed"),
        (set_in("cells", 2, "execution_count", value=7), "cell 3 has count 7; a run from top to bottom gives 2"),
        (set_in("cells", 2, "outputs", value=stream("/home/me/x.py:3: Warning")), "cell 3 stores an absolute path"),
        (set_in("cells", 2, "outputs", value=stream(r"C:\Users\me\x.py")), "cell 3 stores an absolute path"),
        (set_in("metadata", "widgets", value={}), "the notebook stores widget state"),
        (set_in("cells", 2, "id", value=""), "cell 3 has no id"),
        (lambda nb: nb["cells"][2].pop("id"), "cell 3 has no id"),
        (lambda nb: nb["cells"][2].update(id=nb["cells"][1]["id"]), "cell 3 has a duplicate id"),
        (lambda nb: nb["cells"][5]["metadata"].clear(), "cell 6 stores an error (ZeroDivisionError)"),
        (
            set_in("cells", 4, "outputs", 0, "data", value={notebooks.WIDGET_VIEW: {}, "text/plain": "Lab()"}),
            "cell 5 stores a live widget",
        ),
    ],
)
def test_check_refuses_what_must_not_be_stored(pair, capsys, change, where):
    text, path = pair
    edit(path, change)
    status, said = check(text.parent, capsys)
    assert status == 1
    assert f"01_tiny: {where}" in said


def test_a_notebook_without_a_text_and_a_text_without_a_notebook(pair, capsys):
    text, path = pair
    path.rename(path.with_stem("02_stray"))
    assert sync.main(["--check", "--chapters", str(text.parent)]) == 1
    assert "02_stray: notebook without a text" in capsys.readouterr().out
    path.with_stem("02_stray").unlink()
    status, said = check(text.parent, capsys)
    assert (status, "01_tiny: has no notebook" in said) == (1, True)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('/home/me/data')", "01_tiny: cell 3 stores an absolute path of one machine: /home/me/data"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_stored_leaves_the_notebook_as_it_was(pair, capsys, code, said):
    text, path = pair
    before = path.read_bytes()
    replace(text, "1 + 1", code)
    assert sync.main(["--chapters", str(text.parent)]) == 1
    assert said in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_live_widget_is_stored_as_its_static_figure():
    figure = {notebooks.WIDGET_VIEW: {"model_id": "1"}, "text/html": "<figure></figure>"}
    cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("display_data", figure)])
    nb = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
    notebooks.tidy(nb)
    assert list(cell.outputs[0].data) == ["text/html"]
    assert "widgets" not in nb.metadata


def test_a_learners_answers_are_neither_read_nor_touched(pair, monkeypatch, tmp_path_factory):
    """The first cell prints whether answers exist and then writes some."""
    answers = tmp_path_factory.mktemp("learner") / "answers.json"
    answers.write_text("{}")
    monkeypatch.setenv("COURSE_ANSWERS", str(answers))
    text, path = pair
    assert sync.sync(text, always=True) == "run, unchanged"
    assert "answers from before: False" in path.read_text()
    assert (answers.read_text(), os.environ["COURSE_ANSWERS"]) == ("{}", str(answers))
