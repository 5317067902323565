"""7.7 A name for what an array holds."""

import hashlib

import numpy as np

from course_lib.topics import repeatable

from ..spec import Exercise, Mistake, numbers


def fingerprint(array):
    """SHA-256, in hexadecimal, of the text "<dtype.str> <shape>" followed by the numbers' bytes in C order."""
    import hashlib

    head = f"{array.dtype.str} {array.shape}".encode()
    return hashlib.sha256(head + array.tobytes()).hexdigest()


def cases(rng):
    """Vectors, tables, transposes; whole and broken numbers."""
    for shape in ((2,), (3,), (2, 3), (3, 2), (2, 2, 2)):
        yield (numbers(rng, *shape),)
        yield (rng.integers(-9, 9, shape),)
    yield (numbers(rng, 3, 4).T,)
    yield (numbers(rng, 4, 3)[::2],)
    yield (numbers(rng, 2, 3).astype(np.float32),)
    yield (numbers(rng, 40, 50),)


HEAD, BYTES = 'f"{array.dtype.str} {array.shape}".encode()', "array.tobytes()"

EXERCISE = Exercise(
    id="7.7",
    title="A fingerprint of an array",
    answer=fingerprint,
    reference=repeatable.fingerprint,
    cases=cases,
    edges=(
        (np.array([0.0]),),
        (np.array([1.0, 2.0]),),
        (np.array([[1.0], [2.0]]),),
        (np.array([1, 2]),),
        (np.array([1.0, 2.0], np.float32),),
        (np.array([[1.0, 2.0], [3.0, 4.0]]).T,),
        (np.array([]),),
        (np.arange(2000.0),),
    ),
    mistakes=(
        Mistake("bytes-only", {"head + ": ""},
                "Bytes alone do not tell (2,) from (2, 1), nor float64 from int64 with the same bits. Put dtype and "
                "shape in front."),
        Mistake("no-shape", {HEAD: "array.dtype.str.encode()"}, "The shape is missing in front of the bytes."),
        Mistake("no-dtype", {HEAD: "str(array.shape).encode()"}, "The dtype is missing in front of the bytes."),
        Mistake("memory-order", {BYTES: 'array.tobytes("A")'},
                "It hashes the bytes as they lie in memory: an array and its equal copy can lie differently, as "
                "transposes do. tobytes() always gives C order."),
        Mistake("as-text", {BYTES: "str(array).encode()"},
                "The text of an array is rounded to 8 digits and shortened after 1,000 numbers: different arrays get "
                "one fingerprint."),
        Mistake("repr", {BYTES: "repr(array).encode()"},
                "repr shortens arrays of more than 1,000 numbers to a few: different arrays get one fingerprint."),
        Mistake("md5", {"sha256": "md5"}, "This is MD5, for which collisions can be made. SHA-256 is asked for."),
        Mistake("sha1", {"sha256": "sha1"}, "This is SHA-1 (as in git); SHA-256 is asked for."),
        Mistake("digest", {"hexdigest()": "hexdigest()[:16]"}, "It is shortened; all 64 digits are asked for."),
        Mistake("upper", {"hexdigest()": "hexdigest().upper()"}, "Small letters, as hexdigest writes them."),
        Mistake("reversed", {"head + array.tobytes()": "array.tobytes() + head"},
                "The bytes come first; dtype and shape go in front of them."),
        Mistake("dtype-name", {"array.dtype.str": "array.dtype"},
                "array.dtype as text is \"float64\"; dtype.str is \"<f8\" and also tells the order of the bytes."),
        Mistake("as-float", {BYTES: "array.astype(float).tobytes()"},
                "It turns the numbers into float64 first, so equal numbers of other dtypes get the wrong bytes."),
        Mistake("column-order", {BYTES: 'array.tobytes("F")'},
                "These are the bytes column by column (Fortran order); C order, row by row, is asked for."),
        Mistake("hash", lambda array: str(hash(array.tobytes())),
                "Python's hash of bytes is salted: another number in each process. Use hashlib."),
        Mistake("no-space", {"{array.dtype.str} {array.shape}": "{array.dtype.str}{array.shape}"},
                "There is one blank between dtype and shape."),
    ),
    right=(
        lambda array: hashlib.sha256(
            f"{array.dtype.str} {array.shape}".encode() + np.ascontiguousarray(array).tobytes()).hexdigest(),
        lambda array: hashlib.sha256(
            b"".join([array.dtype.str.encode(), b" ", str(array.shape).encode(), array.copy(order="C").data.tobytes()])
        ).hexdigest(),
    ),
    hints=(
        "hashlib.sha256(b).hexdigest() hashes bytes; text becomes bytes by .encode().",
        "Two parts, joined by +: the text with dtype.str and shape, and array.tobytes().",
        'head = f"{array.dtype.str} {array.shape}".encode(); hashlib.sha256(head + array.tobytes()).hexdigest()',
    ),
    minutes=8,
    difficulty=2,
)
