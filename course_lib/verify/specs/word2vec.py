"""What word2vec counts and draws, beside gensim's vocabulary and sampling tables."""

import re
import warnings
from collections import Counter
from functools import cache

import numpy as np

from course_lib import word2vec as ours
from course_lib.data import descriptions
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch

OPTIONS = {"vector_size": 50, "min_count": 5, "epochs": 50}


@cache
def corpus():
    """scikit-learn's descriptions of its data sets, cut into sentences."""
    texts = [re.split(r"(?<=[.:;])\s+|\n\s*\n", text.text) for text in descriptions()]
    return [ours.words(sentence) for sentences in texts for sentence in sentences]


@cache
def gensim_model(seed=1):
    from gensim.models import Word2Vec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Word2Vec(corpus(), sg=1, seed=seed, workers=1, sample=1e-3, **OPTIONS)


def both_counts():
    """Gensim's words and counts."""
    wv = gensim_model().wv
    return {word: wv.get_vecattr(word, "count") for word in wv.index_to_key}


def same(a, b) -> float:
    return 0.0 if a == b else np.inf


def words_error(dtype):
    from gensim.utils import tokenize

    texts = [text.text for text in descriptions()] + ["L'été: 3rd Ünïcode_x, 中文!", ""]
    return max(same(ours.words(t), list(tokenize(t, lowercase=True))) for t in texts)


def words_loop_error(dtype):
    """Letter by letter."""

    def loop(text):
        found, word = [], ""
        for character in text.lower() + " ":
            if character.isalpha() or character == "_":
                word += character
            elif word:
                found, word = [*found, word], ""
        return found

    return max(same(ours.words(t.text), loop(t.text)) for t in descriptions())


def vocabulary_error(dtype):
    found = ours.vocabulary(corpus(), 5)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    return same(found, both_counts())


def vocabulary_loop_error(dtype):
    flat = [word for sentence in corpus() for word in sentence]
    return same(ours.vocabulary(corpus(), 20), {w: flat.count(w) for w in set(flat) if flat.count(w) >= 20})


def noise_error(dtype):
    """gensim's table holds cumulated probabilities in whole parts of 2³¹."""
    table = gensim_model().cum_table
    return relative(np.cumsum(ours.noise_distribution(list(both_counts().values()))), table / table[-1])


def noise_loop_error(dtype):
    powers = [n**0.75 for n in (100, 50, 3, 1)]
    return relative(ours.noise_distribution([100, 50, 3, 1]), [p / sum(powers) for p in powers])


def keep_error(dtype):
    """gensim keeps a word if a random 32-bit number is below sample_int; the same fraction of 2³²."""
    wv = gensim_model().wv
    theirs = [wv.get_vecattr(word, "sample_int") / (2**32 - 1) for word in both_counts()]
    return relative(ours.keep_probability(list(both_counts().values()), 1e-3), theirs)


def keep_loop_error(dtype):
    """As word2vec.c writes it: (√(c / tN) + 1)·tN / c."""
    t_n = 1e-2 * 154
    expected = [min(1, ((c / t_n) ** 0.5 + 1) * t_n / c) for c in (100, 50, 3, 1)]
    return relative(ours.keep_probability([100, 50, 3, 1], 1e-2), expected)


def sentences(rng):
    lengths = rng.integers(0, 9, 6)
    return rng.integers(0, 7, lengths.sum()), np.repeat(np.arange(6), lengths)


def pairs_error(dtype):
    """All pairs of a band matrix that lie in one sentence."""
    rng = np.random.default_rng(0)
    for window in (1, 2, 5, 20):
        ids, sentence = map(torch.tensor, sentences(rng))
        place = torch.arange(len(ids))
        near = (place[:, None] - place).abs()
        a, b = torch.nonzero((near >= 1) & (near <= window) & (sentence[:, None] == sentence), as_tuple=True)
        found = np.column_stack(ours.skip_grams(ids.numpy(), sentence.numpy(), window)).tolist()
        assert sorted(found) == sorted(torch.stack([ids[a], ids[b]], 1).tolist())
    return 0.0


def pairs_loop_error(dtype):
    """word2vec.c's loops, with the same widths."""
    ids, sentence = sentences(np.random.default_rng(1))
    width, expected = np.random.default_rng(5).integers(1, 4, len(ids)), []
    for i in range(len(ids)):
        for j in range(i - width[i], i + width[i] + 1):
            if j != i and 0 <= j < len(ids) and sentence[j] == sentence[i]:
                expected.append((ids[i], ids[j]))
    found = zip(*ours.skip_grams(ids, sentence, 3, np.random.default_rng(5)), strict=True)
    return same(Counter(found), Counter(expected))


@holds(rng=seeds())
def concatenated_texts_give_concatenated_words(rng):
    a, b = ("".join(rng.choice(list("ab _'1.É"), 12)) for _ in "ab")
    assert ours.words(f"{a} {b}") == ours.words(a) + ours.words(b)


@holds(rng=seeds(), least=st.integers(1, 4))
def order_of_the_sentences_changes_no_count(rng, least):
    texts = [list(rng.choice(list("abcdef"), 5)) for _ in range(5)]
    found = ours.vocabulary(texts, least)
    assert ours.vocabulary(texts[::-1], least) == found
    assert min(found.values(), default=least) >= least


@holds(rng=seeds(), power=st.sampled_from([0, 0.75, 1]))
def sums_to_1_and_lies_between_uniform_and_the_counts(rng, power):
    counts = np.sort(rng.integers(1, 100, 6))
    p = ours.noise_distribution(counts, power)
    assert np.isclose(p.sum(), 1)
    assert np.allclose(ours.noise_distribution(counts, 0), 1 / 6)
    assert p[-1] / p[0] <= counts[-1] / counts[0] * (1 + 1e-12)


@holds(rng=seeds(), sample=st.sampled_from([0, 1e-4, 1e-2, 1]))
def rarer_words_are_kept_more_often(rng, sample):
    p = ours.keep_probability(np.sort(rng.integers(1, 1000, 6)), sample)
    assert (np.diff(p) <= 0).all()
    assert ((p > 0) & (p <= 1)).all()


@holds(rng=seeds(), window=st.integers(1, 9))
def at_full_width_every_pair_comes_both_ways(rng, window):
    center, context = ours.skip_grams(*sentences(rng), window)
    assert Counter(zip(center, context, strict=True)) == Counter(zip(context, center, strict=True))


def spec(name, parity, second, *properties):
    return Spec(f"word2vec.{name}", parity=Measured(*parity, float32=None), second=Measured(*second),
                properties=properties)  # fmt: skip


SPECS = (
    spec("words", ("gensim.utils.tokenize", words_error), ("letter by letter", words_loop_error),
         concatenated_texts_give_concatenated_words),
    spec("vocabulary", ("gensim's vocabulary", vocabulary_error), ("list.count", vocabulary_loop_error),
         order_of_the_sentences_changes_no_count),
    spec("noise_distribution", ("gensim's table, 31 bits", noise_error, 1e-8), ("a loop", noise_loop_error),
         sums_to_1_and_lies_between_uniform_and_the_counts),
    spec("keep_probability", ("gensim's table, 32 bits", keep_error, 1e-8), ("word2vec.c's formula", keep_loop_error),
         rarer_words_are_kept_more_often),
    spec("skip_grams", ("a band matrix in PyTorch", pairs_error), ("word2vec.c's loops", pairs_loop_error),
         at_full_width_every_pair_comes_both_ways),
)  # fmt: skip
