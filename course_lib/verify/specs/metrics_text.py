"""BLEU and chrF beside sacrebleu's, on texts that try the tokenisers, and beside the papers' formulas in loops."""

import math
from itertools import product
from statistics import mean

import numpy as np
import sacrebleu

from course_lib import metrics as ours
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec

WORDS = "the cat , sat. on 3.5 a-b 1-2 'mat' &amp; &quot;x&quot; &amp;lt; 中文字 (ok) x-\ny $5 1,000 end. é <skipped>"


def corpus(rng, texts=None, sets=None):
    """Hypotheses and reference sets; words are often shared, texts may be empty or end in white space."""
    words, texts, sets = WORDS.split(" "), texts or rng.integers(1, 7), sets or rng.integers(1, 4)

    def text():
        return " ".join(rng.choice(words, rng.integers(0, 13))) + str(rng.choice(["", "\n", " ", " ."]))

    hypotheses = [text() for _ in range(texts)]
    changed = [[h if rng.random() < 0.3 else f"{h[: len(h) // 2]} {text()}" for h in hypotheses] for _ in range(sets)]
    return hypotheses, changed


def corpora():
    rng = np.random.default_rng(0)
    yield ["a b c"], [["x y z"]]  # no match
    yield ["a"], [["a"]]  # no n-gram of order 2
    yield ["the the the the the the the"], [["the cat is on the mat"], ["there is a cat on the mat"]]  # Papineni's
    yield ["", "a b"], [["", "a b"]]
    yield [""], [["a"]]
    for _ in range(60):
        yield corpus(rng)


def bleu_error(dtype):
    errors = []
    for (h, r), tokenize, order in product(corpora(), ("13a", "char", "none"), (4, 2)):
        expected = sacrebleu.BLEU(tokenize=tokenize, force=True, max_ngram_order=order).corpus_score(h, r).score
        errors.append(relative(ours.bleu(h, r, tokenize, order), expected))
    return max(errors)


def chrf_error(dtype):
    errors = []
    for (h, r), beta, order in product(corpora(), (1, 2, 3), (6, 2)):
        expected = sacrebleu.CHRF(char_order=order, beta=beta).corpus_score(h, r).score
        errors.append(relative(ours.chrf(h, r, order, beta), expected))
    return max(errors)


def grams(sequence, n):
    return [tuple(sequence[i : i + n]) for i in range(len(sequence) - n + 1)]


def matched(mine, theirs):
    """Strike each n-gram of one list from the other; return how many could be struck."""
    left = list(theirs)
    return sum(g in left and not left.remove(g) for g in mine)


def plain_bleu_error(dtype):
    """One reference, words between blanks, no smoothing: Papineni's formula, read off."""
    errors, rng = [], np.random.default_rng(1)
    for _ in range(30):
        pairs = [(h, [*h[:6], *rng.choice(list("abcd"), 3)]) for h in (list(rng.choice(list("abcd"), 9)) for _ in "12")]
        p = [sum(matched(grams(h, n), grams(r, n)) for h, r in pairs) / sum(len(grams(h, n)) for h, _ in pairs)
             for n in (1, 2, 3, 4)]  # fmt: skip
        c, r = sum(len(h) for h, _ in pairs), sum(len(r) for _, r in pairs)
        expected = 100 * min(1, math.exp(1 - r / c)) * math.prod(p) ** 0.25
        texts = [[" ".join(t) for t in side] for side in zip(*pairs, strict=True)]
        errors.append(relative(ours.bleu(texts[0], [texts[1]], "none"), expected))
    return max(errors)


def plain_chrf_error(dtype):
    """One pair of texts, each of at least 6 characters: Popović's formula, read off."""
    errors, rng = [], np.random.default_rng(2)
    for _ in range(30):
        h, r = ("".join(rng.choice(list("abc"), rng.integers(6, 15))) for _ in "12")
        counts = [(matched(grams(h, n), grams(r, n)), len(grams(h, n)), len(grams(r, n))) for n in range(1, 7)]
        p, q = mean(m / a for m, a, _ in counts), mean(m / b for m, _, b in counts)
        errors.append(relative(ours.chrf([h], [[r]]), 500 * p * q / (4 * p + q)))
    return max(errors)


@holds(rng=seeds())
def is_100_for_the_references_themselves(rng):
    texts = [" ".join(rng.choice(list("abcdef"), 8)) for _ in range(3)]
    assert np.isclose(ours.bleu(texts, [texts]), 100)
    assert np.isclose(ours.chrf(texts, [texts]), 100)


@holds(rng=seeds())
def order_of_the_texts_does_not_matter(rng):
    h, r = corpus(rng, texts=4)
    order = rng.permutation(4)
    shuffled = [h[i] for i in order], [[texts[i] for i in order] for texts in r]
    assert np.isclose(ours.bleu(*shuffled), ours.bleu(h, r))
    assert np.isclose(ours.chrf(*shuffled), ours.chrf(h, r))


@holds(rng=seeds())
def one_text_scores_no_lower_with_one_more_reference(rng):
    h, r = corpus(rng, texts=1, sets=2)
    assert ours.chrf(h, r) >= ours.chrf(h, r[:1]) - 1e-9


@holds(cut=st.integers(4, 9))
def a_shorter_text_pays_e_to_the_minus_missing_share(cut):
    words = list("abcdefghij")
    assert np.isclose(ours.bleu([" ".join(words[:cut])], [[" ".join(words)]]), 100 * math.exp(1 - 10 / cut))


@holds(rng=seeds())
def white_space_does_not_matter(rng):
    h, r = corpus(rng, texts=2)
    assert ours.chrf([f" {'  '.join(t.split())}" for t in h], r) == ours.chrf(h, r)


SPECS = (
    Spec("metrics.bleu", parity=Measured("sacrebleu's BLEU: 13a, char, none", bleu_error, float32=None),
         second=Measured("Papineni's formula in loops", plain_bleu_error),
         properties=(is_100_for_the_references_themselves, order_of_the_texts_does_not_matter,
                     a_shorter_text_pays_e_to_the_minus_missing_share)),
    Spec("metrics.chrf", parity=Measured("sacrebleu's CHRF", chrf_error, float32=None),
         second=Measured("Popović's formula in loops", plain_chrf_error),
         properties=(is_100_for_the_references_themselves, order_of_the_texts_does_not_matter,
                     one_text_scores_no_lower_with_one_more_reference, white_space_does_not_matter)),
)  # fmt: skip
