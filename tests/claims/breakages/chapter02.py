"""Chapter 2: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

import numpy as np
import sklearn.naive_bayes
import sklearn.neighbors

from course_lib import attention, compression, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims.experiments import chapter02_attention, chapter02_business
from course_lib.topics import gan, transfer
from course_lib.topics.tiny_transformer import TinyTransformer

real_attention, real_conv = attention.scaled_dot_product_attention, nn.Conv2d
real_steps, real_dequantize = transfer.train_steps, compression.dequantize_state


class Unmixed(nn.Module):
    """An attention layer in which every position sees itself alone."""

    def __init__(self, *args, **options):
        pass

    def forward(self, query, key, value):
        return query * 1, None


def small_block(width, heads, inner, rng):
    return nn.Linear(width, inner, rng=rng)


def always_causal(*args, causal, **options):
    return TinyTransformer(*args, causal=True, **options)


def ridge(a, b, rcond=None):
    """Least squares with a penalty: no double descent."""
    return np.linalg.solve(a.T @ a + 10 * np.eye(a.shape[1]), a.T @ b), None


def labels_only(model, x, y, *args):
    """No pre-training on pixels."""
    if y.dtype.kind != "f":
        real_steps(model, x, y, *args)


def trait_decides(rng):
    trait = rng.random(1000) < 0.5
    return trait, rng.normal(size=1000) + 3 * trait


def sex_decides(rng):
    wants = rng.integers(2, size=600)
    behaviour = rng.normal(size=(600, 2)) + 3 * wants[:, None]
    return wants, behaviour, np.column_stack([rng.uniform(18, 70, 600), wants])


def coin_flips():
    rng = np.random.default_rng(0)
    return rng.normal(size=(569, 30)), rng.random(569) < 0.4


BREAKAGES = [
    # (the claim that must notice, where, what, becomes)
    ("S0-2.1-definition", nn, "TransformerEncoderLayer", small_block),
    ("S0-2.1-gpt3-params", nn, "TransformerEncoderLayer", small_block),
    ("S0-2.1-bert-params", nn, "TransformerEncoderLayer", small_block),
    ("S0-2.1-training-time", nn, "TransformerEncoderLayer", small_block),
    ("S0-2.2.1-gpt3-cost", nn, "TransformerEncoderLayer", small_block),
    ("S0-2.2.3-deployment", nn, "TransformerEncoderLayer", small_block),
    ("S2-2.1-neural-networks", nn, "ReLU", nn.Identity),
    ("S2-2.1-self-attention", attention, "scaled_dot_product_attention",
     lambda q, k, v, mask=None, causal=False: real_attention(q, k, v)),
    ("S3-2.1-architectures", nn, "MultiheadAttention", Unmixed),
    ("S4-2.3-bert-generation", chapter02_attention, "TinyTransformer", always_causal),
    ("S4-2.2-architecture", nn.TransformerEncoderLayer, "forward",
     lambda self, src, is_causal: self.linear2(self.linear1(src))),
    ("S4-2.3-classification", nn, "Conv2d", lambda i, o, k, padding, rng: real_conv(i, o, 5, padding=2, rng=rng)),
    ("S4-2.2-more-params", np.linalg, "lstsq", ridge),
    ("S4-2.1-rnn", nn.RNN, "forward", lambda self, x: (x @ self.weight_ih_l0.T, None)),
    ("S2-2.1-pretrain-finetune", transfer, "train_steps", labels_only),
    ("S3-2.3-few-shot", transfer, "few_per_class", lambda y, k, rng: rng.integers(len(y), size=10 * k)),
    ("S3-2.3-compression", compression, "dequantize_state",
     lambda stored: {name: np.zeros_like(value) for name, value in real_dequantize(stored).items()}),
    ("S3-2.1-pipeline", optim, "sgd_update", lambda param, grad, velocity, *args: (param, velocity)),
    ("S4-2.1-gan", gan, "generator_loss", lambda fake: gan.bce(fake, np.zeros(fake.shape))),
    ("S3-2.2-gan-writing", Tensor, "argmax", lambda self, dim: self.sum(dim)),
    ("S1-2.5-success-factors", chapter02_business, "_companies", trait_decides),
    ("S2-2.4-advantages", chapter02_business, "_power", lambda users, p, q: 0.8),
    ("S2-2.3-research", chapter02_business, "ANSWERING", (0.25, 0.25)),
    ("S1-2.2-key-links", chapter02_business, "DOLLARS", (20_000.0, 0.01, 0.004)),
    ("S2-2.2-agile", sklearn.naive_bayes, "GaussianNB", lambda: sklearn.neighbors.KNeighborsClassifier(3)),
    ("S2-2.3-personas", chapter02_business, "_customers", sex_decides),
    ("S3-2.2-diagnosis", chapter02_business, "_tumours", coin_flips),
    ("S3-2.2-decision", chapter02_business, "_steps", lambda rng: rng.normal(size=(200, 60)) + 2),
]  # fmt: skip
