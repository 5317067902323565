"""docs/EXERCISES.md says what the checks do today: test_mutation measures each exercise and finds no fault in any."""

from pathlib import Path

from course_lib.checks.mutation import Tally
from course_lib.checks.report import table

PAGE = Path(__file__).parents[2] / "docs" / "EXERCISES.md"


def test_the_table_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == table(Tally.full), f"run python -m course_lib.checks docs/{PAGE.name}"
