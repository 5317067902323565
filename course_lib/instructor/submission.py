"""One student's submission, from files to a Result. Whatever is in it, a Result comes out."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from . import scoring
from .choose import Choice, choose, hints
from .collect import Submission, refusals
from .exercises import exercise_of
from .files import Item, ItemResult, Notebook, Release, Result
from .fingerprint import digest, of_item
from .grader import Grader, Used
from .limits import DEFAULT, Limits
from .normalise import Rebuilt, rebuild


@dataclass(frozen=True)
class Job:
    """All that is needed to grade one submission."""

    submission: Submission
    release: Path
    limits: Limits = DEFAULT
    submitted: datetime | None = None  # from the instructor's list of times
    previous: Result | None = None  # what an earlier run found


@dataclass
class _Work:
    """A submission on its way."""

    job: Job
    release: Release
    choice: Choice
    used: Used = field(default_factory=Used)
    changes: list[str] = field(default_factory=list)
    deadline: float = 0.0


def grade_submission(job: Job) -> Result:
    """Grade it; what fails on our side ends as "failed", with the reason."""
    started = time.monotonic()
    try:
        result = _graded(job, started)
    except Exception as error:
        result = _without_items(job, "failed", f"{type(error).__name__}: {error}")
    return replace(result, wall_seconds=round(time.monotonic() - started, 3))


def _graded(job: Job, started: float) -> Result:
    release = Release.load(job.release)
    choice = choose(job.submission.files, release)
    refused = list(refusals(job.submission))
    if len(job.submission.numbers) > 1:
        return _without_items(job, "needs-hand", "files came under several of the LMS's numbers: "
                              + ", ".join(sorted(job.submission.numbers)[:5]) + "; are they one person's?")
    if not choice.chosen and not choice.unclear:
        reasons = choice.rejected + refused
        return _without_items(job, "rejected", "; ".join(reasons[:3]) or "there is no notebook in it")
    work = _Work(job, release, choice, deadline=started + job.limits.total_seconds)
    work.changes += choice.notes + choice.unclear + choice.rejected + refused
    found = {item.id: item for notebook in release.notebooks for item in _notebook(work, notebook)}
    opened = hints(job.submission.files)
    asked = {item.id: item.exercise for item in release.items}
    items = tuple(replace(found[item.id], hints=opened.get(asked[item.id])) for item in release.items)
    return _result(work, items)


def _notebook(work: _Work, notebook: Notebook) -> list[ItemResult]:
    """The results of a notebook's items."""
    asked = {cell.item for cell in notebook.cells if cell.item}
    items = [item for item in work.release.items if item.id in asked]
    chosen = work.choice.chosen.get(notebook.file)
    if chosen is None:
        unclear = [line for line in work.choice.unclear if notebook.file in line]
        why = unclear[0] if unclear else f"{notebook.file} was not handed in"
        return [_absent(work, item, why) for item in items]
    functions = {item.id: item.function for item in work.release.items}
    rebuilt = rebuild(notebook, chosen.cells, functions.get)
    work.changes += rebuilt.changes
    code = [item for item in items if item.kind == "code"]
    return _written(work, rebuilt, items) + _code(work, rebuilt, code)


def _absent(work: _Work, item: Item, why: str) -> ItemResult:
    """The result of an item whose notebook is not there; a person may have marked it all the same."""
    print_ = digest(asdict(item), why)
    return _kept(work, item, print_) or replace(_bare(item, scoring.by_hand(why, "no-notebook")), fingerprint=print_)


def _bare(item: Item, fields: dict) -> ItemResult:
    return ItemResult(id=item.id, points=item.points, right=0, total=0, seconds=0.0, hints=None, source="", **fields)


def _written(work: _Work, rebuilt: Rebuilt, items: list[Item]) -> list[ItemResult]:
    """Written answers wait for a reader; one that has been marked keeps its mark while its text is the same."""
    results = []
    for item in items:
        if item.kind != "written":
            continue
        part = next(part for part in rebuilt.parts if part.item == item.id)
        print_ = of_item(item, None, rebuilt.parts, 0, work.job.limits)
        if item.id in rebuilt.missing:
            fields = scoring.by_hand("The cell of this answer is gone.", "missing")
        elif not part.touched or not part.source.strip():
            fields = scoring.not_attempted()
        else:
            fields = scoring.by_hand("To be read.")
        source = part.source[: scoring.MAX_SOURCE] if part.touched else ""
        results.append(_kept(work, item, print_) or replace(_bare(item, fields), source=source, fingerprint=print_))
    return results


def _code(work: _Work, rebuilt: Rebuilt, items: list[Item]) -> list[ItemResult]:
    """Code items: those whose fingerprint is known keep their result, the others are run."""
    job, seed = work.job, work.release.hidden_seed
    exercises = {item.id: exercise_of(item, job.release) for item in items}
    prints = {item.id: of_item(item, exercises[item.id], rebuilt.parts, seed, job.limits) for item in items}
    kept = {item.id: _kept(work, item, prints[item.id]) for item in items}
    grader = Grader(rebuilt, items, exercises, seed, job.limits, work.deadline, work.used)
    fresh = {one.id: one for one in grader.grade([item for item in items if kept[item.id] is None])}
    return [kept[item.id] or replace(fresh[item.id], fingerprint=prints[item.id]) for item in items]


def _kept(work: _Work, item: Item, fingerprint: str) -> ItemResult | None:
    """The item's earlier result, if it still holds."""
    previous = work.job.previous
    old = next((one for one in previous.items if one.id == item.id), None) if previous else None
    same = old is not None and old.fingerprint == fingerprint
    return old if same and (old.by_hand or old.diagnosis != "check-failed") else None


def _result(work: _Work, items: tuple[ItemResult, ...]) -> Result:
    submission = work.job.submission
    submitted, days = _lateness(work)
    print_ = digest([item.fingerprint for item in items], submitted, days, asdict(work.release)["late"])
    return Result(
        version=1, student=submission.student.id, name=submission.student.name, submitted=submitted, late_days=days,
        fingerprint=print_, changes=tuple(work.changes), items=items, cpu_seconds=round(work.used.cpu_seconds, 3),
        wall_seconds=0.0, max_rss_mb=round(work.used.max_rss_mb, 1),
        **scoring.settled(items, scoring.late_share(work.release, days)),
    )  # fmt: skip


def _lateness(work: _Work) -> tuple[str | None, int]:
    """(when it came, days late). Without a list of times only the LMS's own mark makes a submission late.

    The time stamp in a download may be that of the download: it says how many days a marked submission is late, and
    else no more than a note.
    """
    job, deadline = work.job, work.release.deadline
    stamp = max((chosen.sent.stamp for chosen in work.choice.chosen.values()), default=None)
    when = job.submitted or (stamp.astimezone() if stamp else None)
    days = scoring.late_days(deadline, when)
    if job.submitted is None and job.submission.late:
        days = max(1, days)
    elif job.submitted is None and days:
        work.changes.append("the file's time stamp is after the deadline, and the LMS does not say late: not counted")
        days = 0
    return when.isoformat() if when else None, days


def _without_items(job: Job, status: str, why: str) -> Result:
    student = job.submission.student
    return Result(version=1, student=student.id, name=student.name, status=status, why=why[: scoring.MAX_WHY],
                  submitted=None, late_days=0, fingerprint="", changes=(), items=(), total=None, penalty=0.0,
                  cpu_seconds=0.0, wall_seconds=0.0, max_rss_mb=0.0)  # fmt: skip
