"""The self-assessment: one question of each chapter, the same for the same seed, the answer not always in one place."""

from course_lib.topics import quiz


def test_questions_are_sound():
    found = quiz.questions()
    assert len({q.question for q in found}) == len(found)
    assert all(q.answer in q.choices and len(set(q.choices)) == len(q.choices) >= 3 for q in found)
    assert {q.chapter for q in found} == set(range(1, 9))


def test_one_of_each_chapter_drawn_by_the_seed():
    assert [q.chapter for q in quiz.draw(0)] == list(range(1, 9))
    assert quiz.draw(3) == quiz.draw(3)
    assert len({tuple(q.id for q in quiz.draw(seed)) for seed in range(10)}) > 5


def test_the_place_of_the_answer_does_not_tell():
    places = [q.choices.index(q.answer) for seed in range(50) for q in quiz.draw(seed)]
    assert all(places.count(i) > 70 for i in range(3))
