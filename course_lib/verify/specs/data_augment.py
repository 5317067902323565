"""Changes of images: SciPy's or PyTorch's result, and each pixel in a loop."""

import cmath
import math
from itertools import product

import numpy as np
from scipy import ndimage

from course_lib.data import augment as ours
from course_lib.verify.sampling import floats, holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.specs.metrics import worst
from course_lib.verify.tools import torch

SIZES = ((1, 1, 1, 1), (2, 1, 5, 5), (1, 3, 4, 7), (3, 2, 8, 3))
MOVES = ((0, 0), (1, 0), (-2, 3), (0, -1), (9, 1))


def images(dtype=np.float64):
    rng = np.random.default_rng(1)
    for shape in SIZES:
        yield rng.normal(size=shape).astype(dtype)


def picked(x, source, fill=0.0):
    """Build every pixel in a loop: y[i, j] is x at source(i, j), or fill where that is outside."""
    height, width = x.shape[2:]
    y = np.full(x.shape, fill)
    for i, j in product(range(height), range(width)):
        r, c = source(i, j)
        if 0 <= r < height and 0 <= c < width:
            y[:, :, i, j] = x[:, :, r, c]
    return y


def mirrored(x, horizontal):
    height, width = x.shape[2:]
    return picked(x, lambda i, j: (i, width - 1 - j) if horizontal else (height - 1 - i, j))


def torch_flip(x, horizontal):
    return torch.flip(torch.tensor(x), (3,) if horizontal else (2,)).numpy()


def flip_error(twin):
    return lambda dtype: worst((ours.flip(x, h), twin(x, h)) for x in images(dtype) for h in (True, False))


def shift_error(twin):
    return lambda dtype: worst((ours.shift(x, *m, 0.5), twin(x, *m)) for x in images(dtype) for m in MOVES)


def scipy_shift(x, down, right):
    return ndimage.shift(x.astype(float), (0, 0, down, right), order=0, cval=0.5)


def windows(dtype):
    """Images, and every window of two sizes in them as (top, left, height, width)."""
    for x in images(dtype):
        for h, w in {(1, 1), (min(3, x.shape[2]), min(2, x.shape[3]))}:
            for top, left in product(range(x.shape[2] - h + 1), range(x.shape[3] - w + 1)):
                yield x, (top, left, h, w)


def torch_crop(x, top, left, height, width):
    return torch.tensor(x).narrow(2, top, height).narrow(3, left, width).numpy()


def crop_by_hand(x, top, left, height, width):
    n, c, _, _ = x.shape
    return [[[[x[a, b, top + i, left + j] for j in range(width)] for i in range(height)] for b in range(c)]
            for a in range(n)]  # fmt: skip


def crop_error(twin):
    return lambda dtype: worst((ours.crop(x, *w), twin(x, *w)) for x, w in windows(dtype))


def scipy_affine(x, degrees, factor, fill):
    """Turn and scale with scipy.ndimage.affine_transform, one image at a time."""
    middle = (np.array(x.shape) - 1) / 2
    angle = math.radians(degrees)
    turn = np.eye(3)
    turn[1:, 1:] = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]) / factor
    return ndimage.affine_transform(x.astype(float), turn, middle - turn @ middle, order=1, mode="grid-constant",
                                    cval=fill)  # fmt: skip


def affine_by_hand(x, degrees, factor, fill):
    """Turn each point of the complex plane back, y upwards, and weigh the four pixels around it."""
    c, height, width = x.shape
    y, (top, left) = np.zeros(x.shape), ((height - 1) / 2, (width - 1) / 2)
    for k, i, j in product(range(c), range(height), range(width)):
        z = complex(j - left, top - i) * cmath.exp(-1j * math.radians(degrees)) / factor
        row, column = top - z.imag, left + z.real
        r, s = math.floor(row), math.floor(column)
        for a, b in product((r, r + 1), (s, s + 1)):
            value = x[k, a, b] if 0 <= a < height and 0 <= b < width else fill
            y[k, i, j] += (1 - abs(row - a)) * (1 - abs(column - b)) * float(value)
    return y


ANGLES, FACTORS = (0, 12.5, -37, 90, 200), (0.4, 0.9, 1, 1.3, 3)


def scipy_rotate(x, degrees):
    return ndimage.rotate(x.astype(float), degrees, axes=(2, 3), reshape=False, order=1, mode="grid-constant",
                          cval=0.25)  # fmt: skip


def each(one, **options):
    return lambda x, value, name: np.stack([one(image, **(options | {name: value})) for image in x])


SCIPY, BY_HAND = (each(f, degrees=0, factor=1, fill=0.25) for f in (scipy_affine, affine_by_hand))


def rotate_error(twin):
    return lambda dtype: worst((ours.rotate(x, a, 0.25), twin(x, a)) for x in images(dtype) for a in ANGLES)


def scale_error(twin):
    return lambda dtype: worst((ours.scale(x, f, 0.25), twin(x, f, "factor")) for x in images(dtype) for f in FACTORS)


def draw(rng, shape=(2, 2, 6, 5)):
    return rng.normal(size=shape)


@holds(rng=seeds(), horizontal=st.booleans())
def twice_is_nothing(rng, horizontal):
    x = draw(rng)
    assert np.array_equal(ours.flip(ours.flip(x, horizontal), horizontal), x)


@holds(rng=seeds(), down=st.integers(-7, 7), right=st.integers(-7, 7))
def shifting_the_mirror_image_is_mirroring_the_image_shifted_the_other_way(rng, down, right):
    x = draw(rng)
    assert np.array_equal(ours.shift(ours.flip(x), down, right, 2), ours.flip(ours.shift(x, down, -right, 2)))


@holds(rng=seeds(), top=st.integers(0, 2), left=st.integers(0, 2))
def a_crop_of_a_crop_is_a_crop(rng, top, left):
    x = draw(rng)
    assert np.array_equal(ours.crop(ours.crop(x, top, left, 4, 3), 1, 1, 3, 2), ours.crop(x, top + 1, left + 1, 3, 2))


@holds(rng=seeds(), k=st.integers(-4, 4))
def quarter_turns_are_exact(rng, k):
    x = draw(rng, (2, 1, 5, 5))
    assert np.allclose(ours.rotate(x, 90 * k), np.rot90(x, k, axes=(2, 3)), rtol=0, atol=1e-12)


@holds(rng=seeds(), degrees=floats(-180, 180), a=floats(), b=floats())
def linear_in_the_image(rng, degrees, a, b):
    x, y = draw(rng), draw(rng)
    for change, by in ((ours.rotate, degrees), (ours.scale, 1 + abs(degrees) / 100)):
        assert np.allclose(change(a * x + b * y, by), a * change(x, by) + b * change(y, by), rtol=0, atol=1e-10)


@holds(rng=seeds(), factor=floats(1, 5), c=floats())
def enlarging_one_colour_changes_nothing(rng, factor, c):
    assert np.allclose(ours.scale(np.full((1, 1, 6, 5), c), factor, rng.normal()), c, rtol=0, atol=1e-12)


def spec(name, reference, parity, hand, second, *properties, float32=1e-5):
    return Spec(f"data.augment.{name}", properties=properties, parity=Measured(reference, parity, float32=float32),
                second=Measured(hand, second))  # fmt: skip


SPECS = (
    spec("flip", "torch.flip", flip_error(torch_flip), "pixels in a loop", flip_error(mirrored), twice_is_nothing),
    spec("shift", "scipy.ndimage.shift", shift_error(scipy_shift), "pixels in a loop",
         shift_error(lambda x, d, r: picked(x, lambda i, j: (i - d, j - r), 0.5)),
         shifting_the_mirror_image_is_mirroring_the_image_shifted_the_other_way),
    spec("crop", "torch.narrow", crop_error(torch_crop), "pixels in a loop", crop_error(crop_by_hand),
         a_crop_of_a_crop_is_a_crop),
    spec("rotate", "scipy.ndimage.rotate", rotate_error(scipy_rotate), "points turned in a loop",
         rotate_error(lambda x, a: BY_HAND(x, a, "degrees")), quarter_turns_are_exact, linear_in_the_image),
    spec("scale", "scipy.ndimage.affine_transform", scale_error(SCIPY), "points scaled in a loop",
         scale_error(BY_HAND), enlarging_one_colour_changes_nothing, linear_in_the_image),
)  # fmt: skip
