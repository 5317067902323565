"""Prompt engineering as an experiment: the text changes, the weights do not."""

from functools import cache

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.data.splitting import stratified_split
from course_lib.topics import faq, judging, prompt

TEMPLATES = ("{text}", "please name the topic of {text}", "{text} : this is about", "{text} : topic")


@cache
def _model_and_items():
    texts, labels, names = faq.topics_of(60)
    topic = np.array(names)[labels]
    train, valid, test = stratified_split(labels, (0.6, 0.2, 0.2), seed=0)
    parts = {name: ([texts[i] for i in rows], topic[rows])
             for name, rows in (("train", train), ("valid", valid), ("test", test))}  # fmt: skip
    return prompt.train_model(prompt.lines_of(*parts["train"], np.random.default_rng(0))), parts


def templates():
    """Four templates compared on validation texts; the best once on test texts."""
    model, parts = _model_and_items()
    before = prompt.weights_hash(model)
    score = {template: prompt.hits(model, template, *parts["valid"]).mean() for template in TEMPLATES}
    best = max(score, key=score.get)
    final = prompt.hits(model, best, *parts["test"]).mean()
    majority = judging.majority_accuracy(parts["train"][1], parts["test"][1])
    return Evidence(
        f"the same frozen model names the topic of {min(score.values()):.0%} to {max(score.values()):.0%} of the "
        "validation "
        f"texts, by template; the best is right on {final:.0%} of the test texts, the commonest topic on "
        f"{majority:.0%}.",
        said={"the prompt steers what comes out": max(score.values()) - min(score.values()) > 0.4},
        right={"no weight has changed": prompt.weights_hash(model) == before,
               "on new texts it is still better than the commonest topic": final > majority + 0.15},
        numbers={"best on validation": round(score[best], 2), "test": round(final, 2), "majority": round(majority, 2)},
    )  # fmt: skip
