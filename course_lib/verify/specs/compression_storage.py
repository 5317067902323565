"""What a compressed model takes on disk, beside SciPy, PyTorch's integers and the file itself."""

import gzip
import struct
import tempfile
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from course_lib import checkpoint
from course_lib import compression as ours
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, st
from course_lib.verify.specs.compression import state
from course_lib.verify.specs.compression_pruning import spec
from course_lib.verify.tools import torch


def stored_quantized_error(dtype):
    """Integers and scales, read back, are torch's fake-quantised weights."""
    errors = []
    for bits in (8, 4, 2):
        values, limit = state(9), 2 ** (bits - 1) - 1
        restored = ours.dequantize_state(ours.quantize_state(values, bits))
        for name, w in values.items():
            scale = torch.tensor(np.abs(w.reshape(len(w), -1)).max(1) / limit)
            twin = w if w.ndim < 2 else torch.fake_quantize_per_channel_affine(
                torch.tensor(w), scale, torch.zeros(len(w)), 0, -limit, limit).numpy()  # fmt: skip
            errors.append(relative(restored[name], twin))
    return max(errors)


def through_a_file(stored):
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder) / "x", stored)
        return checkpoint.load(Path(folder) / "x"), (Path(folder) / "x").stat().st_size


def filed_error(store, restore, dense):
    """Stored, written, read and restored: what the arrays themselves give."""

    def run(dtype):
        values = ours.apply_masks(state(10, np.float64), ours.magnitude_masks(state(10, np.float64), 0.5))
        restored = restore(through_a_file(store(values))[0])
        return max(relative(restored[name], dense(w)) for name, w in values.items())

    return run


def sparse_error(dtype):
    errors = []
    for amount in (0, 0.5, 0.99, 1):
        values = ours.apply_masks(state(11, dtype), ours.magnitude_masks(state(11, dtype), amount))
        for name, entry in ours.sparse_state(values).items():
            if values[name].ndim < 2:
                continue
            twin = csr_matrix(values[name].reshape(len(values[name]), -1))
            pairs = (("values", twin.data), ("columns", twin.indices), ("ends", twin.indptr[1:]))
            errors += [relative(entry[key], expected) for key, expected in pairs]
    return max(errors)


def densified_error(dtype):
    """What SciPy makes of our rows is what we make of them."""
    values = ours.apply_masks(state(12, dtype), ours.magnitude_masks(state(12, dtype), 0.7))
    stored, errors = ours.sparse_state(values), []
    for name, entry in stored.items():
        if isinstance(entry, dict):
            shape = values[name].reshape(len(values[name]), -1).shape
            twin = csr_matrix((entry["values"], entry["columns"], np.r_[0, entry["ends"]]), shape=shape).toarray()
            errors.append(relative(ours.dense_state(stored)[name].reshape(shape), twin))
    return max(errors)


def bytes_error(dtype):
    stored = [state(0), ours.quantize_state(state(0)), ours.quantize_state(state(0), 4), ours.sparse_state(state(0))]
    return max([deflated_error(dtype), *(relative(ours.stored_bytes(s), through_a_file(s)[1]) for s in stored)])


def counted_error(dtype):
    """All arrays' bytes, the JSON header, 8 bytes for its length."""
    stored = ours.quantize_state(state(0), 4)
    arrays = [a for v in stored.values() for a in (v.values() if isinstance(v, dict) else [v]) if hasattr(a, "nbytes")]
    header = int.from_bytes(checkpoint.to_bytes(stored)[:8], "little")
    return relative(ours.stored_bytes(stored), 8 + header + sum(a.nbytes for a in arrays))


def deflated_error(dtype):
    """gzip's file holds the same stream between its header (10 bytes) and its trailer (8)."""
    stored = [state(0), ours.quantize_state(state(0), axis=None)]
    packed = [len(gzip.compress(checkpoint.to_bytes(s), 9)) - 18 for s in stored]
    return max(relative(ours.stored_bytes(s, deflate=True) - 6, n) for s, n in zip(stored, packed, strict=True))


def nibbles():
    rng = np.random.default_rng(0)
    return [rng.integers(-8, 8, n).astype(np.int8) for n in (0, 1, 2, 7, 64)]


def packed_error(dtype):
    """By shifts in Python's own integers."""
    errors = []
    for v in nibbles():
        full = [*v.tolist(), 0]
        expected = [(full[i] & 15) + ((full[i + 1] & 15) << 4) for i in range(0, len(v), 2)]
        errors.append(relative(ours.pack_int4(v), expected))
    return max(errors)


def packed_torch_error(dtype):
    """As torch stores int4: two to a byte, the first low."""
    twins = [(torch.tensor(np.r_[v, np.zeros(len(v) % 2, np.int8)]).view(-1, 2) & 15) for v in nibbles()]
    return max(relative(ours.pack_int4(v), (t[:, 0] | t[:, 1] << 4).to(torch.uint8).numpy())
               for v, t in zip(nibbles(), twins, strict=True))  # fmt: skip


def unpacked_error(dtype):
    """Sign extension by torch: up and down again by 4 bits."""
    errors = []
    for v in nibbles():
        t = torch.tensor(ours.pack_int4(v)).view(torch.int8)
        both = torch.stack([(t << 4) >> 4, t >> 4], 1).flatten()[: len(v)]
        errors.append(relative(ours.unpack_int4(ours.pack_int4(v), v.shape), both.numpy()))
    return max(errors)


def unpacked_struct_error(dtype):
    """Hexadecimal digits of the bytes, read as two's complement."""
    errors = []
    for v in nibbles():
        digits = [d for byte in struct.unpack(f"{(len(v) + 1) // 2}B", ours.pack_int4(v).tobytes())
                  for d in reversed(f"{byte:02x}")]  # fmt: skip
        expected = [(int(d, 16) ^ 8) - 8 for d in digits][: len(v)]
        errors.append(relative(ours.unpack_int4(ours.pack_int4(v), v.shape), expected))
    return max(errors)


@holds(seed=st.integers(0, 99), bits=st.integers(2, 8), axis=st.sampled_from([None, 0]))
def quantising_what_was_restored_stores_the_same(seed, bits, axis):
    stored = ours.quantize_state(state(seed), bits, axis)
    again = ours.quantize_state(ours.dequantize_state(stored), bits, axis)
    assert all(np.array_equal(again[k]["values"], v["values"]) for k, v in stored.items() if isinstance(v, dict))


@holds(seed=st.integers(0, 99), amount=st.floats(0, 1))
def there_and_back_is_the_same_state(seed, amount):
    values = ours.apply_masks(state(seed), ours.magnitude_masks(state(seed), amount))
    restored = ours.dense_state(ours.sparse_state(values))
    assert all(np.array_equal(restored[k], v) and restored[k].dtype == v.dtype for k, v in values.items())


@holds(values=st.lists(st.integers(-8, 7), max_size=9))
def packing_and_unpacking_is_the_same_array(values):
    packed = ours.pack_int4(np.array(values, np.int8))
    assert packed.nbytes == (len(values) + 1) // 2
    assert ours.unpack_int4(packed, (len(values),)).tolist() == values


@holds(rows=st.integers(100, 300), examples=5)
def four_bits_take_half_of_eight_and_eight_a_quarter_of_float32(rows):
    w = {"weight": np.ones((rows, 400), np.float32)}
    full, eight, four = map(ours.stored_bytes, (w, ours.quantize_state(w), ours.quantize_state(w, 4)))
    overhead = 4 * rows + 500  # scales, header
    assert abs(full - 4 * eight) < 4 * overhead
    assert abs(eight - 2 * four) < 2 * overhead


QUANTIZED = filed_error(ours.quantize_state, ours.dequantize_state,
                        lambda w: w if w.ndim < 2 else ours.fake_quantize(w, 8, 0))  # fmt: skip
SPARSE = filed_error(ours.sparse_state, ours.dense_state, lambda w: w)
FAKE = ("torch.fake_quantize, float32", stored_quantized_error, 1e-6)
STORED, FILE = (quantising_what_was_restored_stores_the_same,), "stored in a file and read back"

SPECS = (
    spec("quantize_state", FAKE, (FILE, QUANTIZED), *STORED, float32=None),
    spec("dequantize_state", FAKE, (FILE, QUANTIZED), *STORED, float32=None),
    spec("sparse_state", ("scipy.sparse.csr_matrix", sparse_error), (FILE, SPARSE), there_and_back_is_the_same_state),
    spec("dense_state", ("scipy.sparse.csr_matrix", densified_error), (FILE, SPARSE), there_and_back_is_the_same_state),
    spec("stored_bytes", ("a file's size, gzip's if deflated", bytes_error),
         ("arrays and header counted", counted_error),
         four_bits_take_half_of_eight_and_eight_a_quarter_of_float32, float32=None),
    spec("pack_int4", ("PyTorch's integers", packed_torch_error), ("Python's shifts", packed_error),
         packing_and_unpacking_is_the_same_array, float32=None),
    spec("unpack_int4", ("PyTorch's shifts", unpacked_error), ("hexadecimal digits", unpacked_struct_error),
         packing_and_unpacking_is_the_same_array, float32=None),
)  # fmt: skip
