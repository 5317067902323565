"""What a chapter prints first: versions, device, where answers are kept, and what is missing."""

import importlib
import platform

import numpy as np

from course_lib.checks.record import where
from course_lib.data.ratings import ML_100K


def preflight(chapter: int, needs: tuple[str, ...] = ()) -> None:
    """Say whether a chapter can run here.

    Parameters
    ----------
    chapter : int
    needs : sequence of str
        Packages beyond the course's own, such as "torch". A missing one is answered with the command that installs it.
    """
    missing = [name for name in needs if not _importable(name)]
    print(f"Chapter {chapter}. Python {platform.python_version()}, NumPy {np.__version__}, on the {_device(needs)}.")
    for name in missing:
        print(f"Missing: {name}. Install it with: {command(name)}")
    if not missing:
        print("Everything this chapter needs is installed.")
    print(f"Your answers are kept in {where().name}.")


EXTRAS = {"torch": "chatbot", "nbgrader": "instructor", "fastapi": "serve", "uvicorn": "serve", "typer": "serve",
          "bokeh_sampledata": "data", "yaml": "data", "pyarrow": "vectors"}  # fmt: skip


def command(name: str) -> str:
    """The command that installs a package: the course's extra that holds it, else the package itself."""
    if name == "recbole":  # read for its data only
        return ML_100K.install
    return f"pip install 'course-lib[{EXTRAS[name]}]'" if name in EXTRAS else f"pip install {name}"


def _importable(name):
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def _device(needs):
    if "torch" not in needs or not _importable("torch"):
        return "CPU"
    import torch

    return f"GPU {torch.cuda.get_device_name(0)}" if torch.cuda.is_available() else "CPU"
