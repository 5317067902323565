"""4.10 Max pooling."""

import numpy as np

from course_lib import pooling

from ..spec import Exercise, Mistake, numbers


def max_pool2d(image, size):
    """The largest value in each size × size block; what does not fill a block at the right and below is dropped."""
    rows, columns = image.shape[0] // size, image.shape[1] // size
    blocks = image[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return blocks.max(axis=(1, 3))


def reference(image, size):
    """The library's, with one sample and one channel."""
    return pooling.max_pool2d(image[None, None], size)[0, 0]


def cases(rng):
    """Images that the blocks fill and images that they do not."""
    for rows, columns, size in ((1, 2, 1), (2, 2, 2), (2, 4, 2), (4, 2, 2), (3, 5, 2), (4, 4, 2), (6, 3, 3), (7, 6, 3)):
        yield numbers(rng, rows, columns), size
    yield rng.integers(-9, 9, (4, 4)), 2
    yield numbers(rng, 4, 6).T, 2


def loops(image, size, pool=np.max, step=None):
    """Block by block."""
    step = step or size
    corners = [range(0, n - size + 1, step) for n in image.shape]
    return np.array([[pool(image[i : i + size, j : j + size]) for j in corners[1]] for i in corners[0]])


def ragged(image, size):
    """With the incomplete blocks at the edge."""
    return np.array([[image[i : i + size, j : j + size].max() for j in range(0, image.shape[1], size)]
                     for i in range(0, image.shape[0], size)])


BLOCKS = "image[: rows * size, : columns * size]"

EXERCISE = Exercise(
    id="4.10",
    title="Max pooling",
    answer=max_pool2d,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[3.0]]), 1),
        (np.array([[-1.0, -2.0], [-3.0, -4.0]]), 2),
        (np.array([[1.0, 2.0, 9.0], [3.0, 4.0, 9.0]]), 2),
        (np.arange(1.0, 17.0).reshape(4, 4), 2),  # the ledger's: 6, 8, 14, 16
        (np.array([[1e4, -1e4], [0.0, 0.0]]), 2),
    ),
    mistakes=(
        Mistake("average", {"blocks.max": "blocks.mean"}, "This is average pooling: it takes the mean of each block."),
        Mistake("minimum", {"blocks.max": "blocks.min"}, "It takes the smallest of each block."),
        Mistake("corner", lambda image, size: loops(image, size, lambda block: block[0, 0]),
                "It keeps the top left value of each block and never looks at the others."),
        Mistake("stride-one", lambda image, size: loops(image, size, step=1),
                "The windows overlap: they move by 1. Blocks lie side by side, so move by size."),
        Mistake("size-not-stepped", lambda image, size: np.array([[image[i : i + size, j : j + size].max()
                                                                   for j in range(image.shape[1] // size)]
                                                                  for i in range(image.shape[0] // size)]),
                "Block i begins at row i. It should begin at row i · size, and the same for columns."),
        Mistake("last-missing", lambda image, size: np.array([[image[i : i + size, j : j + size].max()
                                                               for j in range(0, image.shape[1] - size, size)]
                                                              for i in range(0, image.shape[0] - size, size)]),
                "The last block is missing: its corner is at n - size, which range(0, n - size, size) leaves out. Use "
                "n - size + 1."),
        Mistake("always-two", lambda image, size: loops(image, 2), "The blocks are always 2 × 2; use size."),
        Mistake("not-cut", {BLOCKS: "image"},
                "reshape fails where the image is not a multiple of size. Cut off what fills no whole block first."),
        Mistake("last-corner", lambda image, size: loops(image, size, lambda block: block[-1, -1]),
                "It keeps the bottom right value of each block and never looks at the others."),
        Mistake("added", {"blocks.max": "blocks.sum"}, "It adds each block up; the largest value is asked for."),
        Mistake("ragged", ragged,
                "Where the image is not a multiple of size, it adds blocks that stick out. PyTorch drops them unless "
                "ceil_mode=True."),
        Mistake("wrong-reshape", {".reshape(rows, size, columns, size)": ".reshape(rows, columns, size, size)",
                                  "axis=(1, 3)": "axis=(2, 3)"},
                "reshape(rows, columns, size, size) cuts the image into runs of neighbours in memory, not into blocks. "
                "Split each axis where it is: reshape(rows, size, columns, size)."),
        Mistake("rows-only", {"axis=(1, 3)": "axis=1"},
                "The maximum is taken down the rows of a block only; one axis is left over."),
        Mistake("from-zero", {"blocks.max(axis=(1, 3))": "np.maximum(blocks.max(axis=(1, 3)), 0)"},
                "Nothing below zero comes out: does the search for the maximum start at 0? An image can be negative "
                "throughout; start at -inf or at the block's first value."),
        Mistake("absolute", {"blocks.max": "np.abs(blocks).max"}, "It takes the largest absolute value; signs count."),
        Mistake("whole-image", {"blocks.max(axis=(1, 3))": "image.max()"}, "One maximum for the whole image."),
    ),
    right=(loops, lambda image, size: np.maximum.reduceat(
        np.maximum.reduceat(image, range(0, image.shape[0], size), axis=0), range(0, image.shape[1], size), axis=1)[
            : image.shape[0] // size, : image.shape[1] // size]),
    hints=(
        "How many whole blocks fit side by side, and how many below each other?",
        "Two loops over blocks, or one reshape that splits each of the two axes into (blocks, size).",
        "image.reshape(rows, size, columns, size).max(axis=(1, 3)), after cutting off what does not fill a block.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S0-4.4.2-pooling",),
)
