"""Image augmentation against SciPy and by law; text augmentation by law."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from course_lib import data
from course_lib.data import augment

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9))
SEEDS = st.integers(0, 2**32)
WORDS = st.lists(st.sampled_from(["a", "b", "c", "你", "好"]), max_size=12)


def images(shape, seed, dtype=float):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@given(shape=SHAPES, seed=SEEDS, degrees=st.floats(-720, 720), fill=st.floats(-1, 1))
def test_rotate_is_scipys(shape, seed, degrees, fill):
    x = images(shape, seed)
    theirs = ndimage.rotate(x, degrees, axes=(2, 3), reshape=False, order=1, mode="grid-constant", cval=fill)
    assert np.allclose(augment.rotate(x, degrees, fill), theirs, rtol=0, atol=1e-10)


@given(shape=SHAPES, seed=SEEDS, factor=st.floats(0.3, 3), fill=st.floats(-1, 1))
def test_scale_is_scipys(shape, seed, factor, fill):
    x = images(shape, seed)
    middle = (np.array(shape) - 1) / 2
    matrix = np.array([1, 1, 1 / factor, 1 / factor])
    theirs = ndimage.affine_transform(x, matrix, middle - middle * matrix, order=1, mode="grid-constant", cval=fill)
    assert np.allclose(augment.scale(x, factor, fill), theirs, rtol=0, atol=1e-10)


@given(shape=SHAPES, seed=SEEDS, down=st.integers(-10, 10), right=st.integers(-10, 10))
def test_shift_is_scipys(shape, seed, down, right):
    x = images(shape, seed)
    theirs = ndimage.shift(x, (0, 0, down, right), order=0, cval=0.5)
    assert np.array_equal(augment.shift(x, down, right, 0.5), theirs)


def test_quarter_turns_are_exact_and_anticlockwise():
    x = images((2, 3, 8, 8), 0)
    for k in range(4):
        assert np.allclose(augment.rotate(x, 90 * k), np.rot90(x, k, axes=(2, 3)), rtol=0, atol=1e-12)


def test_one_angle_and_factor_per_image():
    x = images((3, 2, 7, 7), 0)
    angles, factors = np.array([10.0, -20.0, 90.0]), np.array([0.8, 1.0, 1.3])
    for i in range(3):
        assert np.allclose(augment.rotate(x, angles)[i], augment.rotate(x[i : i + 1], angles[i])[0])
        assert np.allclose(augment.scale(x, factors)[i], augment.scale(x[i : i + 1], factors[i])[0])


@given(shape=SHAPES, seed=SEEDS)
def test_nothing_asked_nothing_done(shape, seed):
    x = images(shape, seed)
    rng = np.random.default_rng(0)
    unchanged = [augment.shift(x, 0, 0), augment.rotate(x, 0), augment.scale(x, 1), augment.crop(x, 0, 0, *shape[2:]),
                 augment.flip(augment.flip(x)), augment.random_flip(x, 0), augment.random_crop(x, shape[2:], rng=rng),
                 augment.random_affine(x, rng=rng)]  # fmt: skip
    assert all(np.allclose(y, x, rtol=0, atol=1e-12) for y in unchanged)


RANDOM = {
    "random_flip": lambda x, rng: augment.random_flip(x, rng=rng),
    "random_crop": lambda x, rng: augment.random_crop(x, x.shape[2:], padding=2, rng=rng),
    "random_affine": lambda x, rng: augment.random_affine(x, 15, (0.9, 1.1), rng=rng),
}


@pytest.mark.parametrize("change", RANDOM.values(), ids=RANDOM)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_random_changes_are_seeded_and_pure(change, dtype):
    x = images((20, 1, 8, 8), 0, dtype)
    before = x.copy()
    first, again, other = (change(x, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(x, before)
    assert (first.dtype, first.shape) == (dtype, x.shape)
    assert len({(a - b).tobytes() for a, b in zip(first, x, strict=True)}) > 1, "each image gets its own change"
    assert change(x[:0], np.random.default_rng(0)).shape == (0, 1, 8, 8)


def test_random_crop_gives_every_window_and_nothing_else():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    windows = {augment.crop(x, i, j, 3, 2).tobytes() for i in range(2) for j in range(3)}
    rng = np.random.default_rng(0)
    assert {augment.random_crop(x, (3, 2), rng=rng).tobytes() for _ in range(100)} == windows


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: augment.flip(np.ones((8, 8))), r"\(N, C, H, W\), got shape \(8, 8\)"),
        (lambda: augment.rotate(np.ones((1, 1, 8, 8), np.uint8), 5), "must be floats .* got uint8"),
        (lambda: augment.scale(np.ones((1, 1, 8, 8)), 0), "factor must be positive, got 0"),
        (lambda: augment.crop(np.ones((1, 1, 8, 8)), 4, 0, 5, 8), r"5×8 at \(4, 0\) is not inside"),
        (lambda: augment.random_crop(np.ones((1, 1, 8, 8)), 13, padding=2), "13×13 does not fit"),
        (lambda: augment.random_flip(np.ones((1, 1, 8, 8)), 1.5), r"p must lie in \[0, 1\], got 1.5"),
        (lambda: augment.drop_words("a b"), "got the string 'a b'"),
        (lambda: augment.drop_words(["a"], -0.1), "got -0.1"),
    ],
)
def test_bad_calls(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


@given(words=WORDS, p=st.floats(0, 1), seed=SEEDS)
def test_drop_words_keeps_the_order_and_never_all_go(words, p, seed):
    kept = augment.drop_words(words, p, np.random.default_rng(seed))
    rest = iter(words)
    assert all(word in rest for word in kept), "a subsequence"
    assert bool(kept) == bool(words)
    assert kept == augment.drop_words(words, p, np.random.default_rng(seed))


@given(words=WORDS, swaps=st.integers(0, 5), seed=SEEDS)
def test_swap_words_keeps_the_words(words, swaps, seed):
    before = list(words)
    swapped = augment.swap_words(words, swaps, np.random.default_rng(seed))
    assert sorted(swapped) == sorted(words)
    assert words == before
    if swaps == 1 and len(words) > 1:
        places = [i for i, (a, b) in enumerate(zip(words, swapped, strict=True)) if a != b]
        assert places in ([], [*range(places[0], places[0] + 2)] if places else [])


def test_drop_words_drops_the_share_it_says():
    words = [str(i) for i in range(10_000)]
    assert 0.28 < 1 - len(augment.drop_words(words, 0.3, np.random.default_rng(0))) / 10_000 < 0.32


def test_training_on_shifted_copies_helps_on_shifted_digits():
    """What augmentation is for: nearest neighbours, with the four one-pixel shifts added to the training images."""
    from sklearn.neighbors import KNeighborsClassifier

    split = data.digits(flat=False)
    moves = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    shifted = np.concatenate([augment.shift(split.x_test, *move) for move in moves[1:]]).reshape(-1, 64)
    more = np.concatenate([augment.shift(split.x_train, *move) for move in moves]).reshape(-1, 64)
    plain = KNeighborsClassifier(1).fit(split.x_train.reshape(-1, 64), split.y_train)
    trained = KNeighborsClassifier(1).fit(more, np.tile(split.y_train, 5))
    scores = [model.score(shifted, np.tile(split.y_test, 4)) for model in (plain, trained)]
    assert scores[0] < 0.8
    assert scores[1] > 0.95
