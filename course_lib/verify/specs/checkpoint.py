"""Checkpoints: read and written beside safetensors' own code for PyTorch, and read by hand as the format says."""

import json
import tempfile
from pathlib import Path

import numpy as np
from safetensors.torch import load, load_file, save_file

from course_lib import checkpoint
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, normal, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch
from course_lib.verify.twins import networks

NUMBERS = {"F64": np.float64, "F32": np.float32, "I64": np.int64}


def through_file(write, read):
    """Write to a temporary file, read it back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.safetensors"
        write(path)
        return read(path)


def arrays(dtype):
    """Arrays in every memory layout, empty and 0-dimensional ones among them."""
    rng = np.random.default_rng(0)
    state = {f"{i}.{layout}": normal(rng, shape, layout=layout).astype(dtype)
             for i, shape in enumerate([(), (0, 3), (7,), (3, 4, 5)]) for layout in (0, 1, 2)}  # fmt: skip
    return state | {"count": rng.integers(0, 9, 4)}


def differences(ours, theirs):
    assert ours.keys() == theirs.keys()
    assert all(np.shape(ours[k]) == np.shape(v) for k, v in theirs.items())
    return max(relative(ours[k], v) for k, v in theirs.items())


def saved_error(dtype):
    """What we write, safetensors reads into PyTorch."""
    state = arrays(dtype)
    read = through_file(lambda path: checkpoint.save(path, state), load_file)
    return differences({k: v.numpy() for k, v in read.items()}, state)


def loaded_error(dtype):
    """What safetensors writes from PyTorch, we read; a network gets its weights."""
    ours, theirs = networks(np.float64, seed=0)
    state = {k: v.to(torch.float64 if dtype is np.float64 else torch.float32) for k, v in theirs.state_dict().items()}
    read = through_file(lambda path: save_file(state, path), checkpoint.load)
    ours.load_state_dict({k: np.zeros_like(v) for k, v in read.items()})
    ours.load_state_dict(read)
    return differences(ours.state_dict(), {k: v.numpy() for k, v in state.items()})


def in_memory_error(dtype):
    state = arrays(dtype)
    return differences({k: v.numpy() for k, v in load(checkpoint.to_bytes(state)).items()}, state)


def by_hand(path):
    """Read as the format says: 8 bytes of length, a JSON header, then the arrays."""
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    header.pop("__metadata__")
    spans = {k: raw[start + a["data_offsets"][0] : start + a["data_offsets"][1]] for k, a in header.items()}
    return {k: np.frombuffer(spans[k], NUMBERS[a["dtype"]]).reshape(a["shape"]) for k, a in header.items()}


def hand_error(dtype):
    state = arrays(np.float64)
    return differences(through_file(lambda path: checkpoint.save(path, state), by_hand), state)


def written_by_hand(path):
    data = np.arange(6.0).tobytes()
    header = json.dumps({"w": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + data)


def hand_written_error(dtype):
    return differences(through_file(written_by_hand, checkpoint.load), {"w": np.arange(6.0).reshape(2, 3)})


def equal(a, b) -> bool:
    """Whether two trees are the same, arrays bit for bit."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(equal(v, b[k]) for k, v in a.items())
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and repr(a) == repr(b)


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**200), 2**200), st.floats(), st.text(max_size=5),
    st.sampled_from([np.array([np.nan, -0.0]), np.eye(2, dtype=np.float32)[:, ::-1], np.zeros((0, 2), np.int8),
                     np.array(True)]),
)  # fmt: skip
NAMES = st.text("ab/\n\"é", min_size=1, max_size=4)
TREES = st.recursive(LEAVES, lambda t: st.lists(t, max_size=3) | st.dictionaries(NAMES, t, max_size=3), max_leaves=8)


@holds(state=st.dictionaries(NAMES, TREES, max_size=4), examples=40)
def any_tree_comes_back_bit_for_bit(state):
    assert equal(through_file(lambda path: checkpoint.save(path, state), checkpoint.load), state)


@holds(rng=seeds(), examples=5)
def the_state_of_a_generator_continues_its_draws(rng):
    rng.random(int(rng.integers(5)), np.float32)
    state = through_file(lambda path: checkpoint.save(path, {"rng": rng.bit_generator.state}), checkpoint.load)
    twin = np.random.default_rng()
    twin.bit_generator.state = state["rng"]
    assert np.array_equal(twin.random(9, np.float32), rng.random(9, np.float32))


@holds(rng=seeds(), examples=5)
def arrays_are_copies_that_may_be_changed(rng):
    state = {"w": rng.normal(size=3)}
    loaded = through_file(lambda path: checkpoint.save(path, state), checkpoint.load)
    loaded["w"] += 1
    assert np.allclose(loaded["w"], state["w"] + 1)


@holds(rng=seeds(), examples=5)
def is_what_save_writes(rng):
    state = {"w": rng.normal(size=3), "n": int(rng.integers(9))}
    assert through_file(lambda path: checkpoint.save(path, state), Path.read_bytes) == checkpoint.to_bytes(state)


SPECS = (
    Spec("checkpoint.save", parity=Measured("safetensors.torch.load_file", saved_error),
         second=Measured("the file's bytes, read as the format says", hand_error),
         properties=(any_tree_comes_back_bit_for_bit, the_state_of_a_generator_continues_its_draws)),
    Spec("checkpoint.to_bytes", parity=Measured("safetensors.torch.load", in_memory_error),
         second=Measured("the file's bytes, read as the format says", hand_error),
         properties=(is_what_save_writes,)),
    Spec("checkpoint.load", parity=Measured("safetensors.torch.save_file", loaded_error),
         second=Measured("a file written by hand as the format says", hand_written_error),
         properties=(any_tree_comes_back_bit_for_bit, arrays_are_copies_that_may_be_changed)),
)  # fmt: skip
