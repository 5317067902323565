"""pyproject.toml, the lock, environment.yml and Binder's image agree."""

import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.project.repo import ROOT
from tools import environment, lock

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()
GROUPS = {"base": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}


@pytest.mark.parametrize("requirement", lock.requirements())
def test_lock_satisfies_every_range(requirement):
    wanted = Requirement(requirement)
    version = environment.locked().get(canonicalize_name(wanted.name))
    assert version, f"{wanted.name} is not in requirements.lock; run make lock"
    assert wanted.specifier.contains(version), f"locked {version} is outside {requirement}; run make lock"


@pytest.mark.parametrize("group", GROUPS)
def test_every_range_has_a_lower_bound(group):
    """An open range would let a stranger without the lock get a version that nobody tried."""
    ours = [r for r in GROUPS[group] if not r.startswith(PROJECT["name"])]
    assert all(re.search(r">=|==", r) for r in ours), ours


def test_lock_is_portable():
    """Exact public versions and nothing else: no local builds, GPU libraries, hosts or paths."""
    lines = [line for line in LOCK.splitlines() if not line.startswith("#")]
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names))
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line) for line in lines)
    assert not [line for line in lines if lock.GPU_ONLY.match(line)]


def test_pins_are_normalised():
    versions = {"Torch": "2.13.0+cpu", "prompt_toolkit": "3.0.53", "nvidia-cublas": "13.0", "triton": "3.5"}
    assert lock.pins(versions) == lock.HEADER + "prompt-toolkit==3.0.53\ntorch==2.13.0\n"


def test_conda_environment_is_derived():
    assert (ROOT / "environment.yml").read_text() == environment.environment(), "run make environment"


def test_conda_environment_can_run_the_course_and_is_light():
    parsed = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, _, pip = parsed["dependencies"]
    assert Version(python.split("=")[1]) in Requirement(f"python{PROJECT['requires-python']}").specifier
    names = {Requirement(pin).name for pin in pip["pip"]}
    wanted = [r for group in ("base", "lab", "data", "privacy") for r in GROUPS[group]]
    assert names == {canonicalize_name(Requirement(r).name) for r in wanted}
    assert "torch" not in names, "Binder gives 2 GB of memory"


def test_binder_builds_from_our_files():
    """repo2docker's dry run: the Dockerfile it would build takes our Python, environment, postBuild and start."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    dockerfile = run.stdout + run.stderr
    for part in ("python=3.11", "binder/environment.yml", "RUN ./binder/postBuild", "/binder/start"):
        assert part in dockerfile, f"{part} is not in the image"


def test_binder_scripts():
    link = ROOT / "binder/environment.yml"
    assert link.is_symlink()
    assert link.resolve() == ROOT / "environment.yml"
    assert (ROOT / "binder/start").read_text().rstrip().endswith('exec "$@"'), "Binder hands over its command"
    assert "--no-deps" in (ROOT / "binder/postBuild").read_text()
    for script in ("binder/start", "binder/postBuild", ".ci/run"):
        subprocess.run(["bash", "-n", str(ROOT / script)], check=True)
        assert (ROOT / script).stat().st_mode & 0o100, f"{script} is not executable"
