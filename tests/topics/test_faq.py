"""The FAQ's vectors are scikit-learn's, abstaining counts what it says, and the cost follows from it."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from course_lib.topics import faq

TEXTS = ["What is a computer?", "what is a wavelength", "Who was the 37th President?", "a a a computer"]


@pytest.mark.parametrize("split", [faq.terms, faq.trigrams])
def test_vectors_equal_scikit_learns(split):
    theirs = TfidfVectorizer(analyzer=split).fit(TEXTS)
    ours = faq.TfIdf(TEXTS, split)
    queries = [*TEXTS, "what is new?", "zzz qqq"]
    np.testing.assert_allclose(ours(queries), theirs.transform(queries).toarray(), atol=1e-12)


def test_trigrams_stay_inside_words():
    assert faq.trigrams("Ab cd") == [" ab", "ab ", " cd", "cd "]


def test_the_nearest_document_by_cosine_not_by_length():
    assert faq.cosine_nearest([1, 0], [[9, 9], [0.1, 0]]) == (1, 1.0)
    assert faq.cosine_nearest([0, 0], [[1, 1]]) == (0, 0.0)
    with pytest.raises(ValueError, match=r"query \(V,\)"):
        faq.cosine_nearest([1, 0, 0], [[1, 1]])


def test_retrieve_agrees_with_cosine_nearest():
    index = faq.TfIdf(TEXTS)
    documents, queries = index(TEXTS), ["computer", "president who"]
    found, score = faq.retrieve(index, documents, queries)
    one_by_one = [faq.cosine_nearest(row, documents) for row in index(queries)]
    assert found.tolist() == [i for i, _ in one_by_one]
    np.testing.assert_allclose(score, [s for _, s in one_by_one])


def test_the_knowledge_has_each_question_once():
    pairs = faq.knowledge()
    questions = [pair.prompt.lower() for pair in pairs]
    assert len(set(questions)) == len(questions) > 200
    assert all(pair.reply for pair in pairs)
    assert not {*questions} & {text.lower() for text in faq.small_talk()}


def test_typing_changes_what_it_is_told_to():
    rng = np.random.default_rng(0)
    assert faq.typed("Who Was First?", rng, dropped=0, typos=0) == "who was first?"
    assert faq.typed("one two", rng, dropped=1, typos=0) == "two"
    assert faq.typed("abc", rng, dropped=0, typos=1) != "abc"


def test_selective_counts_coverage_and_accuracy():
    score, correct = [0.9, 0.8, 0.8, 0.1], [1, 0, 1, 0]
    assert faq.selective(score, correct, 0.8) == (0.75, pytest.approx(2 / 3))
    coverage, right = faq.selective(score, correct, 2)
    assert coverage == 0
    assert np.isnan(right)
    with pytest.raises(ValueError, match=r"\(4,\) and \(3,\)"):
        faq.selective(score, correct[:3], 0)


def test_the_cost_of_a_query():
    price = {"bot": 1, "human": 10, "wrong": 100}
    assert faq.cost_per_query([0.9, 0.1], [1, 0], 0.5, **price) == 1 + 0.5 * 10
    assert faq.cost_per_query([0.9, 0.1], [1, 0], 0, **price) == 1 + 0.5 * 100
    assert faq.cost_per_query([0.9, 0.1], [1, 0], 2, **price) == 1 + 10


def test_topics_have_enough_prompts():
    prompts, labels, names = faq.topics_of(least=50)
    assert len(prompts) == len(labels)
    assert np.bincount(labels, minlength=len(names)).min() >= 50
