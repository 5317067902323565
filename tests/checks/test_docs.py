"""docs/EXERCISES.md says what the checks do today."""

from pathlib import Path

from course_lib.checks.report import table

PAGE = Path(__file__).parents[2] / "docs" / "EXERCISES.md"


def test_the_table_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == table(), f"run python -m course_lib.checks docs/{PAGE.name}"
