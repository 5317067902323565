"""What a class did, counted: statuses, scores, diagnoses, time, hints, and answers that are alike."""

from __future__ import annotations

import base64
import hmac
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from statistics import mean, median

from .files import Case, Item, ItemResult, Release, Result
from .similar import Pair, pairs

STATUSES = ("graded", "needs-hand", "rejected", "failed")
ITEM_STATUSES = ("right", "partly", "wrong", "not-attempted", "needs-hand", "error")
BINS = 10


@dataclass(frozen=True)
class Diagnosis:
    """What was wrong with some of the answers to one item."""

    item: Item
    name: str  # a listed mistake's name, or a general one: "raises", "wrong-shape"
    count: int
    text: str  # the check's explanation, the commonest where they differ
    case: Case | None  # one student's input, result and what was expected


@dataclass(frozen=True)
class ItemSummary:
    """One item, over the class."""

    item: Item
    counts: dict[str, int]  # by item status
    mean: float | None  # of the scores there are
    diagnoses: tuple[Diagnosis, ...]
    remarks: tuple[tuple[str, int], ...]  # on right answers, such as that they call the library
    seconds: float  # median of those that ran
    slowest: float
    hints: float | None  # mean, where anybody's record was handed in
    alike: tuple[Pair, ...]

    @property
    def attempted(self) -> int:
        return sum(self.counts.values()) - self.counts["not-attempted"]


@dataclass(frozen=True)
class Summary:
    """A class, over one assignment."""

    release: Release
    students: tuple[Result, ...]
    statuses: dict[str, int]
    late: int
    absent: int | None  # on the roster, nothing handed in
    bins: tuple[int, ...]  # students per tenth of the points, the last one with the full mark
    totals: tuple[float, ...]
    items: tuple[ItemSummary, ...]

    @property
    def points(self) -> float:
        return sum(item.points for item in self.release.items)

    @property
    def again(self) -> list[Diagnosis]:
        """What to explain again: what at least two students got, the commonest first."""
        found = [diagnosis for item in self.items for diagnosis in item.diagnoses if diagnosis.count > 1]
        return sorted(found, key=lambda diagnosis: -diagnosis.count)


def summarise(release: Release, results: Iterable[Result], given: Callable[[Item], list[str]],
              absent: int | None = None) -> Summary:
    """Count everything. ``given`` returns what everybody had for an item: the stub, the model answer, the question."""
    students = tuple(results)
    totals = tuple(sorted(result.total for result in students if result.total is not None))
    points = sum(item.points for item in release.items)
    answers = defaultdict(list)
    for result in students:
        for item in result.items:
            answers[item.id].append((result.student, item))
    return Summary(release, students, {status: sum(r.status == status for r in students) for status in STATUSES},
                   sum(result.late_days > 0 for result in students), absent, _bins(totals, points), totals,
                   tuple(_item(item, answers[item.id], given(item)) for item in release.items))  # fmt: skip


def pseudonyms(release: Release, students: Iterable[str]) -> dict[str, str]:
    """A short code for each student, the same in every report of this release; without the release nobody can tell."""
    key, length = str(release.hidden_seed).encode(), 4
    digests = {s: base64.b32encode(hmac.digest(key, s.encode(), "sha256")).decode() for s in students}
    while len({digest[:length] for digest in digests.values()}) < len(digests):
        length += 1
    return {student: digest[:length] for student, digest in digests.items()}


def anonymous(summary: Summary) -> Summary:
    """The same with pseudonyms for ids and no names, in an order that says nothing."""
    code = pseudonyms(summary.release, (result.student for result in summary.students))
    students = sorted((replace(result, student=code[result.student], name="", why=_nameless(result))
                       for result in summary.students), key=lambda result: result.student)  # fmt: skip
    items = tuple(replace(item, alike=tuple(replace(pair, a=code[pair.a], b=code[pair.b]) for pair in item.alike))
                  for item in summary.items)  # fmt: skip
    return replace(summary, students=tuple(students), items=items)


def _nameless(result: Result) -> str:
    """Why, without the student's id and name, which a file's name may contain."""
    parts = sorted({result.student, *re.findall(r"\w{2,}", result.name)}, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, parts)), "…", result.why, flags=re.IGNORECASE)


def _bins(totals: Iterable[float], points: float) -> tuple[int, ...]:
    shares = [total / points if points else 0.0 for total in totals]
    places = Counter(min(int(BINS * share + 1e-9), BINS - 1) for share in shares)
    return tuple(places[i] for i in range(BINS))


def _item(item: Item, answers: list[tuple[str, ItemResult]], given: list[str]) -> ItemSummary:
    statuses = Counter(answer.status for _, answer in answers)
    scores = [answer.score for _, answer in answers if answer.score is not None]
    seconds = [answer.seconds for _, answer in answers if answer.total] or [0.0]
    hints = [answer.hints for _, answer in answers if answer.hints is not None]
    checked = [answer for _, answer in answers if item.kind == "code" and not answer.by_hand]
    remarks = Counter(answer.message for answer in checked if answer.status == "right")
    sources = {student: answer.source for student, answer in answers if answer.status != "not-attempted"}
    return ItemSummary(item, {status: statuses[status] for status in ITEM_STATUSES}, mean(scores) if scores else None,
                       _diagnoses(item, checked),
                       tuple((text, n) for text, n in remarks.most_common() if text), median(seconds), max(seconds),
                       mean(hints) if hints else None, tuple(pairs(sources, given, item.kind == "code")))  # fmt: skip


def _diagnoses(item: Item, answers: list[ItemResult]) -> tuple[Diagnosis, ...]:
    groups = defaultdict(list)
    for answer in answers:
        if answer.status in ("partly", "wrong", "error"):
            groups[answer.diagnosis or answer.status].append(answer)
    found = []
    for name, group in groups.items():
        text = Counter(answer.message for answer in group).most_common(1)[0][0]
        case = next((answer.case for answer in group if answer.case and answer.message == text), None)
        found.append(Diagnosis(item, name, len(group), text, case))
    return tuple(sorted(found, key=lambda diagnosis: (-diagnosis.count, diagnosis.name)))
