"""From a trained model to answers: smaller, saved, served, sized."""

import json
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from course_lib import compression, losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close
from course_lib.data import breast_cancer, digits, preprocess, splitting
from course_lib.metrics import accuracy
from course_lib.topics import bundle as bundles
from course_lib.topics import serving
from course_lib.training import Trainer


def smaller():
    """Bytes after quantising and pruning a digits network."""
    state, data = _digits_network()
    sizes = {"float32": compression.stored_bytes(state), "8 bits": compression.stored_bytes(_eight(state)),
             "half pruned": compression.stored_bytes(compression.sparse_state(_pruned(state, 0.5))),
             "90 % pruned": compression.stored_bytes(compression.sparse_state(_pruned(state, 0.9)))}  # fmt: skip
    dense = compression.stored_bytes(_pruned(state, 0.9))
    kept = _score(compression.dequantize_state(_eight(state)), data)
    return Evidence(
        f"a digits network: {sizes['float32']:,} bytes in float32, {sizes['8 bits']:,} in 8 bits (test accuracy "
        f"{kept:.2f}), {sizes['90 % pruned']:,} with 90 % of the weights pruned and stored sparsely, {dense:,} stored "
        "densely.",
        said={
            "quantising and pruning make it smaller": max(sizes["8 bits"], sizes["90 % pruned"])
            < 0.4 * sizes["float32"]
        },
        right={
            "pruning saves only where zeros are not stored": dense == sizes["float32"],
            "8 bits keep the accuracy": abs(kept - _score(state, data)) < 0.02,
        },
        numbers=sizes,
    )


def remeasure():
    """Accuracy at 8 and 2 bits, half and nine tenths pruned; parameters that are left."""
    state, data = _digits_network()
    full = _score(state, data)
    ways = {"8 bits": compression.dequantize_state(compression.quantize_state(state, 8)),
            "2 bits": compression.dequantize_state(compression.quantize_state(state, 2)),
            "half pruned": _pruned(state, 0.5), "95 % pruned": _pruned(state, 0.95)}  # fmt: skip
    score = {name: _score(s, data) for name, s in ways.items()}
    zeros = {name: sum(int((v == 0).sum()) for v in s.values()) for name, s in ways.items()}
    return Evidence(
        f"test accuracy {full:.2f} before; "
        + ", ".join(f"{name} {v:.2f}" for name, v in score.items())
        + f"; pruning half sets {zeros['half pruned']:,} weights to zero, quantising leaves the number of parameters.",
        said={"both can keep the accuracy": min(score["8 bits"], score["half pruned"]) > full - 0.05},
        gap={"how much is too much has to be measured": max(score["2 bits"], score["95 % pruned"]) < full - 0.15},
        right={
            "pruning changes how many are non-zero, quantising how many bits each has": zeros["half pruned"] > 2000
            and all(ways["8 bits"][k].shape == v.shape for k, v in state.items())
        },
        numbers=score,
    )


def three_ways():
    """One saved model: behind the service, over a whole table, and as a few lines of NumPy."""
    bundle, x, _ = _tumour_bundle()
    service = serving.Service(bundle)
    rows = [dict(zip(bundle.features, row, strict=True)) for row in x[:5].tolist()]
    status, online = service.answer("POST", "/predict", json.dumps({"rows": rows}).encode())
    batch = bundle.predict_proba(x)
    w = bundle.model.state_dict()
    h = np.maximum((x - bundle.scaler.mean_) / bundle.scaler.scale_ @ w["0.weight"].T + w["0.bias"], 0)
    e = np.exp(h @ w["2.weight"].T + w["2.bias"])
    edge = e / e.sum(1, keepdims=True)
    return Evidence(
        f"{len(x)} tumours scored as a table and with four lines of NumPy, five of them by the service: probabilities "
        f"agree to within {1e-6:g}.",
        said={
            "online, in batches and without the framework: all three answer": status == 200 and len(batch) == len(edge)
        },
        right={
            "the same answers": close(batch, edge, 6) and status == 200 and close(online["probabilities"], batch[:5], 6)
        },
        numbers={"first": np.round(batch[0], 4)},
    )


def api():
    """Good and bad requests, with and without validation."""
    bundle, x, _ = _tumour_bundle()
    service = serving.Service(bundle)
    good = dict(zip(bundle.features, x[0].tolist(), strict=True))
    name = bundle.features[0]
    bad = [good | {name: "17.99"}, good | {name: None}, good | {name: True}, good | {"mean radios": 1.0}]
    bad.append({k: v for k, v in good.items() if k != name})
    status = [service.answer("POST", "/predict", json.dumps({"rows": [row]}).encode())[0] for row in [good, *bad]]
    careless = bundle.predict_proba(np.array([[np.nan, *x[0, 1:]]]))
    swapped = bundle.predict_proba(x[:1, ::-1])
    return Evidence(
        f"a good request gets {status[0]}, five bad ones {', '.join(map(str, status[1:]))}; without validation a "
        f"missing value gives the probability {careless[0, 0]}, and columns in the wrong order give "
        f"{swapped[0].max():.2f}, as sure as ever.",
        said={"an interface gives predictions": status[0] == 200},
        gap={
            "without validation, nonsense comes back as an answer": np.isnan(careless).all()
            and np.isfinite(swapped).all()
        },
        right={
            "bad requests are refused": set(status[1:]) == {422},
            "health names the version": service.answer("GET", "/health")[1]["version"] == bundle.version,
        },
        numbers={"status": status},
    )


def round_trip():
    """Saved and loaded: with the scaler, and without."""
    bundle, x, y = _tumour_bundle()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        bundles.save_bundle(path, bundle)
        loaded = bundles.load_bundle(path)
    same = np.array_equal(loaded.predict_proba(x), bundle.predict_proba(x))
    bare = accuracy(bundle.model(Tensor(x.astype(np.float32))).data, y)  # weights alone, on raw rows
    whole = accuracy(loaded.predict_proba(x), y)
    return Evidence(
        f"after saving and loading all {len(x)} predictions are the same to the last bit (accuracy {whole:.2f}); "
        "with the "
        f"weights alone, on unscaled rows, accuracy is {bare:.2f}.",
        said={"a saved model can be loaded and used": same},
        gap={"weights without their scaler are another model": bare < 0.7},
        right={
            "the file holds scaler, names, versions and the data's hash": {"seed", "versions", "data"}
            <= set(loaded.manifest)
            and loaded.features == bundle.features
            and whole > 0.9
        },
        numbers={"with": whole, "without": bare},
    )


def sizing():
    """A queue before one server: how long do requests wait when it is half busy, and nearly always?"""
    wait = {load: _waiting(load) for load in (0.5, 0.95)}
    return Evidence(
        f"one server, each answer takes 1 unit of time, requests come at random: when it is busy half of the "
        "time, 95 % "
        f"of the requests are answered within {wait[0.5]:.1f} units, when it is busy 95 % of the time, within "
        f"{wait[0.95]:.0f}.",
        said={"with resources above the mean demand requests are served": np.isfinite(wait[0.95])},
        gap={"'enough on average' says nothing about the wait: a target for it is needed": wait[0.95] > 4 * wait[0.5]},
        right={"mean wait ρ / (2(1 - ρ)) for a fixed service time": abs(_waiting(0.5, mean=True) - 0.5) < 0.05},
        numbers={"busy half": round(wait[0.5], 1), "busy 95 %": round(wait[0.95])},
    )


@cache
def _digits_network():
    data = digits()
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Linear(64, 10, rng=rng))
    Trainer(model, optim.Adam(model.parameters(), lr=3e-3), losses.cross_entropy, (data.x_train, data.y_train),
            seed=0).run(15)  # fmt: skip
    return model.state_dict(), data


@cache
def _tumour_bundle():
    """A small classifier of tumours with its scaler, and the test rows."""
    table = breast_cancer()
    x, y = table.matrix(), (table["diagnosis"] == "malignant").astype(int)
    train, _, test = splitting.stratified_split(y)
    scaler = preprocess.StandardScaler().fit(x[train])
    model = bundles.mlp((30, 16, 2), np.random.default_rng(0))
    z = scaler.transform(x[train]).astype(np.float32)
    Trainer(model, optim.Adam(model.parameters(), lr=3e-3), losses.cross_entropy, (z, y[train]), seed=0).run(10)
    names = tuple(table.of_kind("number"))
    about = bundles.manifest("1", 0, x[train], y[train])
    return bundles.Bundle(model, scaler, names, ("benign", "malignant"), about), x[test], y[test]


def _eight(state):
    return compression.quantize_state(state, 8)


def _pruned(state, amount):
    return compression.apply_masks(state, compression.magnitude_masks(state, amount))


def _score(state, data):
    h = np.maximum(data.x_test @ state["0.weight"].T + state["0.bias"], 0)
    return accuracy(h @ state["2.weight"].T + state["2.bias"], data.y_test)


def _waiting(load, mean=False, requests=40_000):
    """Time until the answer that 95 % of the requests keep (or the mean wait): Lindley's recursion."""
    gaps = np.random.default_rng(0).exponential(1 / load, requests)
    wait, waits = 0.0, []
    for gap in gaps.tolist():
        waits.append(wait)
        wait = max(0.0, wait + 1 - gap)
    return float(np.mean(waits)) if mean else float(np.percentile(waits, 95) + 1)
