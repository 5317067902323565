"""A zip that is the same every time, and a folder that replaces another without losing it."""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold


def slug(title: str, chapters: tuple[int, ...]) -> str:
    """A name for the students' folder: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "assignment"
    return f"{words}-ch{'-'.join(map(str, chapters))}"[:60]


def zip_folder(path: Path, folder: str, files: dict[str, bytes]) -> None:
    """Write ``files`` below ``folder``: sorted, with fixed dates and modes, so that equal content is an equal zip."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, files[name])


def may_replace(out: Path, force: bool) -> str | None:
    """Why ``out`` cannot be written, or None."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        return f"{out} is there and is not a folder"
    if Path.cwd().resolve().is_relative_to(out.resolve()):
        return f"{out} is the folder you are in, or one around it: name a new one"
    if out.is_dir() and any(out.iterdir()) and not force:
        return f"{out} is there already. Name another folder, or say --force: the old one is then kept beside it"
    return None


def put_in_place(made: Path, out: Path) -> Path | None:
    """Move a finished folder to ``out``; what was there is renamed, not deleted. Returns its new name."""
    before = None
    if out.exists():
        number = 1
        while (before := out.with_name(f"{out.name}.before-{number}")).exists():
            number += 1
        os.rename(out, before)
    try:
        os.rename(made, out)
    except OSError:
        if before is not None:
            os.rename(before, out)
        raise
    return before
