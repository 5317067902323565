"""Augmentation: new training examples made from old ones by changes that keep the label.

Images are (N, C, H, W), coordinates run from the centre of the first pixel. What falls outside is `fill`. Nothing is
changed in place. For training rows only: a copy of a test row among them would leak.
"""

from collections.abc import Sequence

import numpy as np

from course_lib.random import generator


def flip(images, horizontal: bool = True) -> np.ndarray:
    """Mirror images left to right, or top to bottom if not `horizontal`."""
    return _images(images)[..., ::-1].copy() if horizontal else _images(images)[..., ::-1, :].copy()


def shift(images, down: int, right: int, fill: float = 0) -> np.ndarray:
    """Move images by whole pixels: y[i, j] = x[i - down, j - right]."""
    x = _images(images)
    (to_rows, from_rows), (to_columns, from_columns) = (
        _overlap(n, by) for n, by in zip(x.shape[2:], (down, right), strict=True)
    )
    out = np.full_like(x, fill)
    out[..., to_rows, to_columns] = x[..., from_rows, from_columns]
    return out


def _overlap(n, by) -> tuple[slice, slice]:
    if abs(by) >= n:
        return slice(0), slice(0)
    return slice(max(by, 0), n + min(by, 0)), slice(max(-by, 0), n - max(by, 0))


def crop(images, top: int, left: int, height: int, width: int) -> np.ndarray:
    """Cut out the window whose upper left pixel is (top, left)."""
    x = _images(images)
    if not (0 <= top <= top + height <= x.shape[2] and 0 <= left <= left + width <= x.shape[3]):
        raise ValueError(f"crop: {height}×{width} at ({top}, {left}) is not inside images of shape {x.shape}")
    return x[..., top : top + height, left : left + width].copy()


def rotate(images, degrees, fill: float = 0) -> np.ndarray:
    """Turn images about their centre, anticlockwise as seen with row 0 at the top; bilinear.

    Parameters
    ----------
    images : float array (N, C, H, W)
    degrees : float or array (N,)
    fill : float
    """
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return _affine(images, [[cos, sin], [-sin, cos]], fill)


def scale(images, factor, fill: float = 0) -> np.ndarray:
    """Enlarge (factor > 1) or shrink images about their centre; their size stays; bilinear.

    Parameters
    ----------
    images : float array (N, C, H, W)
    factor : float or array (N,)
    fill : float
    """
    factor = np.asarray(factor, dtype=float)
    if not (factor > 0).all():
        raise ValueError(f"scale: factor must be positive, got {factor}")
    zero = np.zeros_like(factor)
    return _affine(images, [[1 / factor, zero], [zero, 1 / factor]], fill)


def _affine(images, matrix, fill) -> np.ndarray:
    """y(p) = x(M·(p - c) + c), with c the centre and M (2, 2) or (2, 2, N)."""
    x = _images(images)
    if x.dtype.kind != "f":
        raise TypeError(f"images must be floats to be interpolated, got {x.dtype}; divide by 255 first")
    matrix = np.broadcast_to(np.asarray(matrix).reshape(2, 2, -1), (2, 2, len(x)))
    middle = (np.array(x.shape[2:]) - 1) / 2
    grid = np.indices(x.shape[2:]) - middle[:, None, None]  # (2, H, W)
    rows, columns = np.einsum("abn,bhw->anhw", matrix, grid) + middle[:, None, None, None]  # (N, H, W) each
    return _sampled(x, rows, columns, fill)


def _sampled(x, rows, columns, fill) -> np.ndarray:
    """Bilinear: the four pixels around each point, weighted by how near they are."""
    above, before = np.floor(rows).astype(int), np.floor(columns).astype(int)
    out = np.zeros(x.shape)
    for i in (above, above + 1):
        for j in (before, before + 1):
            weight = (1 - np.abs(rows - i)) * (1 - np.abs(columns - j))  # (N, H, W)
            out += weight[:, None] * _pixels(x, i, j, fill)
    return out.astype(x.dtype)


def _pixels(x, rows, columns, fill) -> np.ndarray:  # -> (N, C, H, W)
    _, _, height, width = x.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    n = np.arange(len(x))[:, None, None]
    found = x[n, :, rows.clip(0, height - 1), columns.clip(0, width - 1)]  # (N, H, W, C)
    return np.where(inside[:, None], np.moveaxis(found, -1, 1), fill)


def random_flip(images, p: float = 0.5, horizontal: bool = True, rng: np.random.Generator | None = None) -> np.ndarray:
    """Mirror each image with probability p."""
    x = _images(images)
    chosen = generator(rng).random(len(x)) < _probability("random_flip", p)
    return np.where(chosen[:, None, None, None], flip(x, horizontal), x)


def random_crop(images, size: int | tuple[int, int], padding: int = 0, fill: float = 0, rng=None) -> np.ndarray:
    """Cut a window of the given size out of each padded image, anywhere (same size, padding p: a shift ≤ p)."""
    x = _images(images)
    height, width = (size, size) if np.isscalar(size) else size
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=fill)
    room = np.array(x.shape[2:]) - (height, width)
    if (room < 0).any():
        raise ValueError(f"random_crop: {height}×{width} does not fit into padded images of shape {x.shape}")
    tops, lefts = generator(rng).integers(0, room[:, None] + 1, (2, len(x)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))  # (N, C, rows, columns, h, w)
    return windows[np.arange(len(x)), :, tops, lefts].copy()


def random_affine(images, degrees: float = 0, scales=(1.0, 1.0), fill: float = 0, rng=None) -> np.ndarray:
    """Turn each image by up to ±degrees and scale it by a factor drawn from the range `scales`."""
    x, rng = _images(images), generator(rng)
    angle, factor = np.radians(rng.uniform(-degrees, degrees, len(x))), rng.uniform(*scales, len(x))
    cos, sin = np.cos(angle) / factor, np.sin(angle) / factor
    return _affine(x, [[cos, sin], [-sin, cos]], fill)


def drop_words(words: Sequence[str], p: float = 0.1, rng: np.random.Generator | None = None) -> list[str]:
    """Leave out each word with probability p, but never all: one, drawn at random, always stays.

    Words are whatever the sequence holds: ``text.split()``, or ``list(text)`` for Chinese characters.
    """
    words, rng = _words(words), generator(rng)
    kept = rng.random(len(words)) >= _probability("drop_words", p)
    if len(words) and not kept.any():
        kept[rng.integers(len(words))] = True
    return [word for word, keep in zip(words, kept, strict=True) if keep]


def swap_words(words: Sequence[str], swaps: int = 1, rng: np.random.Generator | None = None) -> list[str]:
    """Exchange two neighbouring words, chosen at random, `swaps` times."""
    words, rng = _words(words), generator(rng)
    for _ in range(swaps if len(words) > 1 else 0):
        i = rng.integers(len(words) - 1)
        words[i], words[i + 1] = words[i + 1], words[i]
    return words


def _images(images) -> np.ndarray:
    x = np.asarray(images)
    if x.ndim != 4:
        raise ValueError(f"images must be (N, C, H, W), got shape {x.shape}")
    return x


def _words(words) -> list[str]:
    if isinstance(words, str):
        raise TypeError(f"words must be a list of words, got the string {words[:30]!r}; say text.split() or list(text)")
    return list(words)


def _probability(name, p) -> float:
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: p must lie in [0, 1], got {p}")
    return p
