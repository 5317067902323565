"""What `CompressDial` computes: a state dict pruned, quantised, stored and restored layer by layer; its score."""

from __future__ import annotations

import time
from copy import deepcopy
from functools import cache

import numpy as np

from course_lib import compression, losses, nn, optim
from course_lib.autograd import no_grad
from course_lib.training import Trainer

from .learners import kind, numbers, output

BITS = (32, 8, 7, 6, 5, 4, 3, 2)


@cache
def course_model():
    """Return the digits network of chapter 8, trained, and the digits: 64 inputs, 64 hidden units, 10 classes."""
    from course_lib.data.digits import digits

    data, rng = digits(), np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Linear(64, 10, rng=rng))
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    Trainer(model, optimizer, losses.cross_entropy, (data.x_train, data.y_train), metrics={}).run(15)
    return model, data


def weights_of(state: dict) -> list[str]:
    """Return the names of what can be compressed: arrays of two dimensions or more."""
    return [name for name, w in state.items() if w.ndim >= 2]


def pruned(state: dict, settings: dict) -> dict:
    """Put the smallest weights of each layer to 0; ``settings[name]`` is (bits, share of zeros)."""
    masks = {}
    for name, (_, share) in settings.items():
        masks |= compression.magnitude_masks({name: state[name]}, share)
    return compression.apply_masks(state, masks)


def compress(state: dict, settings: dict, *, sparse: bool = False, axis: int | None = 0, quantize=None) -> dict:
    """Prune, quantise and pack a state dict: what `checkpoint.save` is to write.

    Parameters
    ----------
    state : dict
        ``model.state_dict()``.
    settings : dict of name → (bits, share of zeros)
        32 bits: the weights as they are.
    sparse : bool
        Store non-zero values with their columns (`compression.sparse_state`).
    axis : int, optional
        0: one step for each row; None: one for each layer.
    quantize : callable, optional
        A learner's ``quantize(w, bits)`` → (integers, step) in place of the library's.
    """
    state, out = pruned(state, settings), {}
    for name, w in state.items():
        bits = settings.get(name, (32, 0))[0]
        if name not in settings or (bits == 32 and not sparse):
            out[name] = w
        elif bits == 32:
            out[name] = compression.sparse_state({name: w})[name]
        else:
            values, scale = _checked(quantize(w, bits), w, bits) if quantize else compression.quantize(w, bits, axis)
            out[name] = _entry(values, bits, sparse) | {"scale": scale}
    return out


def _checked(answer, w, bits):
    """A learner's (integers, step), or an error that says what is wrong with it."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise ValueError(f"quantize(w, bits): expected (integers, step), got {kind(answer)}")
    values, scale = np.asarray(answer[0]), numbers("quantize(w, bits): its step", answer[1]).astype(w.dtype)
    limit = 2 ** (bits - 1)
    if values.shape != w.shape or not np.isfinite(values).all() or not np.isfinite(scale).all():
        raise ValueError(f"quantize: expected finite values of shape {w.shape} and a finite step, got {values.shape}")
    if (values != np.rint(values)).any() or values.min() < -limit or values.max() >= limit:
        raise ValueError(f"quantize: {bits} bits hold integers from {-limit} to {limit - 1}, "
                         f"got {values.min():g} to {values.max():g}")  # fmt: skip
    return values.astype(np.int8), scale


def _entry(values, bits, sparse):
    """Integers as they are stored: up to 4 bits two to a byte, with ``sparse`` only those that are not 0."""
    entry = compression.sparse_state({"w": values})["w"] if sparse else {"values": values, "shape": list(values.shape)}
    if bits <= 4:
        entry |= {"values": compression.pack_int4(entry["values"]), "count": int(entry["values"].size)}
    return entry


def restore(stored: dict) -> dict:
    """Return the state dict that `compress` stored, for ``model.load_state_dict``."""
    return {name: _restored(e) if isinstance(e, dict) else e for name, e in stored.items()}


def _restored(entry):
    values = entry["values"]
    if "count" in entry:
        values = compression.unpack_int4(values, (entry["count"],))
    if "ends" in entry:
        values = compression.dense_state({"w": entry | {"values": values}})["w"]
    values = values.reshape(entry["shape"])
    return compression.dequantize(values, entry["scale"]) if "scale" in entry else values


def answers(model, state, x) -> tuple[np.ndarray, float]:
    """Return the classes that the model predicts with these weights, and the milliseconds it took (best of three)."""
    model.load_state_dict(state)
    took = []
    with no_grad():
        for _ in range(3):
            start = time.perf_counter()
            logits = output(model.eval(), x).data
            took.append(time.perf_counter() - start)
    if logits.ndim != 2 or len(logits) != len(x):
        raise ValueError(f"CompressDial: the model must give ({len(x)}, classes) scores, got shape {logits.shape}")
    if bad := int((~np.isfinite(logits).all(1)).sum()):
        raise FloatingPointError(f"the model's scores of {bad} of {len(x)} samples are not finite numbers")
    return logits.argmax(1), 1e3 * min(took)


def tuned(model, state, settings, data, *, axis=0, epochs=3, lr=1e-3) -> dict:
    """Train on for a few epochs: pruned weights stay 0, quantised layers compute with quantised weights.

    Works on a copy of the model. A weight that is not called "weight" (of a recurrent layer, say) is only held at 0.
    """
    model, state = deepcopy(model), pruned(state, settings)
    model.load_state_dict(state)
    masks = {name: state[name] != 0 for name, (_, share) in settings.items() if share}
    layers = dict(model.named_modules())
    for name, (bits, _) in settings.items():
        path, _, leaf = name.rpartition(".")
        if bits < 32 and leaf == "weight" and path:
            parent, _, child = path.rpartition(".")
            setattr(layers[parent], child, compression.QuantizationAware(layers[path], bits, axis))
            if name in masks:
                masks[f"{path}.layer.weight"] = masks.pop(name)
    trainer = Trainer(model, optim.Adam(model.parameters(), lr=lr), losses.cross_entropy, (data.x_train, data.y_train),
                      metrics={}, callbacks=[compression.KeepPruned(masks)])  # fmt: skip
    trainer.run(epochs)
    return {name.replace(".layer.", ".") if name not in state else name: w for name, w in model.state_dict().items()}


def front(tries) -> list[int]:
    """Return the indices of the tries that no other beats: fewer bytes or more accuracy, in order of bytes."""
    order = sorted(range(len(tries)), key=lambda i: (tries[i]["bytes"], -tries[i]["accuracy"]))
    best, out = -1.0, []
    for i in order:
        if tries[i]["accuracy"] > best:
            best = tries[i]["accuracy"]
            out.append(i)
    return out


def grid(stored, bits: int) -> np.ndarray:
    """Return the values that a quantised entry can take in its coarsest row; empty if it is not quantised.

    A row without weights has the step 1 and does not count.
    """
    if not isinstance(stored, dict) or "scale" not in stored:
        return np.zeros(0)
    w, limit = _restored(stored), 2 ** (bits - 1) - 1
    used = np.broadcast_to(stored["scale"], w.shape)[w != 0]
    return np.arange(-limit, limit + 1) * float(used.max()) if used.size else np.zeros(0)
