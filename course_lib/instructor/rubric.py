"""rubric.md: what is asked, what it is worth, and what the grader knows about wrong answers. For instructors only."""

from __future__ import annotations

from ..checks.spec import Exercise
from .config import Written
from .files import Release

HEAD = """# {title}: rubric

For instructors. Do not hand this out: it has the hidden seed and the diagnoses.

Hidden seed {seed}. Made {made}. Deadline: {deadline}. {total:g} points.

A code item is right when every hidden case is. A case is an input; the edge cases are those of the practice checks, the
others are drawn from the hidden seed.

| item | points | title | hidden cases |
|---|--:|---|--:|
"""
TASK = """
## {id} {title}

{points:g} points, {minutes} minutes, difficulty {difficulty} of 5. {where}

```
{signature}
```

{doc}

Known mistakes, and what a student is told:

"""


def rubric(release: Release, exercises: dict[str, Exercise], written: list[Written]) -> str:
    """The page."""
    counts = {id: len(exercise.inputs(release.hidden_seed)) for id, exercise in exercises.items()}
    rows = [f"| {i.id} | {i.points:g} | {i.title} | {counts.get(i.id, 'by hand')} |" for i in release.items]
    head = HEAD.format(title=release.title, seed=release.hidden_seed, made=release.made,
                       deadline=release.deadline or "none", total=sum(item.points for item in release.items))
    tasks = [_task(item, exercises[item.id]) for item in release.items if item.kind == "code"]
    questions = [f"\n## {w.id}\n\n{w.points:g} points, marked by hand.\n\n{w.text.strip()}\n" for w in written]
    return head + "\n".join(rows) + "\n" + "".join(tasks + questions)


def _task(item, exercise: Exercise) -> str:
    where = f"From the folder `{item.private}`; not in the students' package." if item.private else "From the course."
    head = TASK.format(id=item.id, title=item.title, points=item.points, minutes=exercise.minutes, where=where,
                       difficulty=exercise.difficulty, signature=exercise.signature, doc=exercise.answer.__doc__ or "")
    known = [f"- {m.name}: {m.diagnosis}" for m in exercise.mistakes if m.diagnosis]
    answer = ["", "Model answer:", "", "```python", exercise.source.rstrip(), "```", ""]
    return head + "\n".join([*known, *answer])
