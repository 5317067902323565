"""nbval with its holes closed; loaded by `make notebooks` with -p.

As shipped, nbval 0.11.0 never compares pictures, passes cells that were never run, and lets xdist spread one
notebook over several kernels. Here pictures are compared on pixels (also those inside HTML figures, whose alt text
and markup must agree exactly), a cell must have been stored by a run from top to bottom, and each notebook gets one
kernel with an environment of its own.
"""

import base64
import io
import os
import re
import tempfile

import nbval.plugin as nbval
import numpy as np
import pytest
from PIL import Image

from tools import kernels

# Two pictures agree when at most this share of pixels differs by more than LEVELS of 255: about one digit's ink.
SHARE, LEVELS = 1e-4, 32
EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


def pixels(encoded: str) -> np.ndarray:
    """Decode base64 PNG into an (height, width, 4) array."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA"), dtype=np.int16)


def alike(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape:
        return False
    return np.mean(np.abs(a - b).max(axis=-1) > LEVELS) <= SHARE


class Rendered(str):
    """A text whose pictures are compared on pixels; as a string, it shows their size and mean colour."""

    __slots__ = ("pictures", "skeleton")

    def __new__(cls, skeleton: str, pictures: list[np.ndarray]):
        shown = [f"<PNG {p.shape[1]}x{p.shape[0]} mean {p.mean():.4f}>" for p in pictures]
        self = super().__new__(cls, skeleton.replace("%", "%%").replace("\0", "%s") % tuple(shown))
        self.skeleton, self.pictures = skeleton, pictures
        return self

    def __eq__(self, other):
        if not isinstance(other, Rendered) or len(self.pictures) != len(other.pictures):
            return False
        return self.skeleton == other.skeleton and all(map(alike, self.pictures, other.pictures))

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


def sanitize(cell, value):
    """nbval's own sanitising, with pictures taken out first."""
    if not isinstance(value, str):
        return value
    if value.startswith("iVBORw0KGgo"):
        return Rendered("\0", [pixels(value)])
    pictures = [pixels(encoded) for encoded in EMBEDDED.findall(value)]
    skeleton = plain_sanitize(cell, EMBEDDED.sub("\0", value))
    return Rendered(skeleton, pictures) if pictures else skeleton


def runtest(cell):
    """Run a cell only if its stored output comes from a run from top to bottom."""
    if cell.cell.execution_count != cell.cell_num + 1:
        cell.raise_cell_error(f"Stored with execution count {cell.cell.execution_count}: run make sync")
    plain_runtest(cell)


def setup(notebook):
    """Start the notebook's kernel in an environment of its own."""
    notebook.skip_compare = tuple(kind for kind in notebook.skip_compare if kind != "image/png")
    notebook.folder = tempfile.TemporaryDirectory()
    os.environ.update(kernels.environment(notebook.folder.name))
    plain_setup(notebook)


plain_sanitize, plain_runtest, plain_setup = nbval.IPyNbCell.sanitize, nbval.IPyNbCell.runtest, nbval.IPyNbFile.setup
nbval.IPyNbCell.sanitize, nbval.IPyNbCell.runtest, nbval.IPyNbFile.setup = sanitize, runtest, setup


def pytest_configure(config):
    if getattr(config.option, "numprocesses", None) and config.option.dist != "loadfile":
        raise pytest.UsageError("notebooks need one kernel each: use -n with --dist loadfile, or no -n")
