"""How large "large" is: parameters, computation, money and memory, counted."""

import math

import numpy as np

from course_lib import nn
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients

GPT3_FLOPS = 3.14e23  # Brown et al., 2020, appendix D
V100_FLOPS, USD_PER_HOUR = 28e12, 1.5  # assumptions of the estimate: sustained speed, price of a rented V100 in 2020


def definition():
    """BERT-large, GPT-3 and this course's digits network against the two thresholds."""
    bert, gpt3 = _bert(1024, 24), _gpt(12288, 96)
    large = {name: (count >= 1e9, count >= 1e8) for name, count in (("BERT-large", bert), ("GPT-3", gpt3))}
    return Evidence(
        f"GPT-3 ({gpt3 / 1e9:.1f} billion) is large by both texts; BERT-large ({bert / 1e9:.3f} billion), an example "
        "of the article's, is large in English and not in Chinese.",
        said={"GPT-3 is a large model": all(large["GPT-3"])},
        gap={"the two thresholds, 10⁹ and 10⁸, disagree on BERT-large": large["BERT-large"] == (False, True)},
        right={"a printed count needs no threshold": bert == 335_141_888 and gpt3 == 174_604_259_328},
        numbers={"BERT-large": bert, "GPT-3": gpt3},
    )


def gpt3_params():
    """Blocks of the library's Transformer counted at three small widths, and the count carried on to GPT-3's."""
    gpt3, small = _gpt(12288, 96), _gpt(768, 12, context=1024)
    return Evidence(
        f"96 blocks of width 12,288 with embeddings for 50,257 tokens and 2,048 positions have {gpt3:,} parameters; "
        f"the same count gives GPT-2 small {small:,}.",
        said={"175 billion, to three digits": round(gpt3 / 1e9) == 175},
        right={"GPT-2 small comes out as published": small == 124_439_808,
               "nearly all of it is 12 d² per block": close(96 * 12 * 12288**2 / gpt3, 1, 2)},
        numbers={"GPT-3": gpt3, "GPT-2 small": small},
    )  # fmt: skip


def bert_params():
    """The encoders of Devlin et al., counted in the same way."""
    base, large = _bert(768, 12), _bert(1024, 24)
    return Evidence(
        f"BERT-base has {base:,} parameters, BERT-large {large:,}: 亿 is 10⁸, so 3.4 亿 is 0.34 billion.",
        said={"Chinese: 0.34 billion": round(large / 1e9, 2) == 0.34, "English: 3.4 billion": large >= 3.3e9},
        right={"base 109,482,240 and large 335,141,888": (base, large) == (109_482_240, 335_141_888),
               "0.34 billion to two digits": close(large / 1e9, 0.34, 2)},
        numbers={"base": base, "large": large},
    )  # fmt: skip


def training_time():
    """Arithmetic of GPT-3's training, from 6 operations per parameter and token."""
    flops = 6 * _gpt(12288, 96) * 300e9  # 300 billion tokens
    years = flops / V100_FLOPS / 86400 / 365
    return Evidence(
        f"6 operations for each of 175 billion parameters and 300 billion tokens are {flops:.2e}; one V100 at 28 "
        f"teraflop/s would take {years:.0f} years.",
        said={"the training needs massive computation: more than a year on one processor": years > 1},
        gap={"the figure was published and is not given: 3.14e23": close(flops / GPT3_FLOPS, 1, 2)},
        right={"3,640 petaflop/s-days is the same": close(3640 * 1e15 * 86400 / flops, 1, 2)},
        numbers={"operations": flops, "V100 years": years},
    )


def gpt3_cost():
    """What 50,000 and 500,000 dollars buy of it."""
    flops = 6 * _gpt(12288, 96) * 300e9
    usd = flops / V100_FLOPS / 3600 * USD_PER_HOUR
    return Evidence(
        f"at 28 teraflop/s and 1.50 dollars an hour the training costs about {usd / 1e6:.1f} million dollars; 500,000 "
        f"buy {5e5 / usd:.0%} of it, 50,000 {5e4 / usd:.0%}. An estimate: the true price was not published.",
        said={"Chinese: several hundred thousand dollars": usd < 1e6, "English: tens of thousands": usd < 1e5},
        right={"millions, under stated assumptions": 3e6 < usd < 7e6,
               "even at half the price and twice the speed": usd / 4 > 1e6},
        numbers={"dollars": usd},
    )  # fmt: skip


def memory():
    """Bytes of the weights, and of the state of training, against one accelerator of 80 GB."""
    count = _gpt(12288, 96)
    gigabytes = {bits: count * bits / 8 / 1e9 for bits in (32, 16, 8)}
    training = 16 * count / 1e12  # weights and gradients in 16 bits; master weights and Adam's two averages in 32
    return Evidence(
        f"GPT-3's weights take {gigabytes[32]:.0f}, {gigabytes[16]:.0f} or {gigabytes[8]:.0f} GB in 32, 16 or 8 bits; "
        f"training with Adam needs about {training:.1f} TB.",
        said={"one accelerator (80 GB) does not hold it, even in 8 bits": gigabytes[8] > 80},
        gap={"how many accelerators is arithmetic that is not given": math.ceil(gigabytes[16] / 80) == 5},
        right={"16 bytes per parameter in training: 8 times that": close(training * 1e3 / gigabytes[16], 8)},
        numbers={"GB": list(gigabytes.values()), "TB in training": training},
    )


def neural_networks():
    """Layers of units, with and without an activation: how far from affine is the result?"""
    x = np.random.default_rng(0).normal(size=(3, 4))
    bend = {}
    for name, activation in (("with relu", nn.ReLU), ("without", nn.Identity)):
        rng = np.random.default_rng(1)
        net = nn.Sequential(nn.Linear(4, 8, rng=rng, dtype=float), activation(), nn.Linear(8, 1, rng=rng, dtype=float))
        f = lambda v, net=net: net(v).sum()  # noqa: E731
        bend[name] = float(np.abs(gradients(f, x)[0] - gradients(f, -x)[0]).max())  # an affine map: the same everywhere
    return Evidence(
        f"inputs, a weighted sum and an output make a layer; two layers with relu between them have gradients that "
        f"differ from place to place by {bend['with relu']:.2f}, without it by {bend['without']:.0f}.",
        said={"stacked units compute an output from inputs": np.isfinite(bend["with relu"])},
        right={"without a non-linearity the stack is one affine layer": bend["without"] < 1e-12,
               "with one it is not, and gradients exist to train it": bend["with relu"] > 0.01},
        numbers=bend,
    )  # fmt: skip


def _block(width):
    """Parameters of a Transformer block: counted at widths 4, 8 and 12, a quadratic carried on to any width."""
    rng = np.random.default_rng(0)
    blocks = {w: nn.TransformerEncoderLayer(w, 2, 4 * w, rng=rng) for w in (4, 8, 12)}
    a, b, c = (sum(p.size for p in block.parameters()) for block in blocks.values())
    k = (width - 4) // 4  # Newton's forward differences, in whole numbers
    return a + k * (b - a) + k * (k - 1) // 2 * (c - 2 * b + a)


def _gpt(width, layers, vocabulary=50257, context=2048):
    return (vocabulary + context) * width + layers * _block(width) + 2 * width  # and the last normalisation


def _bert(width, layers, vocabulary=30522):
    embeddings = (vocabulary + 512 + 2) * width + 2 * width  # tokens, positions, segments, normalisation
    return embeddings + layers * _block(width) + width * width + width  # and the pooler
