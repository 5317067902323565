"""Where data come from: the record every loader has, and how its files are found."""

import os
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

WITH_COURSE = "comes with the course"
DEBIAN_DATA = Path("/usr/share/datasets")


class Source(NamedTuple):
    """Where data come from, what may be done with them, and how to get them."""

    name: str
    origin: str
    licence: str
    what: str
    size: str  # begins with the number of items, as counted
    install: str = WITH_COURSE


class Split(NamedTuple):
    """A data set divided into a part to learn from and a part to be judged on."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class MissingData(FileNotFoundError):
    """A data set is not installed here; the message says how to install it."""


class Malformed(ValueError):
    """A file does not hold what it should; the message names the file and the place in it."""

    def __init__(self, file: str, problem: str, line: int | None = None):
        super().__init__(f"{file}{'' if line is None else f', line {line}'}: {problem}")
        self.file, self.line, self.problem = file, line, problem


def find(source: Source, folder: str, *parts: str, places: Iterable[Path] = ()) -> Path:
    """Path of a data file, read in place: nothing is imported, copied or downloaded.

    Parameters
    ----------
    source : Source
        Named in the error.
    folder : str
        The importable package, or folder, that holds the file.
    *parts : str
        The file's path inside it.
    places : iterable of Path
        Where else `folder` may lie. The folder that the environment variable COURSE_DATA names is looked at first.

    Raises
    ------
    MissingData
        If the file is nowhere, with the command that installs it.
    """
    for place in [*_own_place(), *_package_places(folder), *places]:
        if (path := place.joinpath(folder, *parts)).is_file():
            return path
    raise MissingData(f"{source.name}: {folder}/{'/'.join(parts)} is not on this machine; install it: {source.install}")


def _own_place() -> list[Path]:
    return [Path(own)] if (own := os.environ.get("COURSE_DATA")) else []


def _package_places(package: str) -> list[Path]:
    try:
        spec = find_spec(package) if package.isidentifier() else None
    except (ImportError, ValueError):  # half removed packages
        spec = None
    return [Path(folder).parent for folder in (spec.submodule_search_locations or ())] if spec else []
