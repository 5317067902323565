"""`ConvStep`: a kernel slides over an image; every output cell is a window times the kernel, summed up."""

from __future__ import annotations

import numpy as np

from . import convwork
from .base import Lab
from .bundle import esm
from .controls import Button, Choice, Grid, Slider, Toggle
from .convstep_figure import draw_conv
from .learners import numbers
from .predict import Predict

MOST = 32  # rows and columns of an image
OWN = "own numbers"
RANGES = {"stride": range(1, 5), "padding": range(4), "dilation": range(1, 4)}


class ConvStep(Lab):
    """Convolution by hand, on your image, your kernel, your function and your model's filters.

    Parameters
    ----------
    image : array, (H, W) or (C, H, W), optional
        At most 32×32; by default a handwritten digit.
    kernel : array, (k, k), optional
        k from 1 to 5; by default one that finds vertical edges.
    model : Module, optional
        Its convolutions' filters and maps are shown, each filter can be taken as the kernel. It runs on the image.
    own : callable, optional
        Your ``conv2d(image, kernel)`` on arrays (H, W) and (k, k), perhaps with ``stride=``, ``padding=``,
        ``dilation=``; each of its cells is compared with the library's.
    stride, padding, dilation : int
    predict : bool, str or Predict
        Ask for the output's shape.
    """

    _esm = esm("convstep.js")
    title = "ConvStep"
    size = (7.6, 3.0)

    def __init__(self, image=None, kernel=None, *, model=None, own=None, stride=1, padding=0, dilation=1,
                 predict=False, seed=0):  # fmt: skip
        self.image = _image(image)
        self.model, self.own = model, own
        self._first = {"stride": stride, "padding": padding, "dilation": dilation}
        for name, value in self._first.items():
            if value not in RANGES[name]:
                raise ValueError(f"ConvStep: {name} must be one of {', '.join(map(str, RANGES[name]))}, got {value!r}")
        kernel = convwork.KERNELS["vertical edge"] if kernel is None else kernel
        self._kernel = Grid("kernel", "Kernel", ()).check(kernel)
        self.layers = convwork.conv_layers(model) if model is not None else {}
        if model is not None and not self.layers:
            raise ValueError("ConvStep: the model has no Conv2d with groups=1 and a square kernel of at most 5×5")
        self.sources = _sources(self.layers, len(self.image))
        self.seen, self.output, self.mine, self.verdict = {}, np.zeros((0, 0)), None, ""
        super().__init__(seed=seed, predict=predict)

    def controls(self):
        """Play, Step, +10, Reset; kernel and its options; which layer's channel and filters; gradients; the window."""
        first, sources = self._first, tuple(self.sources)
        return (
            Button("play", "Play", "Space"),
            Button("step", "Step", "N"),
            Button("ten", "+10", "Shift+N"),
            Button("reset", "Reset", "R"),
            Choice("take", "Kernel", self._name_of(self._kernel), self._kernels()),
            Slider("size", "Kernel size", len(self._kernel), 1, 5, whole=True),
            *(Slider(name, name.capitalize(), first[name], r[0], r[-1], whole=True) for name, r in RANGES.items()),
            *((Choice("seen", "Kernel slides over", sources[0], sources),) if len(sources) > 1 else ()),
            Toggle("gradients", "Gradients of L = ½ Σ y²", False),
            Slider("t", "Window", 0, 0, max(1, self.output.size - 1), whole=True, group="time"),
            Grid("kernel", "Kernel", self._kernel),
        )

    def question(self):
        """Ask for the output's shape."""
        (h, w), k, f = self.image.shape[-2:], len(self._kernel), self._first
        s, p, d = f["stride"], f["padding"], f["dilation"]
        likely = (k, s, p, d), (k + 1, s, p, d), (1, s, 0, 1), (k, 1, p, 1), (k, s, p + 1, d), (k, s + 1, p, d)
        sizes = [tuple(convwork.formula(n, *args) for n in (h, w)) for args in likely]
        choices = sorted({f"{a}×{b}" for a, b in sizes if a > 0 and b > 0}, key=lambda c: int(c.split("×")[0]))
        text = (f"an image of {h}×{w}, a kernel of {k}×{k}, stride {s}, padding {p}, dilation {d}: "
                "which shape has the output?")  # fmt: skip
        return Predict(text, tuple(choices), lambda lab: _by(lab.output.shape))

    # -- computing -------------------------------------------------------------------------------------------------
    def update(self, changed):
        """Follow kernel, size, options, layer; then convolve, and let the learner's function do the same."""
        self._follow(changed)
        s = self._state
        options = {name: s[name] for name in ("stride", "padding", "dilation")}
        self.output, self.mine, self.verdict = np.zeros((0, 0)), None, ""
        self.output = convwork.convolve(self.input, self.kernel, **options)
        s["t"] = min(s["t"], self.output.size - 1)
        if self.own is not None:
            self.mine = convwork.call_own(self.own, self.input, self.kernel, **options)
            self.verdict = convwork.compare(self.mine, self.output)

    def _follow(self, changed):
        s = self._state
        if self.layers and (changed & {"seen"} or not self.seen):
            self.seen = self._guarded(convwork.seen, self.model, self.image) or self.seen
            self._refresh_backdrop()
            changed = changed | ({"take"} if s["take"].startswith("filter") else set())
        if "kernel" not in changed and "take" in changed and s["take"] != OWN:
            self._take(s["take"])
        elif "kernel" not in changed and "size" in changed:
            s["kernel"] = convwork.resized(s["kernel"], s["size"])
        s["size"], s["take"] = len(s["kernel"]), self._name_of(s["kernel"])

    def _take(self, name):
        """Make a named kernel, or a filter of the chosen layer with that layer's stride, the current one."""
        s = self._state
        if name in convwork.KERNELS:
            s["kernel"] = tuple(map(tuple, convwork.KERNELS[name]))
        elif self.layers:
            where, channel = self.source
            layer, index = self.layers[where], int(name.split()[1]) - 1
            if index < len(layer.weight.data):
                s["kernel"] = tuple(map(tuple, layer.weight.data[index, channel].tolist()))
                s |= {key: int(np.max(getattr(layer, key))) for key in ("stride", "padding", "dilation")}

    def _kernels(self):
        most = max((len(layer.weight.data) for layer in self.layers.values()), default=0)
        return (OWN, *convwork.KERNELS, *(f"filter {i + 1}" for i in range(most)))

    def _name_of(self, kernel):
        kernel = np.asarray(kernel)
        for name, known in (convwork.KERNELS | self._filters()).items():
            if kernel.shape == np.shape(known) and np.array_equal(kernel, known):
                return name
        return OWN

    def _filters(self):
        """The chosen layer's filters on the chosen channel, by name."""
        layer, channel = self.source
        return {f"filter {i + 1}": w[channel] for i, w in enumerate(self.layers[layer].weight.data)} if layer else {}

    @property
    def source(self) -> tuple[str | None, int]:
        """The layer whose input the kernel slides over (None: the image itself), and which channel of it."""
        return self.sources[getattr(self, "_state", {}).get("seen", next(iter(self.sources)))]

    @property
    def input(self) -> np.ndarray:
        """What the kernel slides over, (H, W): the image, or the chosen channel of what the chosen layer reads."""
        layer, channel = self.source
        if layer in self.seen:
            return self.seen[layer][0][channel].astype(float)
        return self.image[min(channel, len(self.image) - 1)]

    @property
    def kernel(self) -> np.ndarray:
        """The kernel as an array (k, k)."""
        return np.array(self._state["kernel"], float)

    def act_on(self, name):
        """Move the window on."""
        last = max(0, self.output.size - 1)
        self._state["t"] = min(last, self._state["t"] + (1 if name == "step" else 10))

    def play_step(self):
        """Slide to the last window (the browser plays by itself)."""
        self._state["t"] = max(0, self.output.size - 1)
        return False

    # -- what is shown ---------------------------------------------------------------------------------------------
    def frame(self):
        """The input, the library's output, and where the learner's differs."""
        arrays = {"input": self.input, "output": self.output}
        if self.mine is not None and self.mine.shape == self.output.shape:
            arrays["wrong"] = convwork.differing(self.mine, self.output)
        return arrays

    def backdrop(self):
        """The chosen layer's filters and maps."""
        name, channel = self.source
        if name not in self.seen:
            return {}
        return {"filters": self.layers[name].weight.data[:, channel], "maps": self.seen[name][1]}

    def facts(self):
        """Shapes, and how the learner's function does."""
        return {
            "status": f"{_by(self.input.shape)} → {_by(self.output.shape)}" if self.output.size else "does not fit",
            "layer": self.source[0] or "",
        }

    def summary(self):
        """Say what shape comes out, and what the window shown gives."""
        s = self._state
        if not self.output.size:
            return "The kernel reaches over more than the image has: there is no output."
        where = np.unravel_index(s["t"], self.output.shape)
        words = (f"A {_by(self.kernel.shape)} kernel ({s['take']}) on {_by(self.input.shape)} "
                 f"with stride {s['stride']}, padding {s['padding']}, dilation {s['dilation']} "
                 f"gives {_by(self.output.shape)}. "
                 f"Window ({where[0]}, {where[1]}) times the kernel sums to {self.output[where]:.3g}. "
                 f"Outputs lie between {self.output.min():.3g} and {self.output.max():.3g}.")  # fmt: skip
        if s["gradients"]:
            dk = convwork.gradients(self.input, self.kernel, s["stride"], s["padding"], s["dilation"])[1]
            words += f" The largest |dL/dK| is {np.abs(dk).max():.3g}."
        return f"{words} {self.verdict}".strip()

    def caption(self):
        """Name the picture."""
        return "ConvStep. In a running notebook: hover over either side, drag the kernel's numbers, change the stride."

    def static_run(self):
        """Show a window in the middle."""
        self._state["t"] = self.output.size // 2

    def draw(self, fig):
        """Draw input, kernel, output."""
        draw_conv(fig, self)

    def as_code(self):
        """Return a program that computes the present output with the course's conv2d."""
        s = self._state
        data = np.array2string(self.input, separator=", ", threshold=MOST * MOST, max_line_width=110,
                               formatter={"float": lambda v: repr(float(v))})  # fmt: skip
        return (
            "import numpy as np\n"
            "from course_lib.conv import conv2d\n\n"
            f"image = np.array({data})\n"
            f"kernel = np.array({[list(row) for row in s['kernel']]!r})\n"
            f"output = conv2d(image[None, None], kernel[None, None], None, stride={s['stride']}, "
            f"padding={s['padding']}, dilation={s['dilation']})[0, 0]\n"
            "print(output.shape)\nprint(output.round(3))\n"
        )


def _image(image) -> np.ndarray:
    """The image as (C, H, W), or a digit."""
    if image is None:
        from course_lib.data.digits import digits

        return digits(flat=False).x_test[4].astype(float)
    array = numbers("ConvStep: image", image)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or not min(array.shape) >= 1 or max(array.shape[1:]) > MOST:
        raise ValueError(f"ConvStep: image must be (H, W) or (C, H, W) with at most {MOST} rows and columns, "
                         f"got shape {np.shape(image)}")  # fmt: skip
    if not np.isfinite(array).all():
        raise ValueError("ConvStep: image must be finite, got nan or infinity")
    return array


def _sources(layers, channels) -> dict[str, tuple[str | None, int]]:
    """What the kernel can slide over: a layer and a channel that it reads, or a channel of the image, by label."""
    found = {f"input of {name}": (name, layer.weight.shape[1]) for name, layer in layers.items()}
    found = found or {"image": (None, channels)}
    each = [(label, name, c, n) for label, (name, n) in found.items() for c in range(n)]
    return {label if n == 1 else f"{label}, channel {c + 1}": (name, c) for label, name, c, n in each}


def _by(shape) -> str:
    return "×".join(map(str, shape))
