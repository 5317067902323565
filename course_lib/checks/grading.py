"""The verdict on an answer: every input, the smallest one that fails, and what the failure looks like.

`check` calls this with the learner's function; a grader outside the kernel calls it with a proxy. Both get the same
cases, the same comparison and the same diagnoses.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import diagnosis
from .matching import match
from .outcome import Outcome, run
from .plain import NotPlain, leaves, plain
from .pristine import pristine
from .spec import Exercise, Mistake, find

TOTAL_SECONDS = 20.0


@dataclass(frozen=True)
class Trial:
    """One input, what should come out, and what came."""

    args: tuple
    want: object
    outcome: Outcome
    right: bool


@dataclass(frozen=True)
class Grade:
    """The verdict. ``diagnosis`` is "" (right), "not-attempted", a mistake's name, or a general diagnosis."""

    exercise: str
    passed: bool
    diagnosis: str = ""
    message: str = ""
    input: tuple | None = None  # the smallest failing input
    got: object = None
    expected: object = None
    right: int = 0  # inputs answered right
    total: int = 0


def grade(exercise: str | Exercise, call: Callable[[tuple], object], *, seed: int = 0) -> Grade:
    """Grade ``call``, a function from a tuple of plain arguments to the answer.

    Parameters
    ----------
    exercise : str or Exercise
    call : callable
        Returns plain data, or an `Outcome` if it can tell more (an error and its line, printed text). What it raises
        is passed on: a broken proxy is not a wrong answer.
    seed : int
        The practice cases are those of seed 0; a grader uses its own.
    """
    exercise = find(exercise)
    with pristine():
        trials = _trials(exercise, call, seed)
        large = _largest(trials)
        again = ask(call, large.args) if trials[-1].outcome.kind in ("value", "raised") else large.outcome
        failed = [trial for trial in trials if not trial.right]
        if _not_attempted(trials[0].outcome):
            return Grade(exercise.id, False, "not-attempted", total=len(exercise.inputs(seed)))
        if not failed and _alike(exercise, again, large.outcome):
            return Grade(exercise.id, True, right=len(trials), total=len(trials))
        first = failed[0] if failed else trials[0]
        name, message = _diagnose(exercise, call, trials, failed)
    counts = {"right": len(trials) - len(failed), "total": len(exercise.inputs(seed))}
    return Grade(exercise.id, False, name, message, first.args, first.outcome.value, first.want, **counts)


def ask(call, args) -> Outcome:
    """The outcome of one call; its value is checked again, whoever sent it."""
    answer = call(args)
    if type(answer) is Outcome and answer.problem:
        return answer
    try:
        value = plain(answer.value if type(answer) is Outcome else answer)
    except NotPlain as stranger:
        return Outcome("value", problem=stranger.problem, detail=stranger.detail)
    return Outcome(**{**vars(answer), "value": value}) if type(answer) is Outcome else Outcome("value", value)


def _trials(exercise: Exercise, call, seed) -> list[Trial]:
    cases = exercise.inputs(seed)
    expected = [run(exercise.reference, args, ours=True).value for args in cases]  # before anything foreign runs
    trials, started = [], time.monotonic()
    for args, want in zip(cases, expected, strict=True):
        outcome = ask(call, args)
        if time.monotonic() - started > TOTAL_SECONDS:
            outcome = Outcome("timeout")
        trials.append(Trial(args, want, outcome, _right(exercise, outcome, want)))
        if outcome.kind not in ("value", "raised"):
            break
    return trials


def _right(exercise: Exercise, outcome: Outcome, want) -> bool:
    clean = outcome.kind == "value" and not outcome.problem and not outcome.changed
    quiet = not (exercise.quiet and outcome.floating)
    return clean and quiet and match(outcome.value, want, exercise.rtol, exercise.atol)


def _fits(exercise: Exercise, trial: Trial) -> bool:
    return trial.outcome.kind == "value" and match(trial.outcome.value, trial.want, exercise.rtol, exercise.atol)


def _not_attempted(outcome: Outcome) -> bool:
    return outcome.problem == "not-attempted" or outcome.detail.startswith("NotImplementedError")


def _diagnose(exercise: Exercise, call, trials, failed) -> tuple[str, str]:
    only_writes = bool(failed) and failed[0].outcome.changed and _fits(exercise, failed[0])
    mistake = recognise(exercise, trials) if failed and not only_writes else None
    if mistake is not None:
        return mistake.name, mistake.diagnosis
    trial = failed[0] if failed else trials[0]
    longest = _largest(failed or trials)
    repeated = ask(call, longest.args) if longest.outcome.kind == "value" else longest.outcome
    if not _alike(exercise, repeated, longest.outcome):
        return "unsteady", diagnosis.GENERAL["unsteady"]
    return _explain(exercise, failed or [trial])


def _largest(trials: list[Trial]) -> Trial:
    """The one with the most numbers in its answer: chance shows there."""
    return max(trials, key=lambda one: _items(one.want) + len(leaves(one.want)))


def _explain(exercise: Exercise, failed: list[Trial]) -> tuple[str, str]:
    """What there is to say of the smallest failure; if that is little, what most of the larger ones agree on."""
    explained = [diagnosis.explain(exercise, trial.args, trial.want, trial.outcome) for trial in failed]
    name, text = explained[0]
    if name in diagnosis.CLAIMS and not _agreed(name, explained, failed):
        smallest = failed[0]
        return diagnosis.explain(exercise, smallest.args, smallest.want, smallest.outcome, claims=False)
    if name == "scaled" and len({_claim(said) for other, said in explained if other == "scaled"}) > 1:
        return name, f"{text} {diagnosis.VARYING}"
    larger = [said for said, trial in zip(explained, failed, strict=True) if _items(trial.want) > 1]
    common, times = Counter(larger).most_common(1)[0] if larger else ((name, text), 0)
    usual = common[0] in diagnosis.CLAIMS and times > 1 and 2 * times >= len(larger)
    return common if name == "wrong-value" and usual else (name, text)


def _agreed(name: str, explained: list[tuple[str, str]], failed: list[Trial]) -> bool:
    """Whether most failures that can tell bear it out; a wrong sign may come with a factor."""
    finite = [(other, trial) for (other, _), trial in zip(explained, failed, strict=True)
              if other not in ("raises", "not-finite", "not-the-infinite", "too-slow")]
    said = [other for other, trial in finite if _items(trial.want) > 1] or [other for other, _ in finite]
    times = sum(other in ({name, "scaled"} if name == "sign" else {name}) for other in said)
    return 2 * times >= len(said) and not (name.endswith("-zero") and times < 2)  # one may be chance


def _claim(said: str) -> str:
    """Without the part of the answer that it is said of."""
    return said.rpartition(": ")[2].lower()


def _items(value) -> int:
    """Numbers in the largest array of an answer."""
    return max((np.size(leaf) for leaf in leaves(value)), default=0)


def recognise(exercise: Exercise, trials: list[Trial]) -> Mistake | None:
    """The listed mistake, or two at once, that behave like this answer on every input, if there are any."""
    single = (mistake for mistake in exercise.mistakes if mistake.diagnosis)
    for mistake in (*single, *exercise.pairs()):
        if _behaves_like(exercise, exercise.function(mistake), trials):
            return mistake
    return None


def _behaves_like(exercise, function, trials) -> bool:
    return all(_alike(exercise, trial.outcome, run(function, trial.args, ours=True)) for trial in trials)


def _alike(exercise: Exercise, a: Outcome, b: Outcome) -> bool:
    if a.kind != b.kind or a.problem != b.problem or (exercise.quiet and a.floating != b.floating):
        return False
    if a.kind == "raised":
        return a.detail.split(":")[0] == b.detail.split(":")[0]
    return match(a.value, b.value, 1e-7, exercise.atol) and type(a.value) is type(b.value)
