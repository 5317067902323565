"""`course assign`: a zip for the students and a folder for the instructor, made aside, checked, then put in place."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import handout, selfcheck
from .exercises import file_of
from .files import Item, Release
from .packing import may_replace, put_in_place, slug, zip_folder
from .plan import OWN, Plan, Refused
from .rubric import rubric
from .student import Book

DRAWS = 5  # hidden seeds tried


@dataclass(frozen=True)
class Made:
    """What was written, and where the folder that stood there before is kept."""

    release: Release
    out: Path
    before: Path | None


def assign(plan: Plan, out: Path, force: bool = False) -> Made:
    """Write the release. Raises Refused: nothing was written, or a check of the finished release failed."""
    reason = may_replace(out, force)
    if reason:
        raise Refused(reason)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        release = _write(plan, temporary)
        temporary.chmod(0o755)
        return Made(release, out, put_in_place(temporary, out))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(plan: Plan, folder: Path) -> Release:
    notebooks = handout.books(plan)
    release = _release(plan, notebooks)
    zip_folder(folder / "student.zip", release.slug, handout.files(plan, notebooks))
    inside = folder / "instructor"
    inside.mkdir(mode=0o700)
    release.save(inside / "release.json")
    (inside / "rubric.md").write_text(rubric(release, plan.exercises, plan.written), encoding="utf-8")
    (inside / "course.yml").write_text(plan.as_yaml(), encoding="utf-8")
    for id in plan.own:
        (inside / OWN).mkdir(exist_ok=True)
        shutil.copyfile(file_of(plan.exercises[id]), inside / OWN / f"{id.replace('.', '_')}.py")
    zipped = (folder / "student.zip").read_bytes()
    _refuse("the release is not fit to be handed out", [
        *selfcheck.unsolved_faults(release, plan.exercises),
        *selfcheck.leaks(zipped, release.hidden_seed, list(plan.exercises.values()))])
    return release


def _release(plan: Plan, notebooks: dict[str, Book]) -> Release:
    config = plan.config
    return Release(
        version=1, title=config.title, slug=slug(config.title, plan.chapters), chapters=plan.chapters,
        made=datetime.now(UTC).isoformat(timespec="seconds"), deadline=plan.due and plan.due.isoformat(),
        late=config.late if plan.due else None, hidden_seed=_seed(plan), items=tuple(_items(plan)),
        notebooks=tuple(handout.described(name, book) for name, book in notebooks.items()),
    )  # fmt: skip


def _seed(plan: Plan) -> int:
    """A seed from the system's own source of chance, on which every listed mistake gets its own diagnosis."""
    for _ in range(DRAWS):
        seed = 2**48 + secrets.randbelow(2**62)  # long enough not to stand in a notebook by chance
        faults = [fault for exercise in plan.exercises.values() for fault in selfcheck.seed_faults(exercise, seed)]
        if not faults:
            return seed
    _refuse(f"{DRAWS} sets of hidden cases did not tell the listed mistakes apart", faults)


def _items(plan: Plan) -> Iterator[Item]:
    for id, one in plan.assigned.items():
        exercise = plan.exercises[id]
        yield Item(id, "code", exercise.chapter, one.points, id, exercise.name, OWN if id in plan.own else None,
                   exercise.title)
    for one in plan.written:
        title = one.text.strip().splitlines()[0][:80]
        yield Item(one.id, "written", one.chapter, one.points, None, None, None, title)


def _refuse(what: str, faults: list[str]) -> None:
    if faults:
        raise Refused("\n  ".join([f"{what}:", *faults]))
