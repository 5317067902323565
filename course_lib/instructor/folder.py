"""The folder of marks: results, gradebook, backups, and the lock that keeps two graders apart."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .files import FileProblem, Result

BACKUPS = 20


class Busy(Exception):
    """Somebody else is grading into the same folder."""


@dataclass(frozen=True)
class Folder:
    """Where the marks are kept."""

    path: Path

    @property
    def results(self) -> Path:
        return self.path / "results"

    @property
    def gradebook(self) -> Path:
        return self.path / "gradebook.db"

    def result(self, student: str) -> Path:
        return self.results / f"{student}.json"

    def load(self) -> dict[str, Result]:
        """Every readable result by student; an unreadable one is graded again."""
        found = {}
        for path in sorted(self.results.glob("*.json")):
            try:
                found[path.stem] = Result.load(path)
            except FileProblem:
                continue
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second grader out. Raises Busy."""
        import fcntl

        self.results.mkdir(parents=True, exist_ok=True)
        with open(self.path / ".lock", "a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                other = file.read(20).strip()
                raise Busy(f"{self.path} is in use by another `course grade` (process {other})") from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def back_up(self, now: datetime) -> Path | None:
        """Copy gradebook and results to backup/TIME; the oldest of many backups go."""
        if not self.gradebook.exists() and not any(self.results.iterdir()):
            return None
        target = self.path / "backup" / now.strftime("%Y%m%d-%H%M%S-%f")
        shutil.copytree(self.results, target / "results")
        if self.gradebook.exists():
            shutil.copy2(self.gradebook, target / "gradebook.db")
        for old in sorted((self.path / "backup").iterdir())[:-BACKUPS]:
            shutil.rmtree(old)
        return target
