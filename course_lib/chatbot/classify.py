"""Which topic is a Chinese sentence about? S2's BERT classifier and S1's LSTM, made to work, beside plain baselines.

``python -m course_lib.chatbot.classify`` trains everything for three seeds (each with its own split) and writes
results/classify.json. Macro-F1 on sentences that were neither trained on nor used for pre-training.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from course_lib.chatbot.bpe import train_bpe
from course_lib.chatbot.encoder import (
    Classifier,
    LabelTrainer,
    LSTMBody,
    MaskedTrainer,
    Texts,
    mean_of,
    predict,
    small_bert,
    vectors,
)
from course_lib.chatbot.train import Recipe
from course_lib.data.splitting import stratified_split
from course_lib.data.text import hsk_sentences
from course_lib.metrics import accuracy, f1

RESULTS = Path(__file__).with_name("results") / "classify.json"
TOPICS = ("school_work", "sports_leisure", "shopping", "transport", "health_body", "food", "weather_state", "time")
VOCABULARY, MASK = 1600, "<|mask|>"
SEEDS = (0, 1, 2)
FIT = Recipe(steps=300, batch=32, lr=1e-3, warmup=30, weight_decay=0.05)
PRETRAIN = Recipe(steps=1000, batch=32, lr=2e-3, warmup=50, weight_decay=0.05)


def sentences() -> tuple[list[str], np.ndarray]:
    """Chinese sentences of eight topics, and the topics' numbers."""
    chosen = [s for s in hsk_sentences() if s.topic in TOPICS]
    return [s.chinese for s in chosen], np.array([TOPICS.index(s.topic) for s in chosen])


def bag(texts: list[str], index: dict[str, int]) -> np.ndarray:
    """How often each known character occurs, (N, V)."""
    out = np.zeros((len(texts), len(index)))
    for i, text in enumerate(texts):
        for c in text:
            if c in index:
                out[i, index[c]] += 1
    return out


def naive_bayes(counts: np.ndarray, labels: np.ndarray):
    """Multinomial naive Bayes with one added count: (class log-priors (K,), log-probabilities (K, V))."""
    classes = np.eye(labels.max() + 1)[labels]  # (N, K)
    seen = classes.T @ counts + 1
    return np.log(classes.mean(0)), np.log(seen / seen.sum(1, keepdims=True))


def interval(predicted, truth, other=None, n: int = 1000) -> tuple[float, float]:
    """95 % of bootstrap samples have their macro-F1 in here, or its lead over the predictions `other`."""
    rng, classes = np.random.default_rng(0), int(max(truth))
    draws = [rng.integers(0, len(truth), len(truth)) for _ in range(n)]
    scores = [lead(predicted[i], truth[i], other if other is None else other[i])
              for i in draws if truth[i].max() == classes]  # fmt: skip
    return tuple(float(q) for q in np.quantile(scores, [0.025, 0.975]))


def lead(predicted, truth, other=None) -> float:
    """Macro-F1, less that of the predictions `other` of the same texts."""
    return float(f1(predicted, truth, "macro")) - (0.0 if other is None else float(f1(other, truth, "macro")))


def baselines(texts, labels, train, test) -> dict[str, np.ndarray]:
    """Predictions of the commonest topic, and of naive Bayes on characters."""
    index = {c: i for i, c in enumerate(sorted({c for i in train for c in texts[i]}))}
    prior, likelihood = naive_bayes(bag([texts[i] for i in train], index), labels[train])
    counts = bag([texts[i] for i in test], index)
    return {"commonest topic": np.full(len(test), np.bincount(labels[train]).argmax()),
            "naive Bayes on characters": (counts @ likelihood.T + prior).argmax(1)}  # fmt: skip


def regression(features, labels, test_features, C: float = 0.1) -> np.ndarray:
    """Logistic regression on frozen features; C is 1 / its penalty."""
    from sklearn.linear_model import LogisticRegression

    mean, std = features.mean(0), features.std(0) + 1e-6
    model = LogisticRegression(C=C, max_iter=1000).fit((features - mean) / std, labels)
    return model.predict((test_features - mean) / std)


class LanguageModel:
    """The course's chat model as a frozen source of features: the mean of its last layer over a text's tokens."""

    def __init__(self, model):
        self.model = model

    def eval(self):
        """A frozen model has one mode."""
        return self

    def pooled(self, ids):
        """(B, T) → (B, C): the model is causal, so padding behind changes nothing."""
        kept = []
        hook = self.model.norm.register_forward_hook(lambda module, args, out: kept.append(out))
        self.model(ids.clamp(min=0))
        hook.remove()
        return mean_of(kept[0], ids)


def fit(body, width, ids, labels, recipe) -> Classifier:
    """Train a classifier on top of a body, the body with it."""
    torch.manual_seed(recipe.seed)
    model = Classifier(body, width, len(TOPICS))
    LabelTrainer(model, Texts(ids, labels), recipe, "cpu").run()
    return model


def pretrained(ids, vocab: int, hidden: int, recipe: Recipe):
    """A small BERT that has guessed hidden tokens."""
    torch.manual_seed(recipe.seed)
    body = small_bert(vocab)
    trainer = MaskedTrainer(body, Texts(ids), recipe, "cpu")
    trainer.hidden = hidden
    trainer.run()
    return body


def run(seed: int, language_model=None, fit_recipe: Recipe = FIT, pre_recipe: Recipe = PRETRAIN) -> dict:
    """All classifiers on one split."""
    texts, labels = sentences()
    train, test = stratified_split(labels, (0.75, 0.25), seed)
    left_out = {texts[i] for i in test}
    unlabelled = [s.chinese for s in hsk_sentences() if s.chinese not in left_out]
    tokenizer = train_bpe(unlabelled, VOCABULARY, (MASK,))
    ids = [tokenizer.encode(t) for t in texts]
    mine, theirs = [ids[i] for i in train], [ids[i] for i in test]
    recipe, pre = (Recipe(**{**vars(r), "seed": seed}) for r in (fit_recipe, pre_recipe))
    found = baselines(texts, labels, train, test)
    for name, masked in (("LSTM, padding masked", True), ("LSTM, padded to 128 as printed", False)):
        torch.manual_seed(seed)
        body = LSTMBody(len(tokenizer), masked=masked, length=0 if masked else 128)
        found[name] = predict(fit(body, 128, mine, labels[train], recipe), theirs)
    torch.manual_seed(seed)
    found["small BERT from scratch"] = predict(fit(small_bert(len(tokenizer)), 64, mine, labels[train], recipe), theirs)
    body = pretrained([tokenizer.encode(t) for t in unlabelled], len(tokenizer), tokenizer.special[MASK], pre)
    found["frozen small BERT + logistic regression"] = regression(
        vectors(body, mine), labels[train], vectors(body, theirs)
    )
    found["small BERT, pre-trained and fine-tuned"] = predict(fit(body, 64, mine, labels[train], recipe), theirs)
    if language_model:
        model, tokenizer = language_model
        mine, theirs = ([tokenizer.encode(texts[i]) for i in part] for part in (train, test))
        both = [vectors(LanguageModel(model), part) for part in (mine, theirs)]
        found["frozen chat model + logistic regression"] = regression(both[0], labels[train], both[1])
    return {name: scores(predicted, labels[test]) for name, predicted in found.items()}


def scores(predicted, truth, other=None) -> dict:
    """Accuracy, and macro-F1 (or its lead over `other`) with its interval."""
    low, high = interval(predicted, truth, other)
    return {"n": len(truth), "accuracy": round(float(accuracy(predicted, truth)), 3),
            "macro_f1": round(lead(predicted, truth, other), 3),
        "interval": [round(low, 3), round(high, 3)]}  # fmt: skip


def stored() -> dict:
    """What `main` wrote: seed to classifier to scores."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def table(results: dict) -> list[str]:
    """One line for each classifier: macro-F1 for each seed, and the first seed's interval."""
    runs = list(results.values())
    lines = [f"{'macro-F1 on held-out sentences':42}{'mean':>6}   each seed             95 % (first seed)"]
    for name, first in runs[0].items():
        found = [run[name]["macro_f1"] for run in runs]
        low, high = first["interval"]
        each = " ".join(f"{s:.2f}" for s in found)
        lines.append(f"{name:42}{np.mean(found):6.2f}   {each:20}  {low:.2f} to {high:.2f}")
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Train, measure and write."""
    from course_lib.chatbot.weights import build, course_weights

    parser = argparse.ArgumentParser(prog="python -m course_lib.chatbot.classify", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    config, arrays, tokenizer = course_weights()
    for seed in parser.parse_args(arguments).seeds:
        found = stored() if RESULTS.exists() else {}
        found[str(seed)] = run(seed, (build(config, arrays), tokenizer))
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")
        print("\n".join(table({seed: found[str(seed)]})), flush=True)


if __name__ == "__main__":
    main()
