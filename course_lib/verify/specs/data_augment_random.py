"""Random changes of images and words: a reference at the same draws, and a law of all draws together."""

from itertools import product

import numpy as np

from course_lib.data import augment as ours
from course_lib.verify.sampling import floats, holds, seeds, st
from course_lib.verify.specs.data_augment import (
    affine_by_hand,
    draw,
    images,
    mirrored,
    picked,
    scipy_affine,
    spec,
    torch_crop,
)
from course_lib.verify.specs.metrics import worst
from course_lib.verify.tools import torch


def random_affine_error(one):
    def run(dtype):
        pairs = []
        for seed, x in enumerate(images(dtype)):
            twin = np.random.default_rng(seed)
            drawn = zip(x, twin.uniform(-20, 20, len(x)), twin.uniform(0.8, 1.2, len(x)), strict=True)
            out = ours.random_affine(x, 20, (0.8, 1.2), 0.5, np.random.default_rng(seed))
            pairs.append((out, np.stack([one(image, a, f, 0.5) for image, a, f in drawn])))
        return worst(pairs)

    return run


def random_flip_error(dtype):
    pairs = []
    for seed, x in enumerate(np.repeat(x, 9, axis=0) for x in images(dtype)):
        twin = np.random.default_rng(seed)
        expected = np.stack([np.flip(image, 2) if twin.random() < 0.3 else image for image in x])
        pairs.append((ours.random_flip(x, 0.3, rng=np.random.default_rng(seed)), expected))
    return worst(pairs)


class Drawn:
    """A generator whose draws are given: to go through all of them."""

    def __init__(self, uniform=(), integers=()):
        self.uniform, self.whole = uniform, iter(integers)

    def random(self, n):
        return np.array(self.uniform[:n])

    def integers(self, *bounds):
        return next(self.whole)


TENTHS = (np.arange(10) + 0.5) / 10  # as good as all numbers in [0, 1) for p in whole tenths


def mean_flip_error(dtype):
    """Over all draws the mean image is p·mirrored + (1 - p)·image."""
    pairs = []
    for x, p in product(images(dtype), (0, 0.3, 1)):
        out = ours.random_flip(np.repeat(x[:1], 10, axis=0), p, rng=Drawn(TENTHS))
        pairs.append((out.astype(float).mean(0), (p * mirrored(x, True) + (1 - p) * x.astype(float))[0]))
    return worst(pairs)


def random_crop_error(dtype):
    pairs = []
    for seed, x in enumerate(images(dtype)):
        h, w = x.shape[2] + 1, x.shape[3]
        padded = torch.nn.functional.pad(torch.tensor(x), (2, 2, 2, 2), value=0.5).numpy()
        tops, lefts = np.random.default_rng(seed).integers(0, [[4], [5]], (2, len(x)))
        expected = [
            torch_crop(padded[i : i + 1], t, s, h, w)[0] for i, (t, s) in enumerate(zip(tops, lefts, strict=True))
        ]
        out = ours.random_crop(x, (h, w), 2, 0.5, np.random.default_rng(seed))
        pairs.append((out, np.stack(expected)))
    return worst(pairs)


def every_crop_error(dtype):
    """Going through all draws gives every window of the padded image, each once."""
    pairs = []
    for x in images(dtype):
        h, w = x.shape[2:]
        corners = list(product(range(3), range(3)))  # padding 1: the window moves by -1, 0 or 1
        out = ours.random_crop(np.repeat(x[:1], 9, axis=0), (h, w), 1, 0.5, Drawn(integers=[np.array(corners).T]))
        moved = [picked(x[:1], lambda i, j, t=t, s=s: (i + t - 1, j + s - 1), 0.5)[0] for t, s in corners]
        pairs.append((out, np.stack(moved)))
    return worst(pairs)


def drop_error(dtype):
    pairs = []
    for seed, (n, p) in enumerate(product((0, 1, 5, 200), (0, 0.3, 0.9))):
        draws = np.random.default_rng(seed).random(n)
        kept = np.flatnonzero(draws >= p)
        if len(kept) or not n:  # where none is left, the second reference knows
            pairs.append((ours.drop_words(list(range(n)), p, np.random.default_rng(seed)), kept))
    return worst(pairs)


def drop_odds_error(dtype):
    """Go through all draws for three words: how often each set is kept, against the binomial law."""
    pairs = []
    for tenths in (0, 3, 8, 10):
        p, found = tenths / 10, {}
        for draws in product(TENTHS, repeat=3):
            for last in range(3):
                kept = tuple(ours.drop_words([0, 1, 2], p, Drawn(draws, [last])))
                found[kept] = found.get(kept, 0) + 1 / 3000
        subsets = [s for s in product((0, 1), repeat=3) if any(s)]
        odds = [(1 - p) ** sum(s) * p ** (3 - sum(s)) + (p**3 / 3 if sum(s) == 1 else 0) for s in subsets]
        pairs.append(([found.get(tuple(np.flatnonzero(s).tolist()), 0) for s in subsets], odds))
    return worst(pairs)


def exchange(n, i):
    matrix = np.eye(n)
    matrix[[i, i + 1]] = matrix[[i + 1, i]]
    return matrix


def swap_error(dtype):
    pairs = []
    for seed, (n, swaps) in enumerate(product((2, 3, 20), (0, 1, 7))):
        twin, expected = np.random.default_rng(seed), np.arange(n)
        for _ in range(swaps):
            expected = exchange(n, twin.integers(n - 1)) @ expected
        pairs.append((ours.swap_words(list(range(n)), swaps, np.random.default_rng(seed)), expected))
    return worst(pairs)


def walk_error(dtype):
    """Over all draws each word walks at random: its odds are powers of one swap's."""
    pairs = []
    for n, swaps in ((2, 1), (4, 1), (4, 3)):
        draws = list(product(range(n - 1), repeat=swaps))
        mean = sum(np.eye(n)[ours.swap_words(list(range(n)), swaps, Drawn(integers=d))] for d in draws) / len(draws)
        one = sum(exchange(n, i) for i in range(n - 1)) / (n - 1)
        pairs.append((mean, np.linalg.matrix_power(one, swaps)))
    return worst(pairs)


@holds(rng=seeds())
def p_of_0_and_1_leave_all_or_mirror_all(rng):
    x = draw(rng)
    assert np.array_equal(ours.random_flip(x, 0, rng=rng), x)
    assert np.array_equal(ours.random_flip(x, 1, rng=rng), ours.flip(x))


@holds(rng=seeds(), padding=st.integers(0, 3))
def same_size_is_a_shift_by_at_most_the_padding(rng, padding):
    x, by = draw(rng, (1, 1, 6, 5)), range(-padding, padding + 1)
    out = ours.random_crop(x, (6, 5), padding, rng=rng)
    assert any(np.array_equal(out, ours.shift(x, *move)) for move in product(by, by))


@holds(rng=seeds(), degrees=floats(0, 180))
def interpolates_never_leaving_the_range_of_the_image_and_the_fill(rng, degrees):
    x = draw(rng)
    y = ours.random_affine(x, degrees, (0.5, 2), rng=rng)
    assert min(x.min(), 0) - 1e-12 <= y.min() <= y.max() <= max(x.max(), 0) + 1e-12


@holds(rng=seeds(), n=st.integers(0, 12), p=floats(0, 1))
def keeps_the_order_and_never_drops_all(rng, n, p):
    kept = ours.drop_words(list(range(n)), p, rng)
    assert kept == sorted(set(kept))
    assert bool(kept) == bool(n)


@holds(rng=seeds(), n=st.integers(0, 12), swaps=st.integers(0, 6))
def keeps_the_words_and_moves_none_further_than_the_swaps(rng, n, swaps):
    out = ours.swap_words(list(range(n)), swaps, rng)
    assert sorted(out) == list(range(n))
    assert all(abs(word - place) <= swaps for place, word in enumerate(out))


SPECS = (
    spec("random_flip", "numpy.flip at the same draws", random_flip_error, "the mean over all draws", mean_flip_error,
         p_of_0_and_1_leave_all_or_mirror_all),
    spec("random_crop", "PyTorch's pad and narrow at the same draws", random_crop_error,
         "every draw's window in a loop", every_crop_error, same_size_is_a_shift_by_at_most_the_padding),
    spec("random_affine", "scipy.ndimage.affine_transform at the same draws", random_affine_error(scipy_affine),
         "points turned and scaled in a loop", random_affine_error(affine_by_hand),
         interpolates_never_leaving_the_range_of_the_image_and_the_fill),
    spec("drop_words", "NumPy at the same draws", drop_error, "the odds of every outcome, over all draws",
         drop_odds_error, keeps_the_order_and_never_drops_all, float32=None),
    spec("swap_words", "permutation matrices at the same draws", swap_error,
         "a random walk's odds, over all draws", walk_error,
         keeps_the_words_and_moves_none_further_than_the_swaps, float32=None),
)  # fmt: skip
