"""Orders and names that depend on what they should, and on nothing else."""

import hashlib
import subprocess

import numpy as np

from course_lib.topics import repeatable


def test_an_order_is_a_permutation_that_depends_on_seed_and_epoch_alone():
    one = repeatable.epoch_order(50, 3, 2)
    np.random.default_rng(1).normal(size=100)
    assert (repeatable.epoch_order(50, 3, 2) == one).all()
    assert sorted(one) == list(range(50))
    others = [repeatable.epoch_order(50, *pair) for pair in ((2, 3), (3, 1), (4, 1))]
    assert all((other != one).any() for other in others)


def test_a_fingerprint_tells_content_dtype_and_shape_but_not_memory():
    x = np.arange(6.0).reshape(2, 3)
    assert repeatable.fingerprint(x) == repeatable.fingerprint(np.asfortranarray(x))
    assert repeatable.fingerprint(x) == hashlib.sha256(b"<f8 (2, 3)" + x.tobytes()).hexdigest()
    others = (x.ravel(), x.astype(np.float32), x.view(np.int64), x + 1e-15, x.T)
    assert len({repeatable.fingerprint(other) for other in (x, *others)}) == 6


def test_git_gives_a_blob_the_same_name():
    content = "lr = 0.1\n学习率\n".encode()
    command = ["git", "hash-object", "--stdin", "--no-filters"]
    theirs = subprocess.run(command, input=content, capture_output=True, check=True)
    assert repeatable.blob_id(content) == theirs.stdout.decode().strip()
