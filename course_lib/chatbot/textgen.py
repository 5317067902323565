"""S1's text generator, made to work: our transformer on English sentences, with shifted labels and an end.

``python -m course_lib.chatbot.textgen`` trains it and writes results/textgen.json: held-out loss beside unigram and
bigram baselines on the very same tokens, and whether generation stops with and without an end token in training.
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from course_lib.chatbot.bpe import train_bpe
from course_lib.chatbot.config import Config
from course_lib.chatbot.generation import generate
from course_lib.chatbot.sampling import Sampling
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.chatbot.train import Recipe, Rows, Trainer, nats_per_token
from course_lib.chatbot.transformer import Transformer
from course_lib.data.text import hsk_sentences

RESULTS = Path(__file__).with_name("results") / "textgen.json"
END, VOCABULARY, HELD_OUT = "<|end|>", 512, 8  # of eight sentences one is held out
RECIPE = Recipe(steps=400, batch=8, length=96, lr=3e-3, warmup=30, weight_decay=0.1)
SEEDS = (0, 1)


def sentences() -> list[str]:
    """English sentences of a Chinese course for beginners, each once, in the order of its lessons."""
    return list(dict.fromkeys(s.english for s in hsk_sentences()))


def split(rows: list) -> tuple[list, list]:
    """Training and held-out rows: every eighth is held out."""
    return [r for i, r in enumerate(rows) if i % HELD_OUT], rows[::HELD_OUT]


def shifted(row: list[int]) -> tuple[list[int], list[int]]:
    """Inputs and targets of a causal language model: each token's target is the next one."""
    return row[:-1], row[1:]


def ngram_nats(train: list[list[int]], held: list[list[int]], vocab: int, order: int, add: float = 0.05) -> float:
    """Nats per token of a unigram (order 1) or bigram (order 2) model; the bigram is mixed half and half with it."""
    single = np.full(vocab, add)
    pairs, before = Counter(), Counter()
    for row in train:
        for a, b in zip(*shifted(row), strict=True):
            single[b] += 1
            pairs[a, b] += 1
            before[a] += 1
    p = single / single.sum()
    mix = 0.0 if order == 1 else 0.5
    found = [-np.log((1 - mix) * p[b] + mix * (pairs[a, b] / before[a] if before[a] else p[b]))
             for row in held for a, b in zip(*shifted(row), strict=True)]  # fmt: skip
    return float(np.mean(found))


def encoded(tokenizer: Tokenizer, texts: list[str], end: bool) -> list[list[int]]:
    """Token ids, each text between two ends, or without any."""
    mark = [tokenizer.special[END]] if end else []
    return [[*mark, *tokenizer.encode(t), *mark] for t in texts]


def fit(rows: list[list[int]], vocab: int, recipe: Recipe = RECIPE) -> Transformer:
    """Train a small transformer on texts, one after the other; `Trainer` shifts the labels."""
    torch.manual_seed(recipe.seed)
    model = Transformer(Config(vocab, block_size=128, n_layer=2, n_head=4, d_model=64, dropout=0.1))
    Trainer(model, Rows(np.concatenate(rows)), recipe, "cpu").run()
    return model


def stops(model, tokenizer: Tokenizer, start: list[int], n: int = 20, room: int = 100) -> dict:
    """Of n sampled continuations, how many end by themselves, and the mean length."""
    rules = [Sampling(1.0, top_k=50, seed=i) for i in range(n)]
    texts = generate(model, [start] * n, room, rules, [[tokenizer.special[END]]])
    return {"stopped": sum(len(t) < room for t in texts), "of": n, "room": room,
            "mean_tokens": round(float(np.mean(list(map(len, texts)))), 1),
        "first": tokenizer.decode(texts[0])}  # fmt: skip


def run(seed: int, recipe: Recipe = RECIPE) -> dict:
    """Loss against the baselines, and the end-of-text experiment."""
    recipe = Recipe(**{**vars(recipe), "seed": seed})
    texts, held = split(sentences())
    tokenizer = train_bpe(texts, VOCABULARY, (END,))
    found = {"train_sentences": len(texts), "held_out_sentences": len(held), "update_steps": recipe.steps, "nats": {}}
    for end in (True, False):
        rows = encoded(tokenizer, texts, end)
        model = fit(rows, len(tokenizer), recipe)
        start = [tokenizer.special[END]] if end else tokenizer.encode("The")
        found["with end" if end else "without end"] = stops(model, tokenizer, start)
        if end:
            other = encoded(tokenizer, held, end)
            found["nats"] = {
                "uniform": float(np.log(len(tokenizer))),
                "unigram": ngram_nats(rows, other, len(tokenizer), 1),
                "bigram": ngram_nats(rows, other, len(tokenizer), 2),
                "transformer": nats_per_token(model, [row[:129] for row in other]),
            }
    found["nats"] = {name: round(v, 3) for name, v in found["nats"].items()}
    return found


def stored() -> dict:
    """What `main` wrote: seed to figures."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def main() -> None:
    """Train, measure and write."""
    found = {str(seed): run(seed) for seed in SEEDS}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
