"""A tutor: beliefs are Bayes', kappa is scikit-learn's, and what the order of exercises saves is what it should be."""

import numpy as np
import pytest

from course_lib.topics import tutor


def test_item_response_by_hand():
    assert tutor.p_correct(0.7, 0.7) == 0.5
    np.testing.assert_allclose(tutor.p_correct([0, 1], 0.5, 2), [1 / (1 + np.e), np.e / (1 + np.e)])


def test_belief_without_answers_is_the_prior():
    mean, sd = tutor.believe([], [])
    assert (mean, sd) == (pytest.approx(0, abs=1e-9), pytest.approx(1, abs=2e-3))


def test_belief_is_the_integral():
    from scipy.integrate import quad

    answers, difficulty = np.array([1, 0, 1]), np.array([-0.5, 0.2, 1.0])

    def weight(theta, power):
        p = 1 / (1 + np.exp(-1.5 * (theta - difficulty)))
        return theta**power * np.exp(-(theta**2) / 2) * np.where(answers == 1, p, 1 - p).prod()

    total, first, second = (quad(weight, -8, 8, args=(k,))[0] for k in range(3))
    mean, sd = tutor.believe(answers, difficulty)
    assert mean == pytest.approx(first / total, abs=1e-3)
    assert sd == pytest.approx(np.sqrt(second / total - (first / total) ** 2), abs=1e-3)


def test_the_middle_question_tells_most():
    """Which is why the adaptive order asks it: a²p(1 - p) is largest at b = θ."""
    difficulty = np.linspace(-3, 3, 61)
    p = tutor.p_correct(0.5, difficulty)
    assert difficulty[(p * (1 - p)).argmax()] == pytest.approx(0.5)


def test_adaptive_questions_save_some_at_the_same_precision():
    r = tutor.compare(tutor.measure)
    assert r["adaptive"][2] < r["random"][1]
    assert r["saved"][1] > 4
    errors = [tutor.measure(order)["error"].std() for order in ("adaptive", "random")]
    np.testing.assert_allclose(errors, 0.4, atol=0.06)  # both stop at 0.4


def test_without_discrimination_no_order_helps():
    """If answers do not depend on ability every question is wasted, and all are asked."""
    r = tutor.measure("adaptive", learners=5, bank=20, discrimination=0.0)
    assert r["items"].tolist() == [20] * 5


@pytest.mark.parametrize("correct", [True, False])
def test_knowledge_tracing_is_counting(correct):
    """P(known | answer), then learning, against the shares in a simulated crowd."""
    rng = np.random.default_rng(0)
    knows = rng.random(400_000) < 0.3
    right = rng.random(len(knows)) < np.where(knows, 0.9, 0.25)
    after = knows | (rng.random(len(knows)) < 0.1)
    expected = after[right == correct].mean()
    found = tutor.bkt_update(0.3, correct, learn=0.1, guess=0.25, slip=0.1)
    assert found == pytest.approx(expected, abs=4e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"p": 1.2}, r"p must lie in \[0, 1\], got 1.2"), ({"p": 1.0, "correct": False, "slip": 0.0}, "cannot happen")],
)
def test_impossible_tracing(options, message):
    with pytest.raises(ValueError, match=message):
        tutor.bkt_update(**({"correct": True} | options))


def test_not_repeating_what_is_mastered_saves_and_nothing_else_does():
    r = tutor.compare(tutor.practise, ("adaptive", "open", "random"))
    assert r["saved"][1] > 40
    assert abs(r["adaptive"][0] - r["open"][0]) < 4  # the order among open skills hardly matters


def test_mastery_is_true_as_often_as_believed_if_the_model_is_right():
    right, wrong = (tutor.practise("adaptive", true_guess=g)["truly"].mean() for g in (0.2, 0.5))
    assert right > 0.95
    assert wrong < 0.85


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_is_sklearns(weights):
    from sklearn.metrics import cohen_kappa_score

    rng = np.random.default_rng(0)
    for marks in (2, 5):
        a = rng.integers(0, marks, 60)
        b = np.where(rng.random(60) < 0.6, a, rng.integers(0, marks, 60))
        assert tutor.cohen_kappa(a, b, weights) == pytest.approx(cohen_kappa_score(a, b, weights=weights), abs=1e-12)


def test_kappa_at_its_ends():
    assert tutor.cohen_kappa([1, 2, 3], [1, 2, 3]) == 1
    assert tutor.cohen_kappa([0, 1], [1, 0]) == -1
    assert tutor.cohen_kappa([0, 1, 0, 1], [0, 0, 1, 1]) == 0
    assert np.isnan(tutor.cohen_kappa([1, 1], [1, 1]))
    with pytest.raises(ValueError, match="equally long"):
        tutor.cohen_kappa([1], [1, 2])
    with pytest.raises(ValueError, match="weights must be"):
        tutor.cohen_kappa([1], [1], "cubic")


def test_a_marker_of_words_does_not_read_sentences():
    r = tutor.mark_answers()
    assert r["words"][1] > 0.6 > r["majority"][1] == 0
    assert r["majority"][0] > 0.55  # without any agreement beyond chance
    assert r["words, turned round"][1] < 0.3


@pytest.mark.parametrize("experiment", [tutor.measure, tutor.practise])
def test_unknown_order(experiment):
    with pytest.raises(ValueError, match=r"order must be one of adaptive, .*got 'best'"):
        experiment("best")


def test_same_again():
    assert np.array_equal(tutor.practise("random", 20)["items"], tutor.practise("random", 20)["items"])
