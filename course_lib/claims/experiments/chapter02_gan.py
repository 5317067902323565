"""Generative adversarial networks: what the game reaches, and why words cannot be its moves."""

import math

import numpy as np

from course_lib import losses, nn
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.tools import raises
from course_lib.data import descriptions
from course_lib.topics import gan
from course_lib.topics.tiny_transformer import encode


def balance():
    """Three GANs with N(3, 0.5²) as their target, 500 steps each."""
    found, last = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        nets = gan.mlp(1, 32, 1, rng=rng, activation=nn.ReLU), gan.mlp(1, 32, 32, 1, rng=rng)
        game = gan.GAN(*nets, noise=1, seed=seed, lr=2e-3)
        game.train(rng.normal(3, 0.5, size=(2000, 1)), steps=500, batch_size=64)
        samples = game.sample(2000)
        found.append((float(samples.mean()), float(samples.std())))
        last.append(float(np.mean([d for d, _ in game.history[-100:]])))
    means, stds = np.array(found).T
    return Evidence(
        f"means {', '.join(f'{m:.1f}' for m in means)} for 3, spreads {', '.join(f'{s:.1f}' for s in stds)} "
        f"for 0.5, while the discriminator's loss is {np.mean(last):.2f} (guessing: 2 ln 2 = {2 * math.log(2):.2f}).",
        said={"the game moves the generator to the data: mean within 0.5 of 3": np.abs(means - 3).max() < 0.5},
        gap={"a balanced game can still have the wrong spread": np.abs(stds - 0.5).max() > 0.1},
        right={"quality must be measured: the loss is that of guessing": abs(np.mean(last) - 2 * math.log(2)) < 0.1},
        numbers={"means": means.round(1), "spreads": stds.round(1)},
    )


def writing():
    """Choosing a symbol stops the gradient; a table of pairs, counted, is a text model without that problem."""
    rng = np.random.default_rng(0)
    logits = Tensor(rng.normal(size=(1, 5)), requires_grad=True)
    chosen = logits.argmax(-1)
    blocked = not chosen.requires_grad and raises(ValueError, chosen.sum().backward)
    losses.cross_entropy(logits, np.array([2])).backward()
    ids, alphabet = encode(descriptions()[0].text.lower())
    half, size = len(ids) // 2, len(alphabet)
    single = np.bincount(ids[:half], minlength=size) + 1.0
    pairs = np.ones((size, size))
    np.add.at(pairs, (ids[: half - 1], ids[1:half]), 1)
    bits = lambda p: float(-np.log2(p).mean())  # noqa: E731
    alone = bits((single / single.sum())[ids[half + 1 :]])
    paired = bits((pairs / pairs.sum(1, keepdims=True))[ids[half:-1], ids[half + 1 :]])
    return Evidence(
        f"arg-max hands no gradient back, cross-entropy on the next symbol does; counting pairs already predicts real "
        f"text with {paired:.2f} bits per symbol instead of {alone:.2f}.",
        said={"a discriminator's gradient reaches the generator through chosen symbols": not blocked},
        right={"through likelihood it does": np.abs(logits.grad).max() > 0.01,
               "and predicting the next symbol is a text model": paired < alone - 0.3},
        numbers={"bits, alone": round(alone, 2), "bits, by pairs": round(paired, 2)},
    )  # fmt: skip
