"""Chapter 9: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

import numpy as np

from course_lib import compression
from course_lib.claims.experiments import chapter09_models as models
from course_lib.claims.experiments import chapter09_quality as quality
from course_lib.data import augment
from course_lib.topics import attacks, cards, cost, few_shot, judging, pricing, prompt, pseudonym


def unmoved(images, down, right, fill=0):
    return images


def all_zero(features, centres):
    return np.zeros(len(features), int)


BREAKAGES = [
    # (the claim that must notice, where, what, becomes)
    ("S0-9.1-what-is", cards, "count_parameters", lambda family, **shape: 5 * 10**9),
    ("S2-9.1-definition", cards, "count_parameters", lambda family, **shape: 5 * 10**9),
    ("S3-9.1-what", cards, "count_parameters", lambda family, **shape: 2 * 10**12),
    ("S0-9.2-cost", cost, "train_flops", lambda parameters, tokens: 0.5 * parameters * tokens),
    ("S0-9.3-reduce-training-cost", compression, "stored_bytes", lambda state: 1),
    ("S1-9.1-deepmind", models.nn, "Conv2d", lambda n_in, n_out, size, rng: models.nn.Linear(n_in, n_out, rng=rng)),
    ("S2-9.5-success-cases", models, "cards", lambda: {}),
    ("S0-9.4-applications", few_shot, "nearest", all_zero),
    ("S0-9.5-prompt-engineering", prompt, "fill", lambda template, **values: values.get("text", "")),
    ("S0-9.5-prompt-engineering", judging, "majority_accuracy", lambda train, test: 0.99),
    ("S0-9.6-security", attacks, "invert_linear", lambda weight, bias: weight[0]),
    ("S0-9.6-security", attacks, "fgsm", lambda model, x, y, epsilon: x),
    ("S1-9.4-data-security", pseudonym, "pseudonym", lambda name, key=b"": name),
    ("S1-9.3-funding", pricing, "request_cost", lambda *tokens, usd_in, usd_out: 0.0),
    ("S1-9.5-revenue", pricing, "heavy_users", lambda users, rng: np.full(users, 100.0)),
    ("S1-9.2-skills", judging, "best_of_guessers", lambda guessers, rows, rng: (0.5, 0.5)),
    ("S4-9-q5-train", judging, "best_of_guessers", lambda guessers, rows, rng: (0.5, 0.5)),
    ("S2-9.2-advantages", augment, "shift", unmoved),
    ("S2-9.3-build-steps", quality, "accuracy", lambda model, x, y: 0.9),
    ("S3-9.4-how-to-start", judging, "majority_accuracy", lambda train, test: 0.5),
    ("S4-9-q1-principle", quality, "accuracy", lambda model, x, y: 0.9),
    ("S4-9-q3-data", augment, "shift", unmoved),
]
