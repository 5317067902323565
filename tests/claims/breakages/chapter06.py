"""Chapter 6: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

import re

import numpy as np

from course_lib import metrics
from course_lib.claims.experiments import chapter06_risk as decisions
from course_lib.claims.experiments import chapter06_service as service
from course_lib.data import augment
from course_lib.topics import (
    assistant,
    detection,
    diagnosis,
    faq,
    forecast,
    multimodal,
    recommender,
    risk,
    speech,
    tutor,
    video,
    writing,
)

real_topics, real_synthesise = faq.topics_of, speech.synthesise


def first_always(index, documents, questions):
    return np.zeros(len(questions), int), np.ones(len(questions))


def shuffled_topics():
    prompts, labels, names = real_topics()
    return prompts, np.random.default_rng(0).permutation(labels), names


def uniform(self, history):
    return np.full(len(self.alphabet), 1 / len(self.alphabet))


def nothing_learnt(target, weight, rank=8, strength=8.0, sweeps=5, seed=0):
    return np.zeros((target.shape[0], rank)), np.zeros((target.shape[1], rank))


def last_price(x, y, strength=1e-3):
    return np.eye(x.shape[1])[-1], 0.0


def any_order(order, learners=300, true_guess=0.2, **options):
    return {"items": np.full(learners, 50.0), "truly": np.full(learners, 0.95)}


BREAKAGES = [
    # (the claim that must notice, where, what, becomes)
    ("S0-6.1-customer-service", faq, "retrieve", first_always),
    ("S0-6.1-customer-service", faq, "selective", lambda score, right, t: (1.0, 0.5)),
    ("S1-6.1-customer-service", faq, "retrieve", first_always),
    ("S4-6.1-customer-service", service, "TRIPLE", re.compile("no such text")),
    ("S4-6.1-qa", faq, "trigrams", lambda text: [text]),
    ("S4-6.1-text-classification", faq, "topics_of", shuffled_topics),
    ("S2-6.1-nlp", metrics, "chrf", lambda *texts: 0.0),
    ("S0-6.2-auto-writing", writing, "sample", lambda *args: "178 the data"),
    ("S3-6.3-writing-gan", writing.NGram, "probabilities", uniform),
    ("S1-6.2-content-generation", writing, "copy_rate", lambda *args: 0.0),
    ("S0-6.3-personal-assistant", assistant, "slot_f1", lambda *tags: 1.0),
    ("S1-6.5-virtual-assistant", assistant.Calendar, "do", lambda *args, **options: "done"),
    ("S0-6.6-healthcare", diagnosis, "sensitivity_specificity", lambda *args: (1.0, 0.9)),
    ("S4-6.5-risk", risk, "cheapest_threshold", lambda *args: np.inf),
    ("S2-6.4-automated-decisions", risk, "order_quantity", lambda demand, *costs: float(np.mean(demand))),
    ("S2-6.6-others", decisions, "LEARNING_RATE", 0.0),
    ("S0-6.5-recommendation", recommender, "factorise", nothing_learnt),
    ("S0-6.4-image-detection", detection, "average_precision", lambda *args, **options: 1.0),
    ("S2-6.2-image", augment, "shift", lambda x, *steps: x),
    ("S4-6.2-image-recognition", detection, "verification", lambda *args: {"eer": 0.1}),
    ("S4-6.2-video", video, "predict", lambda model, x: np.zeros(len(x), int)),
    ("S4-6.3-retrieval", multimodal, "train_pairs", lambda x, y: multimodal.DualEncoder(seed=0)),
    ("S4-6.3-generation", multimodal.ClassGaussians, "sample", lambda self, label, n, rng: np.ones((n, 64))),
    ("S4-6.4-asr", speech, "decode", lambda sound: "0" * (len(sound) // 480)),
    ("S4-6.4-tts", speech, "synthesise", lambda text, pitch=1.0: real_synthesise(text)),
    ("S0-6.6-education", tutor, "practise", any_order),
    ("S1-6.3-education", tutor, "cohen_kappa", lambda *marks: 0.9),
    ("S3-6.5-decision-stocks", forecast, "ridge", last_price),
]
