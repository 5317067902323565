"""Attention: who sees whom, in which order, and what the articles' lists and diagrams leave out."""

import itertools

import numpy as np

from course_lib import activations, attention, nn
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients
from course_lib.topics.live_graph import trace
from course_lib.topics.tiny_transformer import TinyTransformer


def self_attention():
    """Change the last of four values; shuffle four positions."""
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(3, 4, 8))
    changed = v.copy()
    changed[3] += 1
    attend = attention.scaled_dot_product_attention
    masks = (False, True)
    moved = {c: float(np.abs(attend(q, k, v, None, c) - attend(q, k, changed, None, c))[0].max()) for c in masks}
    order = np.array([2, 0, 3, 1])
    shuffled = np.abs(attend(q[order], k[order], v[order]) - attend(q, k, v)[order]).max()
    return Evidence(
        f"a change at position 3 moves the output at position 0 by {moved[False]:.2f} without a mask and by "
        f"{moved[True]:.0f} with the causal one; shuffled inputs give the same outputs, shuffled.",
        said={"without a mask every position sees the whole sequence": moved[False] > 0.01},
        gap={"with GPT's causal mask it does not": moved[True] == 0},
        right={"attention alone does not know the order: shuffling commutes with it": close(shuffled, 0, 12)},
        numbers={"moved without mask": moved[False], "moved with mask": moved[True]},
    )


def families():
    """How much of the first of 64 inputs reaches the last output: a recurrent network, a convolution, attention."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 1, 8))
    layers = {
        "RNN": nn.RNN(8, 8, rng=rng, dtype=float),
        "three convolutions": nn.Sequential(*(nn.Conv1d(8, 8, 3, padding=1, rng=rng, dtype=float) for _ in range(3))),
        "attention": nn.MultiheadAttention(8, 2, rng=rng, dtype=float),
    }
    runs = {
        "RNN": lambda m, t: m(t)[0][-1],
        "three convolutions": lambda m, t: m(t.permute(1, 2, 0))[0, :, -1],
        "attention": lambda m, t: m(t, t, t)[0][-1],
    }
    reach = {}
    for name, layer in layers.items():
        (g,) = gradients(lambda t, n=name, m=layer: runs[n](m, t).sum(), x)
        reach[name] = float(np.abs(g[0]).sum() / np.abs(g[-1]).sum())
    return Evidence(
        f"gradient at the first of 64 positions, as a share of that at the last: attention {reach['attention']:.2g}, "
        f"RNN {reach['RNN']:.0e}, three convolutions {reach['three convolutions']:.0f}.",
        said={"CNN and RNN are multi-layer networks that can be built": len(layers) == 3},
        gap={"neither carries the first position to the last; the family that does is not in the list":
             max(reach["RNN"], reach["three convolutions"]) < 1e-6},
        right={"attention does, in one step": reach["attention"] > 0.01},
        numbers={"attention": round(reach["attention"], 3), "convolutions": reach["three convolutions"]},
    )  # fmt: skip


def bert_generation():
    """All 27 sequences of three symbols: do the products of the models' next-symbol probabilities sum to 1?"""
    total, weights = {}, {}
    for causal in (True, False):
        rng = np.random.default_rng(0)
        model = TinyTransformer(nn.Embedding(4, 8, rng=rng), 8, 3, 4, causal=causal, rng=rng)
        rows = np.array([(3, *s) for s in itertools.product(range(3), repeat=3)])  # 3 marks the beginning
        p = activations.softmax(model(Tensor(rows)).data, dim=-1)
        likelihood = np.prod([p[np.arange(27), t, rows[:, t + 1]] for t in range(3)], axis=0)
        total[causal] = float(likelihood.sum())
        weights[causal] = np.concatenate([w.ravel() for w in model.state_dict().values()])
    return Evidence(
        f"over all 27 sequences the decoder's products sum to {total[True]:.4f}, the encoder's to {total[False]:.4f}: "
        "it has seen the symbols that it is asked to predict.",
        said={"a decoder (GPT) gives every text a probability, so it can generate": close(total[True], 1, 5)},
        gap={"an encoder (BERT) does not: its products are no distribution": abs(total[False] - 1) > 1e-3},
        right={"the two differ in the mask alone, not in a single weight": close(weights[True], weights[False], 12)},
        numbers={"decoder": round(total[True], 5), "encoder": round(total[False], 3)},
    )


def architecture():
    """Walk the tape of a two-block Transformer: is it a chain of four stages?"""
    rng = np.random.default_rng(0)
    model = TinyTransformer(nn.Linear(8, 16, rng=rng), 16, 10, 8, causal=False, layers=2, rng=rng)
    x = Tensor(np.float32(rng.normal(size=(1, 8, 8))), requires_grad=True)
    graph = trace(model(x).sum(), x=x)
    mixing = graph.count("scaled_dot_product_attention")
    return Evidence(
        f"two blocks: positions are mixed {mixing} times, once in each block, and {graph.forks()} results are read by "
        "more than one operation.",
        said={"one fusion layer after the features": mixing == 1, "a chain: all results read once": graph.forks() == 0},
        right={"mixing in every block": mixing == 2, "side paths around every sublayer": graph.forks() >= 4},
        numbers={"mixing": mixing, "results read more than once": graph.forks()},
    )


def classification():
    """Parameters of a network that reads digits, and one Transformer class on symbols and on image rows."""
    rng = np.random.default_rng(0)
    cnn = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1, rng=rng),
        nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10, rng=rng),
    )  # fmt: skip
    count = sum(p.size for p in cnn.parameters())
    text = TinyTransformer(nn.Embedding(26, 16, rng=rng), 16, 26, 8, causal=True, rng=rng)
    image = TinyTransformer(nn.Linear(8, 16, rng=rng), 16, 10, 8, causal=False, rng=rng)
    shapes = text(Tensor(np.zeros((2, 8), int))).shape, image(Tensor(np.zeros((2, 8, 8), np.float32))).shape
    return Evidence(
        f"the CNN that reads digits has {count:,} parameters; one Transformer class reads symbols and image rows.",
        said={"there are networks for text and for images": shapes == ((2, 8, 26), (2, 8, 10))},
        gap={"CNN is a family, not a large model: this one is 10⁸ times smaller than GPT-3": 1.7e11 / count > 5e7},
        right={"1,898 parameters: a family has no size, a model has": count == 1898},
        numbers={"CNN": count},
    )
