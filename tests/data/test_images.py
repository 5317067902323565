"""The idx and JSON readers on files made here, and on the real ones where they are installed."""

import gzip
import json
import struct

import numpy as np
import pytest

from course_lib import data
from course_lib.data.images import read_mnist_json
from tests.data.hostile import memory_below, packed_gigabyte

CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}


def idx(array, code=None, shape=None) -> bytes:
    """Write an array as the format's description says."""
    shape = array.shape if shape is None else shape
    head = struct.pack(f">BBBB{len(shape)}I", 0, 0, code or CODES[str(array.dtype)], len(shape), *shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("shape", [(), (4,), (3, 2), (0, 28, 28), (2, 3, 4, 5)])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_round_trip(dtype, shape, pack, tmp_path):
    array = np.random.default_rng(1).normal(0, 50, shape).astype(dtype) if dtype != "uint8" else np.ones(shape, dtype)
    (tmp_path / "x").write_bytes(pack(idx(np.asarray(array))))
    read = data.read_idx(tmp_path / "x")
    assert read.dtype == dtype
    assert read.dtype.isnative
    assert np.array_equal(read, array)


WHOLE = idx(IMAGES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not an idx file: it begins with nothing"),
        (b"\x89PNG\r\n\x1a\n", "is not an idx file: it begins with 89 50 4e 47"),
        (idx(IMAGES, code=10), "is not an idx file"),
        (WHOLE[:7], "ends within its header"),
        (WHOLE[:-1], r"shape \(5, 28, 28\) needs 3,920 bytes, found 3,919"),
        (WHOLE + b"x", "needs 3,920 bytes, found more"),
        (idx(IMAGES, shape=(2**32 - 1,) * 3), "announces 79,228"),
        (idx(IMAGES, shape=(0, 2**32 - 1)), "needs 0 bytes, found more"),
        (gzip.compress(WHOLE)[:-9], "damaged gzip data"),
        (gzip.compress(WHOLE).replace(b"\x1f\x8b", b"\x1f\x8b\xff", 1), "damaged gzip data"),
    ],
)
def test_malformed_idx(content, message, tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(content)
    with pytest.raises(data.Malformed, match=rf"^images\.gz: .*{message}"):
        data.read_idx(path)


def test_a_lying_header_costs_no_memory(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(idx(IMAGES, shape=(400_000_000,)))
    with memory_below(2), pytest.raises(data.Malformed, match="needs 400,000,000 bytes, found 3,920"):
        data.read_idx(path)
    packed_gigabyte(path, idx(IMAGES))
    with memory_below(5), pytest.raises(data.Malformed, match="found more"):
        data.read_idx(path)


@pytest.fixture
def fashion(tmp_path, monkeypatch):
    """Make Fashion-MNIST's four files in miniature."""
    folder = tmp_path / "fashion-mnist"
    folder.mkdir()
    for part, n in (("train", 4), ("t10k", 1)):
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(IMAGES[:n])))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.arange(n, dtype=np.uint8))))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return folder


def test_fashion_mnist_in_miniature(fashion):
    split = data.fashion_mnist()
    assert split.x_train.shape == (4, 1, 28, 28)
    assert (split.x_train.dtype, split.y_train.dtype) == (np.float32, np.int64)
    assert np.allclose(split.x_train[2, 0] * 255, IMAGES[2])
    assert np.array_equal(split.y_train, range(4))
    assert data.fashion_mnist(flat=True).x_test.shape == (1, 784)


def test_labels_that_do_not_fit(fashion):
    (fashion / "t10k-labels-idx1-ubyte.gz").write_bytes(idx(np.arange(3, dtype=np.uint8)))
    with pytest.raises(data.Malformed, match=r"t10k.*\(1, 28, 28\) do not fit labels \(3,\)"):
        data.fashion_mnist()


def test_mnist_json(tmp_path):
    path = tmp_path / "3.json"
    pixels = np.random.default_rng(2).random((2, 28, 28)).round(3)
    path.write_text(json.dumps({"data": pixels.ravel().tolist()}))
    assert np.allclose(read_mnist_json(path), pixels, atol=1e-7)


@pytest.mark.parametrize(
    ("content", "message"),
    [([1], "expected"), ({"data": []}, "expected"), ({"data": [0.5] * 783}, "784 numbers per image"),
     ({"date": [0]}, "expected"), ({"data": [2.0] * 784}, "outside 0 to 1"),
     ({"data": [np.nan] * 784}, "outside 0 to 1"),
     ({"data": ["a"] * 784}, "not a number"), ({"data": [[0]] * 784}, "outside"),
     ({"data": [10**400] * 784}, "not a number")],
)  # fmt: skip
def test_malformed_mnist_json(content, message, tmp_path):
    path = tmp_path / "3.json"
    path.write_text(json.dumps(content))
    with pytest.raises(data.Malformed, match=rf"^3\.json: .*{message}"):
        read_mnist_json(path)


@pytest.mark.parametrize("name", ["fashion_mnist", "mnist"])
def test_real_images(name, load):
    split = load(name)
    assert split.x_train.shape[1:] == (1, 28, 28)
    assert (split.x_train.min(), split.x_train.max()) == (0, 1)
    assert np.array_equal(np.unique(split.y_test), range(10))


def test_real_mnist_shows_digits(load):
    """The mean image of a class is nearest for most images of that class, so labels and pixels belong together."""
    split = load("mnist")
    x, y = split.x_train.reshape(-1, 784), split.y_train
    means = np.stack([x[y == digit].mean(axis=0) for digit in range(10)])
    distances = ((split.x_test.reshape(-1, 1, 784) - means) ** 2).sum(axis=2)
    assert (distances.argmin(axis=1) == split.y_test).mean() > 0.75
