"""Checkpoints: a run continues in another process bit for bit; a hostile file is refused and runs nothing."""

import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from course_lib import checkpoint
from course_lib.data.source import Malformed
from tests.project.repo import ROOT

RUN = """
import json, sys, hashlib
import numpy as np
from course_lib import checkpoint, nn, optim, random, losses
from course_lib.training import Trainer

def trainer(seed):
    rng = np.random.default_rng(0)
    random.manual_seed(seed)
    x, y = rng.normal(size=(50, 6)).astype(np.float32), rng.integers(0, 3, 50)
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))
    return Trainer(model, optim.Adam(model.parameters(), 0.01), losses.cross_entropy, (x, y), batch_size=8, seed=seed,
                   validation=(x, y))

def show(run):
    weights = b"".join(v.tobytes() for v in run.model.state_dict().values())
    print(json.dumps([run.history.steps[-20:], run.history.table(), hashlib.sha256(weights).hexdigest()]))

what, path = sys.argv[1:]
run = trainer(1 if what != "resume" else 99)
if what == "resume":
    run.load_state_dict(checkpoint.load(path))
for step in range(20 if what == "resume" else 37):
    if what == "save" and step == 17:
        checkpoint.save(path, run.state_dict())
        break
    run.step()
if what != "save":
    show(run)
"""


def run(what, path):
    command = [sys.executable, "-c", RUN, what, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def test_a_run_resumed_in_another_process_is_bit_for_bit_the_same(tmp_path):
    """Stopped in mid-epoch (step 17 of 7 per epoch), with Adam, batch norm, dropout and shuffling."""
    path = tmp_path / "run.safetensors"
    run("save", path)
    steps, table, digest = json.loads(run("resume", path))
    assert len(steps) == 20
    assert len(table) == 5
    assert [steps, table, digest] == json.loads(run("whole", path))


def test_a_checkpoint_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    checkpoint.save(path, {"w": np.ones(3)})
    before = path.read_bytes()
    for broken in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, broken, lambda *_: (_ for _ in ()).throw(OSError("disk full")))
            with pytest.raises(OSError, match="disk full"):
                checkpoint.save(path, {"w": np.zeros(3)})
        assert path.read_bytes() == before
        assert os.listdir(tmp_path) == ["model.safetensors"]


class Bomb:
    target = "ran"

    def __reduce__(self):
        return os.mkdir, (Bomb.target,)


def header(text: bytes, length=None) -> bytes:
    return (len(text) if length is None else length).to_bytes(8, "little") + text


def damaged(good: bytes) -> dict[str, bytes]:
    """Return what may lie where a checkpoint should."""
    n = int.from_bytes(good[:8], "little")
    deep = {checkpoint.KEY: "[" * 100_000}
    lies = {checkpoint.KEY: json.dumps({"tree": {}, "arrays": {"w": ["w"]}})}
    offsets = {"w": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    return {
        "empty": b"",
        "7 bytes": good[:7],
        "cut in the header": good[: 8 + n // 2],
        "cut in the arrays": good[:-1],
        "junk after the arrays": good + b"junk",
        "junk": bytes(range(256)) * 40,
        "header of 4 EB": header(b"{}", 2**62),
        "header of 3 GB": header(b"{}" + b" " * 100, 3 * 2**30),
        "arrays of 4 TB": header(json.dumps(offsets).encode()),
        "header is no JSON": header(b"{" + b"x" * 50),
        "pickle": pickle.dumps(Bomb()),
        "old pickle": pickle.dumps(Bomb(), 0),
        "zip": b"PK\x03\x04" + b"\0" * 60,
        "numpy": b"\x93NUMPY\x01\0" + b"\0" * 60,
        "nested too deeply": header(json.dumps({"__metadata__": deep}).encode()),
        "arrays that are not there": header(json.dumps({"__metadata__": lies}).encode()),
        "bfloat16": header(b'{"w":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}') + b"\0\0",
    }


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "x.safetensors"
    checkpoint.save(path, {"w": np.arange(5.0), "n": {"steps": 3}})
    return path.read_bytes()


@pytest.mark.parametrize("name", list(damaged(header(b"{}"))))
def test_a_hostile_file_is_refused_and_runs_nothing(name, good, tmp_path):
    Bomb.target = str(tmp_path / "ran")
    path = tmp_path / "model.safetensors"
    path.write_bytes(damaged(good)[name])
    with pytest.raises(Malformed, match=r"^model.safetensors: (is|its header) ") as caught:
        checkpoint.load(path)
    assert len(str(caught.value)) < 400
    assert os.listdir(tmp_path) == ["model.safetensors"]


def test_the_bomb_is_live(tmp_path):
    """What the tests above refuse would have run."""
    Bomb.target = str(tmp_path / "ran")
    pickle.loads(pickle.dumps(Bomb()))
    assert os.listdir(tmp_path) == ["ran"]


def test_a_pickle_is_named_as_one(tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(pickle.dumps({"w": 1}))
    with pytest.raises(Malformed, match="is a pickle, which could run code and is not loaded"):
        checkpoint.load(path)


def test_any_bit_flipped_in_the_header_is_refused_or_changes_no_type(good, tmp_path):
    """A state comes back as a dict of the same kinds of things, or not at all."""
    path, n = tmp_path / "x.safetensors", int.from_bytes(good[:8], "little")
    for i in range(8 + n):
        bad = bytearray(good)
        bad[i] ^= 1 << (i % 8)
        path.write_bytes(bad)
        try:
            state = checkpoint.load(path)
        except Malformed:
            continue
        assert isinstance(state, dict)


BAD = [
    (lambda: np.zeros(3), "save: state must be a dict, such as model.state_dict(), got ndarray"),
    (lambda: {"a": {"b": object()}}, "save: a.b: cannot store a object"),
    (lambda: {"a": {1: 2}}, "save: a: keys must be strings"),
    (lambda: {"a": np.array(["x"])}, "save: a: dtype <U1 cannot be stored"),
    (lambda: {"a": {"b": np.ones(1)}, "a.b": np.ones(1)}, "save: a.b: two arrays have this name"),
]


@pytest.mark.parametrize(("state", "message"), BAD, ids=[m for _, m in BAD])
def test_what_cannot_be_stored_is_named(state, message, tmp_path):
    with pytest.raises(TypeError) as caught:
        checkpoint.save(tmp_path / "x.safetensors", state())
    assert str(caught.value) == message
    assert not os.listdir(tmp_path)


def test_a_missing_package_is_answered_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match="pip install safetensors"):
        checkpoint.load(tmp_path / "x.safetensors")


def test_a_missing_file_is_an_ordinary_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        checkpoint.load(tmp_path / "none.safetensors")
    with pytest.raises(Malformed, match="is not a regular file"):
        checkpoint.load(tmp_path)
