"""Data sets: each loader says where its data come from and under which licence."""

from course_lib.data.digits import DIGITS, Split, digits

__all__ = ["DIGITS", "Split", "digits"]
