"""`CompressDial`: turn down the bits and the weights of a network, layer by layer, and see what it costs."""

from __future__ import annotations

from collections import deque
from copy import deepcopy

import numpy as np

from course_lib import compression

from . import dialwork
from .base import Lab
from .bundle import esm
from .compressdial_figure import draw_dial
from .controls import Button, Choice, Slider, Toggle
from .dialwork import BITS
from .predict import Predict

NAMES = tuple(map(str, BITS))
STEPS = {"one per row": 0, "one per layer": None}
METHODS = ("as it is", "fine-tuned")
CLIFF = 0.05
BINS = 61
QUESTION = Predict(
    "fewer and fewer bits in all layers, without fine-tuning: from where on is the accuracy more than 5 points lower?",
    ("8 to 6 bits", "5 or 4 bits", "3 bits", "2 bits", "never"),
    lambda lab: lab._cliff(),
)


class CompressDial(Lab):
    """Accuracy against bytes on disk, with your tries and their Pareto front.

    Parameters
    ----------
    model : Module, optional
        A trained classifier of yours, of which a copy is compressed; by default the digits network of chapter 8.
    data : object with x_train, y_train, x_test, y_test, optional
        What it is scored and fine-tuned on; by default the digits.
    quantize : callable, optional
        Your ``quantize(w, bits)`` → (integers, step) in place of the library's.
    predict : bool, str or Predict
        Ask where the cliff is.
    """

    _esm = esm("compressdial.js")
    title = "CompressDial"
    size = (7.6, 4.2)

    def __init__(self, model=None, data=None, *, quantize=None, predict=False, seed=0):
        if (model is None) != (data is None):
            raise ValueError("CompressDial: give model and data together, or neither")
        missing = [n for n in ("x_train", "y_train", "x_test", "y_test") if data is not None and not hasattr(data, n)]
        if missing:
            raise ValueError(f"CompressDial: data needs x_train, y_train, x_test, y_test; there is no {missing[0]}")
        if model is not None and not len(data.x_test):
            raise ValueError("CompressDial: data.x_test is empty; there is nothing to score the model on")
        self.model, self.data = dialwork.course_model() if model is None else (model, data)
        self.bound, self.quantize = model is not None, quantize
        self._copy, self._start = deepcopy(self.model), self.model.state_dict()
        self.layers = dialwork.weights_of(self._start)
        if not self.layers:
            raise ValueError("CompressDial: the model has no weights of two dimensions or more")
        self.tries, self._tuned, self.stored, self.now, self.losses = deque(maxlen=300), {}, {}, None, []
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Play, Step, Reset; bits and sparsity of all layers and of each; how to quantise, store and retrain."""
        return (
            Button("play", "Play", "Space"),
            Button("step", "Step", "N"),
            Button("reset", "Reset", "R"),
            Choice("bits", "Bits, all layers", "32", NAMES),
            Slider("sparsity", "Sparsity, all layers, %", 0, 0, 99, whole=True),
            Choice("scale", "Quantisation step", "one per row", tuple(STEPS)),
            Choice("method", "Weights", METHODS[0], METHODS),
            Toggle("sparse", "Store non-zeros only", False),
            Choice("layer", "Layer in the histogram", self.layers[0], tuple(self.layers)),
            *(Choice(f"bits_{i}", f"Bits of {name}", "32", NAMES, "card") for i, name in enumerate(self.layers)),
            *(Slider(f"sparsity_{i}", f"Sparsity of {name}, %", 0, 0, 99, whole=True, group="card")
              for i, name in enumerate(self.layers)),
        )  # fmt: skip

    def question(self):
        """Ask where the cliff is."""
        return QUESTION

    def _cliff(self):
        for bits in BITS[1:]:
            stored = dialwork.compress(self._start, dict.fromkeys(self.layers, (bits, 0)), quantize=self.quantize)
            if self.baseline["accuracy"] - self._score(dialwork.restore(stored))[0] > CLIFF:
                return next(c for c in QUESTION.choices if str(bits) in c or (bits == 7 and "8" in c))
        return "never"

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Spread what is set for all layers, then compress, store, restore and score."""
        s = self._state
        for name in ("bits", "sparsity"):
            if name in changed and not any(other.startswith(f"{name}_") for other in changed):
                s |= {f"{name}_{i}": s[name] for i in range(len(self.layers))}
        if changed != {"layer"}:
            self._try()

    @property
    def setting(self) -> dict:
        """(bits, share of zeros) by layer."""
        s = self._state
        return {name: (int(s[f"bits_{i}"]), s[f"sparsity_{i}"] / 100) for i, name in enumerate(self.layers)}

    def _try(self):
        s, setting = self._state, self.setting
        key = (*setting.values(), s["scale"], s["method"], s["sparse"])
        options = {"sparse": s["sparse"], "axis": STEPS[s["scale"]], "quantize": self.quantize}
        stored = dialwork.compress(self._weights(setting), setting, **options)
        score, ms, said = self._score(dialwork.restore(stored))
        self.stored, size = stored, compression.stored_bytes(stored)
        self.now = {"key": key, "bytes": size, "accuracy": score, "ms": ms, "said": said, "label": self._label()}
        if not any(t["key"] == key for t in self.tries):
            self.tries.append(self.now)
        self.losses = [self._alone(name, options) for name in self.layers]

    def _score(self, state):
        said, ms = dialwork.answers(self._copy, state, self.data.x_test)
        return float((said == self.data.y_test).mean()), ms, said

    def _alone(self, name, options):
        """How much accuracy is lost if only this layer is compressed as set, without fine-tuning."""
        stored = dialwork.compress(self._start, {name: self.setting[name]}, **options | {"sparse": False})
        return self.baseline["accuracy"] - self._score(dialwork.restore(stored))[0]

    def _weights(self, setting):
        """The weights to compress: as they are, or fine-tuned under the setting (once for each setting)."""
        if self._state["method"] == METHODS[0] or all(value == (32, 0) for value in setting.values()):
            return self._start
        key = (*setting.values(), self._state["scale"])
        if key not in self._tuned:
            if len(self._tuned) >= 32:
                self._tuned.pop(next(iter(self._tuned)))
            axis = STEPS[self._state["scale"]]
            self._tuned[key] = dialwork.tuned(self._copy, self._start, setting, self.data, axis=axis)
        return self._tuned[key]

    @property
    def baseline(self) -> dict:
        """The network as it was given: bytes, accuracy, answers."""
        if "_baseline" not in vars(self):
            score, _, said = self._score(self._start)
            size = compression.stored_bytes(self._start)
            self._baseline = {"bytes": size, "accuracy": score, "said": said}
        return self._baseline

    def _label(self):
        s, parts = self._state, [f"{b} bits, {share:.0%} zeros" for b, share in self.setting.values()]
        words = parts[0] if len(set(parts)) == 1 else "; ".join(parts)
        return words + (", fine-tuned" if s["method"] == METHODS[1] else "") + (", sparse" if s["sparse"] else "")

    def _reset(self):
        """Forget the tries, and take the model's weights as they are now."""
        self._start = self.model.state_dict()
        self.tries.clear()
        self._tuned.clear()
        vars(self).pop("_baseline", None)
        super()._reset()

    def act_on(self, name):
        """One notch fewer bits in all layers."""
        self.play_step()

    def play_step(self):
        """Lower the bits of all layers by a notch; False at the end."""
        at = NAMES.index(self._state["bits"])
        if at + 1 < len(NAMES):
            self._set({"bits": NAMES[at + 1]})
        return at + 2 < len(NAMES)

    # -- what is shown ---------------------------------------------------------------------------------------------
    def histogram(self):
        """Bin edges, and the shares of the chosen layer's weights before and after."""
        name = self._state["layer"]
        before, after = self._start[name].ravel(), dialwork.restore({name: self.stored[name]})[name].ravel()
        span = max(float(np.abs(before).max()), 1e-12)
        edges = np.linspace(-span, span, BINS + 1)
        return edges, *(np.histogram(np.clip(w, -span, span), edges)[0] / before.size for w in (before, after))

    def changed(self) -> np.ndarray:
        """Return the indices of the test samples whose answer is no longer the baseline's."""
        return np.flatnonzero(self.now["said"] != self.baseline["said"])

    def frame(self):
        """Tries, losses per layer, histograms with the grid, and images whose answer changed."""
        if self.now is None:
            return {}
        edges, before, after = self.histogram()
        best = set(dialwork.front(self.tries))
        name = self._state["layer"]
        return {
            "tries": [(t["bytes"], t["accuracy"], i in best) for i, t in enumerate(self.tries)],
            "losses": self.losses, "edges": edges, "before": before, "after": after,
            "grid": dialwork.grid(self.stored[name], self.setting[name][0]), "images": self._images(),
        }  # fmt: skip

    def _images(self):
        x = self.data.x_test[self.changed()[:12]]
        side = round((x.size / max(1, len(x))) ** 0.5)
        return x.reshape(len(x), side, side) if x.size == len(x) * side * side else np.zeros((0, 1, 1))

    def facts(self):
        """Bytes, accuracy, time, labels."""
        if self.now is None:
            return {"empty": True}
        i, now, base = self.changed(), self.now, self.baseline
        rows = [(int(self.data.y_test[k]), int(base["said"][k]), int(now["said"][k])) for k in i[:12]]
        return {
            "status": f"{now['bytes']:,} bytes · {100 * now['accuracy']:.1f} % · {now['ms']:.2f} ms",
            "bytes": now["bytes"], "accuracy": now["accuracy"], "ms": now["ms"], "label": now["label"],
            "base": [base["bytes"], base["accuracy"]], "layers": self.layers, "changed": rows, "count": len(i),
            "samples": len(self.data.y_test), "sizes": [int(self._start[name].size) for name in self.layers],
        }  # fmt: skip

    def summary(self):
        """Say what the setting costs and saves."""
        if self.now is None:
            return "Nothing has been compressed."
        now, base = self.now, self.baseline
        worst = self.layers[int(np.argmax(self.losses))]
        alone = f" Alone, {worst} would cost most: {100 * max(self.losses):.1f} points." if max(self.losses) > 0 else ""
        return (
            f"{now['label']}: {now['bytes']:,} bytes instead of {base['bytes']:,}, accuracy "
            f"{100 * now['accuracy']:.1f} % instead of {100 * base['accuracy']:.1f} %; {len(self.changed())} of "
            f"{len(self.data.y_test)} answers changed.{alone} {len(dialwork.front(self.tries))} of your "
            f"{len(self.tries)} tries are on the front."
        )

    def caption(self):
        """Name the picture."""
        return "CompressDial. In a running notebook: turn bits and sparsity down, layer by layer, and find the cliff."

    def static_run(self):
        """Try all bits, then several sparsities, then four bits."""
        while self.play_step():
            pass
        self._set({"bits": "32", "sparse": True})
        for share in (50, 80, 90, 95):
            self._set({"sparsity": share})
        self._set({"bits": "4", "sparsity": 0, "sparse": False})

    def draw(self, fig):
        """Draw tries, losses per layer, histogram."""
        if self.now is None:
            fig.text(0.02, 0.5, self.error or "Nothing has been compressed.", wrap=True)
        else:
            draw_dial(fig, self)

    def as_code(self):
        """Return a program that compresses, stores, restores and scores under the present setting."""
        s = self._state
        where = "# `model` and `data` are yours\n" if self.bound else "model, data = course_model()\n"
        tune = f"state = tuned(model, state, setting, data, axis={STEPS[s['scale']]})\n"
        tune = tune if s["method"] == METHODS[1] else ""
        return (
            "from course_lib.compression import stored_bytes\n"
            "from course_lib.widgets.dialwork import answers, compress, course_model, restore, tuned\n\n"
            f"{where}state, setting = model.state_dict(), {self.setting!r}\n{tune}"
            f"stored = compress(state, setting, sparse={s['sparse']}, axis={STEPS[s['scale']]}"
            f"{', quantize=quantize' if self.quantize else ''})\n"
            "before = model.state_dict()\n"
            "said, ms = answers(model, restore(stored), data.x_test)\n"
            "model.load_state_dict(before)\n"
            "accuracy = float((said == data.y_test).mean())\n"
            "print(stored_bytes(stored), accuracy)  # course_lib.checkpoint.save(path, stored) writes that file\n"
        )
