"""A whole class: submissions graded side by side, each result saved at once, the gradebook replaced at the end.

Killed at any moment, the next run finds every finished result and goes on with the rest.
"""

from __future__ import annotations

import ctypes
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

from ..checks.store import write_json
from . import gradebook, reading, sandbox
from .collect import Collection, collect
from .files import Release, Result
from .folder import Folder
from .limits import DEFAULT, Limits
from .roster import read_roster
from .submission import Job, _without_items, grade_submission


@dataclass(frozen=True)
class Order:
    """What `course grade` was asked to do."""

    submissions: Path
    release: Path
    roster: Path
    to: Path
    jobs: int = 1
    limits: Limits = DEFAULT
    times: dict[str, datetime] | None = None
    again: frozenset[str] = frozenset()  # students to be graded from scratch; "all" for all
    written: Path | None = None  # marks given by hand, besides those in TO/written.csv


@dataclass
class Class:
    """What came of it."""

    results: dict[str, Result]
    collection: Collection
    absent: list[str]
    how: str  # what limits the sandboxes
    written: str = ""  # what became of the marks given by hand


Progress = Callable[[Result, int, int], None]


def grade_class(order: Order, progress: Progress = lambda result, done, total: None) -> Class:
    """Grade everything. Raises Busy, NoSandbox, FileProblem, RosterProblem before any program of a student's runs."""
    release, roster = Release.load(order.release), read_roster(order.roster)
    folder = Folder(Path(order.to))
    sandbox.keep_apart([order.release, order.to, order.submissions, order.roster])
    how = sandbox.probe(order.limits)
    with folder.locked():
        folder.back_up(datetime.now())
        found = collect(order.submissions, roster, folder.path / "submissions")
        previous = folder.load()
        jobs = [Job(submission, order.release, order.limits, (order.times or {}).get(id),
                    None if {id, "all"} & order.again else previous.get(id))
                for id, submission in found.submissions.items()]
        for done, result in enumerate(_results(jobs, order.jobs), 1):
            result.save(folder.result(result.student))
            progress(result, done, len(jobs))
        absent = sorted(set(roster.students) - set(found.submissions))
        write_json(folder.path / "collected.json",
                   {"unknown": found.unknown, "ambiguous": found.ambiguous, "nothing handed in": absent})
        said = reading.take_and_give(folder, release, order.written, previous.values())
        results = folder.load()
        gradebook.write(folder.gradebook, release, results.values())
    return Class(results, found, absent, how, said)


def _results(jobs: list[Job], side_by_side: int) -> Iterator[Result]:
    """Results as they come. A job that takes its process with it is tried once more, alone."""
    lost = []
    for job, result in _pooled(jobs, side_by_side):
        if result is None:
            lost.append(job)
        else:
            yield result
    for job in lost:
        for _, result in _pooled([job], 1):
            yield result or _without_items(job, "failed", "the process that graded it ended: out of memory?")


def _pooled(jobs: list[Job], side_by_side: int) -> Iterator[tuple[Job, Result | None]]:
    with ProcessPoolExecutor(max(1, side_by_side), get_context("spawn"), initializer=_with_parent) as pool:
        waiting = {pool.submit(grade_submission, job): job for job in jobs}
        for future in as_completed(waiting):
            try:
                yield waiting[future], future.result()
            except BrokenProcessPool:
                yield waiting[future], None


def _with_parent() -> None:
    """Let this process end when the one that started it is killed; its sandbox ends with it."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
