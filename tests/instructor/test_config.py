"""course.yml: what is right is read as meant; what is wrong is refused with its line and what is allowed."""

import time
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.instructor.config import Config, ConfigProblem, load, located
from course_lib.instructor.decoding import Problem

GOOD = """\
title: 深度学习 week 3      # a comment
language: zh
chapters: [3, 4]
deadline: 2026-12-04 23:59
deadlines: {4: 2026-12-11}
late: {per_day: 0.1, at_most: 0.5}
points: 2
hints: off
references: yes
exercises:
  - 3.1
  - {id: 4.10, points: 0.5, hints: true}
written:
  - id: w1
    chapter: 3
    points: 4
    text: |
      Why is the test set used once?

      Two sentences.
"""


@pytest.fixture
def read(tmp_path):
    """A function from a text, or bytes, to the configuration, its exercises looked up."""
    path = tmp_path / "course.yml"

    def reader(text) -> Config:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        config, tree = load(path)
        try:
            config.check_exercises({})
            return config
        except Problem as problem:
            raise located(problem, path, tree) from None

    return reader


def refusal(read, text) -> str:
    with pytest.raises(ConfigProblem) as refused:
        read(text)
    return str(refused.value)


def test_what_is_right_is_read_as_meant(read):
    config = read(GOOD)
    assert (config.title, config.language, config.chapters) == ("深度学习 week 3", "zh", (3, 4))
    assert config.late.per_day == 0.1
    assert config.written[0].text == "Why is the test set used once?\n\nTwo sentences.\n"
    first, second = config.assigned((3, 4), {})
    assert (first.id, first.points, first.hints, first.references) == ("3.1", 2.0, False, True)
    assert (second.id, second.points, second.hints, second.references) == ("4.10", 0.5, True, True)
    assert [one.id for one in config.assigned((4,), {})] == ["4.10"]


def test_an_empty_file_and_no_file_mean_the_same(read):
    assert read("") == read("# nothing\n") == read("{}") == Config()
    assert len(Config().assigned((3,), {})) == 7
    assert not Config().assigned((3,), {})[0].references


def test_deadlines(read):
    config = read(GOOD)
    assert config.due((3,)).replace(tzinfo=None) == datetime(2026, 12, 4, 23, 59)
    assert config.due((4,)).replace(tzinfo=None) == datetime(2026, 12, 11, 23, 59)  # a date means its last minute
    assert config.due((3,)).tzinfo is not None
    with pytest.raises(Problem, match="chapters 3, 4 have different deadlines"):
        config.due((3, 4))
    assert read("deadline: 2026-12-04T23:59:00+08:00").due((1,)).utcoffset() == timedelta(hours=8)
    assert read("deadline: 2026-12-04 23:59 -03:30").due((1,)).utcoffset() == -timedelta(hours=3.5)
    assert read("deadline: 2026-12-04T23:59Z").due((1,)).utcoffset() == timedelta(0)
    assert read("deadline: 1999-01-01").due((1,)).year == 1999  # in the past: the command says so
    assert Config().due((3,)) is None


WRONG = [
    ("title", "line 1: must be a mapping, not text ('title')"),
    ("- a", "line 1: must be a mapping, not a list"),
    ("\n\ntitel: x", "line 3: titel: unknown; allowed here: title, language, chapters, deadline"),
    ("title: [x]", "line 1: title: must be text, not a list"),
    ("title: ~", "line 1: title: must be text, not nothing"),
    ('title: "a\\nb"', "line 1: title: must be one line of 1 to 100 characters"),
    ("title: " + "x" * 101, "line 1: title: must be one line of 1 to 100 characters"),
    ("title: a\nhints: on\ntitle: b", "line 3: title is there twice (first in line 1)"),
    ("language: fr", "line 1: language: must be en or zh, not 'fr'"),
    ("chapters: 3", "line 1: chapters: must be a list, not text ('3')"),
    ("chapters:\n- 3\n- three", "line 3: chapters[1]: must be a whole number, not text ('three')"),
    ("chapters:\n- 3\n- 11", "line 3: chapters[1]: must be a chapter, 1 to 10, not 11"),
    ("chapters:\n- 3\n- 3", "line 3: chapters[1]: 3 is there twice"),
    ("deadline: friday", "line 1: deadline: must be a date such as 2026-12-04, 2026-12-04 23:59"),
    ("deadline: 2026-13-01", "line 1: deadline: must be a date"),
    ("deadlines:\n  3: 2026-01-01\n  4: soon", "line 3: deadlines.4: must be a date"),
    ("deadlines:\n  12: 2026-01-01", "line 2: deadlines.12: must be a chapter, 1 to 10"),
    ("late: {per_day: 0.1, at_most: 0.5}", "line 1: late: there is no deadline to count from"),
    ("deadline: 2026-12-04\nlate:\n  per_day: 10\n  at_most: 50", "line 3: late.per_day: must be 0 to 1, not 10"),
    ("deadline: 2026-12-04\nlate: {per_day: 0.1}", "line 2: late: at_most is missing"),
    ("hints: maybe", "line 1: hints: must be true or false, not text ('maybe')"),
    ("hints: 'on'", "line 1: hints: must be true or false, not text ('on')"),
    ("points: -1", "line 1: points: must be 0 to 1000, not -1"),
    ("points: 1e999", "line 1: points: must be a finite number"),
    ("points: .nan", "line 1: points: must be a number"),
    ("points: nan", "line 1: points: must be a finite number"),
    ("points: " + "9" * 5000, "line 1: points: must be"),
    ("exercises: {3.1: 2}", "line 1: exercises: must be a list, not a mapping"),
    ("exercises:\n- 3.1\n- 3.9", "line 3: exercises[1].id: no exercise 3.9; there are 3.1, 3.2, 3.3"),
    ("exercises:\n- sigmoid", "line 2: exercises[0].id: no exercise sigmoid; an id is chapter.number"),
    ("exercises:\n- 3.1\n- 3.1", "line 3: exercises[1].id: 3.1 is there twice"),
    ("chapters: [4]\nexercises: [3.1]", "line 2: exercises[0].id: chapter 3 is not among the chapters 4"),
    ("exercises:\n  - {id: 3.1,\n     pts: 3}", "line 3: exercises[0].pts: unknown; allowed here: id, points"),
    ("exercises:\n- 3.1\n- points: 3", "line 3: exercises[1]: id is missing"),
    ("exercises:\n- {id: 3.1, points: two}", "line 2: exercises[0].points: must be a number, not text ('two')"),
    ("written:\n- {id: 3.1, chapter: 3, text: x}", "line 2: written[0].id: must be a letter"),
    ("written:\n- {id: '=w1', chapter: 3, text: x}", "line 2: written[0].id: must be a letter"),
    ("written:\n- {id: w1, chapter: 3, text: ' '}", "line 2: written[0].text: must be 1 to 10,000 characters"),
    ("written:\n- {id: w1, chapter: 3}", "line 2: written[0]: text is missing"),
    ("written:\n- {id: a, chapter: 3, text: x}\n- {id: a, chapter: 3, text: y}",
     "line 3: written[1].id: a is there twice"),
    ("chapters: [4]\nwritten:\n- {id: w1, chapter: 3, text: x}", "line 3: written[0].chapter: chapter 3 is not among"),
    ("a: &x 1\nb: *x", "line 1: aliases (& and *) are not allowed: write the value out"),
    ("a: !!python/object/apply:os.system [echo]", "line 1: tags (tag:yaml.org,2002:python/object/apply:os.system) are"),
    ("a: 1\n---\nb: 2", "line 2: a second document (---) begins here"),
    ("a: " + "[" * 11 + "]" * 11, "line 1: nested more than 10 deep"),
    ("{[a]: 3}", "line 1: a key must be a word"),
    ("title: a\n\t- x", "line 2: this is not YAML"),
    ("title: 'a", "line 1: this is not YAML"),
    (b"\xff\xfe\x00", "this is not UTF-8 text"),
    (b"\x00", "line 1: this is not YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said[:60] for _, said in WRONG])
def test_what_is_wrong_is_refused_with_its_line(text, said, read):
    assert said in refusal(read, text)


def test_large_files_and_bombs_are_refused_at_once(read):
    started = time.process_time()
    assert "at most 1,000,000 are allowed" in refusal(read, "#" * 1_000_001)
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert "aliases" in refusal(read, bomb)
    assert "nested more than" in refusal(read, "[" * 900_000)
    assert "unknown" in refusal(read, "".join(f"k{i}: {i}\n" for i in range(50_000)))
    assert time.process_time() - started < 10


def test_a_folder_or_nothing_in_place_of_the_file(tmp_path):
    for path, said in ((tmp_path, "this is not a file"), (tmp_path / "no.yml", "No such file")):
        with pytest.raises(ConfigProblem, match=said):
            load(path)


words = st.sampled_from(["title", "chapters", "exercises", "points", "3.1", "3", "- ", ": ", "[", "]", "{", "}", ", ",
                         "\n", "\n  ", "'", '"', "&a ", "*a", "!t ", "|", "#", "~", "on", "\x85", "é", "0x1f"])


@given(st.lists(words, max_size=30).map("".join) | st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yml"
    path.write_bytes(text.encode("utf-8", "replace"))
    with suppress(ConfigProblem):
        assert isinstance(load(path)[0], Config)
