"""docs/EXERCISES.md says what the checks do today: test_mutation measures each exercise and finds no fault in any."""

from course_lib.checks.mutation import Tally
from course_lib.checks.report import table
from tools import pages


def test_the_table_is_up_to_date():
    assert pages.path("EXERCISES").read_text(encoding="utf-8") == table(Tally.full), "run `make docs`"
