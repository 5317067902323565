"""4.9 Convolution over an image."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course_lib import conv

from ..spec import Exercise, Mistake, numbers


def conv2d_valid(image, kernel):
    """Slide the kernel over the image where it fits; each output is the sum of kernel times the patch below it."""
    rows, columns = kernel.shape
    out = np.zeros((image.shape[0] - rows + 1, image.shape[1] - columns + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return out


def reference(image, kernel):
    """The library's, with one sample, one channel and one filter."""
    return conv.conv2d(image[None, None], kernel[None, None])[0, 0]


def cases(rng):
    """Images and kernels that are neither square nor symmetric, then square ones."""
    for h, w, rows, columns in ((1, 3, 1, 2), (3, 2, 2, 1), (3, 4, 2, 3), (3, 3, 2, 2), (5, 4, 3, 2), (4, 6, 2, 2)):
        yield numbers(rng, h, w), numbers(rng, rows, columns)
    yield rng.integers(0, 9, (3, 4)), rng.integers(-2, 3, (2, 2))
    yield numbers(rng, 4, 3).T, numbers(rng, 2, 2).T


def padded(image, kernel):
    """Zeros around the image, so that the output is as large."""
    return reference(np.pad(image, [(k // 2, (k - 1) // 2) for k in kernel.shape]), kernel)


def shifted(image, kernel):
    """One shifted copy of the image for each weight."""
    height, width = (a - k + 1 for a, k in zip(image.shape, kernel.shape, strict=True))
    out = np.zeros((height, width))
    for (u, v), weight in np.ndenumerate(kernel):
        out += weight * image[u : u + height, v : v + width]
    return out


SIZE = "(image.shape[0] - rows + 1, image.shape[1] - columns + 1)"
PATCH = "(image[i : i + rows, j : j + columns] * kernel)"

EXERCISE = Exercise(
    id="4.9",
    title="Convolution over an image",
    answer=conv2d_valid,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([[2.0]]), np.array([[3.0]])),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])),
        (np.arange(1.0, 17.0).reshape(4, 4), np.array([[1.0, 2.0], [3.0, 4.0]])),  # the ledger's: 44, 54, 64, ...
        (np.array([[1e4, -1e4, 1e4]]), np.array([[1.0, 1.0]])),
    ),
    mistakes=(
        Mistake("as-printed", {PATCH + ".sum()": "image[i, j] * kernel.sum()"},
                "Every weight is multiplied by the same pixel, as in the article's formula: that has no "
                "neighbourhood at "
                "all. Weight (u, v) meets pixel (i + u, j + v)."),
        Mistake("flipped", {"* kernel)": "* kernel[::-1, ::-1])"},
                "The kernel is flipped: this is the convolution of the mathematicians. Networks use "
                "cross-correlation and "
                "call it convolution; do not flip."),
        Mistake("flipped-rows", {"* kernel)": "* kernel[::-1])"}, "The kernel is upside down."),
        Mistake("flipped-columns", {"* kernel)": "* kernel[:, ::-1])"}, "The kernel is mirrored, left for right."),
        Mistake("matrix-product", {"* kernel)": "@ kernel)"},
                "@ is the matrix product. Here each weight meets the pixel below it: use * and add up."),
        Mistake("top-left-only", {f"({PATCH[1:-10]} * kernel).sum()": "image[i, j] * kernel[0, 0]"},
                "Only the kernel's first weight is used; add up all products under it."),
        Mistake("full", lambda a, k: reference(np.pad(a, [(n - 1, n - 1) for n in k.shape]), k),
                "The output is larger than the image: positions where the kernel sticks out are in it. Only those "
                "where the whole kernel fits count."),
        Mistake("padded", padded,
                "The output is as large as the image: zeros were added around it. Here only positions where the whole "
                "kernel fits count."),
        Mistake("one-too-few", {SIZE: "(image.shape[0] - rows, image.shape[1] - columns)"},
                "The last row and column are missing: a kernel of k fits H - k + 1 times, not H - k."),
        Mistake("kernel-size-step", lambda a, k: reference(a, k)[:: k.shape[0], :: k.shape[1]],
                "The kernel jumps by its own size. It moves one pixel at a time (stride 1)."),
        Mistake("average", {".sum()": ".mean()"}, "This averages the products; they must be added up."),
        Mistake("maximum", {".sum()": ".max()"}, "This takes the largest product; they must be added up."),
        Mistake("axes-swapped", {SIZE: "(image.shape[1] - columns + 1, image.shape[0] - rows + 1)",
                                 PATCH: "(image[j : j + rows, i : i + columns] * kernel)"},
                "Rows and columns are swapped in the output: it is transposed. The first index is the row."),
        Mistake("integer-output", {f"np.zeros({SIZE})": f"np.zeros({SIZE}, dtype=int)"},
                "The output array holds integers, so that fractions are cut off. Leave out dtype=int."),
    ),
    right=(
        shifted,
        lambda image, kernel: np.tensordot(sliding_window_view(image, kernel.shape), kernel, axes=2),
    ),
    hints=(
        "In how many rows and columns does a 2×3 kernel fit into a 4×5 image?",
        "Two loops over the output's positions; each takes a patch of the kernel's shape out of the image.",
        "out[i, j] = (image[i:i+rows, j:j+columns] * kernel).sum(), with out of shape (H - rows + 1, W - columns + 1).",
    ),
    minutes=15,
    difficulty=2,
    claims=("S0-4.4.2-convolution",),
)
