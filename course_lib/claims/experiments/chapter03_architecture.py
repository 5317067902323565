"""What a large model consists of, which parts share weights, and what tells BERT from GPT."""

import numpy as np

from course_lib import conv, nn
from course_lib.attention import causal_mask
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close

V, P, D, LAYERS = 50, 16, 32, 2  # vocabulary, positions, width, blocks


def blocks():
    """The parts of a small language model, counted, and what sets them apart from a multi-layer perceptron."""
    rng = np.random.default_rng(0)
    layers = [nn.TransformerEncoderLayer(D, 4, 4 * D, batch_first=True, rng=rng) for _ in range(LAYERS)]
    parts = [nn.Embedding(V, D, rng=rng), nn.Embedding(P, D, rng=rng), *layers, nn.LayerNorm(D)]
    count = sum(p.size for part in parts for p in part.parameters())
    formula = V * D + P * D + LAYERS * (12 * D**2 + 13 * D) + 2 * D
    mlp = nn.Sequential(nn.Linear(D, 4 * D, rng=rng), nn.ReLU(), nn.Linear(4 * D, D, rng=rng))
    reach = {"perceptron": _reach(mlp), "block": _reach(layers[0].eval())}
    return Evidence(
        f"embedding, positions, {LAYERS} blocks and a last normalisation have {count:,} parameters (the output shares "
        f"the embedding); changing the first token moves the last one's output by {reach['perceptron']:g} in a "
        f"perceptron applied to each token, by {reach['block']:.3f} in a block with attention.",
        said={"input, hidden and output layers turn an input into an output": np.isfinite(reach["perceptron"])},
        gap={"that describes a perceptron, in which tokens do not meet": reach["perceptron"] == 0 < reach["block"]},
        right={"V·d + P·d + L(12d² + 13d) + 2d parameters": count == formula},
        numbers={"parameters": count, "reach": list(reach.values())},
    )


def one_family():
    """One layer with the same weights, read in both directions (as BERT) and with a causal mask (as GPT)."""
    layer = nn.TransformerEncoderLayer(D, 4, 4 * D, batch_first=True, rng=np.random.default_rng(0)).eval()
    x, moved = _two_inputs(last=True)
    both = float(np.abs(layer(moved).data - layer(x).data)[0, 0].max())
    mask = ~causal_mask(8)  # PyTorch's convention: True is hidden
    causal = float(np.abs(layer(moved, mask).data - layer(x, mask).data)[0, 0].max())
    return Evidence(
        f"one Transformer layer, {sum(p.size for p in layer.parameters()):,} parameters: changing the last token moves "
        f"the first one's output by {both:.3f} without a mask and by {causal:g} with a causal one.",
        said={"BERT and GPT differ from a Transformer in their layers, not in mask and objective": both == causal},
        right={
            "without a mask (BERT) the first token sees the last": both > 0.01,
            "with a causal mask (GPT) it does not": causal < 1e-6,
        },
        numbers={"without": round(both, 3), "with": round(causal, 9)},
    )


def sharing():
    """From an 8×8 image to eight maps: a dense layer and a convolution, before and after moving the image."""
    rng = np.random.default_rng(0)
    dense, filters = nn.Linear(64, 512, rng=rng), nn.Conv2d(1, 8, 3, padding=1, rng=rng)
    counts = [sum(p.size for p in layer.parameters()) for layer in (dense, filters)]
    image = np.zeros((1, 1, 8, 8), np.float32)
    image[0, 0, 2:5, 2:5] = rng.normal(size=(3, 3))
    right = np.roll(image, 1, axis=3)
    after = [conv.conv2d(i, filters.weight.data, filters.bias.data, padding=1) for i in (image, right)]
    follows = close(np.roll(after[0], 1, axis=3), after[1], 5)
    distinct = len(np.unique(dense.weight.data))
    return Evidence(
        f"to 512 outputs a dense layer has {counts[0]:,} parameters, {distinct:,} different weights among them, a "
        f"convolution with eight 3×3 kernels {counts[1]}.",
        said={"the weights within a dense layer are shared": distinct < dense.weight.size / 2},
        right={
            "a convolution shares its kernels across the image, so its maps move with it": follows,
            "80 against 33,280": counts == [33280, 80],
        },
        numbers={"dense": counts[0], "convolution": counts[1], "different weights": distinct},
    )


def _two_inputs(last):
    x = np.random.default_rng(1).normal(size=(1, 8, D)).astype(np.float32)
    moved = x.copy()
    moved[0, -1 if last else 0] += np.random.default_rng(2).normal(size=D)
    return Tensor(x), Tensor(moved)


def _reach(layer):
    """How far the last token's output moves when the first token changes."""
    x, moved = _two_inputs(last=False)
    return float(np.abs(layer(moved).data - layer(x).data)[0, -1].max())
