"""Data sets that are not installed are skipped by name; in CI those of the `data` extra have to be there."""

import os
import re
import tomllib

import pytest

from course_lib import data
from course_lib.data.catalogue import CATALOGUE
from tests.project.repo import ROOT

EXTRA = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["data"]
EXTRA_NAMES = {re.split(r"[<>=~]", requirement)[0] for requirement in EXTRA}


def must_be_here(install: str) -> bool:
    return os.environ.get("CI") == "true" and any(f" {name}==" in install for name in EXTRA_NAMES)


@pytest.fixture(scope="session")
def load():
    """Load a data set by name, once; skip the test if it is not installed."""
    entries, loaded = {entry.source.name: entry for entry in CATALOGUE}, {}

    def get(name):
        entry = entries[name]
        try:
            if name not in loaded:
                loaded[name] = entry.load(**entry.everything)
        except data.MissingData as missing:
            if must_be_here(entry.source.install):
                pytest.fail(str(missing), pytrace=False)
            pytest.skip(str(missing))
        return loaded[name]

    return get
