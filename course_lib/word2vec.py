"""word2vec: skip-gram with negative sampling. Words that keep the same company get similar vectors.

For each word and each of its neighbours, raise the dot product of the pair and lower that with `negative` words drawn
at random. Mikolov, Sutskever, Chen, Corrado & Dean, NeurIPS 2013. Argument names and defaults are gensim's.
"""

import re
from collections import Counter

import numpy as np

from course_lib.activations import _sigmoid
from course_lib.data.vectors import WordVectors
from course_lib.op import Array, op

WORD = re.compile(r"[^\W\d]+")


def words(text: str) -> list[str]:
    """Runs of letters (and underscores), in lower case; digits and punctuation end a word."""
    return WORD.findall(text.lower())


def vocabulary(sentences, min_count: int = 5) -> dict[str, int]:
    """Words that occur at least `min_count` times, with their counts, the most frequent first."""
    counts = Counter(word for sentence in sentences for word in sentence)
    return {word: n for word, n in counts.most_common() if n >= min_count}


def noise_distribution(counts, power: float = 0.75) -> np.ndarray:
    """Probabilities of the negative samples: count^power, normalised. Mikolov et al., 2013, section 2.2."""
    weights = np.asarray(counts, float) ** power
    return weights / weights.sum()


def keep_probability(counts, sample: float = 1e-3) -> np.ndarray:
    """Chance that an occurrence of a word is used: min(1, √(t/f) + t/f), f its share of the text and t = `sample`.

    Frequent words say little. This is the formula of the authors' program and of gensim; the paper (Mikolov et al.,
    2013, eq. 5) has √(t/f) alone. 0 keeps everything.
    """
    counts = np.asarray(counts, float)
    ratio = sample * counts.sum() / counts
    return np.minimum(1, np.sqrt(ratio) + ratio) if sample else np.ones(len(counts))


def skip_grams(ids, sentence, window: int = 5, rng=None) -> tuple[np.ndarray, np.ndarray]:
    """All (word, neighbour) pairs within a window whose width is drawn anew for each word from 1..window.

    Parameters
    ----------
    ids : int array, (N,)
        The words of all sentences, one after the other.
    sentence : int array, (N,)
        The number of each word's sentence; neighbours are of the same one.
    window : int
    rng : numpy.random.Generator, optional
        Without it every window has full width.

    Returns
    -------
    center, context : int arrays, (P,)
    """
    ids, sentence = np.asarray(ids), np.asarray(sentence)
    if window < 1 or ids.shape != sentence.shape:
        raise ValueError(f"skip_grams: window must be at least 1 and both arrays (N,), got {window}, {ids.shape} and "
                         f"{sentence.shape}")  # fmt: skip
    width = np.full(len(ids), window) if rng is None else rng.integers(1, window + 1, len(ids))
    pairs = [(np.zeros(0, int), np.zeros(0, int))]
    for step in range(1, min(window, len(ids) - 1) + 1):
        left = np.flatnonzero(sentence[step:] == sentence[:-step])
        for a, b in ((left, left + step), (left + step, left)):
            near = width[a] >= step
            pairs.append((a[near], b[near]))
    center, context = map(np.concatenate, zip(*pairs, strict=True))
    return ids[center], ids[context]


@op
def negative_sampling_loss(center: Array, context: Array, negative: Array):
    """Σ over pairs of -log σ(v·u) - Σₖ log σ(-v·nₖ). Mikolov et al., NeurIPS 2013, eq. 4; Goldberg & Levy, 2014.

    Parameters
    ----------
    center, context : array, (B, D)
        v and u: the input vector of a word, the output vector of its neighbour.
    negative : array, (B, K, D)
        n: output vectors of words drawn at random.
    """
    if center.shape != context.shape or negative.ndim != 3 or negative[:, 0].shape != center.shape:
        raise ValueError(f"negative_sampling_loss: expected (B, D), (B, D) and (B, K, D), got {center.shape}, "
                         f"{context.shape} and {negative.shape}")  # fmt: skip
    outputs = np.concatenate([context[:, None], negative], 1)  # (B, 1 + K, D)
    loss, slope = _loss_and_slope(center, outputs)
    return loss, (
        lambda g: g * np.einsum("bk,bkd->bd", slope, outputs),
        lambda g: g * slope[:, :1] * center,
        lambda g: g * slope[:, 1:, None] * center[:, None],
    )


def update(inputs, outputs, center, targets, lr: float) -> float:
    """One step of gradient descent on a batch, in place, touching only the rows that occur; returns the loss before.

    Parameters
    ----------
    inputs, outputs : array, (V, D)
        Changed.
    center : int array, (B,)
    targets : int array, (B, 1 + K)
        The neighbour, then the negative samples.
    lr : float
    """
    v, u = inputs[center], outputs[targets]  # (B, D), (B, 1 + K, D)
    loss, slope = _loss_and_slope(v, u)
    slope *= lr
    _subtract_rows(inputs, center, np.matmul(slope[:, None], u)[:, 0])
    _subtract_rows(outputs, targets.ravel(), (slope[..., None] * v[:, None]).reshape(-1, v.shape[1]))
    return float(loss)


def train(sentences, vector_size=100, window=5, min_count=5, negative=5, sample=1e-3, alpha=0.025, min_alpha=1e-4,
          epochs=5, batch_size=256, seed=0) -> WordVectors:  # fmt: skip
    """Learn word vectors from sentences. The learning rate falls in a line from `alpha` to `min_alpha`.

    Parameters
    ----------
    sentences : list of lists of words
        See `words`.
    batch_size : int
        Pairs whose gradients are summed before the vectors move (gensim's is 1). Small beside the vocabulary, please:
        a word that occurs often in one batch moves that many times as far.

    Returns
    -------
    WordVectors
    """
    counts = vocabulary(sentences, min_count)
    if len(counts) < 2:
        raise ValueError(f"train: needs 2 words that occur {min_count} times, got {len(counts)}: more text, or a lower "
                         "min_count")  # fmt: skip
    rng, number = np.random.default_rng(seed), {word: i for i, word in enumerate(counts)}
    ids = [[number[word] for word in sentence if word in number] for sentence in sentences]
    sentence, ids = np.repeat(np.arange(len(ids)), list(map(len, ids))), np.concatenate(ids).astype(int)
    frequency = np.array(list(counts.values()))
    noise, keep = noise_distribution(frequency), keep_probability(frequency, sample)[ids]
    inputs = rng.uniform(-0.5, 0.5, (len(counts), vector_size)).astype(np.float32) / vector_size
    outputs = np.zeros_like(inputs)
    for epoch in range(epochs):
        used = rng.random(len(ids)) < keep
        batches = _batches(*skip_grams(ids[used], sentence[used], window, rng), batch_size, rng)
        for i, (center, context) in enumerate(batches):
            done = (epoch + i / len(batches)) / epochs
            targets = _with_negatives(context, noise, negative, rng)
            update(inputs, outputs, center, targets, alpha + (min_alpha - alpha) * done)
    return WordVectors(list(counts), inputs)


def _batches(center, context, size, rng):
    """Shuffle the pairs and cut them into batches of at most `size`."""
    order = rng.permutation(len(center))
    return [(center[part], context[part]) for part in np.split(order, range(size, len(order), size))]


def _with_negatives(context, noise, k, rng):
    """Neighbours (B,) and k words each that are drawn from the noise and are not the neighbour: (B, 1 + k)."""
    draw = lambda n: np.searchsorted(np.cumsum(noise)[:-1], rng.random(n), side="right")  # noqa: E731
    negatives = draw((len(context), k))
    while (hit := negatives == context[:, None]).any():
        negatives[hit] = draw(hit.sum())
    return np.column_stack([context, negatives])


def _loss_and_slope(v, outputs):
    """Loss, and its slope in each score: σ - 1 for the neighbour, σ for the others. v (B, D), outputs (B, 1 + K, D)."""
    scores = np.matmul(outputs, v[..., None])[..., 0]  # (B, 1 + K)
    slope = _sigmoid(scores)
    slope[:, 0] -= 1
    scores[:, 0] *= -1
    return np.logaddexp(0, scores).sum(), slope


def _subtract_rows(matrix, index, rows):
    """matrix[index] -= rows, rows of one index summed: sorted first, which is faster than numpy.subtract.at."""
    order = np.argsort(index, kind="stable")
    ranked = index[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])[: len(ranked)]
    if len(starts):
        matrix[ranked[starts]] -= np.add.reduceat(rows[order], starts)
