"""S0's list of improvements, each measured: larger vectors, more data, attention, history.

``python -m course_lib.chatbot.ablation`` trains the encoder-decoder of `seq2seq` once for each entry of `VARIANTS` and
seed, and writes results/ablation.json. Decoding is greedy; no reply is chosen by hand.
"""

import argparse
import json
import math
import random
from pathlib import Path

import numpy as np
import torch

from course_lib.chatbot import corpus
from course_lib.chatbot.bpe import train_bpe
from course_lib.chatbot.chat import SPECIAL
from course_lib.chatbot.generation import generate
from course_lib.chatbot.grammar import conversation
from course_lib.chatbot.sampling import Sampling
from course_lib.chatbot.seq2seq import Pairs, PairTrainer, Seq2Seq, Shape, nats_per_token
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.chatbot.train import Recipe
from course_lib.data.dialogue import Pair
from course_lib.metrics import chrf

RESULTS = Path(__file__).with_name("results") / "ablation.json"
VOCABULARY, SMALL, LARGE = 1024, 1500, 15_000  # tokens; conversations
RECIPE = Recipe(steps=500, batch=32, lr=4e-3, warmup=50, weight_decay=0.01)
SEEDS = (0, 1)
BASELINE = {"d_embed": 32, "conversations": SMALL, "attention": False, "history": False}
VARIANTS = {
    "baseline": {},
    "larger vectors": {"d_embed": 256},
    "more data": {"conversations": LARGE},
    "attention": {"attention": True},
    "history": {"history": True},
    "all four": {"d_embed": 256, "conversations": LARGE, "attention": True, "history": True},
}
NAMES = {"en": "My name is", "zh": "我叫"}


def grow(n: int, seed: int = 0) -> list[list[Pair]]:
    """Make n conversations, half of them in English."""
    return [*corpus.grown("en", n // 2, seed), *corpus.grown("zh", n - n // 2, seed)]


def learn_tokenizer() -> Tokenizer:
    """A vocabulary for all variants, so that their perplexities can be compared."""
    return train_bpe(corpus.texts(grow(SMALL)), VOCABULARY, SPECIAL)


def source(tokenizer: Tokenizer, talk: list[Pair], history: bool) -> list[int]:
    """Tokens of the last remark, and of all that was said before it if the history counts."""
    special, ids = tokenizer.special, []
    for prompt, reply in talk[:-1] if history else ():
        ids += [special["<|user|>"], *tokenizer.encode(prompt), special["<|bot|>"], *tokenizer.encode(reply)]
    return [*ids, special["<|user|>"], *tokenizer.encode(talk[-1].prompt)]


def pairs(tokenizer: Tokenizer, talks: list[list[Pair]], history: bool) -> Pairs:
    """Every exchange of every conversation: source, and reply with its end."""
    parts = [talk[: i + 1] for talk in talks for i in range(len(talk))]
    end = tokenizer.special["<|end|>"]
    replies = [[*tokenizer.encode(part[-1].reply), end] for part in parts]
    return Pairs([source(tokenizer, part, history) for part in parts], replies)


def train(tokenizer: Tokenizer, d_embed, conversations, attention, history, seed=0, recipe=RECIPE) -> Seq2Seq:
    """Train one variant."""
    torch.manual_seed(seed)
    model = Seq2Seq(Shape(len(tokenizer), d_embed, attention=attention, start=tokenizer.special["<|bot|>"]))
    recipe = Recipe(**{**vars(recipe), "seed": seed})
    PairTrainer(model, pairs(tokenizer, grow(conversations), history), recipe, "cpu").run()
    return model


def replies(model: Seq2Seq, tokenizer: Tokenizer, talks: list[list[Pair]], history: bool, sampling=None) -> list[str]:
    """The model's reply to the last remark of each conversation."""
    sources = [source(tokenizer, talk, history) for talk in talks]
    found = generate(model, sources, 40, sampling, [[tokenizer.special["<|end|>"]]])
    return [tokenizer.decode(ids) for ids in found]


def remembered(language: str, n: int = 50, seed: int = 7) -> list[tuple[list[Pair], str]]:
    """n conversations that end by asking for a name which was told before, and that name."""
    rng, found = random.Random(f"{language} {seed}"), []
    while len(found) < n:
        talk = conversation(language, rng)
        name = next((w for w in _names(language) if w in talk[0].prompt and w in talk[-1].reply), None)
        if len(talk) > 1 and name and name not in talk[-1].prompt:
            found.append((talk, name))
    return found


def _names(language):
    from course_lib.chatbot.grammar.notation import read

    return read({"en": "english.txt", "zh": "chinese.txt"}[language])[1]["name"]


def distinct(texts: list[str], n: int = 2) -> float:
    """Different n-grams of characters / all n-grams of characters. After Li et al., NAACL 2016, who count words."""
    grams = [text[i : i + n] for text in texts for i in range(len(text) - n + 1)]
    return len(set(grams)) / len(grams) if grams else float("nan")


def measure(model: Seq2Seq, tokenizer: Tokenizer, history: bool, seed: int, n: int = 150) -> dict:
    """Held-out perplexity, chrF, distinct-2, names remembered, and the replies to the fixed prompts."""
    held = [[pair] for language in ("en", "zh") for pair in corpus.held_out(language, n)]
    said = replies(model, tokenizer, held, history)
    sampled = replies(model, tokenizer, held, history, [Sampling(1.0, seed=seed * 1000 + i) for i in range(len(held))])
    asked = [*remembered("en"), *remembered("zh")]
    recalled = replies(model, tokenizer, [talk for talk, _ in asked], history)
    fixed = replies(model, tokenizer, [[Pair(p, "")] for p in corpus.FIXED_PROMPTS], history)
    return {
        "perplexity": math.exp(nats_per_token(model, pairs(tokenizer, held, history))),
        "chrf": chrf(said, [[talk[-1].reply for talk in held]]),
        "distinct2 greedy": distinct(said), "distinct2 sampled": distinct(sampled),
        "names": sum(name in reply for (_, name), reply in zip(asked, recalled, strict=True)) / len(asked),
        "fixed": dict(zip(corpus.FIXED_PROMPTS, fixed, strict=True)),
    }  # fmt: skip


def run(variant: str, seed: int, tokenizer: Tokenizer, recipe: Recipe = RECIPE) -> dict:
    """Train and measure one variant with one seed."""
    settings = BASELINE | VARIANTS[variant]
    model = train(tokenizer, **settings, seed=seed, recipe=recipe)
    found = measure(model, tokenizer, settings["history"], seed)
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in found.items()} | {
        "parameters": model.n_parameters()
    }


def stored() -> dict:
    """What `main` wrote: variant to seed to figures."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def table(found: dict) -> list[str]:
    """One line for each variant: mean and spread over the seeds."""
    keys = {"perplexity": "perplexity", "chrf": "chrF", "distinct2 greedy": "d2 greedy %",
            "distinct2 sampled": "d2 sampled %", "names": "names %"}  # fmt: skip
    lines = [f"{'':15}{'numbers':>8}" + "".join(f"{key:>14}" for key in keys.values())]
    for variant, runs in found.items():
        rows = list(runs.values())
        values = [[r[key] * (100 if "%" in name else 1) for r in rows] for key, name in keys.items()]
        cells = "".join(f"{f'{np.mean(v):.1f} ± {np.std(v):.1f}':>14}" for v in values)
        lines.append(f"{variant:15}{rows[0]['parameters']:>8,}{cells}")
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Train and measure; variants that are already in the file are replaced."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.chatbot.ablation", description=__doc__)
    parser.add_argument("variants", nargs="*", default=list(VARIANTS), help="by default all")
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    options = parser.parse_args(arguments)
    tokenizer = learn_tokenizer()
    for variant in options.variants:
        for seed in options.seeds:
            found = stored() if RESULTS.exists() else {}
            found.setdefault(variant, {})[str(seed)] = run(variant, seed, tokenizer)
            RESULTS.parent.mkdir(exist_ok=True)
            found = {name: dict(sorted(found[name].items())) for name in VARIANTS if name in found}
            RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            print("\n".join(table({variant: found[variant]})), flush=True)


if __name__ == "__main__":
    main()
