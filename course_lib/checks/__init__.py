"""Exercises: their answer keys, and checks that say what is wrong with an answer.

In a chapter: ``from course_lib.checks import check, hint, reveal, predict, compare, use_mine, restore, progress``.
Outside a kernel: `grade`. How to write an exercise: `spec.Exercise`, and any file of `chapter04` as an example.
"""

from .grading import grade
from .mine import use_library, use_mine
from .outcome import Outcome
from .predictions import compare, predict
from .restoring import restore
from .session import CheckResult, check, hint, progress, reveal
from .spec import exercises

exercises()  # the answer keys are taken now, before any cell can change the library

__all__ = [
    "CheckResult", "Outcome", "check", "compare", "exercises", "grade", "hint", "predict", "progress", "restore",
    "reveal", "use_library", "use_mine",
]
