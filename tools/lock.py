"""Write requirements.lock: one exact version for everything that pyproject.toml and its extras ask for.

pip resolves without installing; versions already locked are kept unless --upgrade is given. A local version
(2.13.0+cpu) is written as the public one, and the GPU libraries that some builds of PyTorch pull in are left out,
so that the same file serves as constraints (pip install --constraint) on every machine.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
HEADER = "# Written by `make lock` from pyproject.toml, all extras. Used as pip constraints.\n"
GPU_ONLY = re.compile(r"^(nvidia-|cuda-|triton)")


def requirements() -> list[str]:
    """Every requirement in pyproject.toml, extras included, without the project's own name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return sorted({r for group in groups for r in group if not r.startswith(project["name"])})


def resolve(constraints: Path | None) -> dict[str, str]:
    """Return name -> version as pip would install them into an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip", "install", "-qq", "--dry-run", "--ignore-installed"]
        command += ["--report", str(report), *(["--constraint", str(constraints)] if constraints else [])]
        subprocess.run([*command, *requirements()], check=True)
        installs = json.loads(report.read_text())["install"]
    return {i["metadata"]["name"]: i["metadata"]["version"] for i in installs}


def pins(versions: dict[str, str]) -> str:
    """Format the lock: normalised names, sorted, public versions."""
    names = {re.sub(r"[-_.]+", "-", name).lower(): version.split("+")[0] for name, version in versions.items()}
    return HEADER + "".join(f"{n}=={v}\n" for n, v in sorted(names.items()) if not GPU_ONLY.match(n))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="ignore the versions locked so far")
    upgrade = parser.parse_args().upgrade
    LOCK.write_text(pins(resolve(LOCK if LOCK.exists() and not upgrade else None)))
    print(f"{LOCK.name}: {LOCK.read_text().count('==')} pins")


if __name__ == "__main__":
    main()
