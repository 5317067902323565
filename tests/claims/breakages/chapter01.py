"""Chapter 1: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

from dataclasses import replace

import numpy as np

from course_lib import losses, optim
from course_lib.claims.experiments import chapter01_cards, chapter01_costs, chapter01_digits, chapter01_text
from course_lib.topics import cards as library
from course_lib.topics import cost


def changed(**cards):
    """`cards` with some fields of some cards changed: changed(gpt3={"date": "2018-01"})."""
    real = library.cards()
    rows = {id.replace("_", "-"): row for id, row in cards.items()}
    return lambda: real | {id: replace(real[id], **row) for id, row in rows.items()}


def uphill(*args, **kwargs):
    param, m, v = real_adam(*args, **kwargs)
    return 2 * args[0] - param, m, v


def flat_counts(order, text):
    return {text[i : i + order]: {"x": 1} for i in range(len(text) - order)}


def always_zero(x):
    return chapter01_digits.Tensor(np.eye(10)[[0] * len(x.data)])


def no_effect(rng, n, whole=False):
    return (0.0, 0.01) if whole else (-0.01,)


real_adam = optim.adam_update
BREAKAGES = [
    ("S0-1-modalities", chapter01_cards, "cards", changed(gpt3={"input": "text and images"})),
    ("S2-1-image-as-nlp", chapter01_cards, "cards", changed(bert_base={"input": "images"})),
    ("S1-1.1-gpt3-date", chapter01_cards, "cards", changed(gpt3={"date": "2018-02"})),
    ("S1-1.1-order", chapter01_cards, "cards", changed(gpt2_xl={"date": "2021-01"}, bert_base={"date": "2021-02"})),
    ("S1-1.1-deep-learning-2000s", chapter01_cards, "cards", changed(bert_base={"date": "2010-01"})),
    ("S1-1.1-gpt3-size", library, "block_parameters", lambda d, d_ff: 13 * d * d),
    ("S2-1-param-range", library, "block_parameters", lambda d, d_ff: 12_000 * d * d),
    ("S3-1-trillions", chapter01_cards, "cards", changed(gpt3={"family": "", "published": 2e12})),
    ("S2-1-promised-cases", chapter01_cards, "cards", lambda: {}),
    ("S4-1.4-acronyms", library, "block_parameters", lambda d, d_ff: 8 * d * d),
    ("S0-1-cost-barrier", cost, "train_flops", lambda n, d: 2.0 * n * d),
    ("S1-1-falling-cost", cost, "train_flops", lambda n, d: 1e20),
    ("S1-1-capital", chapter01_costs.np.random, "default_rng", lambda seed: Equal()),
    ("S2-1-data-intensive", cost, "compute_optimal_tokens", lambda n: 2.0 * n),
    ("S2-1-market-fit", cost, "break_even_requests", lambda fixed, own, api: fixed / api),
    ("S4-1.4-large-model", cost, "training_bytes", lambda params, width, optimizer="adam": 2 * params),
    ("S0-1-generalisation", chapter01_digits, "trained", lambda seed=0: always_zero),
    ("S0-1-security-privacy", chapter01_digits.np, "sign", np.zeros_like),
    ("S4-1.4-ai-nlp-cv", losses, "cross_entropy", lambda logits, target: -real_loss(logits, target)),
    ("S0-1-prompt-challenge", chapter01_text, "_counts", flat_counts),
    ("S1-1-abilities", chapter01_text, "_counts", flat_counts),
    ("S3-1-startup-solutions", chapter01_text, "_gain", no_effect),
]
real_loss = losses.cross_entropy


class Equal:
    """A generator by which every firm gets the same."""

    def pareto(self, shape, size):
        return np.ones(size)
