"""word2vec on a small real text: neighbours as gensim finds them, as nearly as gensim agrees with itself."""

from itertools import combinations

import numpy as np
import pytest

from course_lib import word2vec
from course_lib.verify.specs.word2vec import OPTIONS, corpus, gensim_model
from course_lib.verify.specs.word2vec_training import overlap

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def ours():
    return [word2vec.train(corpus(), **OPTIONS, seed=seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def theirs(ours):
    return [np.array([gensim_model(seed).wv[word] for word in ours[0].words]) for seed in SEEDS]


def correlation(a, b):
    """Correlation of the cosines of all pairs of words."""
    cosines = []
    for matrix in (a, b):
        unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
        cosines.append((unit @ unit.T)[np.triu_indices(len(unit), 1)])
    return float(np.corrcoef(cosines)[0, 1])


def test_neighbours_are_gensims(ours, theirs):
    """Of the 10 nearest words gensim shares 79 % with itself under another seed, and 75 to 79 % with ours.

    Measured on 14 texts of 5,000 words, 221 of them 5 times or more; chance is 5 %. All similarities correlate by 0.95
    and by 0.94 to 0.95.
    """
    pairs = [(a.matrix, b) for a, b in zip(ours, theirs, strict=True)]
    itself = np.mean([overlap(a, b) for a, b in combinations(theirs, 2)])
    both = [overlap(a, b) for a, b in pairs]
    assert min(both) > 0.68
    assert np.mean(both) > itself - 0.08
    assert min(correlation(a, b) for a, b in pairs) > 0.9


def test_vectors_that_are_hardly_trained_share_no_neighbours(ours, theirs):
    """The comparison can fail: after a hundredth of the training 5 % are shared, which is chance."""
    hardly = word2vec.train(corpus(), **(OPTIONS | {"epochs": 1, "alpha": 0.005}), seed=1)
    assert overlap(hardly.matrix, theirs[0]) < 0.2


def test_a_text_without_enough_words_is_named():
    with pytest.raises(ValueError, match="train: needs 2 words that occur 5 times, got 1: more text"):
        word2vec.train([["a"] * 9, ["b"]])
    with pytest.raises(ValueError, match="skip_grams: window must be at least 1"):
        word2vec.skip_grams([1], [1], 0)
    with pytest.raises(ValueError, match=r"negative_sampling_loss: expected \(B, D\), \(B, D\) and \(B, K, D\)"):
        word2vec.negative_sampling_loss(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3)))


def test_a_neighbour_is_never_its_own_negative_sample(monkeypatch):
    seen = []
    monkeypatch.setattr(word2vec, "update", lambda inputs, outputs, center, targets, lr: seen.append((targets, lr)))
    word2vec.train([["a", "b", "c"]] * 50, vector_size=2, negative=4, sample=0, epochs=2, batch_size=32)
    targets = np.concatenate([t for t, _ in seen])
    assert targets.shape[1] == 5
    assert not (targets[:, 1:] == targets[:, :1]).any()
    rates = [lr for _, lr in seen]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == 0.025
    assert all(len(t) <= 32 for t, _ in seen)


def test_sentences_without_pairs_leave_the_vectors_as_they_began():
    texts = [["a"], ["b"]] * 5
    vectors = word2vec.train(texts, vector_size=4, epochs=2)
    assert np.abs(vectors.matrix).max() <= 0.5 / 4
