"""A trained classifier with all that its predictions depend on, in one file: scaler, names, classes, manifest.

A file with weights alone predicts something else than the model that was tested, as soon as its inputs were scaled.
"""

import hashlib
import platform
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from course_lib import activations, checkpoint, nn
from course_lib.autograd import Tensor, no_grad
from course_lib.data import Malformed
from course_lib.data.preprocess import StandardScaler

PARTS = {"sizes", "features", "classes", "scaler", "model", "manifest"}


def mlp(sizes, rng=None) -> nn.Sequential:
    """Linear layers of these sizes, (inputs, hidden, ..., classes), with relu between them."""
    layers = []
    for i, o in pairwise(sizes):
        layers += [nn.Linear(i, o, rng=rng), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def data_hash(*arrays) -> str:
    """SHA-256 over the arrays' types, shapes and bytes: it changes when one value, or the order of rows, changes."""
    digest = hashlib.sha256()
    for array in map(np.asarray, arrays):
        if array.dtype.kind == "O":  # an array of objects holds addresses, not the values
            array = array.astype(str)
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def manifest(version: str, seed: int, x, y, **results) -> dict:
    """What one needs to make a model again, or to find out why it came out differently."""
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    return {"version": version, "seed": seed, "versions": versions, "data": data_hash(x, y), "rows": len(x)} | results


@dataclass(frozen=True)
class Bundle:
    """A network, the scaler fitted on its training rows, and their names.

    Attributes
    ----------
    model : Sequential
        As `mlp` makes it, for inputs that the scaler has treated.
    scaler : StandardScaler
        Fitted; its columns are the features.
    features, classes : tuple of str
        Names of the D inputs and of the C outputs, in order.
    manifest : dict
    """

    model: nn.Sequential
    scaler: StandardScaler
    features: tuple[str, ...]
    classes: tuple[str, ...]
    manifest: dict = field(default_factory=dict)

    def __post_init__(self):
        inputs, outputs = self.sizes[0], self.sizes[-1]
        if (len(self.features), len(self.classes)) != (inputs, outputs) or self.scaler.columns_ != inputs:
            raise ValueError(
                f"Bundle: the model has {inputs} inputs and {outputs} classes; there are "
                f"{len(self.features)} features, {self.scaler.columns_} scaled columns and "
                f"{len(self.classes)} class names"
            )

    @property
    def sizes(self) -> list[int]:
        """Inputs, hidden units, ..., classes."""
        shapes = [layer.weight.shape for layer in self.model if isinstance(layer, nn.Linear)]
        return [shapes[0][1], *(out for out, _ in shapes)]

    @property
    def version(self) -> str:
        """As the manifest has it."""
        return self.manifest.get("version", "unversioned")

    def predict_proba(self, x) -> np.ndarray:
        """Class probabilities (N, C) of raw rows (N, D)."""
        z = self.scaler.transform(x).astype(np.float32)
        self.model.eval()
        with no_grad():
            return activations.softmax(self.model(Tensor(z)).data)


def save_bundle(path, bundle: Bundle) -> None:
    """Write a bundle to one safetensors file."""
    checkpoint.save(path, {
        "sizes": bundle.sizes,
        "features": list(bundle.features),
        "classes": list(bundle.classes),
        "scaler": {"mean": bundle.scaler.mean_, "scale": bundle.scaler.scale_},
        "model": bundle.model.state_dict(),
        "manifest": bundle.manifest,
    })  # fmt: skip


def load_bundle(path) -> Bundle:
    """Read a bundle.

    Raises
    ------
    Malformed
        If the file is damaged, or holds something else, such as weights without a scaler.
    """
    state, name = checkpoint.load(path), Path(path).name
    if missing := sorted(PARTS - state.keys()):
        raise Malformed(name, f"is no bundle: {', '.join(missing)} missing")
    try:
        model = mlp(state["sizes"], np.random.default_rng(0))
        model.load_state_dict(state["model"])
        return Bundle(model, _scaler(state["scaler"]), tuple(state["features"]), tuple(state["classes"]),
                      state["manifest"])  # fmt: skip
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Malformed(name, f"its parts do not fit together ({error})") from None


def _scaler(state) -> StandardScaler:
    scaler = StandardScaler()
    scaler.mean_, scaler.scale_ = state["mean"], state["scale"]
    if scaler.mean_.shape != scaler.scale_.shape or scaler.mean_.ndim != 1:
        raise ValueError(f"scaler: mean {scaler.mean_.shape} and scale {scaler.scale_.shape}")
    scaler.columns_ = len(scaler.mean_)
    return scaler
