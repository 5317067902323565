"""2.1 What weight sharing saves."""

from course_lib import nn

from ..spec import Exercise, Mistake


def conv_weights(channels, filters, kernel, height, width):
    """Parameters (weights and biases) of a convolution, and of a dense layer with the same inputs and outputs.

    The convolution has `filters` kernels of kernel × kernel pixels and keeps height × width.
    """
    shared = filters * channels * kernel * kernel + filters
    inputs, outputs = channels * height * width, filters * height * width
    return shared, outputs * inputs + outputs


def reference(channels, filters, kernel, height, width):
    """Count in real layers, the dense one through its shapes."""
    conv = nn.Conv2d(channels, filters, kernel)
    row = nn.Linear(channels * height * width, 1)  # one output of the dense layer
    one = sum(p.size for p in row.parameters())
    return sum(p.size for p in conv.parameters()), one * filters * height * width


def cases(rng):
    """Small layers, images higher than wide and the other way round."""
    for _ in range(6):
        channels, filters, half, height, width = (int(n) for n in rng.integers((1, 1, 1, 2, 2), (5, 9, 3, 9, 9)))
        yield channels, filters, 2 * half + 1, height, width


def listed(channels, filters, kernel, height, width):
    """Each count in one product."""
    size = height * width
    return [filters * (channels * kernel**2 + 1), filters * size * (channels * size + 1)]


WEIGHTS, BIAS = "filters * channels * kernel * kernel + filters", "outputs * inputs + outputs"

EXERCISE = Exercise(
    id="2.1",
    title="What weight sharing saves",
    answer=conv_weights,
    reference=reference,
    cases=cases,
    edges=((1, 8, 3, 8, 8), (1, 1, 1, 1, 1), (3, 2, 3, 4, 5), (2, 3, 5, 1, 7), (3, 64, 7, 224, 224)),
    mistakes=(
        Mistake("no-biases", {WEIGHTS: "filters * channels * kernel * kernel", BIAS: "outputs * inputs"},
                "The biases are missing: one for each filter, and one for each output of the dense layer."),
        Mistake("no-conv-bias", {WEIGHTS: "filters * channels * kernel * kernel"},
                "The convolution's biases are missing: one for each filter."),
        Mistake("no-dense-bias", {BIAS: "outputs * inputs"},
                "The dense layer's biases are missing: one for each output."),
        Mistake("no-channels", {WEIGHTS: "filters * kernel * kernel + filters"},
                "Each filter spans all input channels: kernel × kernel × channels weights."),
        Mistake("bias-per-channel", {WEIGHTS: "filters * channels * (kernel * kernel + 1)"},
                "That is a bias for every filter and channel. A filter has one bias."),
        Mistake("bias-per-pixel", {WEIGHTS: "filters * channels * kernel * kernel + filters * height * width"},
                "That is a bias at every pixel. The bias is shared like the weights: one for each filter."),
        Mistake("one-row", {WEIGHTS: "filters * channels * kernel + filters"},
                "A kernel has kernel × kernel pixels, not kernel."),
        Mistake("not-shared", {WEIGHTS: "(filters * channels * kernel * kernel + filters) * height * width"},
                "That counts a kernel of its own for every pixel. The same kernel is used everywhere: this is the "
                "sharing."),
        Mistake("one-output", {BIAS: "filters * inputs + filters"},
                "That dense layer has one output for each filter. To replace the convolution it needs one for each "
                "filter at each pixel: filters × height × width."),
        Mistake("bias-per-input", {BIAS: "outputs * inputs + inputs"},
                "A dense layer has a bias for each output, not for each input."),
        Mistake("swapped", {"return shared, outputs * inputs + outputs": "return outputs * inputs + outputs, shared"},
                "The two are swapped: the convolution comes first."),
        Mistake("no-channels-dense", {"channels * height * width": "height * width"},
                "The dense layer reads every pixel of every channel: channels × height × width inputs."),
    ),
    right=(listed, lambda c, f, k, h, w: (f * c * k**2 + f, (c * h * w + 1) * (f * h * w))),
    hints=(
        "Count for one filter first: how many pixels, in how many channels, does it read at one place?",
        "The convolution's count does not contain height or width. The dense layer connects every input with every "
        "output.",
        "filters · (channels · kernel² + 1), and outputs · (inputs + 1) with outputs = filters · height · width.",
    ),
    minutes=8,
    difficulty=1,
    claims=("S4-2.3-classification", "S4-2.2-more-params"),
    returns=("shared", "dense"),
)  # fmt: skip
