"""The preflight cell names what is missing and the command that installs it, and never fails."""

import ast
import re
import sys
import tomllib

import pytest

from course_lib.preflight import EXTRAS, command, preflight
from tests.project.repo import ROOT, chapters, notebook


def test_complete(capsys):
    preflight(4)
    out = capsys.readouterr().out
    assert "Everything this chapter needs is installed." in out
    assert "on the CPU" in out


def test_missing_package_is_answered_with_a_command(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    preflight(5, needs=("torch",))
    assert "pip install 'course-lib[chatbot]'" in capsys.readouterr().out


@pytest.mark.parametrize("name", EXTRAS)
def test_the_extra_that_is_named_holds_the_package(name):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    package = {"yaml": "pyyaml"}.get(name, name.replace("_", "-"))
    assert any(line.startswith(package) for line in extras[EXTRAS[name]])


@pytest.mark.parametrize("chapter", chapters(), ids=str)
def test_every_need_of_a_chapter_has_a_working_command(chapter):
    """Of an extra, or of a package whose name pip knows (the data packages state their own command)."""
    code = "\n".join(cell.source for cell in notebook(chapter).cells if cell.cell_type == "code")
    needs = re.search(r"^preflight\(\d+(?:, needs=(\(.*\)))?\)$", code, re.MULTILINE)[1]
    assert all(command(name).startswith("pip install ") for name in ast.literal_eval(needs or "()"))
    assert set(ast.literal_eval(needs or "()")) <= {*EXTRAS, "recbole", "safetensors"}
