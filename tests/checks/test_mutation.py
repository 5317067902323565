"""The checks can fail: each listed mistake gets its own diagnosis, unlisted ones are caught, right answers pass."""

import pytest

from course_lib.checks import exercises, grade
from course_lib.checks.diagnosis import GENERAL
from course_lib.checks.mutation import Tally, graded, measure, mutants

ALL = list(exercises().values())
SAME = {("4.11", "True -> False")}  # zip(strict=...) of lists that are equally long: not a mistake


def ids(exercise):
    return exercise.id


@pytest.mark.parametrize("exercise", ALL, ids=ids)
def test_mistakes_are_told_apart_and_right_answers_pass(exercise):
    tally = measure(exercise, seeds=(0, 1, 2, 3))
    assert not tally.faults
    assert tally == Tally.full(exercise)


@pytest.mark.parametrize("exercise", ALL, ids=ids)
def test_the_model_answer_with_one_thing_changed_is_rejected(exercise):
    survivors = {(exercise.id, what) for what, function in mutants(exercise) if graded(exercise, function, 0).passed}
    assert survivors <= SAME


@pytest.mark.parametrize("exercise", ALL, ids=ids)
def test_an_exercise_is_complete(exercise):
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(names) == len(set(names)) >= 5
    assert len(exercise.right) >= 2
    assert len(set(exercise.hints)) == 3
    assert exercise.answer.__doc__
    assert 1 <= exercise.difficulty <= 5
    for mistake in exercise.mistakes:  # a diagnosis of its own, or the name of a general one
        assert bool(mistake.diagnosis) != (mistake.name in GENERAL)


@pytest.mark.parametrize("exercise", ALL, ids=ids)
def test_the_smallest_input_comes_first_and_seeds_give_fresh_ones(exercise):
    from course_lib.checks.plain import identical, is_empty, size

    inputs = exercise.inputs(0)
    sizes = [size(args) for args in inputs if not is_empty(args)]
    assert sizes == sorted(sizes)
    assert identical(inputs, exercise.inputs(0))
    assert not identical(inputs, exercise.inputs(1))


def test_a_mistake_that_nobody_makes_any_more_is_noticed():
    exercise = exercises()["4.6"]
    from dataclasses import replace

    from course_lib.checks.spec import Mistake

    blind = replace(exercise, mistakes=(Mistake("harmless", {"grad**2": "grad * grad"}, "Nothing is wrong."),))
    assert measure(blind, seeds=(0,)).faults == ["4.6: harmless got 'passed' (seed 0)"]
    stale = replace(exercise, mistakes=(Mistake("gone", {"no such text": ""}, "?"),))
    with pytest.raises(ValueError, match="must occur once"):
        measure(stale, seeds=(0,))


def test_unknown_exercises_are_named():
    with pytest.raises(KeyError, match=r"4\.1, 4\.2"):
        grade("4.99", lambda args: None)
