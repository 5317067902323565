"""docs/COURSE.md agrees with the chapters."""

import re

import pytest

from tools import course, pages

BOOKS = course.notebooks()


def test_the_page_is_up_to_date():
    assert pages.path("COURSE").read_text(encoding="utf-8") == course.markdown(), "run `make docs`"


@pytest.mark.parametrize("nb", BOOKS, ids=lambda nb: str(nb.metadata.course["chapter"]))
def test_a_chapter_states_its_aims_and_keeps_its_promises(nb):
    """3 to 5 aims; 5 exercises or more, each called once; 3 predictions or more; a recap, 5 review questions."""
    number, text = nb.metadata.course["chapter"], course.code(nb)
    assert 3 <= len(course.aims(nb)) <= 5
    tasks = [task for task in course.exercises().values() if task.chapter == number]
    assert len(tasks) >= 5
    assert all(text.count(f'check("{task.id}", {task.name})') == 1 for task in tasks)
    asked, answered = (
        re.findall(rf'^ *{word}\("({number}-p\d+)"', text, re.MULTILINE) for word in ("predict", "compare")
    )
    assert len(set(asked)) == len(asked) >= 3
    assert sorted(asked) == sorted(answered)
    prose = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    assert "## Recap" in prose
    assert all(f"{i}." in prose.partition("spaced review")[2] for i in range(1, 6))
