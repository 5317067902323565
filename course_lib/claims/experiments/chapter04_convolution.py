"""Convolution and pooling on the numbers 1 to 16."""

import numpy as np

from course_lib import conv, pooling
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients

IMAGE = np.arange(1.0, 17).reshape(1, 1, 4, 4)  # (N, C, H, W)
KERNEL = np.array([[[[1.0, 2], [3, 4]]]])  # (out, in, height, width)


def convolution():
    """Does a pixel's neighbour count?"""
    out = conv.conv2d(IMAGE, KERNEL)[0, 0]
    flipped = conv.conv2d(IMAGE, KERNEL[..., ::-1, ::-1])[0, 0]
    changed = IMAGE.copy()
    changed[0, 0, 0, 1] += 1  # the right neighbour of the first pixel
    printed = [as_printed.convolution(image[0], [2.0])[0, 0] for image in (IMAGE, changed)]
    right = [conv.conv2d(image, KERNEL)[0, 0, 0, 0] for image in (IMAGE, changed)]
    channels, weights = np.random.default_rng(0).normal(size=(3, 4, 4)), np.array([1.0, -2, 0.5])
    one = conv.conv2d(channels[None], weights.reshape(1, 3, 1, 1))[0, 0]
    return Evidence(
        f"1 more in a neighbouring pixel changes the printed sum by {printed[1] - printed[0]:g}, the convolution by "
        f"{right[1] - right[0]:g}; the kernel (1, 2; 3, 4) gives {out[0].tolist()} in the first row, flipped "
        f"{flipped[0].tolist()}.",
        said={"the printed sum extracts features of a neighbourhood": printed[1] != printed[0]},
        right={
            "Σ over neighbours: 44 to 144": close(out, [[44, 54, 64], [84, 94, 104], [124, 134, 144]], 12),
            "convolution proper, with the kernel flipped: 26 to 126": close(flipped[[0, 2], [0, 2]], [26, 126], 12),
            "printed: a 1×1 convolution over channels": close(as_printed.convolution(channels, weights), one, 12),
        },
        numbers={"convolution": out, "flipped kernel": flipped},
    )


def pool():
    """Maximum and mean over 2×2 blocks, and where their gradients go."""
    largest, mean = pooling.max_pool2d(IMAGE, 2), pooling.avg_pool2d(IMAGE, 2)
    (to_max,) = gradients(lambda x: pooling.max_pool2d(x, 2).sum(), IMAGE)
    (to_mean,) = gradients(lambda x: pooling.avg_pool2d(x, 2).sum(), IMAGE)
    channels = pooling.max_pool2d(np.zeros((1, 7, 4, 4)), 2).shape
    return Evidence(
        f"2×2 blocks of 1 to 16: maxima {largest[0, 0].tolist()}, means {mean[0, 0].tolist()}; {channels[1]} channels "
        f"stay {channels[1]}, and the gradient reaches {int((to_max != 0).sum())} of 16 pixels through the maximum, "
        "all through the mean.",
        said={"pooling lowers the dimension": largest.size < IMAGE.size},
        gap={"only height and width: channels stay": channels == (1, 7, 2, 2)},
        right={
            "maxima 6, 8, 14, 16; means 3.5, 5.5, 11.5, 13.5": close(largest.ravel(), [6, 8, 14, 16], 12)
            and close(mean.ravel(), [3.5, 5.5, 11.5, 13.5], 12),
            "the gradient goes to the maximum, or evenly to all": int(to_max.sum()) == 4 and close(to_mean, 0.25, 12),
        },
        numbers={"max": largest[0, 0], "mean": mean[0, 0]},
    )
