"""Metrics of generated text: BLEU and chrF, for whole corpora, equal to sacrebleu's.

References come as sacrebleu takes them: a list of reference sets, each as long as the list of hypotheses. One
reference for each hypothesis is therefore ``[references]``.
"""

import math
import re
from collections import Counter

ENTITIES = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}
SPLITS = (
    (re.compile(r"([ -&(-+/:-@\[-`{-~])"), r" \1 "),  # ASCII punctuation but ' , - .
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),  # . and , unless they follow a digit
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),  # or come before one
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),  # a dash after a digit
)


def bleu(hypotheses, references, tokenize: str = "13a", order: int = 4) -> float:
    """BLEU of a corpus, 0 to 100: geometric mean of the n-gram precisions, times a penalty for being short.

    BLEU = 100 · min(1, e^(1 - r/c)) · exp(1/4 Σₙ log pₙ), where pₙ is the share of n-grams that a reference has too
    (counted at most as often as in one reference), c the length of all hypotheses and r that of the references closest
    in length. Papineni et al., ACL 2002. If an order has no match, its precision is 1/(2ʲ·total) for the j-th such
    order (NIST's smoothing, sacrebleu's "exp"). Post, WMT 2018.

    Parameters
    ----------
    hypotheses : list of str
    references : list of list of str
        One or more reference sets, each as long as `hypotheses`.
    tokenize : {"13a", "char", "none"}
        "13a": punctuation split off as mteval-v13a does, for Western languages; "char": every character, for Chinese;
        "none": at white space only.
    order : int
        Longest n-grams counted.
    """
    split = _tokenizer(tokenize)
    if order < 1:
        raise ValueError(f"bleu: order must be at least 1, got {order}")
    matches, totals, length, reference_length = [0] * order, [0] * order, 0, 0
    for hypothesis, *texts in _segments("bleu", hypotheses, references):
        tokens, refs = split(hypothesis), [split(text) for text in texts]
        length += len(tokens)
        reference_length += min((abs(len(r) - len(tokens)), len(r)) for r in refs)[1]  # the closest, then the shorter
        for n in range(order):
            found, allowed = _ngrams(tokens, n + 1), Counter()
            for ref in refs:
                allowed |= _ngrams(ref, n + 1)
            matches[n] += (found & allowed).total()
            totals[n] += found.total()
    return _bleu(matches, totals, length, reference_length) if hypotheses else float("nan")


def _bleu(matches, totals, length, reference_length):
    if not any(matches) or not all(totals):
        return 0.0
    logs, factor = [], 1
    for match, total in zip(matches, totals, strict=True):
        factor *= 1 if match else 2
        logs.append(math.log(100 * match / total if match else 100 / (factor * total)))
    penalty = min(1.0, math.exp(1 - reference_length / length))
    return penalty * math.exp(sum(logs) / len(logs))


def chrf(hypotheses, references, order: int = 6, beta: float = 2) -> float:
    """chrF of a corpus, 0 to 100: F-score of character n-grams up to `order`, white space removed.

    chrF = 100 · (1 + β²)·P·R / (β²·P + R), with P and R the mean precision and recall over the orders that both sides
    have; the default is chrF2. With several references the one that scores best counts. Popović, WMT 2015.

    Parameters
    ----------
    hypotheses, references
        As for `bleu`.
    order : int
        Longest n-grams counted.
    beta : float
        How many times more recall weighs than precision.
    """
    if order < 1 or beta <= 0:
        raise ValueError(f"chrf: order must be at least 1 and beta above 0, got {order} and {beta}")
    sums = [[0, 0, 0] for _ in range(order)]
    for hypothesis, *texts in _segments("chrf", hypotheses, references):
        best = max((_chrf_counts(hypothesis, text, order) for text in texts), key=lambda c: _chrf(c, beta))
        sums = [[a + b for a, b in zip(s, c, strict=True)] for s, c in zip(sums, best, strict=True)]
    return _chrf(sums, beta) if hypotheses else float("nan")


def _chrf_counts(hypothesis, reference, order):
    """(n-grams of the hypothesis, of the reference, in both) for each order; n-grams without a reference are free."""
    texts, counts = ["".join(text.split()) for text in (hypothesis, reference)], []
    for n in range(1, order + 1):
        mine, theirs = (_ngrams(text, n) for text in texts)
        counts.append([mine.total() if theirs else 0, theirs.total(), (mine & theirs).total()])
    return counts


def _chrf(counts, beta):
    pairs = [(match / mine, match / theirs) for mine, theirs, match in counts if mine and theirs]
    if not pairs:
        return 0.0
    p, r = (sum(values) / len(pairs) for values in zip(*pairs, strict=True))
    return 100 * (1 + beta**2) * p * r / (beta**2 * p + r) if p + r else 0.0


def _ngrams(sequence, n):
    return Counter(sequence[i : i + n] for i in range(len(sequence) - n + 1))


def _tokenizer(name):
    tokenizers = {"13a": _tokens_13a, "char": lambda text: tuple("".join(text.split())), "none": _words}
    if name not in tokenizers:
        raise ValueError(f"bleu: tokenize must be one of {', '.join(map(repr, tokenizers))}, got {name!r}")
    return tokenizers[name]


def _words(text):
    return tuple(text.split())


def _tokens_13a(text):
    """Tokens as mteval-v13a, the script of the WMT evaluations, makes them."""
    text = text.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, character in ENTITIES.items():
        text = text.replace(entity, character)
    text = f" {text} "
    for pattern, parts in SPLITS:
        text = pattern.sub(parts, text)
    return _words(text)


def _segments(name, hypotheses, references):
    """Yield (hypothesis, reference, reference, ...) after checking that the lists fit."""
    if isinstance(hypotheses, str) or isinstance(references, str) or any(isinstance(r, str) for r in references):
        raise TypeError(f"{name}: expected a list of hypotheses and a list of reference sets (each a list of texts); "
                        "for one reference per hypothesis pass [references]")
    if not len(references) or any(len(r) != len(hypotheses) for r in references):
        raise ValueError(f"{name}: every reference set must be as long as the {len(hypotheses)} hypotheses, got "
                         f"{[len(r) for r in references]}")
    yield from zip(hypotheses, *references, strict=True)
