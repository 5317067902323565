"""What one `course assign` hands out: the configuration, brought together with the exercises there are."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from ..checks.spec import Exercise, exercises
from .config import Assigned, Config, Written
from .decoding import Problem
from .exercises import ExerciseProblem, file_of, load_folder
from .proof import prove

OWN = "exercises"  # the folder, beside release.json, of exercises that are not in the package


class Refused(Exception):
    """Nothing was written, and why."""


@dataclass(frozen=True)
class Plan:
    """Chapters, and what is assigned in them."""

    chapters: tuple[int, ...]
    config: Config
    assigned: dict[str, Assigned]  # every field filled in
    exercises: dict[str, Exercise]  # the assigned ones
    own: frozenset[str]  # ids of those that are not in the package
    written: tuple[Written, ...]
    due: datetime | None
    root: Path  # the course's folder

    def ids(self, chapter: int) -> list[str]:
        """The chapter's assigned exercises."""
        return [id for id, exercise in self.exercises.items() if exercise.chapter == chapter]

    def questions(self, chapter: int) -> list[Written]:
        """The chapter's written questions."""
        return [one for one in self.written if one.chapter == chapter]

    def closed(self, what: str) -> list[str]:
        """The exercises for which "hints" or "references" are closed."""
        return [id for id, one in self.assigned.items() if not getattr(one, what)]

    def notes(self) -> list[str]:
        """What is allowed, and should be said."""
        if self.due and self.due < datetime.now(UTC):
            return [f"The deadline, {self.due.isoformat(' ', 'minutes')}, is in the past."]
        return []

    def as_yaml(self) -> str:
        """The configuration as it is used, in a form that loads again beside release.json."""
        config = replace(
            self.config, chapters=self.chapters, exercises=tuple(self.assigned.values()), written=self.written,
            deadline=self.due and self.due.isoformat(), deadlines=None, late=self.config.late if self.due else None,
            private=OWN if self.own else None,
        )  # fmt: skip
        data = {key: value for key, value in asdict(config).items() if value is not None}
        as_lists = json.loads(json.dumps(data))  # not tuples
        return yaml.safe_dump(as_lists, allow_unicode=True, sort_keys=False, width=110)


def course_root(start: Path | None = None) -> Path:
    """The folder with chapters/: ``start``, or here or above, or around this package. Raises Refused."""
    here = Path.cwd()
    for place in [start] if start else [here, *here.parents, Path(__file__).resolve().parents[2]]:
        if next(place.glob("chapters/*.ipynb"), None):
            return place
    raise Refused(f"{start or here} has no chapters/: run this in a clone of the course, or say --course FOLDER")


def make_plan(chapters: tuple[int, ...], config: Config, root: Path, base: Path) -> Plan:
    """Choose the exercises; ``base`` is where the private folder is looked for.

    Raises Problem (a place in the configuration) or ExerciseProblem (a file with an exercise).
    """
    own = own_exercises(root, config, base)
    config.check_exercises(own)
    known = {**exercises(), **own}
    chapters = tuple(sorted(set(chapters)))
    assigned = {one.id: one for one in config.assigned(chapters, own)}
    plan = Plan(chapters, config, assigned, {id: known[id] for id in assigned}, frozenset(set(assigned) & set(own)),
                tuple(one for one in config.written if one.chapter in chapters), config.due(chapters), root)
    _check(plan)
    return plan


def own_exercises(root: Path, config: Config, base: Path) -> dict[str, Exercise]:
    """The course's variants and those of the instructor's private folder, which may replace a variant."""
    found = load_folder(root / "variants")
    if config.private is not None:
        folder = base / config.private
        if not folder.is_dir():
            raise Problem(("private",), f"there is no folder {config.private} beside the file")
        found |= load_folder(folder)
    for id in set(found) & set(exercises()):
        raise ExerciseProblem(f"{file_of(found[id]).name}: {id} is an exercise of the course; take another id")
    return found


def _check(plan: Plan) -> None:
    for chapter in plan.chapters:
        if not plan.ids(chapter) and not plan.questions(chapter):
            raise Problem(("exercises",), f"nothing is assigned in chapter {chapter}")
        names = [plan.exercises[id].name for id in plan.ids(chapter)]
        for name in names:
            if names.count(name) > 1:
                raise Problem(("exercises",), f"two exercises of chapter {chapter} ask for {name}: assign one of them")
    for id in sorted(plan.own):
        faults = prove(plan.exercises[id])
        if faults:
            name = file_of(plan.exercises[id]).name
            raise ExerciseProblem("\n  ".join([f"{name} is not fit to mark students:", *faults]))
