"""Chapter 10: each experiment, and a piece it rests on, broken: it must then no longer support its verdict."""

from course_lib.claims import references
from course_lib.claims.experiments import chapter10_citations as citations
from course_lib.claims.experiments import chapter10_repeats as repeats
from course_lib.claims.experiments import chapter10_vetting as vetted
from course_lib.topics import copying, in_context, masked_lm, mixture, recurrent_dropout, vetting


def no_difference(reference, work):
    return []


def wrong_author(reference, work):
    return ["authors"]


def no_context(model, n, dim, rng):
    return 1.0


def the_same_for_all(model, pieces):
    return masked_lm.np.zeros((len(pieces), 27))


BREAKAGES = [
    # (the claim that must notice, where, what, becomes)
    ("S1-10-goodfellow", references, "differences", wrong_author),
    ("S1-10-bengio-backprop", references, "differences", no_difference),
    ("S0-10.5-book-as-paper", references, "PAPERS", ("book",)),
    ("S1-10-qiu-2019", references, "differences", no_difference),
    ("S3-10-coursera", references, "differences", no_difference),
    ("S1-10-zhang-book", references, "nearest", lambda title: (1.0, "hochreiter-1997")),
    ("S1-10-sites", citations, "_host", lambda address: None),
    ("S1-10-ng-dl-course", citations, "DL_COURSE", "https://www.coursera.org/specializations/nlp"),
    ("S4-10-ng-url", citations, "ML_COURSE", "https://www.coursera.org/specializations/machine-learning-introduction"),
    ("S0-10-list-repeats", references, "differences", no_difference),
    ("S3-10-repeats", repeats, "LISTED", {"S3": ("Deep Learning", "A new title")}),
    ("S4-10-reading-repeats", references, "differences", no_difference),
    ("S1-10-vaswani-devlin-years", copying, "train", lambda name, length, seed, steps: (None, 0.5)),
    ("S1-10-devlin-2019", masked_lm, "guess", the_same_for_all),
    ("S1-10-brown-title", in_context, "error", no_context),
    ("S2-10-repeats", mixture, "train", lambda model, rng, pull, steps: 1.0),
    ("S2-10-repeats", recurrent_dropout, "train", lambda kind, seed: (0.1, 0.9)),
    ("S0-10-provenance", references, "nearest", lambda title: (0.3, "kaku-2018")),
    ("S1-10-two-drafts", vetting, "overlap", lambda a, b: 1.0),
    ("S3-10-closing-cases", vetted, "CASES", {"S3": vetted.OURS, "S4": vetted.OURS}),
    ("S4-10-word-count", vetting, "count", lambda text, rule: len(text)),
    ("S4-10-completeness-claim", vetting, "orders", lambda lines: []),
]
