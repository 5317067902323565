"""Rooms depend downwards only, and importing the course is cheap."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.repo import ROOT, files

HEAVY = {"torch", "matplotlib", "IPython", "ipywidgets", "anywidget", "sklearn", "scipy", "pandas"}
ROOMS_ABOVE_THE_CORE = {"checks", "claims", "widgets", "chatbot", "instructor", "verify", "preflight", "cli", "topics"}


def core() -> list[str]:
    """The modules of the numeric core: all of course_lib but the rooms above it."""
    paths = [p for p in files() if p.parts[0] == "course_lib" and p.suffix == ".py"]
    paths = [p for p in paths if not ROOMS_ABOVE_THE_CORE & {p.parts[1].removesuffix(".py")}]
    return [".".join(p.with_suffix("").parts).removesuffix(".__init__") for p in paths]


def loaded_by(*modules: str) -> tuple[set[str], float]:
    """Import modules in a fresh interpreter; return the top-level packages loaded and the seconds it took."""
    code = "import json, sys, time; t = time.perf_counter()\n"
    code += "".join(f"import {m}\n" for m in modules)
    code += "print(json.dumps([time.perf_counter() - t, sorted({m.split('.')[0] for m in sys.modules})]))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, names = json.loads(run.stdout)
    return set(names), seconds


def test_directions():
    """The contracts in pyproject.toml hold (make lint prints them)."""
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:]


def test_import_is_light(record_property, capsys):
    names, seconds = loaded_by("course_lib")
    with capsys.disabled():
        print(f"\nimport course_lib: {seconds * 1e3:.0f} ms")
    record_property("import_seconds", seconds)
    assert not names & HEAVY


@pytest.mark.parametrize("module", core())
def test_core_needs_numpy_only(module):
    names, _ = loaded_by(module)
    assert not names & HEAVY, f"{module} loads {names & HEAVY} when imported; import it inside the function"
