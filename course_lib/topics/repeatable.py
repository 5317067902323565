"""What makes a run repeatable: an order that depends on numbers alone, and names that depend on content alone."""

import hashlib

import numpy as np


def epoch_order(n: int, seed: int, epoch: int) -> np.ndarray:
    """The order of n samples in an epoch: the same for the same (seed, epoch), whatever ran before."""
    return np.random.default_rng([seed, epoch]).permutation(n)


def fingerprint(array) -> str:
    """SHA-256 of an array's dtype, shape and numbers, as 64 hexadecimal digits.

    Hashed are the text ``f"{dtype.str} {shape}"`` and then the numbers' bytes in C order, however they lie in memory.
    """
    array = np.asarray(array)
    digest = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
    digest.update(array.tobytes())  # always in C order
    return digest.hexdigest()


def blob_id(content: bytes) -> str:
    """The name that git gives to a file's content: SHA-1 of "blob <length>", a zero byte, and the content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
