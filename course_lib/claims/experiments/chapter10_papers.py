"""What the cited papers found, re-enacted small, beside the reference as printed."""

import numpy as np

from course_lib.claims import references
from course_lib.claims.evidence import Evidence
from course_lib.data import descriptions
from course_lib.topics import copying, in_context, masked_lm, mixture, recurrent_dropout

LENGTH = 10


def attention():
    """Two references and their years; and: does a layer of attention copy what an LSTM of its width cannot?"""
    differs = {p.title: _differences(p) for p in _printed("S1-10-vaswani-devlin-years")}
    scores = {name: copying.train(name, LENGTH, seed=0, steps=150)[1] for name in copying.MODELS}
    return Evidence(
        f"both years are those of the works; trained alike, attention copies {scores['attention']:.0%} of "
        f"{LENGTH} symbols, "
        "an LSTM with as large a state less than 60 %.",
        said={f"{title[:4]}… is as published": not d for title, d in differs.items()},
        right={"attention copies": scores["attention"] > 0.98, "the LSTM does not": scores["LSTM"] < 0.6,
               "BERT's conference came a year after its preprint": references.year(references.works()["devlin-2019"])
               == references.year(references.works()["devlin-2018"]) + 1},
        numbers={"attention": round(scores["attention"], 2)},
    )  # fmt: skip


def bert():
    """The reference, and BERT's point: with letters on both sides a hidden letter is guessed better."""
    (reference,) = _printed("S1-10-devlin-2019")
    texts = [masked_lm.encode(text.text) for text in descriptions()]
    train, test = np.concatenate(texts[:-3]), np.concatenate(texts[-3:])
    pieces = masked_lm.windows(test, 7, 1000, np.random.default_rng(0))
    right = [_right(masked_lm.train(train, 0, causal, steps=200), pieces) for causal in (False, True)]
    commonest = float((pieces[:, 3] == np.bincount(train).argmax()).mean())
    return Evidence(
        f"title, authors and year are as published; a toy encoder that sees both sides guesses "
        f"{right[0] - commonest:.1f} "
        "more of the hidden letters than the commonest letter does, and more than one that sees the left side.",
        said={"the reference is as published": not _differences(reference)},
        right={"both sides beat the commonest letter": right[0] > commonest + 0.05,
               "both sides beat the left side": right[0] > right[1]},
        numbers={"commonest": round(commonest, 2)},
    )  # fmt: skip


def few_shot_learners():
    """The reference, and what the real title says: more examples in the prompt, less error, the same weights."""
    (reference,) = _printed("S1-10-brown-title")
    model = in_context.train(4, seed=0, steps=200)
    before = model.match.data.copy()
    errors = [in_context.error(model, n, 4, np.random.default_rng(1)) for n in (0, 4, 16)]
    return Evidence(
        f"no work has the printed title; with 0, 4 and 16 examples in the prompt the error of a small model is "
        f"{errors[0]:.1f}, {errors[1]:.1f} and {errors[2]:.1f}.",
        said={"the title is as published": "title" not in _differences(reference)},
        right={"few-shot: examples in the prompt lower the error": errors[0] > errors[1] > errors[2],
               "the weights do not change": bool((model.match.data == before).all())},
        numbers={"errors": [round(e, 1) for e in errors]},
    )  # fmt: skip


def repeated_papers():
    """The repeated references, and what two of them found: experts share the work; one mask for all time steps."""
    (gshard,) = _printed("S2-10-repeats")
    rng = np.random.default_rng(0)
    errors = [mixture.train(mixture.Mixture(2, experts, rng=rng), rng, pull=0.1, steps=250) for experts in (1, 8)]
    one, new = (recurrent_dropout.train(kind, seed=0)[1] for kind in ("one mask", "new masks"))
    return Evidence(
        f"eight experts, one at work, make {errors[1] / errors[0]:.1f} times the error of one; a recurrent "
        f"network trained "
        f"with one mask recalls {one:.0%}, with new masks {new:.0%}; GShard's author is wrong again.",
        said={"experts help where the task is in pieces": errors[1] < errors[0] / 2,
              "variational dropout keeps the memory": one > new + 0.3},
        gap={"the wrong author comes back": "authors" in _differences(gshard)},
        right={"title and kind are as published": _differences(gshard) == ["authors"]},
        numbers={"error of one expert": round(errors[0], 1)},
    )  # fmt: skip


def _right(model, pieces):
    return float((masked_lm.guess(model, pieces).argmax(1) == pieces[:, 3]).mean())


def _printed(id):
    return [p for p in references.printed() if p.claim == id]


def _differences(printed):
    return references.differences(printed, references.works()[printed.work])
