"""Chapter 8: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

import numpy as np

from course_lib import compression, metrics
from course_lib.claims.experiments import chapter08_cost as cost
from course_lib.claims.experiments import chapter08_scale as scale
from course_lib.topics import attacks, canary, energy, explain, fairness, few_shot, privacy, rl, zero_shot


def all_zero(stored):
    return {k: np.zeros(v["shape"]) if isinstance(v, dict) else v for k, v in stored.items()}


def guess(features, centres):
    return np.zeros(len(features), int)


def unclipped(gradients, bound):
    return np.asarray(gradients)


def one_sided(score, y, group, tpr):
    """The same threshold for all."""
    return {0: 0.5, 1: 0.5}


def greedy_only(means, epsilon, steps, rng):
    return np.zeros(steps)


def no_memory(text, secret, times, rng):
    return text


BREAKAGES = [
    # (the claim that must notice, where, what, becomes)
    ("S0-8.1-compression-trend", compression, "dequantize_state", all_zero),
    ("S0-8.1-zero-shot", zero_shot, "predict_attributes", lambda w, x: np.ones((len(x), 7))),
    ("S3-8.1-few-shot", few_shot, "nearest", guess),
    ("S2-8.1-meta-transfer", few_shot, "draw_shots", lambda labels, shots, rng: np.zeros(50, int)),
    ("S0-8.2-explainability", explain, "integrated_gradients", lambda gradient, x, baseline, steps: gradient(x)),
    ("S0-8.2-explainability", explain, "input_gradient", lambda model, x, target: x),
    ("S2-8.1-explainability", explain, "best_temperature", lambda logits, y, grid: 1.0),
    ("S2-8.1-explainability", metrics, "expected_calibration_error", lambda p, y: 0.0),
    ("S0-8.1-privacy-trend", privacy, "laplace_mean", lambda values, epsilon, rng: float(np.mean(values))),
    ("S2-8.2-privacy", privacy, "clip_per_sample", unclipped),
    ("S1-8-challenge-data-privacy", canary, "insert", no_memory),
    ("S3-8.2-security-privacy", attacks, "fgsm", lambda model, x, y, epsilon: x),
    ("S3-8.2-security-privacy", attacks, "invert_linear", lambda weight, bias: weight[0]),
    ("S4-8.2-privacy", attacks, "sample_losses", lambda logits, y: np.zeros(len(y))),
    ("S3-8.2-fairness", fairness, "equal_opportunity_thresholds", one_sided),
    ("S3-8.1-rl", rl, "q_update", lambda q, *rest: q),
    ("S3-8.1-rl", rl, "bandit_regret", greedy_only),
    ("S2-8.1-scale", energy, "training_flops", lambda parameters, tokens: 6 * parameters),
    ("S2-8.1-scale", scale, "accuracy", lambda model, x, y: 0.9),
    ("S1-8-trend-technology", scale, "cross_entropy", lambda logits, y: 1.0),
    ("S3-8.2-data-quality", scale, "accuracy", lambda model, x, y: 0.9),
    ("S0-8.2-compute", cost, "accuracy", lambda model, x, y: 0.9),
    ("S3-8.2-compute", energy, "speed_up", lambda workers, serial: workers),
    ("S2-8.2-compute-energy", energy, "energy_kwh", lambda flops, peak, utilisation, watts, pue: flops / peak * watts),
    ("S4-8.1-scale", energy, "training_flops", lambda parameters, tokens: 2 * parameters * tokens),
    ("S2-8.2-business-model", energy, "margin_per_request", lambda price, tokens, hour, speed, busy: price - 1e-4),
    ("S4-8.1-realtime", energy, "response_times", lambda load, service, count, rng: np.full(count, service)),
    ("S0-8.3-en-mixed-language", cost, "PRINTED", "the application prospects of large models are broad"),
]
