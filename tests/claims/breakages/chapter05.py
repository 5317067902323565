"""Chapter 5: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

import numpy as np

from course_lib import losses, optim, recurrent
from course_lib.chatbot import ablation, corpus, qa, seq2seq
from course_lib.claims.experiments import chapter05_digits as digits
from course_lib.claims.experiments import chapter05_labels as labels
from course_lib.claims.experiments import chapter05_ladder as ladder
from course_lib.claims.experiments import chapter05_listings as listings
from course_lib.claims.experiments import chapter05_replies as replies

real_lstm = recurrent.lstm


def never_forgets(x, h_0, c_0, *weights, lengths=None):
    """An LSTM that skips padding by itself."""
    return real_lstm(x[np.abs(x).sum((1, 2)) > 0], h_0, c_0, *weights)


def still(param, grad, m, v, t, **options):
    return param, m, v


def no_look(h, states, mask):
    """Attention that looks at the first token always."""
    weights = np.zeros(1)
    import torch

    weights = torch.zeros(*h.shape[:2], states.shape[1])
    weights[..., 0] = 1
    return weights


BREAKAGES = [
    ("S3-5.1-env", listings, "metadata", lambda name: {"Requires-Python": ">=3.6"}),
    ("S2-5.1-env", listings, "requires", lambda name: ["numpy", "torch"]),
    ("S0-5.2-chatbot-code", listings, "S0_DATA", "fit(0)\nfit(x_train"),
    ("S1-5.5-uses-gpt2-claim", listings, "first_error", lambda lines, names: ""),
    ("S0-5.2-one-token", replies, "PROMPTS", ("Hello", "")),
    ("S0-5.4-output", replies, "load_chat", None),
    ("S0-5.2-post-padding", recurrent, "lstm", never_forgets),
    ("S1-5.4-hello-output", replies, "generate", lambda model, prompts, n, **options: [[1]]),
    ("S1-5.4-max-length", replies, "generate", lambda model, prompts, n, **options: [[1] * 20]),
    ("S1-5.2-no-labels", losses, "cross_entropy", lambda scores, target: 0.0),
    ("S0-5.4-understands", qa.Retriever, "answer", lambda self, text: "weather"),
    ("S0-5.5-more-data", ladder, "AMOUNTS", (1000, 300, 100)),
    ("S0-5.5-attention", seq2seq, "look", no_look),
    ("S0-5.5-context", ablation, "remembered", lambda language, n: [(t, "nobody") for t in corpus.grown(language, n)]),
    ("S1-5.2-qa-training", qa.Retriever, "answer", lambda self, text: None),
    ("S2-5.2.2-labels-are-inputs", losses, "cross_entropy", lambda scores, target: np.nan),
    ("S2-5.4-output-085", labels, "wilson_interval", lambda k, n: (0.85, 0.85)),
    ("S0-5.2-parameters", labels, "GPT3", 1e6),
    ("S2-5.2.2-training-size", optim, "adam_update", still),
    ("S1-5.3-lr", optim, "adam_update", lambda w, g, m, v, t, lr: (w - g, m, v)),
    ("S4-5.2-missing-data", labels, "raises", lambda error, function, *args: False),
    ("S3-5.2-digits-code", digits, "BATCH", 64),
    ("S3-5.4-output-095", digits, "EPOCHS", 1),
    ("S3-5.4-double-fit", digits._Run, "loss", lambda self, part: 5.0),
    ("S4-5.2-scaling-bug", digits, "_logistic", lambda *parts: 0.95),
]
