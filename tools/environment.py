"""Derive environment.yml (conda, Binder) from pyproject.toml and requirements.lock, or check it with --check.

It holds what `make lab` installs: the base dependencies and the extras lab, data and privacy in their locked versions,
no PyTorch.
"""

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "environment.yml"
TEMPLATE = """\
# Written by `make environment` from pyproject.toml and requirements.lock.
name: large-models-verified
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
{pins}
"""


def locked() -> dict[str, str]:
    """Name -> version, from requirements.lock."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def environment() -> str:
    """Return the text of environment.yml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["lab"] + extras["data"] + extras["privacy"]
    names = sorted(canonicalize_name(Requirement(r).name) for r in wanted)
    versions = locked()
    return TEMPLATE.format(pins="\n".join(f"      - {name}=={versions[name]}" for name in names))


def main() -> int:
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(environment())
    agrees = TARGET.exists() and TARGET.read_text() == environment()
    print(f"{TARGET.name}: " + ("agrees with pyproject.toml" if agrees else "differs; run make environment"))
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
